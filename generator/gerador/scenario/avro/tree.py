"""Avro types as a tree of frozen values: names resolved, every extra attribute kept.

Columns are declared from it and encoders are planned from it. It holds no Arrow types, no values
and no bytes, and judges nothing: what stands here was found valid by the parser.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Logical:
    """A logical type; `precision` and `scale` are a decimal's, in digits, and 0 for the others."""

    name: str
    precision: int = 0
    scale: int = 0


@dataclass(frozen=True, slots=True)
class Primitive:
    """One of Avro's eight primitive types."""

    name: str
    logical: Logical | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Fixed:
    """`size` bytes under a name."""

    name: str
    size: int
    logical: Logical | None = None
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


def types_inside(avro_type: AvroType) -> tuple[AvroType, ...]:
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
