"""Rates, durations and speeds as people write them, and back. One grammar; no schedules."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Final

from gerador.limits import RATE_MAX, RATE_MIN

NUMBER: Final = re.compile(r"(\d+(?:\.\d+)?)([kM])?", re.ASCII)
"""A count in ones, thousands or millions."""
UNIT: Final = {"k": 1e3, "M": 1e6, None: 1.0}
FULL_SPEED: Final = "max"
DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)?", re.ASCII)
"""A time in milliseconds, seconds, minutes, hours or days; without a unit, in seconds."""
NS_PER_S: Final = 1_000_000_000
UNIT_NS: Final = {
    "d": 86_400_000_000_000,
    "h": 3_600_000_000_000,
    "m": 60_000_000_000,
    "s": 1_000_000_000,
    "ms": 1_000_000,
}
DURATION_NS_MAX: Final = 31_536_000 * UNIT_NS["s"]
"""A year."""
SPEED_MAX: Final = 1_000_000
"""Times as fast as the clock."""


def parse_rate(text: str) -> float:
    """Return rows per second from ``1000``, ``10k``, ``1.5M/s`` or ``max`` (infinity).

    Raises ValueError: another form, or out of range; its text says what is right.
    """
    text = text.strip()
    if text == FULL_SPEED:
        return math.inf
    match = NUMBER.fullmatch(text.removesuffix("/s"))
    if match is None:
        raise ValueError("a rate looks like 500, 10k, 1.5M or max, in rows per second")
    rate = round(float(match[1]) * UNIT[match[2]], 6)
    if not RATE_MIN <= rate <= RATE_MAX:
        raise ValueError(f"must be {RATE_MIN} to {RATE_MAX} rows per second, or max")
    return rate


def parse_duration_ns(text: str | float) -> int:
    """Return nanoseconds from ``30s``, ``2m``, ``500ms`` or bare seconds; at most a year.

    Raises ValueError: another form, finer than a nanosecond, or too long; its text says so.
    """
    match = DURATION.fullmatch(str(text).strip())
    if match is None or isinstance(text, bool):
        raise ValueError(f"{text!r} is no duration; it looks like 30s, 5m, 1h or 500ms")
    ns = Decimal(match[1]) * UNIT_NS[match[2] or "s"]
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
    if written == FULL_SPEED:
        return math.inf
    match = NUMBER.fullmatch(written.removesuffix("x"))
    if match is None or isinstance(text, bool):
        raise ValueError(f"{text!r} is no speed; it looks like 60x or max")
    speed = float(match[1]) * UNIT[match[2]]
    if not 1 <= speed <= SPEED_MAX:
        raise ValueError(f"speed {text}: give 1x to {SPEED_MAX}x, or max")
    return speed


def duration_text(ns: int) -> str:
    """Return a duration as `parse_duration_ns` reads it, in its largest whole unit: ``90s``."""
    for unit, size in UNIT_NS.items():
        if ns and ns % size == 0:
            return f"{ns // size}{unit}"
    return f"{(Decimal(ns) / UNIT_NS['s']).normalize():f}s"


def rate_text(rows_per_s: float) -> str:
    """Return a rate as `parse_rate` reads it: ``500/s``, ``0.25/s`` or ``max``."""
    return FULL_SPEED if rows_per_s == math.inf else f"{round(rows_per_s, 3):.12g}/s"


def speed_text(speed: float) -> str:
    """Return a speed as `parse_speed` reads it: ``60x`` or ``max``."""
    return FULL_SPEED if speed == math.inf else f"{speed:.12g}x"
