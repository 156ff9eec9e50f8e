"""Through a schema's tree, from the row down: the declarations of all that is annotated."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gerador.scenario.annotations.annotated import Annotated
from gerador.scenario.annotations.kinds import declared_for
from gerador.scenario.annotations.options import options
from gerador.scenario.avro import ANNOTATION, AvroSchema, Map, Record, Union
from gerador.scenario.fields import ChoiceField, FieldSpec, TextField, TogetherField
from gerador.scenario.fields.random_texts import LENGTH_OPEN
from gerador.scenario.literal_scalars import shown
from gerador.scenario.literals import literal
from gerador.scenario.paths import MAP_KEYS, TEXT, child_types

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gerador.scenario.avro import AvroType


def with_annotations(schema: AvroSchema, fields: Mapping[str, FieldSpec]) -> dict[str, FieldSpec]:
    """Return declarations by field path: the annotated ones, and `fields`, which win.

    Where `fields` name something inside of values that are annotated as a whole, the annotation
    of the whole gives way.

    Raises SchemaError: an annotation that cannot be understood.
    """
    base = annotated_fields(schema)
    inside = {p for p, d in base.items() if isinstance(d, ChoiceField | TogetherField)}
    away = {p for p in inside if any(_is_inside(named, p) for named in fields)}
    return {**{p: d for p, d in base.items() if p not in away}, **fields}


def _is_inside(path: str, place: str) -> bool:
    return path.startswith(place) and path[len(place) : len(place) + 1] in tuple(".[{<")


def annotated_fields(schema: AvroSchema) -> dict[str, FieldSpec]:
    """Return the declarations that a schema's annotations mean, by field path.

    Raises SchemaError: as `with_annotations`; one line that names field, annotation and way out.
    """
    top = Annotated(schema.name, "", schema.root, {}, folder=schema.folder)
    said = _said(top, schema.root.attributes)
    if said:
        return _whole_rows(replace(top, said=said), schema.root)
    return dict(_of_record(top, schema.root))


def _said(place: Annotated, attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    said = attributes.get(ANNOTATION, {})
    if not isinstance(said, dict):
        raise place.refusal(f'{shown(said)} is no object; write {{"options": …}} or another')
    return said


def _whole_rows(place: Annotated, root: Record) -> dict[str, FieldSpec]:
    """Return one declaration for each field of rows that are written out as a whole."""
    if list(place.said) != ["options"]:
        declared_for(place)
    rows = []
    for value in options(place):
        try:
            literal(value, root)
        except ValueError as e:
            raise place.refusal(f"options: {e}") from e
        rows.append(value)
    return {
        f.name: TogetherField(
            values=tuple(row.get(f.name, f.attributes.get("default")) for row in rows),
            null=0.0 if _is_nullable(f.type) else None,
        )
        for f in root.fields
    }


def _of_record(place: Annotated, record: Record) -> Iterator[tuple[str, FieldSpec]]:
    for field in record.fields:
        path = f"{place.path}.{field.name}" if place.path else field.name
        at = replace(place, path=path, avro_type=field.type, said={})
        yield from _of_type(replace(at, said=_said(at, field.attributes)), field.type)


def _of_type(place: Annotated, avro_type: AvroType) -> Iterator[tuple[str, FieldSpec]]:
    """Yield the declarations at a path and inside; `place.said` is what its field says."""
    nullable = _is_nullable(avro_type)
    value = avro_type.value if isinstance(avro_type, Union) and nullable else avro_type
    at_field = bool(place.said)
    said = place.said or _said(place, getattr(value, "attributes", {}))
    here = replace(place, avro_type=value, said=said, nullable=nullable and at_field)
    keys = here.said.get("keys") if isinstance(value, Map) else None
    declared = declared_for(here)
    if declared is not None:
        yield place.path, declared
    if isinstance(declared, ChoiceField):
        return
    if keys is not None:
        yield f"{place.path}{MAP_KEYS}", _keys(here, keys)
    below = replace(place, said={}, nullable=False)
    if isinstance(value, Record):
        yield from _of_record(below, value)
        return
    for path, inner in child_types(value, place.path):
        yield from _of_type(replace(below, path=path), inner)


def _keys(place: Annotated, keys: Any) -> FieldSpec:
    if not isinstance(keys, dict):
        raise place.refusal(f'keys: {shown(keys)} is no object; write {{"regex": …}} or another')
    inside = replace(
        place, path=f"{place.path}{MAP_KEYS}", avro_type=TEXT, said=keys, nullable=False
    )
    if "iteration" in keys:
        raise inside.refusal("iteration gives every entry of a row the same key; write a regex")
    declared = declared_for(inside)
    return TextField(length_max=LENGTH_OPEN - 1) if declared is None else declared


def _is_nullable(avro_type: AvroType) -> bool:
    return isinstance(avro_type, Union) and avro_type.null_branch is not None
