"""Flatten nested values to value generators by field path; reject keys that have no effect."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from gerador.avro.names import NAME_PATTERN
from gerador.scenario.nested_values import CONTAINERS, ArrayValue, MapValue, RecordValue, UnionValue
from gerador.values.array_map import LengthGenerator
from gerador.values.field_references import child_path
from gerador.values.records import CompositeGenerator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gerador.scenario.nested_values import Value
    from gerador.scenario.yaml_reader import LocatedError, Location
    from gerador.values.declaration import ValueGenerator


_CONTAINER_TYPES: Final = tuple(CONTAINERS.values())


def ineffective_key_errors(
    value: Value, *, is_field: bool, derived: bool
) -> Iterator[tuple[str, str]]:
    """Yield (parameter, message) for keys of a value that have no effect.

    `is_field`: the value is that of a record's field. `derived`: the schema is derived from it.
    """
    if isinstance(value, _CONTAINER_TYPES):
        if value.type is not None:
            yield "type", f"{value.kind!r} takes its type from its contents; remove type"
        if value.unique:
            yield "unique", f"unique is not supported by {value.kind!r}; set it on a field inside"
    if derived:
        if value.doc is not None and not is_field:
            yield "doc", "doc describes a field; move it to the field around this value"
        return
    if value.type is not None:
        yield "type", "the given schema defines the type; remove type"
    if value.doc is not None:
        yield "doc", "the given schema defines the doc; remove doc"
    if isinstance(value, RecordValue) and value.name is not None:
        yield "name", "the given schema defines the name; remove name"
    if isinstance(value, UnionValue) and value.branches is not None:
        yield "branches", "the given schema defines the branches; remove branches"


def field_name_error(name: str) -> str | None:
    """Return why `name` cannot be a field of a derived schema; None: it can."""
    if NAME_PATTERN.fullmatch(name):
        return None
    return f"{name!r} is not an Avro name; use letters, digits and _, not starting with a digit"


@dataclass
class FlatDeclarations:
    """Value generators by field path, their locations in the file, and errors found so far."""

    fields: dict[str, ValueGenerator] = field(default_factory=dict)
    locations: dict[str, Location] = field(default_factory=dict)
    errors: list[LocatedError] = field(default_factory=list)
    loc: Location = ()
    """The location of the stream."""

    def location(self, path: str, parameter: str = "") -> Location:
        """Return the location of the generator at a field path, or of its parameter."""
        kind = self.fields[path].kind if path in self.fields else ""
        return (*self.locations.get(path, self.loc), kind, *([parameter] if parameter else []))

    def add_error(self, loc: Location, text: str) -> None:
        """Record an error at a location."""
        self.errors.append((loc, text))


def flatten(
    fields: Mapping[str, Value], loc: Location, flat: FlatDeclarations, path: str = ""
) -> None:
    """Add the generators of a record's fields to `flat`, for a schema that is given.

    `loc` is the location of the record in the file, `path` its path in the schema.
    """
    for name, value in fields.items():
        _flatten(value, (*loc, name), child_path(path, name), flat)


def _flatten(value: Value, loc: Location, path: str, flat: FlatDeclarations) -> None:
    flat.locations[path] = loc
    for parameter, text in ineffective_key_errors(value, is_field=True, derived=False):
        flat.add_error((*loc, value.kind, parameter), text)
    flat.fields[path] = own_declaration(value)
    for inner, inner_loc, inner_path in _nested_values(value, loc, path):
        _flatten(inner, inner_loc, inner_path, flat)


def own_declaration(value: Value) -> ValueGenerator:
    """Return the generator of the value itself, without the values inside."""
    match value:
        case ArrayValue():
            return LengthGenerator(kind="array", length=value.length, null=value.null)
        case MapValue(keys=keys):
            length = len(keys) if value.length is None and keys is not None else value.length
            return LengthGenerator(kind="map", length=length, null=value.null, keys=keys)
        case RecordValue():
            return CompositeGenerator(kind="record", null=value.null)
        case UnionValue():
            return CompositeGenerator(kind="union", null=value.null, weights=value.weights)
        case _:
            return value


def _nested_values(value: Value, loc: Location, path: str) -> Iterator[tuple[Value, Location, str]]:
    match value:
        case ArrayValue(items=inner) if inner is not None:
            yield inner, (*loc, "array", "items"), f"{path}[]"
        case MapValue(values=inner) if inner is not None:
            yield inner, (*loc, "map", "values"), f"{path}{{}}"
        case RecordValue():
            for name, inner in (value.fields or {}).items():
                yield inner, (*loc, "record", "fields", name), f"{path}.{name}"
        case _:
            return
