"""The fields that each generator references, and errors of unknown names and cycles."""

from __future__ import annotations

from graphlib import CycleError
from typing import TYPE_CHECKING

from gerador.avro.paths import child_types, field_paths
from gerador.avro.schema import Record, non_null_type
from gerador.errors import did_you_mean
from gerador.values.declaration import ValueGenerator
from gerador.values.defaults import default_generator
from gerador.values.field_references import (
    child_path,
    generation_order,
    is_inside,
    resolve_field,
    visible_names,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gerador.avro.schema import AvroType


def references_of(
    path: str, generator: ValueGenerator, paths: Mapping[str, AvroType]
) -> Iterator[tuple[str, str, str | None]]:
    """Yield (parameter, name, path) for each field that the one at `path` references.

    The path is None for an unknown name.
    """
    if type(generator).references is ValueGenerator.references:
        return
    for parameter, name in generator.references(visible_names(path, paths)):
        field = resolve_field(path, name, paths)
        yield parameter, name, None if field is None else field[0]


def dependencies_of(
    root: Record, fields: Mapping[str, ValueGenerator]
) -> dict[str, frozenset[str]]:
    """Return the paths that each field references, by path, without fields that reference none."""
    paths = dict(field_paths(root))
    referenced = {
        path: frozenset(to for _, _, to in references_of(path, generator, paths) if to is not None)
        for path, generator in fields.items()
    }
    return {path: found for path, found in referenced.items() if found}


def reference_errors(
    root: Record, fields: Mapping[str, ValueGenerator]
) -> Iterator[tuple[str, str, str]]:
    """Yield (path, parameter, message) for unknown names, wrong types and dependency cycles."""
    paths = dict(field_paths(root))
    for path in (path for path in fields if path in paths):
        for parameter, message in _field_errors(path, fields, paths):
            yield path, parameter, message
    dependencies = dependencies_of(root, fields)
    for path, record in _records(root, ""):
        try:
            generation_order(record, path, dependencies)
        except CycleError as e:
            names = [record.fields[i].name for i in reversed(e.args[1])]
            cycle = f"fields reference each other in a cycle: {' -> '.join(names)}"
            yield child_path(path, names[0]), "", f"{cycle}; remove one reference"


def _field_errors(
    path: str, fields: Mapping[str, ValueGenerator], paths: Mapping[str, AvroType]
) -> Iterator[tuple[str, str]]:
    generator = fields[path]
    for parameter, name, to in references_of(path, generator, paths):
        if to is None:
            yield parameter, _unknown_name_message(path, name, paths)
            continue
        referenced = fields.get(to) or default_generator(paths[to], to)
        for message in generator.reference_errors(name, paths[to], referenced):
            yield parameter, message


def _unknown_name_message(path: str, name: str, paths: Mapping[str, AvroType]) -> str:
    if path == name:
        return f"field {name!r} references itself; reference another field"
    if name in paths and is_inside(path, name):
        return f"field {name!r} contains this field and is generated after it; reference another"
    return f"unknown field {name!r}{did_you_mean(name, visible_names(path, paths))}"


def _records(avro_type: AvroType, path: str) -> Iterator[tuple[str, Record]]:
    if isinstance(avro_type, Record):
        yield path, avro_type
    for child, inner in child_types(avro_type, path):
        yield from _records(non_null_type(inner), child)
