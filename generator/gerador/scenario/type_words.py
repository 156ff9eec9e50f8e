"""The words by which declarations know types: one for each that values differ by."""

from __future__ import annotations

from typing import Final

from gerador.scenario.avro import Array, AvroType, Enum, Fixed, Map, Primitive, Record, Union

_WHOLE: Final = {Enum: "enum", Array: "array", Map: "map", Record: "record", Union: "union"}


def type_word(avro_type: AvroType) -> str:
    """Return the word of a type, of a nullable one that of its value.

    One of: null, boolean, int, long, float, double, bytes, string, fixed, enum, array, map,
    record, union, decimal, uuid, uuid on fixed, date, time, timestamp, duration.
    """
    if isinstance(avro_type, Union) and avro_type.null_branch is not None:
        return type_word(avro_type.value)
    if not isinstance(avro_type, Primitive | Fixed):
        return _WHOLE[type(avro_type)]
    logical = avro_type.logical.name if avro_type.logical else ""
    base = "fixed" if isinstance(avro_type, Fixed) else avro_type.name
    if logical == "uuid":
        return "uuid on fixed" if base == "fixed" else "uuid"
    for word in ("timestamp", "time"):
        if word in logical:
            return word
    return logical or base
