"""Flatten nested values to declarations by field path, and reject keys that have no effect."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from gerador.scenario.nested_values import CONTAINERS, ArrayValue, MapValue, RecordValue, UnionValue
from gerador.values.array_map import LengthGenerator
from gerador.values.field_references import child_path
from gerador.values.records import CompositeGenerator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gerador.scenario.nested_values import Value
    from gerador.scenario.yaml_reader import Location
    from gerador.values import AnyGenerator


_AVRO_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""Source: Apache Avro 1.12, "Names"."""
_CONTAINER_TYPES: Final = tuple(CONTAINERS.values())


def ineffective_key_errors(
    value: Value, *, is_field: bool, derived: bool
) -> Iterator[tuple[str, str]]:
    """Yield (parameter, complaint) for what a value says in vain.

    `is_field`: whether it is a record's field; `derived`: whether the schema is made from it.
    """
    if isinstance(value, _CONTAINER_TYPES):
        yield from _container_errors(value)
    if not derived:
        yield from _schema_given_errors(value)
    elif value.doc is not None and not is_field:
        yield "doc", "a doc describes a field; move it to the field that this stands in"


def _container_errors(value: Value) -> Iterator[tuple[str, str]]:
    if value.type is not None:
        yield "type", f"the type of {value.kind!r} is that of what it holds; remove it"
    if value.unique:
        yield (
            "unique",
            f"unique does not suit {value.kind!r}; say it of a field in it, or remove it",
        )


def _schema_given_errors(value: Value) -> Iterator[tuple[str, str]]:
    """Yield what the schema that is given says already."""
    if value.type is not None:
        yield "type", "the schema says the type; remove it"
    if value.doc is not None:
        yield "doc", "the schema says the doc; remove it"
    if isinstance(value, RecordValue) and value.name is not None:
        yield "name", "the schema says the name; remove it"


def field_name_error(name: str) -> str | None:
    """Return what is wrong about the name of a field of a derived schema; None: nothing."""
    if _AVRO_NAME.fullmatch(name):
        return None
    return f"{name!r} is no name of an Avro field; use letters, digits and _, no digit first"


@dataclass
class FlatDeclarations:
    """Declarations by field path, where in the file each stands, and what cannot be derived."""

    fields: dict[str, AnyGenerator] = field(default_factory=dict)
    places: dict[str, Location] = field(default_factory=dict)
    faults: list[tuple[Location, str]] = field(default_factory=list)
    loc: Location = ()

    def place(self, path: str, parameter: str = "") -> Location:
        """Return where in the file the declaration at a field path stands, or its parameter."""
        kind = self.fields[path].kind if path in self.fields else ""
        return (*self.places.get(path, self.loc), kind, *([parameter] if parameter else []))


def flatten(
    fields: Mapping[str, Value], loc: Location, flat: FlatDeclarations, path: str = ""
) -> None:
    """Note the declarations of a record's fields, for a schema that is given.

    `loc` is the place of the record in the file, `path` that of its fields in the schema.
    """
    for name, value in fields.items():
        _flatten(value, (*loc, name), child_path(path, name), flat)


def _flatten(value: Value, loc: Location, path: str, flat: FlatDeclarations) -> None:
    flat.places[path] = loc
    for parameter, text in ineffective_key_errors(value, is_field=True, derived=False):
        flat.faults.append(((*loc, value.kind, parameter), text))
    own, inside = own_declaration(value), list(_nested_values(value, loc, path))
    if own is not None:
        flat.fields[path] = own
    for inner, inner_loc, inner_path in inside:
        _flatten(inner, inner_loc, inner_path, flat)


def own_declaration(value: Value) -> AnyGenerator | None:
    """Return what is declared about the value itself; None: nothing, only what is inside."""
    match value:
        case ArrayValue() | MapValue():
            return LengthGenerator(length=value.length, null=value.null)
        case RecordValue():
            return None if value.null is None else CompositeGenerator(null=value.null)
        case UnionValue():
            return CompositeGenerator(null=value.null, weights=value.weights)
        case _:
            return value


def _nested_values(value: Value, loc: Location, path: str) -> Iterator[tuple[Value, Location, str]]:
    match value:
        case ArrayValue():
            yield value.of, (*loc, "array", "of"), f"{path}[]"
        case MapValue():
            yield value.of, (*loc, "map", "of"), f"{path}{{}}"
        case RecordValue():
            for name, inner in value.fields.items():
                yield inner, (*loc, "record", "fields", name), f"{path}.{name}"
        case _:
            return
