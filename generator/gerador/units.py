"""Parse and format rates, durations, speeds and timestamps as text."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

from gerador.errors import SettingError
from gerador.limits import (
    INT64_PRODUCT_MAX,
    RATE_MAX,
    RATE_MIN,
    TIMESTAMP_MAX_NS,
)

NS_PER_MS: Final = 1_000_000
NS_PER_S: Final = 1_000_000_000
NS_PER_DAY: Final = 86_400 * NS_PER_S
DURATION_UNITS_NS: Final = {
    "d": NS_PER_DAY,
    "h": 3_600 * NS_PER_S,
    "m": 60 * NS_PER_S,
    "s": NS_PER_S,
    "ms": NS_PER_MS,
}
DURATION_NS_MAX: Final = 365 * NS_PER_DAY
DURATION_PATTERN: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)?", re.ASCII)
"""A number with an optional unit; seconds without one."""

COUNT_PATTERN: Final = re.compile(r"(\d+(?:\.\d+)?)([kM])?", re.ASCII)
"""A number with an optional factor: thousands or millions."""
COUNT_FACTORS: Final = {"k": 1e3, "M": 1e6, None: 1.0}
MAX_RATE_TEXT: Final = "max"
RATE_PATTERN: Final = re.compile(r"(\d+(?:\.\d+)?)([kM])?(?:/(s|min|h))?", re.ASCII)
"""A number with an optional factor and unit; rows per second without a unit."""
RATE_UNITS_S: Final = {"s": 1, "min": 60, "h": 3_600, None: 1}
RATE_TEXT_UNITS: Final = ("s", "min", "h")
"""Units of a rate as text: the first one in which it has at most three decimals."""
THOUSANDTHS: Final = 1_000
RATE_RESOLUTION: Final = 3_600 * THOUSANDTHS
"""Every rate is a multiple of a thousandth row per hour."""
RATE_RESOLUTIONS: Final = (
    (1_000, 1),
    (1, THOUSANDTHS),
    (0.0003, 60 * THOUSANDTHS),
    (0, RATE_RESOLUTION),
)
"""Lowest rates, and the parts of a row per second in which rates from there on are computed."""
SPEED_MAX: Final = 1_000_000
"""Highest factor of stream time to the clock."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_TIMESTAMP_DATES: Final = "[1970-01-01, 2262-04-11]"


def parse_rate(value: object) -> float:
    """Return rows per second from ``1000``, ``10k``, ``3000/min``, ``50/h`` or ``max`` (infinity).

    Raises ValueError: another form, or as `exact_rate`.
    """
    text = str(value).strip()
    if text == MAX_RATE_TEXT:
        return math.inf
    match = RATE_PATTERN.fullmatch(text)
    if match is None:
        raise ValueError(
            f"rate {value!r} is not a number of rows per second; "
            "expected, for example, 500, 10k/s, 3000/min or 50/h, or max"
        )
    number = Fraction(match[1]) * int(COUNT_FACTORS[match[2]])
    return float(_valid_rate(number, RATE_UNITS_S[match[3]], repr(value)))


def exact_rate(rows_per_s: Decimal | float, text: str) -> Fraction:
    """Return a target rate as a fraction. `text` is the rate as given, for messages.

    It has at most three decimals, or is a float that `parse_rate` or `nearest_rate` returned.

    Raises ValueError: another number, or one out of range.
    """
    rate = Fraction(str(rows_per_s))
    if isinstance(rows_per_s, float):
        nearest = Fraction(round(rows_per_s * RATE_RESOLUTION), RATE_RESOLUTION)
        if float(nearest) == rows_per_s:
            return _valid_rate(nearest * RATE_UNITS_S["h"], RATE_UNITS_S["h"], text)
    return _valid_rate(rate, 1, text)


def _valid_rate(number: Fraction, seconds: int, text: str) -> Fraction:
    """Return the rate of `number` rows in some seconds, in rows per second. Raises ValueError."""
    rate = number / seconds
    if not RATE_MIN <= rate <= RATE_MAX:
        limits = f"[{rate_text(float(RATE_MIN))}, {rate_text(RATE_MAX)}]"
        raise ValueError(f"rate {text} is outside {limits}; use max for as fast as possible")
    if (number * THOUSANDTHS).denominator > 1:
        raise ValueError(f"rate {text} has too many decimals; use at most three")
    if rate.numerator * rate.denominator * NS_PER_S >= INT64_PRODUCT_MAX:
        raise ValueError(f"rate {text} has too many digits; round it")
    return rate


