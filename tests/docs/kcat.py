"""What a kcat command line reads, read by another client: no kcat is needed to try the examples."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from confluent_kafka import Consumer, TopicPartition

if TYPE_CHECKING:
    from confluent_kafka import Message

_COMMAND: Final = re.compile(
    r"kcat -C -q -b \S+ -t (?P<topic>\S+) -p (?P<partition>\d+) -c (?P<count>\d+) "
    r"-f '(?P<form>[^']*)'(?P<dumped> \| xxd)?"
)
_WORDS: Final = re.compile(r"%[skhS]")


def printed(command: str, bootstrap: str) -> str:
    """Return what a command prints; AssertionError when it is not of the form that is known."""
    found = _COMMAND.fullmatch(command)
    assert found is not None, command
    place = TopicPartition(found["topic"], int(found["partition"]), 0)
    messages = _read(place, int(found["count"]), bootstrap)
    out = b"".join(_formatted(found["form"], message) for message in messages)
    return dumped(out) if found["dumped"] else out.decode().rstrip("\n")


def _read(place: TopicPartition, count: int, bootstrap: str) -> list[Message]:
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "kcat"})
    consumer.assign([place])
    try:
        messages = consumer.consume(count, timeout=30)
    finally:
        consumer.close()
    assert len(messages) == count
    return messages


def _formatted(form: str, message: Message) -> bytes:
    value = message.value() or b""
    pairs: list[tuple[str, bytes]] = list(message.headers() or [])  # type: ignore[arg-type]
    headers = ",".join(f"{name}={text.decode()}" for name, text in pairs)
    known = {"%s": value, "%k": message.key() or b"", "%h": headers.encode()}
    known["%S"] = str(len(value)).encode()
    parts = re.split(f"({_WORDS.pattern})", form.replace(r"\n", "\n"))
    return b"".join(known.get(part, part.encode()) for part in parts)


def dumped(data: bytes) -> str:
    """Return bytes as `xxd` shows them: sixteen a line, in pairs, and as text."""
    lines = []
    for at in range(0, len(data), 16):
        row = data[at : at + 16]
        pairs = " ".join(row[i : i + 2].hex() for i in range(0, len(row), 2))
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        lines.append(f"{at:08x}: {pairs:<39}  {text}")
    return "\n".join(lines)
