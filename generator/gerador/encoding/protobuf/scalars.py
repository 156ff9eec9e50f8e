"""Which proto3 type a value of a primitive, logical or fixed Avro type has, and what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gerador.encoding.protobuf.tree import TIMESTAMP, ProtoType
from gerador.scenario.avro import Fixed, Primitive

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORDS: Final[Mapping[str, str]] = {
    "boolean": "bool",
    "int": "int32",
    "long": "int64",
    "float": "float",
    "double": "double",
    "bytes": "bytes",
    "string": "string",
}
_NOTES: Final[Mapping[str, str]] = {
    "date": "days since 1970-01-01",
    "time-millis": "milliseconds since midnight",
    "time-micros": "microseconds since midnight",
    "local-timestamp-millis": "milliseconds since 1970-01-01T00:00:00 on the wall clock",
    "local-timestamp-micros": "microseconds since 1970-01-01T00:00:00 on the wall clock",
    "local-timestamp-nanos": "nanoseconds since 1970-01-01T00:00:00 on the wall clock",
    "uuid": "uuid",
    "duration": "ISO 8601 duration",
}


def scalar(avro_type: Primitive | Fixed) -> ProtoType:
    """Return the type, with a note where it alone does not say what a value means."""
    logical = avro_type.logical
    word = _WORDS["bytes" if isinstance(avro_type, Fixed) else avro_type.name]
    if logical is None:
        return ProtoType("scalar", word)
    if logical.name.startswith("timestamp-"):
        return ProtoType("message", TIMESTAMP)
    if logical.name == "decimal":
        note = f"decimal({logical.precision}, {logical.scale})"
        return ProtoType("scalar", "string", note)
    if logical.name in {"uuid", "duration"}:
        word = "string"
    return ProtoType("scalar", word, _NOTES[logical.name])
