"""Which declaration a field gets when nobody declared one: by its type and logical type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gerador.scenario.avro import Array, AvroType, Enum, Fixed, Map, Primitive, Record, Union
from gerador.scenario.fields import (
    BooleanField,
    BytesField,
    CalendarField,
    Declared,
    DigitsField,
    EventTimeField,
    LengthField,
    SymbolField,
    TextField,
    UniformField,
    UuidField,
    WholeField,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

LISTS_GROW_MAX: Final = 4
"""Arrays and maps inside one another up to which each has 0 to 4 items; deeper ones have 0 to 2,
a mean of one, so that deep schemas do not multiply."""

_PRIMITIVE: Final[Mapping[str, Declared]] = {
    "null": WholeField(),
    "boolean": BooleanField(),
    "int": UniformField(min=0, max=999_999),
    "long": UniformField(min=0, max=999_999_999_999),
    "float": UniformField(min=0, max=1_000, decimals=2),
    "double": UniformField(min=0, max=1_000_000, decimals=2),
    "bytes": BytesField(),
    "string": TextField(),
}


def default_field(avro_type: AvroType, path: str) -> Declared:
    """Return the declaration that a value of `avro_type` at `path` has by default.

    Top-level timestamps are the row's event time; the others are uniform over a range that is
    stated where they are drawn. A nullable type has its value's declaration.
    """
    match avro_type:
        case Union():
            nullable = avro_type.null_branch is not None
            return default_field(avro_type.value, path) if nullable else WholeField()
        case Primitive() | Fixed():
            return _scalar(avro_type, path)
        case Enum():
            return SymbolField()
        case Array() | Map():
            depth = path.count("[]") + path.count("{}")
            return LengthField() if depth < LISTS_GROW_MAX else LengthField(length_max=2)
        case Record():
            return WholeField()


def _scalar(avro_type: Primitive | Fixed, path: str) -> Declared:
    logical = avro_type.logical.name if avro_type.logical else ""
    if logical == "uuid":
        return UuidField()
    if logical == "decimal":
        return DigitsField()
    if logical.startswith("timestamp-") and is_top_level(path):
        return EventTimeField()
    if logical:
        return CalendarField()
    return _PRIMITIVE[avro_type.name] if isinstance(avro_type, Primitive) else BytesField()


def is_top_level(path: str) -> bool:
    """Tell whether `path` is a field of the row itself."""
    return not any(mark in path for mark in (".", "[]", "{}", "<"))
