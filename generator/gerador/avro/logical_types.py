"""Read and validate logical types; unknown ones are ignored, as the Avro specification requires."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gerador.avro.location import short_json
from gerador.avro.schema import LogicalType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.avro.location import JsonLocation


DECIMAL_PRECISION_MAX: Final = 76
"""Digits that Arrow's widest decimal (256 bits) holds."""

_UNDERLYING_TYPES: Final[Mapping[str, frozenset[str]]] = {
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
_FIXED_BYTES: Final = {"uuid": 16, "duration": 12}


def logical_type(node: Mapping[str, Any], kind: str, place: JsonLocation) -> LogicalType | None:
    """Read the logical type of a type of `kind`; None when there is none to heed.

    Raises SchemaError: a decimal without sensible precision and scale.
    """
    name = node.get("logicalType")
    if not isinstance(name, str) or kind not in _UNDERLYING_TYPES.get(name, frozenset()):
        return None
    if name == "decimal":
        return _decimal(node, place)
    if kind == "fixed" and node["size"] != _FIXED_BYTES[name]:
        return None
    return LogicalType(name)


def _decimal(node: Mapping[str, Any], place: JsonLocation) -> LogicalType:
    precision = _decimal_parameter(node, "precision", None, place)
    scale = _decimal_parameter(node, "scale", 0, place)
    if not 1 <= precision <= DECIMAL_PRECISION_MAX:
        raise place.at("precision").refusal(
            f"decimal of {precision} digits; give 1 to {DECIMAL_PRECISION_MAX}"
        )
    if not 0 <= scale <= precision:
        raise place.at("scale").refusal(
            f"{scale} of a decimal's {precision} digits behind the point; give 0 to {precision}"
        )
    size = node.get("size")
    if node["type"] == "fixed" and 10**precision > 2 ** (8 * node["size"] - 1):
        raise place.at("size").refusal(
            f"{size} bytes do not hold a decimal of {precision} digits; give more bytes"
        )
    return LogicalType("decimal", precision, scale)


def _decimal_parameter(
    node: Mapping[str, Any], what: str, default: int | None, place: JsonLocation
) -> int:
    value = node.get(what, default)
    if value is None and what not in node:
        raise place.refusal(f"decimal without a {what}; give its digits")
    if not isinstance(value, int) or isinstance(value, bool):
        raise place.at(what).refusal(
            f"{short_json(value)} is no number of digits; give a whole number"
        )
    return value
