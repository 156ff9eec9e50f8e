"""Dependencies between the fields of a row: which fields a declaration references, and validation of names and cycles."""

from __future__ import annotations

from graphlib import CycleError
from typing import TYPE_CHECKING

from gerador.avro.paths import child_types, field_paths
from gerador.avro.schema import Record, non_null_type
from gerador.errors import did_you_mean
from gerador.values.declaration import ValueGenerator
from gerador.values.defaults import default_generator
from gerador.values.field_references import (
    _is_inside,
    child_path,
    generation_order,
    resolve_field,
    visible_names,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gerador.avro.schema import AvroType


def references_of(
    path: str, declared: ValueGenerator, paths: Mapping[str, AvroType]
) -> Iterator[tuple[str, str, str | None]]:
    """Yield (parameter, name, path or None) for each field that the one at `path` mentions.

    None: there is no such field. A field is never meant to mention itself.
    """
    if type(declared).references is ValueGenerator.references:
        return
    for parameter, name in declared.references(visible_names(path, paths)):
        found = resolve_field(path, name, paths)
        yield parameter, name, None if found is None else found[0]


def dependencies_of(
    root: Record, fields: Mapping[str, ValueGenerator]
) -> dict[str, frozenset[str]]:
    """Return by field path which paths its declaration mentions, those that mention any."""
    paths = dict(field_paths(root))
    found = {
        path: frozenset(to for _, _, to in references_of(path, declared, paths) if to is not None)
        for path, declared in fields.items()
    }
    return {path: needed for path, needed in found.items() if needed}


def reference_errors(
    root: Record, fields: Mapping[str, ValueGenerator]
) -> Iterator[tuple[str, str, str]]:
    """Yield (path, parameter, complaint) for names of no field, and for fields in a circle."""
    paths = dict(field_paths(root))
    for path, declared in fields.items():
        if path not in paths:
            continue
        yield from _unresolved_names(path, declared, fields, paths)
    needs = dependencies_of(root, fields)
    for path, record in _records(root, ""):
        try:
            generation_order(record, path, needs)
        except CycleError as e:
            names = [record.fields[i].name for i in reversed(e.args[1])]
            circle = " needs ".join(repr(n) for n in names)
            yield child_path(path, names[0]), "", f"{circle}: fields in a circle; cut it"


def _unresolved_names(
    path: str,
    declared: ValueGenerator,
    fields: Mapping[str, ValueGenerator],
    paths: Mapping[str, AvroType],
) -> Iterator[tuple[str, str, str]]:
    for parameter, name, to in references_of(path, declared, paths):
        if to is None:
            yield path, parameter, _unknown_name_message(path, name, paths)
            continue
        other = fields.get(to) or default_generator(paths[to], to)
        for complaint in declared.reference_errors(name, paths[to], other):
            yield path, parameter, complaint


def _unknown_name_message(path: str, name: str, paths: Mapping[str, AvroType]) -> str:
    if path == name:
        return f"field {name!r} is this one; mention another"
    if name in paths and _is_inside(path, name):
        return f"field {name!r} holds this one, which is made first; mention another"
    return f"no field {name!r}{did_you_mean(name, visible_names(path, paths))}"


def _records(avro_type: AvroType, path: str) -> Iterator[tuple[str, Record]]:
    if isinstance(avro_type, Record):
        yield path, avro_type
    for child, inner in child_types(avro_type, path):
        yield from _records(non_null_type(inner), child)
