"""Collect the value generators of all annotated fields of a schema, by field path."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gerador.avro.literals import format_value, parse_literal
from gerador.avro.paths import MAP_KEY_TYPE, MAP_KEYS, child_types
from gerador.avro.schema import ANNOTATION, AvroSchema, Map, Record, is_nullable, non_null_type
from gerador.scenario.schema_annotations.annotated_type import AnnotatedType
from gerador.scenario.schema_annotations.options_annotation import option_values
from gerador.scenario.schema_annotations.to_generator import generator_for
from gerador.values.choice import ChoiceGenerator, JointChoiceGenerator
from gerador.values.declaration import LENGTH_MAX_DEFAULT
from gerador.values.field_references import is_inside
from gerador.values.text import TextGenerator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gerador.avro.schema import AvroType
    from gerador.values.declaration import ValueGenerator


def with_annotations(
    schema: AvroSchema, fields: Mapping[str, ValueGenerator]
) -> dict[str, ValueGenerator]:
    """Return the generators by field path of a schema's annotations, overridden by `fields`.

    A path in `fields` inside a value whose options are annotated as a whole removes that
    annotation.

    Raises SchemaError: an invalid annotation.
    """
    annotated = annotated_fields(schema)
    overridden = {
        path
        for path, generator in annotated.items()
        if isinstance(generator, ChoiceGenerator | JointChoiceGenerator)
        and any(is_inside(field, path) for field in fields)
    }
    return {**{p: g for p, g in annotated.items() if p not in overridden}, **fields}


def annotated_fields(schema: AvroSchema) -> dict[str, ValueGenerator]:
    """Return the generators of a schema's annotations, by field path.

    Raises SchemaError: an invalid annotation; names the field and the entry.
    """
    row = AnnotatedType(schema.name, "", schema.root, {}, folder=schema.folder)
    annotation = _annotation_of(row, schema.root.attributes)
    if annotation:
        return _fields_from_row_options(replace(row, annotation=annotation), schema.root)
    return dict(_record_fields(row, schema.root))


def _annotation_of(annotated: AnnotatedType, attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    annotation = attributes.get(ANNOTATION, {})
    if not isinstance(annotation, dict):
        raise annotated.error(
            f'{format_value(annotation)} is not an object; expected, for example, {{"options": …}}'
        )
    return annotation


def _fields_from_row_options(row: AnnotatedType, root: Record) -> dict[str, ValueGenerator]:
    """Return one generator per field for options of the whole row."""
    if list(row.annotation) != ["options"]:
        generator_for(row)
    rows = option_values(row)
    for value in rows:
        try:
            parse_literal(value, root)
        except ValueError as e:
            raise row.error(f"options: {e}") from e
    return {
        f.name: JointChoiceGenerator(
            values=tuple(value.get(f.name, f.attributes.get("default")) for value in rows),
            null=0.0 if is_nullable(f.type) else None,
        )
        for f in root.fields
    }


def _record_fields(outer: AnnotatedType, record: Record) -> Iterator[tuple[str, ValueGenerator]]:
    for f in record.fields:
        path = f"{outer.path}.{f.name}" if outer.path else f.name
        field = replace(outer, path=path, avro_type=f.type, annotation={})
        field = replace(field, annotation=_annotation_of(field, f.attributes))
        yield from _type_fields(field, f.type)


def _type_fields(field: AnnotatedType, avro_type: AvroType) -> Iterator[tuple[str, ValueGenerator]]:
    """Yield the generators at a path and inside; `field.annotation` is that of its field."""
    value_type = non_null_type(avro_type)
    annotation = field.annotation or _annotation_of(field, getattr(value_type, "attributes", {}))
    annotated = replace(
        field,
        avro_type=value_type,
        annotation=annotation,
        nullable=is_nullable(avro_type) and bool(field.annotation),
    )
    generator = generator_for(annotated)
    if generator is not None:
        yield field.path, generator
    if isinstance(generator, ChoiceGenerator):
        return
    if isinstance(value_type, Map) and annotation.get("keys") is not None:
        yield f"{field.path}{MAP_KEYS}", _map_keys(annotated, annotation["keys"])
    inner = replace(field, annotation={}, nullable=False)
    if isinstance(value_type, Record):
        yield from _record_fields(inner, value_type)
        return
    for path, child_type in child_types(value_type, field.path):
        yield from _type_fields(replace(inner, path=path), child_type)


def _map_keys(annotated: AnnotatedType, keys: Any) -> ValueGenerator:
    if not isinstance(keys, dict):
        text = f'keys: {format_value(keys)} is not an object; expected, for example, {{"regex": …}}'
        raise annotated.error(text)
    key = replace(
        annotated,
        path=f"{annotated.path}{MAP_KEYS}",
        avro_type=MAP_KEY_TYPE,
        annotation=keys,
        nullable=False,
    )
    generator = generator_for(key)
    return TextGenerator(length_max=LENGTH_MAX_DEFAULT - 1) if generator is None else generator
