"""How fast rows fall due: a constant rate, generations, as fast as possible, or paused.

A pace is exact: ticks of a whole fraction of nanoseconds, each making some rows due together.
It knows no instant; `schedule` ties paces to instants and rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Final

from generator.errors import SettingError
from generator.limits import (
    GENERATION_ROWS_MAX,
    INTERVAL_S_MAX,
    INTERVAL_S_MIN,
    RATE_MAX,
    RATE_MIN,
)
from generator.rates import parse_rate

NS_PER_S: Final = 1_000_000_000
RATE_WHOLE_FROM: Final = Decimal(1_000)
"""From this rate on, rows per second are whole numbers; below, they have up to three decimals."""


class PaceKind(Enum):
    """Which of the four ways a pace is."""

    RATE = "rate"
    GENERATIONS = "generations"
    MAX = "max"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Pace:
    """`rows_per_tick` rows due together every `tick_ns_num / tick_ns_den` nanoseconds.

    Make one with `rate` or `generations`, or take `MAX` or `PAUSED`; these two have no ticks.
    """

    kind: PaceKind
    rows_per_tick: int = 1
    tick_ns_num: int = 1
    tick_ns_den: int = 1

    @property
    def ticks(self) -> bool:
        """Whether rows fall due by the clock."""
        return self.kind in (PaceKind.RATE, PaceKind.GENERATIONS)

    @property
    def rows_per_s(self) -> float | None:
        """Rows per second, 0.0 when paused, None when as fast as possible."""
        if self.kind is PaceKind.MAX:
            return None
        if self.kind is PaceKind.PAUSED:
            return 0.0
        return self.rows_per_tick * NS_PER_S * self.tick_ns_den / self.tick_ns_num

    def __str__(self) -> str:
        """Return ``500/s``, ``1000 every 1 s``, ``max`` or ``paused``."""
        if not self.ticks:
            return self.kind.value
        if self.kind is PaceKind.RATE:
            return f"{self.rows_per_s:.12g}/s"
        return f"{self.rows_per_tick} every {self.tick_ns_num / self.tick_ns_den / NS_PER_S:.12g} s"


MAX: Final = Pace(PaceKind.MAX)
PAUSED: Final = Pace(PaceKind.PAUSED)


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
    return _ticking(PaceKind.GENERATIONS, size, int(value * NS_PER_S), 1)


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
