"""Pydantic types of rates, durations and speeds in scenario files, with their JSON Schema."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import AfterValidator, AllowInfNan, BeforeValidator, PlainSerializer, WithJsonSchema

from gerador.limits import INTERVAL_S_MAX, INTERVAL_S_MIN, PERIOD_NS_MIN, RAMP_NS_MAX, RAMP_NS_MIN
from gerador.units import (
    MAX_RATE_TEXT,
    NS_PER_S,
    duration_text,
    parse_duration_ns,
    parse_rate,
    parse_speed,
    rate_text,
    speed_text,
)

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic_core import CoreSchema

RATE_SCHEMA_PATTERN: Final = r"\d+(\.\d+)?[kM]?(/(s|min|h))?"
_DURATION_PATTERN: Final = r"^\d+(\.\d+)?(ms|s|m|h|d)?$"


_ZERO_RATE: Final = re.compile(r"0+(\.0+)?(/(s|min|h))?", re.ASCII)


def parse_nonnegative_rate(value: object) -> float:
    """Return rows per second from ``500/s``, ``50/h``, ``10k`` or a number, including 0.

    Raises ValueError: as `units.parse_rate`, and ``max``.
    """
    if _ZERO_RATE.fullmatch(str(value).strip()):
        return 0.0
    rate = parse_rate(value)
    if rate == math.inf:
        raise ValueError("rate max is not allowed here; expected a number, for example 500/s")
    return rate


def parse_positive_rate(value: object) -> float:
    """Return rows per second as `parse_nonnegative_rate`, except 0. Raises ValueError."""
    rate = parse_nonnegative_rate(value)
    if rate == 0:
        raise ValueError("rate 0/s: no row would ever be due; the minimum is 1/h")
    return rate


def parse_rate_or_max(value: object) -> float | str:
    """Return a rate as `parse_positive_rate`, or ``max``. Raises ValueError."""
    if isinstance(value, str) and value.strip() == MAX_RATE_TEXT:
        return MAX_RATE_TEXT
    return parse_positive_rate(value)


@dataclass(frozen=True, slots=True)
class DurationRange:
    """Checks that a duration is in [`min_ns`, `max_ns`]. Raises ValueError."""

    min_ns: int
    max_ns: int

    def __call__(self, ns: int) -> int:
        """Return `ns`."""
        if not self.min_ns <= ns <= self.max_ns:
            low, high = duration_text(self.min_ns), duration_text(self.max_ns)
            raise ValueError(f"{duration_text(ns)} is outside [{low}, {high}]")
        return ns


RAMP_RANGE: Final = DurationRange(RAMP_NS_MIN, RAMP_NS_MAX)


def text_or_number_schema(pattern: str, description: str) -> WithJsonSchema:
    """Return the JSON Schema of a text with a unit, or a number without one."""
    types = [{"type": "string", "pattern": pattern}, {"type": "number"}]
    return WithJsonSchema({"anyOf": types, "description": description})


RateOrMax = Annotated[
    float | Literal["max"],
    BeforeValidator(parse_rate_or_max),
    PlainSerializer(lambda rate: rate if isinstance(rate, str) else rate_text(rate), str),
    text_or_number_schema(
        f"^(max|{RATE_SCHEMA_PATTERN})$", "A rate, 1/h to 10M/s: 500/s, 3000/min, 50/h; or max."
    ),
]
NonNegativeRate = Annotated[
    float,
    BeforeValidator(parse_nonnegative_rate),
    PlainSerializer(rate_text, str),
    text_or_number_schema(f"^{RATE_SCHEMA_PATTERN}$", "A rate; 0/s is allowed."),
]
OffsetNs = Annotated[
    int,
    BeforeValidator(parse_duration_ns),
    PlainSerializer(duration_text, str),
    text_or_number_schema(_DURATION_PATTERN, "Time after the start; 0s is allowed."),
]
RampNs = Annotated[
    int,
    BeforeValidator(parse_duration_ns),
    AfterValidator(RAMP_RANGE),
    PlainSerializer(duration_text, str),
    text_or_number_schema(_DURATION_PATTERN, "Duration, 1ms to 7d; seconds without a unit."),
]
PeriodNs = Annotated[
    int,
    BeforeValidator(parse_duration_ns),
    AfterValidator(DurationRange(PERIOD_NS_MIN, RAMP_NS_MAX)),
    PlainSerializer(duration_text, str),
    text_or_number_schema(_DURATION_PATTERN, "Duration, 1s to 7d; seconds without a unit."),
]
IntervalNs = Annotated[
    int,
    BeforeValidator(parse_duration_ns),
    AfterValidator(DurationRange(int(INTERVAL_S_MIN * NS_PER_S), int(INTERVAL_S_MAX * NS_PER_S))),
    PlainSerializer(duration_text, str),
    text_or_number_schema(_DURATION_PATTERN, "Duration, 1ms to 1d; seconds without a unit."),
]
Speed = Annotated[
    float,
    AllowInfNan(allow_inf_nan=True),
    BeforeValidator(parse_speed),
    PlainSerializer(speed_text, str),
    text_or_number_schema(
        r"^(max|\d+(\.\d+)?[kM]?x?)$", "Factor of stream time to the clock: 60x, or max."
    ),
]


@dataclass(frozen=True, slots=True)
class ShorthandText:
    """Adds a text of `pattern`, or a number, to the JSON Schema of a model."""

    pattern: str
    number: bool = True

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        short = [{"type": "string", "pattern": self.pattern}]
        if self.number:
            short.append({"type": "number"})
        return {"anyOf": [*short, handler(core)]}
