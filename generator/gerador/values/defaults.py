"""The default generator of an Avro type, for fields without a declared generator."""

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
    Recursion,
    Union,
    is_nullable,
)
from gerador.values.array_map import LengthGenerator
from gerador.values.choice import BooleanGenerator, EnumSymbolGenerator
from gerador.values.date_time import EventTimeGenerator, RandomTimeGenerator
from gerador.values.distributions.uniform import UniformDistribution
from gerador.values.random_decimal import DecimalGenerator
from gerador.values.records import CompositeGenerator
from gerador.values.text import BytesGenerator, TextGenerator
from gerador.values.uuids import UuidGenerator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.values.declaration import ValueGenerator


FULL_LENGTH_DEPTH_MAX: Final = 4
LENGTH_MAX_DEFAULT: Final = 4
NESTED_LENGTH_MAX_DEFAULT: Final = 2
"""Maximum items of arrays and maps up to a depth of FULL_LENGTH_DEPTH_MAX, and of deeper ones,
which have one on average, so that deep schemas do not multiply."""

_PRIMITIVE_DEFAULTS: Final[Mapping[str, ValueGenerator]] = {
    "null": CompositeGenerator(kind="null"),
    "boolean": BooleanGenerator(),
    "int": UniformDistribution(min=0, max=999_999),
    "long": UniformDistribution(min=0, max=999_999_999_999),
    "float": UniformDistribution(min=0, max=1_000, decimals=2),
    "double": UniformDistribution(min=0, max=1_000_000, decimals=2),
    "bytes": BytesGenerator(),
    "string": TextGenerator(),
}


def default_generator(avro_type: AvroType, path: str) -> ValueGenerator:
    """Return the generator of a field at `path` that declares none.

    A top-level timestamp is the row's event time. A nullable type has the default of its values.
    """
    match avro_type:
        case Union() if is_nullable(avro_type):
            return default_generator(avro_type.value, path)
        case Record():
            return CompositeGenerator(kind="record")
        case Union():
            return CompositeGenerator(kind="union")
        case Primitive() | Fixed():
            return _scalar_default(avro_type, path)
        case Enum():
            return EnumSymbolGenerator()
        case Array():
            return LengthGenerator(kind="array", length_max=_length_max(path, avro_type.items))
        case Map():
            return LengthGenerator(kind="map", length_max=_length_max(path, avro_type.values))


def _length_max(path: str, items: AvroType) -> int:
    if isinstance(items, Recursion):
        return 0
    depth = path.count("[]") + path.count("{}")
    return LENGTH_MAX_DEFAULT if depth < FULL_LENGTH_DEPTH_MAX else NESTED_LENGTH_MAX_DEFAULT


def _scalar_default(avro_type: Primitive | Fixed, path: str) -> ValueGenerator:
    logical = avro_type.logical.name if avro_type.logical else ""
    if logical == "uuid":
        return UuidGenerator()
    if logical == "decimal":
        return DecimalGenerator()
    if logical.startswith("timestamp-") and is_top_level(path):
        return EventTimeGenerator()
    if logical:
        return RandomTimeGenerator()
    if isinstance(avro_type, Fixed):
        return BytesGenerator()
    return _PRIMITIVE_DEFAULTS[avro_type.name]


def is_top_level(path: str) -> bool:
    """Return whether `path` is a field of the row itself."""
    return not any(mark in path for mark in (".", "[]", "{}", "<"))
