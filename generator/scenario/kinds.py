"""Which kinds of declaration suit a type, and how a type is called in messages."""

from __future__ import annotations

from typing import Final

from generator.scenario.avro import (
    Array,
    AvroType,
    Enum,
    Fixed,
    Map,
    Primitive,
    Record,
    Union,
    branch_name,
)

_NUMBER: Final = frozenset({"uniform"})
_PRIMITIVE_KINDS: Final = {
    "null": frozenset({"whole"}),
    "boolean": frozenset({"boolean"}),
    "int": _NUMBER,
    "long": _NUMBER,
    "float": _NUMBER,
    "double": _NUMBER,
    "bytes": frozenset({"bytes"}),
    "string": frozenset({"faker", "text", "uuid", "generation_id"}),
}


def kinds_for(avro_type: AvroType) -> frozenset[str]:
    """Return the kinds of declaration that suit a type."""
    match avro_type:
        case Union():
            nullable = avro_type.null_branch is not None
            return kinds_for(avro_type.value) if nullable else frozenset({"whole"})
        case Enum():
            return frozenset({"symbol"})
        case Array() | Map():
            return frozenset({"length"})
        case Record():
            return frozenset({"whole"})
        case Primitive() | Fixed():
            return _scalar_kinds(avro_type)


def _scalar_kinds(avro_type: Primitive | Fixed) -> frozenset[str]:
    logical = avro_type.logical.name if avro_type.logical else ""
    if logical == "decimal":
        return frozenset({"digits"})
    if "timestamp" in logical or logical == "date":
        return frozenset({"calendar", "event_time"})
    if logical.startswith("time") or logical == "duration":
        return frozenset({"calendar"})
    if isinstance(avro_type, Fixed):
        return frozenset({"uuid"} if logical == "uuid" else {"bytes"})
    if logical == "uuid":
        return frozenset({"uuid", "generation_id"})
    return _PRIMITIVE_KINDS[avro_type.name]


def value_name(avro_type: AvroType) -> str:
    """Return the short name of a type, of a nullable type that of its value."""
    if isinstance(avro_type, Union) and avro_type.null_branch is not None:
        return value_name(avro_type.value)
    return "fixed" if isinstance(avro_type, Fixed) else branch_name(avro_type)


def told(avro_type: AvroType) -> str:
    """Return a type's short name with its logical type, for messages."""
    name = value_name(avro_type)
    logical = getattr(avro_type, "logical", None)
    return f"{name} ({logical.name})" if logical else name
