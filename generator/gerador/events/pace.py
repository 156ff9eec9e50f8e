"""How fast rows fall due: a constant rate, generations, a shape, as fast as possible, or paused.

A pace is exact: ticks of a whole fraction of nanoseconds, each making some rows due together, or
the pieces of a shape. It knows no instant; `schedule` ties paces to instants and rows.
"""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from gerador.errors import SettingError
from gerador.events.courses.course import NS_PER_S
from gerador.events.pace_kinds import MAX, PAUSED, Pace, PaceKind
from gerador.limits import (
    BURST_ROWS_MAX,
    GENERATION_ROWS_MAX,
    INTERVAL_S_MAX,
    INTERVAL_S_MIN,
    RATE_MAX,
    RATE_MIN,
)
from gerador.rates import parse_rate

if TYPE_CHECKING:
    from gerador.events.courses.shapes import Shape

__all__ = [
    "MAX",
    "PAUSED",
    "Pace",
    "PaceKind",
    "burst",
    "generations",
    "generations_ns",
    "pace_for",
    "pace_of",
    "poisson",
    "rate",
    "shaped",
]

RATE_WHOLE_FROM: Final = Decimal(1_000)
"""From this rate on, rows per second are whole numbers; below, they have up to three decimals."""


def rate(rows_per_s: float | str | Decimal) -> Pace:
    """Return the constant rate `rows_per_s`: one row every 1/rate seconds, exactly.

    Range [0.001, 10,000,000]; up to three decimals below 1,000, whole numbers from there.

    Raises SettingError: not a number, outside the range, or finer than that.
    """
    value = _number("rate", rows_per_s, "rows per second")
    if not RATE_MIN <= value <= RATE_MAX:
        raise SettingError(
            f"rate {rows_per_s}: give {RATE_MIN} to {RATE_MAX} rows per second, "
            'or "max" for as fast as possible'
        )
    step = Decimal(1) if value >= RATE_WHOLE_FROM else RATE_MIN
    if value % step:
        raise SettingError(
            f"rate {rows_per_s}: too fine; give at most three decimals below "
            f"{RATE_WHOLE_FROM} rows per second, and whole numbers from there"
        )
    return _ticking(PaceKind.RATE, 1, 1_000 * NS_PER_S, int(value * 1_000))


def pace_of(asked: float | str | Decimal) -> Pace:
    """Return the pace that people write: ``500``, ``"10k"``, ``"1.5M/s"``, ``"max"`` (infinity).

    Raises SettingError: none of these, or as `rate`.
    """
    if isinstance(asked, str):
        try:
            asked = parse_rate(asked)
        except ValueError as e:
            raise SettingError(f"rate {asked!r}: {e}") from e
    return MAX if asked == math.inf else rate(asked)


def pace_for(
    asked: float | str | Decimal | None, *, generation_rows: int, interval_s: float
) -> Pace:
    """Return the pace of a rate as `pace_of` reads it, or of generations when there is None.

    Raises SettingError: as `pace_of` and `generations`.
    """
    return generations(generation_rows, interval_s) if asked is None else pace_of(asked)


def generations(size: int, interval_s: float | str | Decimal) -> Pace:
    """Return `size` rows due together every `interval_s` seconds; 0 seconds is `MAX`.

    `size` in [1, 10,000,000]; `interval_s` 0 or in [0.001, 86,400], to the nanosecond.

    Raises SettingError: not a number, outside the range, or finer than a nanosecond.
    """
    if not 1 <= size <= GENERATION_ROWS_MAX:
        raise SettingError(f"generation of {size} rows: give 1 to {GENERATION_ROWS_MAX} rows")
    value = _number("interval", interval_s, "seconds")
    if value == 0:
        return MAX
    if not INTERVAL_S_MIN <= value <= INTERVAL_S_MAX:
        raise SettingError(
            f"interval {interval_s}: give {INTERVAL_S_MIN} to {INTERVAL_S_MAX} seconds, "
            "or 0 for as fast as possible"
        )
    if value * NS_PER_S % 1:
        raise SettingError(f"interval {interval_s}: finer than a nanosecond; round it")
    return generations_ns(size, int(value * NS_PER_S))


def generations_ns(size: int, interval_ns: int) -> Pace:
    """Return `size` rows due together every `interval_ns` nanoseconds, ranges as above."""
    return _ticking(PaceKind.GENERATIONS, size, interval_ns, 1)


def shaped(shape: Shape) -> Pace:
    """Return the pace that follows `shape`."""
    return Pace(PaceKind.SHAPE, shape=shape)


def burst(rows: int) -> Pace:
    """Return `rows` rows, 1 to 10,000,000, due at once; another pace has to follow at once.

    Raises SettingError: outside the range.
    """
    if not 1 <= rows <= BURST_ROWS_MAX:
        raise SettingError(f"burst of {rows} rows: give 1 to {BURST_ROWS_MAX} rows")
    return Pace(PaceKind.BURST, rows, NS_PER_S)


def poisson(pace: Pace) -> Pace:
    """Return `pace` with rows that arrive at random; generations become their mean rate.

    Raises SettingError: `pace` is not one that goes by the clock.
    """
    if pace == MAX:
        raise SettingError(
            "rate max with poisson: as fast as possible nothing arrives by the clock"
        )
    if pace.kind is PaceKind.GENERATIONS:
        apart_ns = pace.tick_ns_num, pace.tick_ns_den * pace.rows_per_tick
        pace = _ticking(PaceKind.RATE, 1, *apart_ns)
    return replace(pace, is_poisson=True)


def _ticking(kind: PaceKind, rows: int, num: int, den: int) -> Pace:
    shared = math.gcd(num, den)
    return Pace(kind, rows, num // shared, den // shared)


def _number(what: str, value: float | str | Decimal, unit: str) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation as e:
        raise SettingError(f"{what} {value!r}: not a number; give {unit}") from e
    if not number.is_finite():
        raise SettingError(f"{what} {value}: not a finite number; give {unit}")
    return number
