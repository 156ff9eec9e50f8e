"""`options`: values that are written out, inside the schema or in a file of their own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from gerador.scenario.annotations.binary import BinaryReader
from gerador.scenario.avro import Array, AvroType, Fixed, Map, Primitive, Record, Union
from gerador.scenario.by_type import default_field
from gerador.scenario.fields import ChoiceField, FieldSpec
from gerador.scenario.fields.listed import VALUES_MAX
from gerador.scenario.literal_scalars import shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gerador.scenario.annotations.annotated import Annotated

FILE_BYTES_MAX: Final = 64 * 1024 * 1024
ENCODINGS: Final = ("json", "binary")
BESIDE: Final = ("length", "regex", "iteration", "range")
"""Annotations that options leave nothing to say about."""


def chosen(place: Annotated) -> FieldSpec:
    """Return the declaration of `options`: one of them, equally likely.

    Nulls among them, where the type is nullable, become the share of nulls. On text `prefix` and
    `suffix` stand around each.

    Raises SchemaError: no options, or a file that cannot be read.
    """
    values = options(place)
    nulls = sum(v is None for v in values) if place.nullable else 0
    if nulls == len(values):
        return default_field(place.avro_type, place.path).model_copy(update={"null": 1.0})
    kept = tuple(v for v in values if v is not None) if nulls else tuple(values)
    if place.word == "string":
        prefix, suffix = place.text("prefix"), place.text("suffix")
        kept = tuple(prefix + v + suffix if isinstance(v, str) else v for v in kept)
    return ChoiceField(values=kept, null=nulls / len(values) if place.nullable else None)


def options(place: Annotated) -> list[Any]:
    """Return the options as literals of the type, `VALUES_MAX` at most.

    Raises SchemaError: as `chosen`.
    """
    for other in BESIDE:
        if other in place.said:
            raise place.refusal(f"options and {other} contradict each other; keep one")
    said = place.said["options"]
    if isinstance(said, list):
        values = [_utf8(v, place.avro_type) for v in said]
    elif isinstance(said, dict):
        values = _in_file(place)
    else:
        raise place.refusal(f"options: {shown(said)} is no list; give one, or a file")
    if not values:
        raise place.refusal("options: none; give one at least")
    if len(values) > VALUES_MAX:
        raise place.refusal(f"options: {len(values)}; give {VALUES_MAX} at most")
    return values


def _in_file(place: Annotated) -> list[Any]:
    said = place.mapping("options", ("file", "encoding"))
    for name in ("file", "encoding"):
        if not isinstance(said.get(name), str):
            raise place.refusal(f"options: give {name} as text")
    if said["encoding"] not in ENCODINGS:
        raise place.refusal(
            f"options: encoding {said['encoding']!r}; one of {', '.join(ENCODINGS)}"
        )
    path = _found(place, said["file"])
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise place.refusal(f"options: {path} is over {FILE_BYTES_MAX} bytes; shorten it")
        data = path.read_bytes()
    except OSError as e:
        raise place.refusal(f"options: {path} cannot be read: {e.strerror}") from e
    try:
        if said["encoding"] == "binary":
            return list(BinaryReader(data).values(place.avro_type))
        return list(_json_values(data.decode(), place.avro_type))
    except (ValueError, IndexError, RecursionError) as e:
        raise place.refusal(f"options: {path} holds no {place.word} values: {e}") from e


def _found(place: Annotated, name: str) -> Path:
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


def _utf8(value: Any, avro_type: AvroType) -> Any:
    """Return an option with its bytes as literals have them: one character for each byte.

    Inside the schema the original takes a text's UTF-8 for bytes; files hold Avro's own JSON.
    """
    match avro_type:
        case Primitive(name="bytes") | Fixed() if isinstance(value, str):
            is_number = avro_type.logical is not None and avro_type.logical.name == "decimal"
            return value if is_number else value.encode().decode("latin-1")
        case Array() if isinstance(value, list):
            return [_utf8(v, avro_type.items) for v in value]
        case Map() if isinstance(value, dict):
            return {k: _utf8(v, avro_type.values) for k, v in value.items()}
        case Record() if isinstance(value, dict):
            types = {f.name: f.type for f in avro_type.fields}
            return {k: _utf8(v, types[k]) if k in types else v for k, v in value.items()}
        case Union() if avro_type.null_branch is not None:
            return _utf8(value, avro_type.value)
    return value