def nearest_rate(rows_per_s: float) -> float:
    """Return the closest valid rate to a computed one, to about one part in a thousand or less."""
    rate = min(max(rows_per_s, float(RATE_MIN)), float(RATE_MAX))
    finest = Fraction(round(rate * RATE_RESOLUTION), RATE_RESOLUTION)
    if rate < 1 and finest.numerator * finest.denominator * NS_PER_S < INT64_PRODUCT_MAX:
        return float(finest)
    resolution = next(size for low, size in RATE_RESOLUTIONS if rate >= low)
    return float(Fraction(round(rate * resolution), resolution))


def rate_text(rows_per_s: float) -> str:
    """Return a rate as `parse_rate` reads it: ``500/s``, ``0.25/s``, ``50/h`` or ``max``."""
    if rows_per_s == math.inf:
        return MAX_RATE_TEXT
    parts = round(rows_per_s * RATE_RESOLUTION)
    unit = next(unit for unit in RATE_TEXT_UNITS if parts % (3_600 // RATE_UNITS_S[unit]) == 0)
    return f"{parts * RATE_UNITS_S[unit] / RATE_RESOLUTION:.13g}/{unit}"


def parse_duration_ns(value: object) -> int:
    """Return nanoseconds from ``30s``, ``2m``, ``500ms`` or a number of seconds, up to a year.

    Raises ValueError: another form, finer than a nanosecond, or too long.
    """
    match = DURATION_PATTERN.fullmatch(str(value).strip())
    if match is None:
        raise ValueError(
            f"{value!r} is not a duration; expected, for example, 30s, 5m, 1h or 500ms"
        )
    ns = Decimal(match[1]) * DURATION_UNITS_NS[match[2] or "s"]
    if ns > DURATION_NS_MAX:  # first: int() of a huge number is slow
        raise ValueError(f"{value!r} is longer than a year; the maximum is 365d")
    if ns != int(ns):
        raise ValueError(f"{value!r} is finer than a nanosecond; round it")
    return int(ns)


def duration_text(ns: int) -> str:
    """Return a duration as `parse_duration_ns` reads it, in its largest exact unit: ``90s``."""
    for unit, size in DURATION_UNITS_NS.items():
        if ns and ns % size == 0:
            return f"{ns // size}{unit}"
    return f"{(Decimal(ns) / NS_PER_S).normalize():f}s"


def parse_speed(value: object) -> float:
    """Return the factor of stream time to the clock from ``60x``, ``1.5`` or ``max`` (infinity).

    Raises ValueError: another form, or out of range.
    """
    text = str(value).strip()
    if text == MAX_RATE_TEXT:
        return math.inf
    match = COUNT_PATTERN.fullmatch(text.removesuffix("x"))
    if match is None:
        raise ValueError(f"{value!r} is not a speed; expected, for example, 60x, or max")
    speed = float(match[1]) * COUNT_FACTORS[match[2]]
    if not 1 <= speed <= SPEED_MAX:
        raise ValueError(f"speed {value!r} is outside [1x, {SPEED_MAX}x]; use max for no limit")
    return speed


def speed_text(speed: float) -> str:
    """Return a speed as `parse_speed` reads it: ``60x`` or ``max``."""
    return MAX_RATE_TEXT if speed == math.inf else f"{speed:.12g}x"


def parse_timestamp_ns(value: str | datetime, *, name: str = "start") -> int:
    """Return nanoseconds since 1970-01-01T00:00:00Z of an ISO 8601 text or a datetime.

    UTC without a time zone. Exact to the microsecond. `name` names the value in errors.

    Raises SettingError: not ISO 8601, before 1970, or after 2262-04-11.
    """
    moment = _parse_datetime(value, name) if isinstance(value, str) else value
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    ns = (aware - EPOCH) // _MICROSECOND * 1_000
    if not 0 <= ns <= TIMESTAMP_MAX_NS:
        raise SettingError(f"{name} {value} is outside {_TIMESTAMP_DATES}")
    return ns


def _parse_datetime(text: str, name: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as e:
        raise SettingError(
            f"{name} {text!r} is not a timestamp; expected ISO 8601, "
            "for example 2026-01-01T00:00:00Z"
        ) from e


def timestamp_text(ns: int) -> str:
    """Return a time as ISO 8601 in UTC, truncated to milliseconds: ``2026-01-01T00:00:00.000Z``."""
    moment = EPOCH + timedelta(milliseconds=ns // NS_PER_MS)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
