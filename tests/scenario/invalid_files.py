"""Broken scenario files and what is said of each: the blocks of invalid_files.txt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
SOURCE: Final = "f.yaml"


@dataclass(frozen=True)
class Broken:
    """A file, its whole message, and what finds it wrong.

    `mark`: text (it is no YAML of ours), structure (the JSON Schema finds it too), judged (the
    model alone finds it), meaning (each word is right, and together they are not).
    """

    mark: str
    text: str
    message: str
    place: str


def broken() -> list[Broken]:
    """Return the blocks of the file."""
    whole = (HERE / "invalid_files.txt").read_text("utf-8")
    found, line = [], 1
    for block in whole.split("\n\n###"):
        head, _, rest = block.removeprefix("###").partition("\n")
        text, _, message = rest.partition("\n>>>\n")
        found.append(Broken(head.strip(), text, message.strip("\n"), f"invalid_files.txt:{line}"))
        line += block.count("\n") + 2
    return found
