"""Pydantic types for rates, durations and speeds in scenario files, with their JSON Schema and shorthand."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import AllowInfNan, BeforeValidator, PlainSerializer, WithJsonSchema

from gerador.limits import RAMP_NS_MAX, RAMP_NS_MIN, RATE_MIN
from gerador.units import (
    MAX_RATE_TEXT,
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


RATE_WHOLE_FROM: Final = 1_000


def text_or_number_schema(pattern: str, says: str) -> WithJsonSchema:
    """Return the JSON Schema of a text with a unit, or a bare number."""
    return WithJsonSchema(
        {"anyOf": [{"type": "string", "pattern": pattern}, {"type": "number"}], "description": says}
    )


def read_rate(value: Any) -> Any:
    """Read ``500/s``, ``10k``, or a number, above 0.

    Raises ValueError: names the value and what is right.
    """
    rate = read_nonnegative_rate(value)
    if rate == 0:
        raise ValueError("rate 0/s: no row would ever be due; give 0.001/s or more")
    return rate


def read_nonnegative_rate(value: Any) -> Any:
    """Read a rate of a shape, which may be 0.

    Raises ValueError: names the value and what is right.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError(f"{value!r} is no rate; a rate looks like 500/s or 10k/s")  # noqa: TRY004
    text = str(value).strip()
    if text.removesuffix("/s") in {"0", "0.0"}:
        return 0.0
    try:
        rate = parse_rate(text)
    except ValueError as e:
        raise ValueError(f"rate {value!r}: {e}") from None
    if rate == math.inf:
        raise ValueError("rate max stands for itself only; here a number is needed, like 500/s")
    if round(rate, 3) != rate or (rate >= RATE_WHOLE_FROM and rate % 1):
        raise ValueError(
            f"rate {value!r}: too fine; give at most three decimals below "
            f"{RATE_WHOLE_FROM} rows per second, and whole numbers from there"
        )
    return rate


def read_duration(value: Any) -> Any:
    """Read ``2m``, ``500ms``, or seconds, above 0.

    Raises ValueError: names the value and what is right.
    """
    ns = read_offset(value)
    if ns == 0:
        raise ValueError(f"{value!r}: give a time above zero, like 30s or 5m")
    return ns


def read_ramp_duration(value: Any) -> Any:
    """Read how long a ramp takes, 1 ms to 7 days.

    Raises ValueError: names the value and what is right.
    """
    ns = read_offset(value)
    if not RAMP_NS_MIN <= ns <= RAMP_NS_MAX:
        least, most = duration_text(RAMP_NS_MIN), duration_text(RAMP_NS_MAX)
        raise ValueError(f"over {value}: give {least} to {most}")
    return ns


def read_offset(value: Any) -> Any:
    """Read a duration that may be 0.

    Raises ValueError: names the value and what is right.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError(f"{value!r} is no duration; it looks like 30s, 5m, 1h or 500ms")  # noqa: TRY004
    return parse_duration_ns(value)


_RATE_PATTERN: Final = r"^\d+(\.\d+)?[kM]?(/s)?$"
_DURATION_PATTERN: Final = r"^\d+(\.\d+)?(ms|s|m|h|d)?$"
PositiveRate = Annotated[
    float,
    BeforeValidator(read_rate),
    PlainSerializer(rate_text, str),
    text_or_number_schema(_RATE_PATTERN, f"Rows per second, {RATE_MIN} to 10M: 500/s, 10k/s."),
]
NonNegativeRate = Annotated[
    float,
    BeforeValidator(read_nonnegative_rate),
    PlainSerializer(rate_text, str),
    text_or_number_schema(_RATE_PATTERN, "Rows per second, also 0/s."),
]
DurationNs = Annotated[
    int,
    BeforeValidator(read_duration),
    PlainSerializer(duration_text, str),
    text_or_number_schema(
        _DURATION_PATTERN, "A time: 500ms, 30s, 5m, 1h; without a unit, seconds."
    ),
]
RampNs = Annotated[
    int,
    BeforeValidator(read_ramp_duration),
    PlainSerializer(duration_text, str),
    text_or_number_schema(
        _DURATION_PATTERN, "How long the way there takes: 500ms, 2m, 1h; without a unit, seconds."
    ),
]
OffsetNs = Annotated[
    int,
    BeforeValidator(read_offset),
    PlainSerializer(duration_text, str),
    text_or_number_schema(_DURATION_PATTERN, "A time from the start on, also 0s."),
]
Speed = Annotated[
    float,
    AllowInfNan(allow_inf_nan=True),
    BeforeValidator(parse_speed),
    PlainSerializer(speed_text, str),
    text_or_number_schema(
        r"^(max|\d+(\.\d+)?[kM]?x?)$", "Stream time against the clock: 60x, or max."
    ),
]


@dataclass(frozen=True, slots=True)
class ShorthandText:
    """Tells the JSON Schema that a text of `pattern`, or a number, stands for a whole form."""

    pattern: str
    number: bool = True

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        short = [{"type": "string", "pattern": self.pattern}]
        if self.number:
            short.append({"type": "number"})
        return {"anyOf": [*short, handler(core)]}


def read_rate_or_max(value: Any) -> Any:
    """Read ``max``, or a rate.

    Raises ValueError: neither.
    """
    if isinstance(value, str) and value.strip() == MAX_RATE_TEXT:
        return MAX_RATE_TEXT
    return read_rate(value)
