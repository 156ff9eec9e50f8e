"""The target rate of a stream: constant, generations, curve, burst, as fast as possible, or paused."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import TYPE_CHECKING, Final

from gerador.errors import SettingError
from gerador.limits import (
    BURST_ROWS_MAX,
    GENERATION_ROWS_MAX,
    INTERVAL_S_MAX,
    INTERVAL_S_MIN,
    RATE_MAX,
    RATE_MIN,
)
from gerador.schedule.arrivals import PeriodicArrivals
from gerador.units import NS_PER_S, parse_rate

if TYPE_CHECKING:
    from gerador.schedule.arrivals import ArrivalProcess
    from gerador.schedule.curves import LoadCurve


class RateKind(Enum):
    """Which of the six ways a pace is."""

    RATE = "rate"
    GENERATIONS = "generations"
    SHAPE = "shape"
    BURST = "burst"
    MAX = "max"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class TargetRate:
    """`rows_per_tick` rows due together every `tick_ns_num / tick_ns_den` nanoseconds.

    Make one with `rate`, `generations`, `shaped`, `burst` or `poisson`, or take `MAX` or `PAUSED`;
    these two have no ticks. A shape has its own instead, and a burst has a single one.
    """

    kind: RateKind
    rows_per_tick: int = 1
    tick_ns_num: int = 1
    tick_ns_den: int = 1
    shape: LoadCurve | None = None
    is_poisson: bool = False
    """Whether rows arrive at random over the course, which a schedule's seeds tell."""

    @property
    def ticks(self) -> bool:
        """Whether rows fall due by the clock."""
        return self.kind not in (RateKind.MAX, RateKind.PAUSED)

    @property
    def course(self) -> ArrivalProcess:
        """When rows fall due, counted from the course's beginning; of a pace that ticks."""
        if self.shape is not None:
            return self.shape.course
        return PeriodicArrivals(self.rows_per_tick, self.tick_ns_num, self.tick_ns_den)

    @property
    def restarts(self) -> bool:
        """Whether it begins anew after a pause; shapes go by the clock meanwhile."""
        return self.shape is None

    def lead_in_ns(self, instant_ns: int) -> int:
        """Return how far into its course a pace is that is asked for at `instant_ns`."""
        return 0 if self.shape is None else self.shape.lead_in_ns(instant_ns)

    @property
    def rows_per_s(self) -> float | None:
        """Rows per second (of a shape, where it is entered), 0.0 paused, None at full speed."""
        if self.kind is RateKind.MAX:
            return None
        if self.kind in (RateKind.PAUSED, RateKind.BURST):
            return 0.0
        return self.course.rate_at(self.lead_in_ns(0))

    def __str__(self) -> str:
        """Return ``500/s``, ``1000 every 1 s``, ``max``, ``paused``, or a shape's own words."""
        return self._told + (", poisson" if self.is_poisson else "")

    @property
    def _told(self) -> str:
        if self.shape is not None:
            return self.shape.told
        if self.kind is RateKind.BURST:
            return f"{self.rows_per_tick} at once"
        if not self.ticks:
            return self.kind.value
        if self.kind is RateKind.RATE:
            return f"{self.rows_per_s:.12g}/s"
        return f"{self.rows_per_tick} every {self.tick_ns_num / self.tick_ns_den / NS_PER_S:.12g} s"


MAX: Final = TargetRate(RateKind.MAX)
PAUSED: Final = TargetRate(RateKind.PAUSED)

RATE_WHOLE_FROM: Final = Decimal(1_000)
"""From this rate on, rows per second are whole numbers; below, they have up to three decimals."""


def constant_rate(rows_per_s: float | str | Decimal) -> TargetRate:
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
    return _periodic(RateKind.RATE, 1, 1_000 * NS_PER_S, int(value * 1_000))


def parse_target_rate(asked: float | str | Decimal) -> TargetRate:
    """Return the pace that people write: ``500``, ``"10k"``, ``"1.5M/s"``, ``"max"`` (infinity).

    Raises SettingError: none of these, or as `constant_rate`.
    """
    if isinstance(asked, str):
        try:
            asked = parse_rate(asked)
        except ValueError as e:
            raise SettingError(f"rate {asked!r}: {e}") from e
    return MAX if asked == math.inf else constant_rate(asked)


def target_rate_or_generations(
    asked: float | str | Decimal | None, *, generation_rows: int, interval_s: float
) -> TargetRate:
    """Return the pace of a rate as `parse_target_rate` reads it, or of generations when there is None.

    Raises SettingError: as `parse_target_rate` and `generations_rate`.
    """
    return (
        generations_rate(generation_rows, interval_s) if asked is None else parse_target_rate(asked)
    )


def generations_rate(size: int, interval_s: float | str | Decimal) -> TargetRate:
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
    return generations_rate_ns(size, int(value * NS_PER_S))


def generations_rate_ns(size: int, interval_ns: int) -> TargetRate:
    """Return `size` rows due together every `interval_ns` nanoseconds, ranges as above."""
    return _periodic(RateKind.GENERATIONS, size, interval_ns, 1)


def curve_rate(shape: LoadCurve) -> TargetRate:
    """Return the pace that follows `shape`."""
    return TargetRate(RateKind.SHAPE, shape=shape)


def burst_rate(rows: int) -> TargetRate:
    """Return `rows` rows, 1 to 10,000,000, due at once; another pace has to follow at once.

    Raises SettingError: outside the range.
    """
    if not 1 <= rows <= BURST_ROWS_MAX:
        raise SettingError(f"burst of {rows} rows: give 1 to {BURST_ROWS_MAX} rows")
    return TargetRate(RateKind.BURST, rows, NS_PER_S)


def with_poisson_arrivals(pace: TargetRate) -> TargetRate:
    """Return `pace` with rows that arrive at random; generations become their mean rate.

    Raises SettingError: `pace` is not one that goes by the clock.
    """
    if pace == MAX:
        raise SettingError(
            "rate max with poisson: as fast as possible nothing arrives by the clock"
        )
    if pace.kind is RateKind.GENERATIONS:
        apart_ns = pace.tick_ns_num, pace.tick_ns_den * pace.rows_per_tick
        pace = _periodic(RateKind.RATE, 1, *apart_ns)
    return replace(pace, is_poisson=True)


def _periodic(kind: RateKind, rows: int, num: int, den: int) -> TargetRate:
    shared = math.gcd(num, den)
    return TargetRate(kind, rows, num // shared, den // shared)


def _number(what: str, value: float | str | Decimal, unit: str) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation as e:
        raise SettingError(f"{what} {value!r}: not a number; give {unit}") from e
    if not number.is_finite():
        raise SettingError(f"{what} {value}: not a finite number; give {unit}")
    return number
