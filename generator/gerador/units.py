"""Parse and format rates, durations, speeds and timestamps."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from gerador.errors import SettingError
from gerador.limits import RATE_MAX, RATE_MIN, TIMESTAMP_MAX_NS

COUNT_PATTERN: Final = re.compile(r"(\d+(?:\.\d+)?)([kM])?", re.ASCII)
"""A count in ones, thousands or millions."""
COUNT_FACTORS: Final = {"k": 1e3, "M": 1e6, None: 1.0}
MAX_RATE_TEXT: Final = "max"
DURATION_PATTERN: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)?", re.ASCII)
"""A time in milliseconds, seconds, minutes, hours or days; without a unit, in seconds."""
NS_PER_S: Final = 1_000_000_000
DURATION_UNITS_NS: Final = {
    "d": 86_400_000_000_000,
    "h": 3_600_000_000_000,
    "m": 60_000_000_000,
    "s": 1_000_000_000,
    "ms": 1_000_000,
}
DURATION_NS_MAX: Final = 31_536_000 * DURATION_UNITS_NS["s"]
"""A year."""
SPEED_MAX: Final = 1_000_000
"""Times as fast as the clock."""


def parse_rate(text: str) -> float:
    """Return rows per second from ``1000``, ``10k``, ``1.5M/s`` or ``max`` (infinity).

    Raises ValueError: another form, or out of range; its text says what is right.
    """
    text = text.strip()
    if text == MAX_RATE_TEXT:
        return math.inf
    match = COUNT_PATTERN.fullmatch(text.removesuffix("/s"))
    if match is None:
        raise ValueError("a rate looks like 500, 10k, 1.5M or max, in rows per second")
    rate = round(float(match[1]) * COUNT_FACTORS[match[2]], 6)
    if not RATE_MIN <= rate <= RATE_MAX:
        raise ValueError(f"must be {RATE_MIN} to {RATE_MAX} rows per second, or max")
    return rate


def parse_duration_ns(text: str | float) -> int:
    """Return nanoseconds from ``30s``, ``2m``, ``500ms`` or bare seconds; at most a year.

    Raises ValueError: another form, finer than a nanosecond, or too long; its text says so.
    """
    match = DURATION_PATTERN.fullmatch(str(text).strip())
    if match is None or isinstance(text, bool):
        raise ValueError(f"{text!r} is no duration; it looks like 30s, 5m, 1h or 500ms")
    ns = Decimal(match[1]) * DURATION_UNITS_NS[match[2] or "s"]
    if ns > DURATION_NS_MAX:  # before its parts are looked at, which could have no end
        raise ValueError(f"{text!r} is longer than a year; give at most 365d")
    if ns != int(ns):
        raise ValueError(f"{text!r} is finer than a nanosecond; round it")
    return int(ns)


def parse_speed(text: str | float) -> float:
    """Return how many times as fast as the clock from ``60x``, ``1.5`` or ``max`` (infinity).

    Raises ValueError: another form, or out of range; its text says what is right.
    """
    written = str(text).strip()
    if written == MAX_RATE_TEXT:
        return math.inf
    match = COUNT_PATTERN.fullmatch(written.removesuffix("x"))
    if match is None or isinstance(text, bool):
        raise ValueError(f"{text!r} is no speed; it looks like 60x or max")
    speed = float(match[1]) * COUNT_FACTORS[match[2]]
    if not 1 <= speed <= SPEED_MAX:
        raise ValueError(f"speed {text}: give 1x to {SPEED_MAX}x, or max")
    return speed


def duration_text(ns: int) -> str:
    """Return a duration as `parse_duration_ns` reads it, in its largest whole unit: ``90s``."""
    for unit, size in DURATION_UNITS_NS.items():
        if ns and ns % size == 0:
            return f"{ns // size}{unit}"
    return f"{(Decimal(ns) / DURATION_UNITS_NS['s']).normalize():f}s"


def rate_text(rows_per_s: float) -> str:
    """Return a rate as `parse_rate` reads it: ``500/s``, ``0.25/s`` or ``max``."""
    return MAX_RATE_TEXT if rows_per_s == math.inf else f"{round(rows_per_s, 3):.12g}/s"


def speed_text(speed: float) -> str:
    """Return a speed as `parse_speed` reads it: ``60x`` or ``max``."""
    return MAX_RATE_TEXT if speed == math.inf else f"{speed:.12g}x"


NS_PER_MS: Final = 1_000_000
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def parse_timestamp_ns(written: str | datetime, *, what: str = "start") -> int:
    """Return nanoseconds since 1970-01-01T00:00:00Z of an ISO 8601 text or a datetime.

    Without a zone it is UTC. Exact to the microsecond. `what` names the value in errors.

    Raises SettingError: not ISO 8601, before 1970, or after 2262-04-11.
    """
    moment = _parse_datetime(written, what) if isinstance(written, str) else written
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    ns = (aware - EPOCH) // _MICROSECOND * 1_000
    if not 0 <= ns <= TIMESTAMP_MAX_NS:
        raise SettingError(f"{what} {written}: give an instant from 1970 to 2262-04-11")
    return ns


def timestamp_text(ns: int) -> str:
    """Return an instant as ISO 8601 in UTC with milliseconds: ``2026-01-01T00:00:00.000Z``.

    What is finer than a millisecond is cut off.
    """
    moment = EPOCH + timedelta(milliseconds=ns // 1_000_000)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _parse_datetime(text: str, what: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as e:
        raise SettingError(
            f"{what} {text!r}: not an instant; write ISO 8601, like 2026-01-01T00:00:00Z"
        ) from e
