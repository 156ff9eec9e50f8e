"""What is declared about a stream: its schema, and for each field how values are chosen.

Frozen, plain declarations with a `kind` word each, ready to be read from a file. Holds no
values, no randomness and no Arrow; whether a declaration suits a field is judged in `fit`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.scenario.avro import AvroSchema

GENERATION_ROWS: Final = 1_000
GENERATION_ROWS_MAX: Final = 10_000_000
LOCALE: Final = "pt_BR"
NULL_SHARE: Final = 0.1
ALPHANUMERIC: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """What every field declaration has: the share of nulls, where the type is nullable."""

    null_share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FakerField(Common):
    """Text of a Faker provider, drawn once into a pool of `pool_rows` (None: by provider)."""

    provider: str
    locale: str = LOCALE
    pool_rows: int | None = None
    kind: Literal["faker"] = "faker"


@dataclass(frozen=True, slots=True, kw_only=True)
class UniformField(Common):
    """Numbers in [low, high], both ends included, in steps of 10**-decimals, equally likely."""

    low: float
    high: float
    decimals: int = 0
    kind: Literal["uniform"] = "uniform"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTimeField(Common):
    """The row's event time, in the unit of the type."""

    kind: Literal["event_time"] = "event_time"


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationIdField(Common):
    """One random uuid for each generation of rows."""

    kind: Literal["generation_id"] = "generation_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class UuidField(Common):
    """A random uuid, version 4, for each value."""

    kind: Literal["uuid"] = "uuid"


@dataclass(frozen=True, slots=True, kw_only=True)
class BooleanField(Common):
    """True with the share `true_share`."""

    true_share: float = 0.5
    kind: Literal["boolean"] = "boolean"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextField(Common):
    """Random characters of `alphabet` (ASCII), `length_min` to `length_max` of them."""

    length_min: int = 8
    length_max: int = 16
    alphabet: str = ALPHANUMERIC
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class BytesField(Common):
    """Random bytes, `length_min` to `length_max` of them; a fixed has its own length."""

    length_min: int = 8
    length_max: int = 16
    kind: Literal["bytes"] = "bytes"


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolField(Common):
    """One of an enum's symbols, equally likely."""

    kind: Literal["symbol"] = "symbol"


@dataclass(frozen=True, slots=True, kw_only=True)
class DigitsField(Common):
    """A decimal of any digits that its precision allows, either sign."""

    kind: Literal["digits"] = "digits"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarField(Common):
    """A date, time of day, timestamp or duration, uniform over the built-in range of its type."""

    kind: Literal["calendar"] = "calendar"


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthField(Common):
    """`length_min` to `length_max` items of an array, or entries of a map with distinct keys."""

    length_min: int = 0
    length_max: int = 4
    kind: Literal["length"] = "length"


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeField(Common):
    """A record, union or null: values are declared at the paths inside; here only nulls are."""

    kind: Literal["whole"] = "whole"


FieldSpec: TypeAlias = (
    FakerField
    | UniformField
    | EventTimeField
    | GenerationIdField
    | UuidField
    | BooleanField
    | TextField
    | BytesField
    | SymbolField
    | DigitsField
    | CalendarField
    | LengthField
    | WholeField
)


def _no_fields() -> Mapping[str, FieldSpec]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSpec:
    """A stream: an infinite table of rows under one Avro schema, feeding one topic.

    Attributes:
        name: the stream's name; part of what addresses its randomness.
        topic: the Kafka topic that it feeds.
        schema: the Avro record schema of its rows.
        fields: declarations by field path (``a.b``, ``a[]`` an array's items, ``a{}`` a map's
            values); a path that is not named gets the default of its type.
        generation_rows: rows that share a generation.
        key: the top-level field whose value is the Kafka key; None for records without a key.
    """

    name: str
    topic: str
    schema: AvroSchema
    fields: Mapping[str, FieldSpec] = field(default_factory=_no_fields)
    generation_rows: int = GENERATION_ROWS
    key: str | None = None

    def __post_init__(self) -> None:
        """Refuse declarations that do not fit the schema.

        Raises SettingError: names the path, and the nearest path that exists.
        """
        from generator.scenario.fit import check_stream  # noqa: PLC0415 - fit reads this module

        check_stream(self)
