"""A proto3 file as a tree: messages, fields, enums. It judges nothing and knows no Avro."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Label: TypeAlias = Literal["", "optional", "repeated", "map", "oneof"]
Kind: TypeAlias = Literal["scalar", "enum", "message"]

TIMESTAMP: Final = "google.protobuf.Timestamp"
TIMESTAMP_FILE: Final = "google/protobuf/timestamp.proto"
ENUM: Final = "Symbol"
"""What the enum inside an enum's message is called, unless a symbol is."""
ONEOF: Final = "value"
"""What the oneof of a union's message is called, unless a branch is."""


@dataclass(frozen=True, slots=True)
class ProtoType:
    """A type that a single value may have: a scalar by its word, or a message or enum by name."""

    kind: Kind
    name: str
    note: str = ""
    """What a value means where the type alone does not say it; a comment in the text."""


@dataclass(frozen=True, slots=True)
class ProtoField:
    """A field. Of a map `type` is the values' type; its keys are strings."""

    name: str
    number: int
    label: Label
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
