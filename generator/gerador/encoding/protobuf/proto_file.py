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
"""Name of the enum inside an enum's message, unless a symbol has it."""
ONEOF_NAME: Final = "value"
"""Name of the oneof in a union's message, unless a branch has it."""


@dataclass(frozen=True, slots=True)
class ProtoType:
    """The type of a single value: a scalar by its keyword, or a message or enum by its name."""

    kind: TypeKind
    name: str
    comment: str = ""
    """The unit or form of the values, where the type does not show it."""


@dataclass(frozen=True, slots=True)
class ProtoField:
    """A field. `type` is the type of one value; a map's keys are strings."""

    name: str
    number: int
    label: FieldLabel
    type: ProtoType


@dataclass(frozen=True, slots=True)
class ProtoEnum:
    """An enum. The number of a symbol is its position."""

    name: str
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProtoMessage:
    """A message. `reserved` are names and numbers of the fields of Avro's type null."""

    name: str
    fields: tuple[ProtoField, ...] = ()
    reserved: tuple[tuple[str, int], ...] = ()
    oneof: str | None = None
    enum: ProtoEnum | None = None


@dataclass(frozen=True, slots=True)
class ProtoFile:
    """A file. Its first message is the type of the values."""

    package: str
    messages: tuple[ProtoMessage, ...]

    @property
    def name(self) -> str:
        """Full name of the first message."""
        return self.full_name(self.messages[0].name)

    @property
    def uses_timestamps(self) -> bool:
        """Whether any field is a google.protobuf.Timestamp."""
        return any(f.type.name == TIMESTAMP for m in self.messages for f in m.fields)

    def full_name(self, name: str) -> str:
        """Return the full name of a message or enum of this file."""
        return f"{self.package}.{name}" if self.package else name


def json_name(name: str) -> str:
    """Return the JSON name of a field as protoc derives it: ``fooBar`` for ``foo_bar``.

    Source: protobuf, `descriptor.cc`, ``ToJsonName``.
    """
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def proto_text(file: ProtoFile) -> str:
    """Return the source text of the file."""
    return "\n".join(_lines(file)) + "\n"


def _lines(file: ProtoFile) -> Iterator[str]:
    yield 'syntax = "proto3";'
    if file.package:
        yield f"\npackage {file.package};"
    if file.uses_timestamps:
        yield f'\nimport "{TIMESTAMP_FILE}";'
    # In a package with a part named google, only a leading dot refers to Google's package.
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
    type_name = (dot if field.type.name == TIMESTAMP else "") + field.type.name
    if field.label == "map":
        type_name = f"map<string, {type_name}>"
    label = f"{field.label} " if field.label in {"optional", "repeated"} else ""
    comment = f"  // {field.type.comment}" if field.type.comment else ""
    return f"{label}{type_name} {field.name} = {field.number};{comment}"
