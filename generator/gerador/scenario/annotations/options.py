"""The ``options`` annotation: literal values in the schema or in a JSON or Avro file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from gerador.avro.binary import BinaryDecoder
from gerador.avro.literals import format_value
from gerador.avro.schema import Array, AvroType, Fixed, Map, Primitive, Record, Union
from gerador.values.choice import VALUES_MAX, ChoiceGenerator
from gerador.values.defaults import default_generator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gerador.scenario.annotations.annotated_type import AnnotatedType
    from gerador.values.declaration import ValueGenerator


FILE_BYTES_MAX: Final = 64 * 1024 * 1024
ENCODINGS: Final = ("json", "binary")
CONFLICTS_WITH_OPTIONS: Final = ("length", "regex", "iteration", "range")
"""Annotations that options leave nothing to say about."""


def choice_from_options(place: AnnotatedType) -> ValueGenerator:
    """Return the declaration of `option_values`: one of them, equally likely.

    Nulls among them, where the type is nullable, become the share of nulls. On text `prefix` and
    `suffix` stand around each.

    Raises SchemaError: no options, or a file that cannot be read.
    """
    values = option_values(place)
    nulls = sum(v is None for v in values) if place.nullable else 0
    if nulls == len(values):
        return default_generator(place.avro_type, place.path).model_copy(update={"null": 1.0})
    kept = tuple(v for v in values if v is not None) if nulls else tuple(values)
    if place.word == "string":
        prefix, suffix = place.text("prefix"), place.text("suffix")
        kept = tuple(prefix + v + suffix if isinstance(v, str) else v for v in kept)
    return ChoiceGenerator(values=kept, null=nulls / len(values) if place.nullable else None)


def option_values(place: AnnotatedType) -> list[Any]:
    """Return the options as literals of the type, `VALUES_MAX` at most.

    Raises SchemaError: as `choice_from_options`.
    """
    for other in CONFLICTS_WITH_OPTIONS:
        if other in place.said:
            raise place.refusal(f"options and {other} contradict each other; keep one")
    said = place.said["options"]
    if isinstance(said, list):
        values = [_latin1_bytes(v, place.avro_type) for v in said]
    elif isinstance(said, dict):
        values = _values_in_file(place)
    else:
        raise place.refusal(f"options: {format_value(said)} is no list; give one, or a file")
    if not values:
        raise place.refusal("options: none; give one at least")
    if len(values) > VALUES_MAX:
        raise place.refusal(f"options: {len(values)}; give {VALUES_MAX} at most")
    return values


def _values_in_file(place: AnnotatedType) -> list[Any]:
    said = place.mapping("options", ("file", "encoding"))
    for name in ("file", "encoding"):
        if not isinstance(said.get(name), str):
            raise place.refusal(f"options: give {name} as text")
    if said["encoding"] not in ENCODINGS:
        raise place.refusal(
            f"options: encoding {said['encoding']!r}; one of {', '.join(ENCODINGS)}"
        )
    path = _find_file(place, said["file"])
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise place.refusal(f"options: {path} is over {FILE_BYTES_MAX} bytes; shorten it")
        data = path.read_bytes()
    except OSError as e:
        raise place.refusal(f"options: {path} cannot be read: {e.strerror}") from e
    try:
        if said["encoding"] == "binary":
            return list(BinaryDecoder(data).values(place.avro_type))
        return list(_json_values(data.decode(), place.avro_type))
    except (ValueError, IndexError, RecursionError) as e:
        raise place.refusal(f"options: {path} holds no {place.word} values: {e}") from e


def _find_file(place: AnnotatedType, name: str) -> Path:
    """Return the file beside the schema, else (as the original has it) where one is."""
    from pathlib import Path  # noqa: PLC0415

    beside = (place.folder or Path()) / name
    return beside if beside.exists() or not Path(name).exists() else Path(name)


def _json_values(text: str, avro_type: AvroType) -> Iterator[Any]:
    """Yield the JSON values of a text, one after another, or those of the one list in it."""
    decoder, at, values = json.JSONDecoder(), 0, []
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        value, at = decoder.raw_decode(text, at)
        values.append(value)
    listed = len(values) == 1 and isinstance(values[0], list) and not isinstance(avro_type, Array)
    yield from values[0] if listed else values


def _latin1_bytes(value: Any, avro_type: AvroType) -> Any:
    """Return an option with its bytes as literals have them: one character for each byte.

    Inside the schema the original takes a text's UTF-8 for bytes; files hold Avro's own JSON.
    """
    match avro_type:
        case Primitive(name="bytes") | Fixed() if isinstance(value, str):
            is_number = avro_type.logical is not None and avro_type.logical.name == "decimal"
            return value if is_number else value.encode().decode("latin-1")
        case Array() if isinstance(value, list):
            return [_latin1_bytes(v, avro_type.items) for v in value]
        case Map() if isinstance(value, dict):
            return {k: _latin1_bytes(v, avro_type.values) for k, v in value.items()}
        case Record() if isinstance(value, dict):
            types = {f.name: f.type for f in avro_type.fields}
            return {k: _latin1_bytes(v, types[k]) if k in types else v for k, v in value.items()}
        case Union() if avro_type.null_branch is not None:
            return _latin1_bytes(value, avro_type.value)
    return value
