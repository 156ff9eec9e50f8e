"""The ``options`` annotation: literal values in the schema or in a JSON or Avro file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gerador.avro.binary_decoder import BinaryDecoder
from gerador.avro.literals import format_value
from gerador.avro.schema import (
    Array,
    AvroType,
    Fixed,
    Map,
    Primitive,
    Record,
    non_null_type,
)
from gerador.values.choice import VALUES_MAX, ChoiceGenerator
from gerador.values.defaults import default_generator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gerador.scenario.schema_annotations.annotated_type import AnnotatedType
    from gerador.values.declaration import ValueGenerator


FILE_BYTES_MAX: Final = 64 * 1024 * 1024
ENCODINGS: Final = ("json", "binary")
CONFLICTS_WITH_OPTIONS: Final = ("length", "regex", "iteration", "range")
"""Entries that have no effect next to options."""


def choice_from_options(annotated: AnnotatedType) -> ValueGenerator:
    """Return the generator that chooses one of `option_values`, with equal weights.

    Nulls among the options of a nullable type become the share of nulls. `prefix` and `suffix`
    are added to each option of type string.

    Raises SchemaError: no options, or a file that cannot be read.
    """
    values = option_values(annotated)
    nulls = sum(v is None for v in values) if annotated.nullable else 0
    if nulls == len(values):
        default: ValueGenerator = default_generator(annotated.avro_type, annotated.path)
        return default.model_copy(update={"null": 1.0})
    kept = tuple(v for v in values if v is not None) if nulls else tuple(values)
    if annotated.category == "string":
        prefix, suffix = annotated.text("prefix"), annotated.text("suffix")
        kept = tuple(prefix + v + suffix if isinstance(v, str) else v for v in kept)
    return ChoiceGenerator(values=kept, null=nulls / len(values) if annotated.nullable else None)


def option_values(annotated: AnnotatedType) -> list[Any]:
    """Return the options as literals of the type, 1 to `VALUES_MAX`.

    Raises SchemaError: as `choice_from_options`.
    """
    for other in CONFLICTS_WITH_OPTIONS:
        if other in annotated.annotation:
            raise annotated.error(f"options and {other} cannot be combined; remove one")
    options = annotated.annotation["options"]
    if isinstance(options, list):
        values = [_latin1_bytes(v, annotated.avro_type) for v in options]
    elif isinstance(options, dict):
        values = _values_in_file(annotated)
    else:
        raise annotated.error(
            f"options: {format_value(options)} is not a list; expected a list or "
            '{"file": …, "encoding": …}'
        )
    if not values:
        raise annotated.error("options: empty; add at least one")
    if len(values) > VALUES_MAX:
        raise annotated.error(f"options: {len(values):,} values; at most {VALUES_MAX:,}")
    return values


def _values_in_file(annotated: AnnotatedType) -> list[Any]:
    options = annotated.mapping("options", ("file", "encoding"))
    for key in ("file", "encoding"):
        if not isinstance(options.get(key), str):
            raise annotated.error(f"options: {key} is missing or not a string")
    encoding = options["encoding"]
    if encoding not in ENCODINGS:
        valid = ", ".join(ENCODINGS)
        raise annotated.error(f"options: unknown encoding {encoding!r}; valid encodings: {valid}")
    path = _find_file(annotated, options["file"])
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise annotated.error(f"options: {path} has over {FILE_BYTES_MAX:,} bytes")
        data = path.read_bytes()
    except OSError as e:
        raise annotated.error(f"options: cannot read {path}: {e.strerror}") from e
    try:
        if encoding == "binary":
            return list(BinaryDecoder(data).decode(annotated.avro_type))
        return list(_json_values(data.decode(), annotated.avro_type))
    except (ValueError, IndexError, RecursionError) as e:
        text = f"options: {path} does not contain {annotated.category} values: {e}"
        raise annotated.error(text) from e


def _find_file(annotated: AnnotatedType, name: str) -> Path:
    """Return the file next to the schema, else in the working directory, as Datagen does."""
    path = (annotated.folder or Path()) / name
    return path if path.exists() or not Path(name).exists() else Path(name)


def _json_values(text: str, avro_type: AvroType) -> Iterator[Any]:
    """Yield concatenated JSON values, or the items of a single list."""
    decoder, position, values = json.JSONDecoder(), 0, []
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        value, position = decoder.raw_decode(text, position)
        values.append(value)
    is_list = len(values) == 1 and isinstance(values[0], list) and not isinstance(avro_type, Array)
    yield from values[0] if is_list else values


def _latin1_bytes(value: Any, avro_type: AvroType) -> Any:
    """Return an option with its bytes as literals have them: one character for each byte.

    Avro Random Generator takes the UTF-8 of a text in the schema as the bytes; files have Avro's
    JSON encoding.
    """
    match non_null_type(avro_type):
        case (Primitive(name="bytes") | Fixed()) as kind if isinstance(value, str):
            is_number = kind.logical is not None and kind.logical.name == "decimal"
            return value if is_number else value.encode().decode("latin-1")
        case Array(items=items) if isinstance(value, list):
            return [_latin1_bytes(v, items) for v in value]
        case Map(values=values) if isinstance(value, dict):
            return {k: _latin1_bytes(v, values) for k, v in value.items()}
        case Record(fields=fields) if isinstance(value, dict):
            types = {f.name: f.type for f in fields}
            return {k: _latin1_bytes(v, types[k]) if k in types else v for k, v in value.items()}
    return value
