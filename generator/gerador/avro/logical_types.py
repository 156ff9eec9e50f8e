"""Read and validate logical types; unknown ones are ignored, as the Avro specification requires."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gerador.avro.location import short_json
from gerador.avro.schema import LogicalType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.avro.location import JsonLocation
    from gerador.avro.schema import AvroType


DECIMAL_PRECISION_MAX: Final = 76
"""Digits that Arrow's widest decimal (256 bits) holds."""

UNDERLYING_TYPES: Final[Mapping[str, frozenset[str]]] = {
    "decimal": frozenset({"bytes", "fixed"}),
    "uuid": frozenset({"string", "fixed"}),
    "date": frozenset({"int"}),
    "time-millis": frozenset({"int"}),
    "time-micros": frozenset({"long"}),
    "timestamp-millis": frozenset({"long"}),
    "timestamp-micros": frozenset({"long"}),
    "timestamp-nanos": frozenset({"long"}),
    "local-timestamp-millis": frozenset({"long"}),
    "local-timestamp-micros": frozenset({"long"}),
    "local-timestamp-nanos": frozenset({"long"}),
    "duration": frozenset({"fixed"}),
}
BIG_DECIMAL: Final = "big-decimal"
"""The only logical type of Avro 1.12 that has no values here: its bytes contain a scale."""
_FIXED_BYTES: Final = {"uuid": 16, "duration": 12}


def logical_type(node: Mapping[str, Any], kind: str, location: JsonLocation) -> LogicalType | None:
    """Return the logical type of a type of `kind`; None when unset, unknown or on another type.

    Raises SchemaError: a decimal with an invalid precision or scale, or a big-decimal.
    """
    name = node.get("logicalType")
    if name == BIG_DECIMAL and kind == "bytes":
        raise location.at("logicalType").error(
            f"logical type {name!r} is not supported; use decimal, with a precision and a scale"
        )
    if not isinstance(name, str) or kind not in UNDERLYING_TYPES.get(name, frozenset()):
        return None
    if name == "decimal":
        return _decimal(node, location)
    if kind == "fixed" and node["size"] != _FIXED_BYTES[name]:
        return None
    return LogicalType(name)


def ignored_logical_type(avro_type: AvroType) -> str | None:
    """Return the logical type that a type names and that is ignored; None: there is none."""
    name = getattr(avro_type, "attributes", {}).get("logicalType")
    used = getattr(avro_type, "logical", None)
    return None if name is None or used is not None else str(name)


def _decimal(node: Mapping[str, Any], location: JsonLocation) -> LogicalType:
    precision = _decimal_parameter(node, "precision", None, location)
    scale = _decimal_parameter(node, "scale", 0, location)
    if not 1 <= precision <= DECIMAL_PRECISION_MAX:
        raise location.at("precision").error(
            f"decimal precision {precision} is outside [1, {DECIMAL_PRECISION_MAX}]"
        )
    if not 0 <= scale <= precision:
        raise location.at("scale").error(f"decimal scale {scale} is outside [0, {precision}]")
    size = node.get("size")
    if node["type"] == "fixed" and 10**precision > 2 ** (8 * node["size"] - 1):
        raise location.at("size").error(
            f"{size} bytes are too few for a decimal with precision {precision}; increase the size"
        )
    return LogicalType("decimal", precision, scale)


def _decimal_parameter(
    node: Mapping[str, Any], name: str, default: int | None, location: JsonLocation
) -> int:
    value = node.get(name, default)
    if value is None and name not in node:
        raise location.error(f'decimal has no "{name}"; add it')
    if not isinstance(value, int) or isinstance(value, bool):
        raise location.at(name).error(f"decimal {name} {short_json(value)} is not an integer")
    return value
