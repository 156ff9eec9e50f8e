"""What can be declared about a field: how its values are chosen.

Frozen, plain declarations with a `kind` word each, ready to be read from a file. Holds no
values, no randomness and no Arrow; whether a declaration suits a field is judged in `fit`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

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
