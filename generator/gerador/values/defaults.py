"""The default generator of an Avro type, for fields that the scenario does not declare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gerador.avro.schema import (
    Array,
    AvroType,
    Enum,
    Fixed,
    Map,
    Primitive,
    Record,
    Union,
    is_nullable,
)
from gerador.values.array_map import LengthGenerator
from gerador.values.choice import BooleanGenerator, EnumSymbolGenerator
from gerador.values.date_time import CalendarGenerator, EventTimeGenerator
from gerador.values.distributions.uniform import UniformDistribution
from gerador.values.random_decimal import DecimalGenerator
from gerador.values.records import CompositeGenerator
from gerador.values.text import BytesGenerator, TextGenerator
from gerador.values.uuids import UuidGenerator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.values.declaration import ValueGenerator


FULL_LENGTH_DEPTH_MAX: Final = 4
"""Arrays and maps inside one another up to which each has 0 to 4 items; deeper ones have 0 to 2,
a mean of one, so that deep schemas do not multiply."""

_PRIMITIVE_DEFAULTS: Final[Mapping[str, ValueGenerator]] = {
    "null": CompositeGenerator(),
    "boolean": BooleanGenerator(),
    "int": UniformDistribution(min=0, max=999_999),
    "long": UniformDistribution(min=0, max=999_999_999_999),
    "float": UniformDistribution(min=0, max=1_000, decimals=2),
    "double": UniformDistribution(min=0, max=1_000_000, decimals=2),
    "bytes": BytesGenerator(),
    "string": TextGenerator(),
}


def default_generator(avro_type: AvroType, path: str) -> ValueGenerator:
    """Return the declaration that a value of `avro_type` at `path` has by default.

    Top-level timestamps are the row's event time; the others are uniform over a range that is
    stated where they are drawn. A nullable type has its value's declaration.
    """
    match avro_type:
        case Union() if is_nullable(avro_type):
            return default_generator(avro_type.value, path)
        case Union() | Record():
            return CompositeGenerator()
        case Primitive() | Fixed():
            return _scalar_default(avro_type, path)
        case Enum():
            return EnumSymbolGenerator()
        case Array() | Map():
            depth = path.count("[]") + path.count("{}")
            return (
                LengthGenerator()
                if depth < FULL_LENGTH_DEPTH_MAX
                else LengthGenerator(length_max=2)
            )


def _scalar_default(avro_type: Primitive | Fixed, path: str) -> ValueGenerator:
    logical = avro_type.logical.name if avro_type.logical else ""
    if logical == "uuid":
        return UuidGenerator()
    if logical == "decimal":
        return DecimalGenerator()
    if logical.startswith("timestamp-") and is_top_level(path):
        return EventTimeGenerator()
    if logical:
        return CalendarGenerator()
    return (
        _PRIMITIVE_DEFAULTS[avro_type.name]
        if isinstance(avro_type, Primitive)
        else BytesGenerator()
    )


def is_top_level(path: str) -> bool:
    """Tell whether `path` is a field of the row itself."""
    return not any(mark in path for mark in (".", "[]", "{}", "<"))
