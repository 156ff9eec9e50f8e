"""Which Avro type holds the values of a type of DuckDB's."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Final

_PLAIN: Final[dict[str, Any]] = {
    "boolean": "boolean",
    "tinyint": "int", "smallint": "int", "integer": "int", "utinyint": "int", "usmallint": "int",
    "bigint": "long", "uinteger": "long", "hugeint": "long",
    "float": "float", "double": "double",
    "varchar": "string", "enum": "string",
    "blob": "bytes",
    "uuid": {"type": "string", "logicalType": "uuid"},
    "date": {"type": "int", "logicalType": "date"},
    "time": {"type": "long", "logicalType": "time-micros"},
    "timestamp": {"type": "long", "logicalType": "timestamp-micros"},
    "timestamp with time zone": {"type": "long", "logicalType": "timestamp-micros"},
    "timestamp_s": {"type": "long", "logicalType": "timestamp-millis"},
    "timestamp_ms": {"type": "long", "logicalType": "timestamp-millis"},
    "timestamp_ns": {"type": "long", "logicalType": "timestamp-nanos"},
}  # fmt: skip
"""Sums of whole numbers are 128 bits wide in DuckDB and are expected to fit 64."""


def avro_of(kind: Any, text: str) -> Any:
    """Return the Avro type (JSON) of a DuckDB type that the expression `text` has.

    Records are named after the expression and where they stand in it.

    Raises ValueError: Avro has no such type; says the way out.
    """
    return _avro(kind, f"Sql{blake2b(text.encode(), digest_size=4).hexdigest()}")


def _avro(kind: Any, name: str) -> Any:
    word = str(kind.id)
    if word in _PLAIN:
        return _PLAIN[word]
    if word == "decimal":
        digits = dict(kind.children)
        return {"type": "bytes", "logicalType": "decimal", **digits}
    if word in ("list", "array"):
        return {"type": "array", "items": _avro(_child(kind, 0), name)}
    if word == "map" and str(_child(kind, 0).id) == "varchar":
        return {"type": "map", "values": _avro(_child(kind, 1), name)}
    if word == "struct" and all(n for n, _ in kind.children):
        fields = [{"name": n, "type": _avro(k, f"{name}_{n}")} for n, k in kind.children]
        return {"type": "record", "name": name, "fields": fields}
    if word == "struct":
        raise ValueError("several values without names; give one, or names: {'a': …, 'b': …}")
    raise ValueError(f"an expression of type {kind} has no Avro type; cast it, such as …::VARCHAR")


def _child(kind: Any, number: int) -> Any:
    return kind.children[number][1]
