"""A proto3 file as a tree of messages, fields and enums, and its text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator


FieldLabel: TypeAlias = Literal["", "optional", "repeated", "map", "oneof"]
TypeKind: TypeAlias = Literal["scalar", "enum", "message"]

TIMESTAMP: Final = "google.protobuf.Timestamp"
TIMESTAMP_FILE: Final = "google/protobuf/timestamp.proto"
ENUM_NAME: Final = "Symbol"
"""What the enum inside an enum's message is called, unless a symbol is."""
ONEOF_NAME: Final = "value"
"""What the oneof of a union's message is called, unless a branch is."""


@dataclass(frozen=True, slots=True)
class ProtoType:
    """A type that a single value may have: a scalar by its word, or a message or enum by name."""

    kind: TypeKind
    name: str
    note: str = ""
    """What a value means where the type alone does not say it; a comment in the text."""


@dataclass(frozen=True, slots=True)
class ProtoField:
    """A field. Of a map `type` is the values' type; its keys are strings."""

    name: str
    number: int
    label: FieldLabel
    type: ProtoType


@dataclass(frozen=True, slots=True)
class ProtoEnum:
    """An enum whose numbers are the symbols' positions."""

    name: str
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProtoMessage:
    """A message; `reserved` are fields that hold nothing, by name and number."""

    name: str
    fields: tuple[ProtoField, ...] = ()
    reserved: tuple[tuple[str, int], ...] = ()
    oneof: str | None = None
    enum: ProtoEnum | None = None


@dataclass(frozen=True, slots=True)
class ProtoFile:
    """A file; its first message is the rows'."""

    package: str
    messages: tuple[ProtoMessage, ...]

    @property
    def name(self) -> str:
        """Full name of the rows' message."""
        return self.full_name(self.messages[0].name)

    @property
    def uses_timestamps(self) -> bool:
        """Tell whether any field is a google.protobuf.Timestamp."""
        return any(f.type.name == TIMESTAMP for m in self.messages for f in m.fields)

    def full_name(self, name: str) -> str:
        """Return the full name of a message or enum of this file."""
        return f"{self.package}.{name}" if self.package else name


def json_name(name: str) -> str:
    """Return the JSON name that protoc gives a field: underscores go, what follows is upper case.

    Source: protobuf, `descriptor.cc`, ``ToJsonName``.
    """
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


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
        yield from (f"  {line}" for line in _message_body(message, dot))
        yield "}"


def _message_body(message: ProtoMessage, dot: str) -> Iterator[str]:
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
