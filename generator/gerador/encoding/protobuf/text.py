"""A proto3 file as its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gerador.encoding.protobuf.tree import TIMESTAMP, TIMESTAMP_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gerador.encoding.protobuf.tree import ProtoEnum, ProtoField, ProtoFile, ProtoMessage


def proto_text(file: ProtoFile) -> str:
    """Return the text that protoc and schema registries read."""
    return "\n".join(_lines(file)) + "\n"


def _lines(file: ProtoFile) -> Iterator[str]:
    yield 'syntax = "proto3";'
    if file.package:
        yield f"\npackage {file.package};"
    if file.uses_timestamps:
        yield f'\nimport "{TIMESTAMP_FILE}";'
    # Within a package that has a part called google, Google's own is found by a dot before it.
    dot = "." if "google" in file.package.split(".") else ""
    for message in file.messages:
        yield ""
        yield f"message {message.name} {{"
        yield from (f"  {line}" for line in _inside(message, dot))
        yield "}"


def _inside(message: ProtoMessage, dot: str) -> Iterator[str]:
    for name, number in message.reserved:
        yield f'reserved {number}; reserved "{name}";'
    if message.enum is not None:
        yield from _enum(message.enum)
    if message.oneof is None:
        yield from (_field(field, dot) for field in message.fields)
        return
    yield f"oneof {message.oneof} {{"
    yield from (f"  {_field(field, dot)}" for field in message.fields)
    yield "}"


def _enum(enum: ProtoEnum) -> Iterator[str]:
    yield f"enum {enum.name} {{"
    yield from (f"  {symbol} = {number};" for number, symbol in enumerate(enum.symbols))
    yield "}"


def _field(field: ProtoField, dot: str) -> str:
    kind = (dot if field.type.name == TIMESTAMP else "") + field.type.name
    note = f"  // {field.type.note}" if field.type.note else ""
    label = {"optional": "optional ", "repeated": "repeated "}.get(field.label, "")
    kind = f"map<string, {kind}>" if field.label == "map" else kind
    return f"{label}{kind} {field.name} = {field.number};{note}"
