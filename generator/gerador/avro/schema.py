"""Parsed Avro schemas: one immutable class per Avro type, and functions of types."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class LogicalType:
    """A logical type; `precision` and `scale` are 0 unless it is a decimal."""

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
class Recursion(Primitive):
    """In place of a record that would contain itself once more than its depth (`recursion`).

    It has no values: where it is the only type, values are null or there are none. Its columns are
    those of null.
    """

    name: str = "null"
    record: str = ""
    """Full name of the record."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A named type of `size` bytes."""

    name: str
    size: int
    logical: LogicalType | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Enum:
    """An enum; a value is encoded as the position of its symbol."""

    name: str
    symbols: tuple[str, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Array:
    """An array of `items`."""

    items: AvroType
    attributes: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Map:
    """A map from strings to `values`."""

    values: AvroType
    attributes: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Union:
    """A union; a value is encoded after the position of its branch."""

    branches: tuple[AvroType, ...]

    @property
    def null_branch(self) -> int | None:
        """Position of the null branch of a plain nullable type; None for other unions.

        A plain nullable type has two branches, exactly one of them null.
        """
        nulls = [i for i, b in enumerate(self.branches) if is_null(b)]
        return nulls[0] if len(self.branches) == 2 and len(nulls) == 1 else None

    @property
    def null_position(self) -> int | None:
        """Position of the null branch; None for a union without one."""
        return next((i for i, b in enumerate(self.branches) if is_null(b)), None)

    @property
    def value(self) -> AvroType:
        """The non-null branch of a plain nullable type."""
        return next(b for b in self.branches if not is_null(b))


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record; `attributes` are its JSON attributes without name and type."""

    name: str
    type: AvroType
    attributes: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Record:
    """A record; its fields are encoded in order."""

    name: str
    fields: tuple[Field, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict, compare=False)


VALUE_FIELD: Final = "value"
"""The field of a `ValueRecord`."""


@dataclass(frozen=True, slots=True)
class ValueRecord(Record):
    """The row of a schema that is no record, or has no fields: one field with the whole value.

    Its Avro encoding is that of the value. `name` is that of the value's type.
    """

    @classmethod
    def of(cls, avro_type: AvroType) -> ValueRecord:
        """Return the row of a type."""
        return cls(branch_name(avro_type), (Field(VALUE_FIELD, avro_type),))

    @property
    def value(self) -> AvroType:
        """The type of the value."""
        return self.fields[0].type


AvroType: TypeAlias = Primitive | Fixed | Enum | Array | Map | Union | Record


def is_null(avro_type: AvroType) -> bool:
    """Return whether `avro_type` is null."""
    return isinstance(avro_type, Primitive) and avro_type == Primitive("null")


def branch_name(avro_type: AvroType) -> str:
    """Return the name of a type as a union branch in Avro's JSON encoding."""
    match avro_type:
        case Recursion():
            return avro_type.record
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
    """A schema: the JSON to register, without annotations, and the type of its rows, with them.

    `root` is a `ValueRecord` if the schema is not a record with fields. Paths of files in
    annotations are relative to `folder`.
    """

    json: str
    root: Record
    folder: Path | None = field(default=None, compare=False)

    @cached_property
    def name(self) -> str:
        """Full name of the record, or of the type that is not one."""
        return self.root.name

    @property
    def row_json(self) -> dict[str, Any]:
        """The JSON of the row's record."""
        schema_json = json.loads(self.json)
        if not isinstance(self.root, ValueRecord):
            return dict(schema_json)
        fields = [{"name": VALUE_FIELD, "type": schema_json}]
        return {"type": "record", "name": "Row", "fields": fields}

    def __str__(self) -> str:
        """Return the schema's JSON."""
        return self.json


ANNOTATION: Final = "arg.properties"
"""The attribute of a type or a field that declares how its values are generated."""


def is_nullable(avro_type: AvroType) -> bool:
    """Return whether a type is plain nullable."""
    return isinstance(avro_type, Union) and avro_type.null_branch is not None


def has_null_branch(avro_type: AvroType) -> bool:
    """Return whether a type is a union with null, of any number of branches."""
    return isinstance(avro_type, Union) and avro_type.null_position is not None


def non_null_type(avro_type: AvroType) -> AvroType:
    """Return the value type of a plain nullable type; other types unchanged."""
    if isinstance(avro_type, Union) and avro_type.null_branch is not None:
        return avro_type.value
    return avro_type


def same_value_type(a: AvroType, b: AvroType) -> bool:
    """Return whether two types are equal, ignoring names of types and uuid on string."""
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


def _same_value_types(first: Sequence[AvroType], second: Sequence[AvroType]) -> bool:
    return len(first) == len(second) and all(map(same_value_type, first, second))


_COMPLEX_CATEGORIES: Final = {
    Enum: "enum",
    Array: "array",
    Map: "map",
    Record: "record",
    Union: "union",
}


def type_category(avro_type: AvroType) -> str:
    """Return the category of a type, or of a nullable type's value.

    One of: null, boolean, int, long, float, double, bytes, string, fixed, enum, array, map,
    record, union, decimal, uuid, uuid on fixed, date, time, timestamp, duration.
    """
    avro_type = non_null_type(avro_type)
    if not isinstance(avro_type, Primitive | Fixed):
        return _COMPLEX_CATEGORIES[type(avro_type)]
    logical = avro_type.logical.name if avro_type.logical else ""
    base = "fixed" if isinstance(avro_type, Fixed) else avro_type.name
    if logical == "uuid":
        return "uuid on fixed" if base == "fixed" else "uuid"
    for family in ("timestamp", "time"):
        if family in logical:
            return family
    return logical or base


def type_name(avro_type: AvroType) -> str:
    """Return the short name of a type, or of a nullable type's value."""
    avro_type = non_null_type(avro_type)
    return "fixed" if isinstance(avro_type, Fixed) else branch_name(avro_type)


def type_label(avro_type: AvroType) -> str:
    """Return the short name of a type with its category or logical type, for messages."""
    name = type_name(avro_type)
    if isinstance(non_null_type(avro_type), Enum | Record):
        return f"{type_category(avro_type)} {name}"
    logical = getattr(avro_type, "logical", None)
    return f"{name} ({logical.name})" if logical else name
