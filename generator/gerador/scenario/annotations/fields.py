"""Collect the declarations of all annotated fields of a schema, by field path."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gerador.avro.literals import format_value, parse_literal
from gerador.avro.paths import MAP_KEY_TYPE, MAP_KEYS, child_types
from gerador.avro.schema import ANNOTATION, AvroSchema, Map, Record, Union
from gerador.scenario.annotations.annotated_type import AnnotatedType
from gerador.scenario.annotations.declarations import declaration_for
from gerador.scenario.annotations.options import option_values
from gerador.values.choice import ChoiceGenerator, JointChoiceGenerator
from gerador.values.declaration import LENGTH_MAX_DEFAULT
from gerador.values.text import TextGenerator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gerador.avro.schema import AvroType
    from gerador.values import AnyGenerator


def with_annotations(
    schema: AvroSchema, fields: Mapping[str, AnyGenerator]
) -> dict[str, AnyGenerator]:
    """Return declarations by field path: the annotated ones, and `fields`, which win.

    Where `fields` name something inside of values that are annotated as a whole, the annotation
    of the whole gives way.

    Raises SchemaError: an annotation that cannot be understood.
    """
    base = annotated_fields(schema)
    inside = {p for p, d in base.items() if isinstance(d, ChoiceGenerator | JointChoiceGenerator)}
    away = {p for p in inside if any(_is_inside(named, p) for named in fields)}
    return {**{p: d for p, d in base.items() if p not in away}, **fields}


def _is_inside(path: str, place: str) -> bool:
    return path.startswith(place) and path[len(place) : len(place) + 1] in tuple(".[{<")


def annotated_fields(schema: AvroSchema) -> dict[str, AnyGenerator]:
    """Return the declarations that a schema's annotations mean, by field path.

    Raises SchemaError: as `with_annotations`; one line that names field, annotation and way out.
    """
    top = AnnotatedType(schema.name, "", schema.root, {}, folder=schema.folder)
    said = _annotation_of(top, schema.root.attributes)
    if said:
        return _fields_from_row_options(replace(top, said=said), schema.root)
    return dict(_record_fields(top, schema.root))


def _annotation_of(place: AnnotatedType, attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    said = attributes.get(ANNOTATION, {})
    if not isinstance(said, dict):
        raise place.refusal(f'{format_value(said)} is no object; write {{"options": …}} or another')
    return said


def _fields_from_row_options(place: AnnotatedType, root: Record) -> dict[str, AnyGenerator]:
    """Return one declaration for each field of rows that are written out as a whole."""
    if list(place.said) != ["options"]:
        declaration_for(place)
    rows = []
    for value in option_values(place):
        try:
            parse_literal(value, root)
        except ValueError as e:
            raise place.refusal(f"options: {e}") from e
        rows.append(value)
    return {
        f.name: JointChoiceGenerator(
            values=tuple(row.get(f.name, f.attributes.get("default")) for row in rows),
            null=0.0 if _is_nullable(f.type) else None,
        )
        for f in root.fields
    }


def _record_fields(place: AnnotatedType, record: Record) -> Iterator[tuple[str, AnyGenerator]]:
    for field in record.fields:
        path = f"{place.path}.{field.name}" if place.path else field.name
        at = replace(place, path=path, avro_type=field.type, said={})
        yield from _type_fields(replace(at, said=_annotation_of(at, field.attributes)), field.type)


def _type_fields(place: AnnotatedType, avro_type: AvroType) -> Iterator[tuple[str, AnyGenerator]]:
    """Yield the declarations at a path and inside; `place.said` is what its field says."""
    nullable = _is_nullable(avro_type)
    value = avro_type.value if isinstance(avro_type, Union) and nullable else avro_type
    at_field = bool(place.said)
    said = place.said or _annotation_of(place, getattr(value, "attributes", {}))
    here = replace(place, avro_type=value, said=said, nullable=nullable and at_field)
    keys = here.said.get("keys") if isinstance(value, Map) else None
    declared = declaration_for(here)
    if declared is not None:
        yield place.path, declared
    if isinstance(declared, ChoiceGenerator):
        return
    if keys is not None:
        yield f"{place.path}{MAP_KEYS}", _map_keys(here, keys)
    below = replace(place, said={}, nullable=False)
    if isinstance(value, Record):
        yield from _record_fields(below, value)
        return
    for path, inner in child_types(value, place.path):
        yield from _type_fields(replace(below, path=path), inner)


def _map_keys(place: AnnotatedType, keys: Any) -> AnyGenerator:
    if not isinstance(keys, dict):
        raise place.refusal(
            f'keys: {format_value(keys)} is no object; write {{"regex": …}} or another'
        )
    inside = replace(
        place, path=f"{place.path}{MAP_KEYS}", avro_type=MAP_KEY_TYPE, said=keys, nullable=False
    )
    if "iteration" in keys:
        raise inside.refusal("iteration gives every entry of a row the same key; write a regex")
    declared = declaration_for(inside)
    return TextGenerator(length_max=LENGTH_MAX_DEFAULT - 1) if declared is None else declared


def _is_nullable(avro_type: AvroType) -> bool:
    return isinstance(avro_type, Union) and avro_type.null_branch is not None
