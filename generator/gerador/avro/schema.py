"""Parsed Avro schemas: one immutable class per Avro type, and functions that compare, unwrap and name types."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class LogicalType:
    """A logical type; `precision` and `scale` are a decimal's, in digits, and 0 for the others."""

    name: str
    precision: int = 0
    scale: int = 0


@dataclass(frozen=True, slots=True)
class Primitive:
    """One of Avro's eight primitive types."""

    name: str
    logical: LogicalType | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Fixed:
    """`size` bytes under a name."""

    name: str
    size: int
    logical: LogicalType | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Enum:
    """One of `symbols`, written as its position."""

    name: str
    symbols: tuple[str, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Array:
    """Any number of `items`."""

    items: AvroType
    attributes: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Map:
    """Any number of `values` under string keys."""

    values: AvroType
    attributes: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Union:
    """One of `branches`, preceded on the wire by its position."""

    branches: tuple[AvroType, ...]

    @property
    def null_branch(self) -> int | None:
        """Position of the null branch when this is a plain nullable type, else None.

        Plain nullable means two branches of which exactly one is null: its Arrow form is the
        other branch's type with nulls. Every other union is an Arrow dense union.
        """
        nulls = [i for i, b in enumerate(self.branches) if is_null(b)]
        return nulls[0] if len(self.branches) == 2 and len(nulls) == 1 else None

    @property
    def value(self) -> AvroType:
        """The branch of a plain nullable type that is not null."""
        return next(b for b in self.branches if not is_null(b))


@dataclass(frozen=True, slots=True)
class Field:
    """A record's field. `attributes` are its JSON attributes apart from name and type."""

    name: str
    type: AvroType
    attributes: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Record:
    """Named fields, written one after another."""

    name: str
    fields: tuple[Field, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict, compare=False)


AvroType: TypeAlias = Primitive | Fixed | Enum | Array | Map | Union | Record


def is_null(avro_type: AvroType) -> bool:
    """Tell whether `avro_type` is Avro's null."""
    return isinstance(avro_type, Primitive) and avro_type.name == "null"


def branch_name(avro_type: AvroType) -> str:
    """Name of a type as Avro's JSON encoding writes a union's branch: full name, or the type's."""
    match avro_type:
        case Primitive() | Fixed() | Enum() | Record():
            return avro_type.name
        case Array():
            return "array"
        case Map():
            return "map"
        case Union():
            return "union"


def nested_types(avro_type: AvroType) -> tuple[AvroType, ...]:
    """Return the types directly inside a type."""
    match avro_type:
        case Record():
            return tuple(f.type for f in avro_type.fields)
        case Array():
            return (avro_type.items,)
        case Map():
            return (avro_type.values,)
        case Union():
            return avro_type.branches
        case _:
            return ()


@dataclass(frozen=True)
class AvroSchema:
    """A record schema: the JSON that is registered, without annotations, and its tree, with them.

    `folder` is where the schema's file lies, for files that annotations name.
    """

    json: str
    root: Record
    folder: Path | None = field(default=None, compare=False)

    @cached_property
    def name(self) -> str:
        """Full name of the record."""
        return self.root.name

    def __str__(self) -> str:
        """Return the schema's JSON."""
        return self.json


ANNOTATION: Final = "arg.properties"
"""The attribute that annotates a type, or a field's type."""


def is_nullable(avro_type: AvroType) -> bool:
    """Tell whether a type is that of plain nullable values."""
    return isinstance(avro_type, Union) and avro_type.null_branch is not None


def non_null_type(avro_type: AvroType) -> AvroType:
    """Return a type without its null."""
    if isinstance(avro_type, Union) and avro_type.null_branch is not None:
        return avro_type.value
    return avro_type


def same_value_type(a: AvroType, b: AvroType) -> bool:
    """Tell whether two types hold the same values: all but names of types, and a uuid is text."""
    match a, b:
        case Primitive(), Primitive():
            return a.name == b.name and (a.name == "string" or a.logical == b.logical)
        case Fixed(), Fixed():
            return a.size == b.size and a.logical == b.logical
        case Enum(), Enum():
            return a.symbols == b.symbols
        case Array(), Array():
            return same_value_type(a.items, b.items)
        case Map(), Map():
            return same_value_type(a.values, b.values)
        case Union(), Union():
            return _same_value_types(a.branches, b.branches)
        case Record(), Record():
            names = [f.name for f in a.fields] == [f.name for f in b.fields]
            return names and _same_value_types(
                [f.type for f in a.fields], [f.type for f in b.fields]
            )
        case _:
            return False


def _same_value_types(ours: Iterable[AvroType], theirs: Iterable[AvroType]) -> bool:
    first, second = list(ours), list(theirs)
    alike = (same_value_type(a, b) for a, b in zip(first, second, strict=False))
    return len(first) == len(second) and all(alike)


_COMPLEX_CATEGORIES: Final = {
    Enum: "enum",
    Array: "array",
    Map: "map",
    Record: "record",
    Union: "union",
}


def type_category(avro_type: AvroType) -> str:
    """Return the word of a type, of a nullable one that of its value.

    One of: null, boolean, int, long, float, double, bytes, string, fixed, enum, array, map,
    record, union, decimal, uuid, uuid on fixed, date, time, timestamp, duration.
    """
    if isinstance(avro_type, Union) and avro_type.null_branch is not None:
        return type_category(avro_type.value)
    if not isinstance(avro_type, Primitive | Fixed):
        return _COMPLEX_CATEGORIES[type(avro_type)]
    logical = avro_type.logical.name if avro_type.logical else ""
    base = "fixed" if isinstance(avro_type, Fixed) else avro_type.name
    if logical == "uuid":
        return "uuid on fixed" if base == "fixed" else "uuid"
    for word in ("timestamp", "time"):
        if word in logical:
            return word
    return logical or base


def type_name(avro_type: AvroType) -> str:
    """Return the short name of a type, of a nullable type that of its value."""
    if isinstance(avro_type, Union) and avro_type.null_branch is not None:
        return type_name(avro_type.value)
    return "fixed" if isinstance(avro_type, Fixed) else branch_name(avro_type)


def type_label(avro_type: AvroType) -> str:
    """Return a type's short name with its logical type, for messages."""
    name = type_name(avro_type)
    logical = getattr(avro_type, "logical", None)
    return f"{name} ({logical.name})" if logical else name
