"""Target rates: constant, generations, curve, burst, as fast as possible, or paused."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from enum import Enum
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from gerador.errors import SettingError
from gerador.limits import BURST_ROWS_MAX, GENERATION_ROWS_MAX, INTERVAL_S_MAX, INTERVAL_S_MIN
from gerador.schedule.arrivals import PeriodicArrivals
from gerador.units import NS_PER_S, RATE_RESOLUTION, exact_rate, parse_rate, rate_text

if TYPE_CHECKING:
    from gerador.schedule.arrivals import ArrivalProcess
    from gerador.schedule.curves import LoadCurve


class RateKind(Enum):
    """The kind of a target rate."""

    CONSTANT = "constant"
    GENERATIONS = "generations"
    CURVE = "curve"
    BURST = "burst"
    MAX = "max"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class TargetRate:
    """`rows_per_tick` rows due together every `tick_ns_num / tick_ns_den` nanoseconds.

    Use the functions of this module, or `MAX` and `PAUSED`, which have no ticks. A burst has one
    tick; a curve has its own arrivals.
    """

    kind: RateKind
    rows_per_tick: int = 1
    tick_ns_num: int = 1
    tick_ns_den: int = 1
    curve: LoadCurve | None = None
    is_poisson: bool = False
    """Whether arrivals are random, by the schedule's seeds."""

    @property
    def is_timed(self) -> bool:
        """Whether rows have due times."""
        return self.kind not in (RateKind.MAX, RateKind.PAUSED)

    @property
    def arrivals(self) -> ArrivalProcess:
        """The arrival process, without randomness; only if `is_timed`."""
        if self.curve is not None:
            return self.curve.arrivals
        return PeriodicArrivals(self.rows_per_tick, self.tick_ns_num, self.tick_ns_den)

    @property
    def restarts_after_pause(self) -> bool:
        """Whether arrivals restart after a pause; curves continue with the clock."""
        return self.curve is None

    def start_offset_ns(self, start_ns: int) -> int:
        """Return the position in `arrivals` of a segment that starts at `start_ns`."""
        return 0 if self.curve is None else self.curve.start_offset_ns(start_ns)

    @property
    def rows_per_s(self) -> float | None:
        """Rows per second (of a curve: at its start), 0.0 if paused, None as fast as possible."""
        if self.kind is RateKind.MAX:
            return None
        if self.kind in (RateKind.PAUSED, RateKind.BURST):
            return 0.0
        return self.arrivals.rate_at(self.start_offset_ns(0))

    def __str__(self) -> str:
        """Return ``500/s``, ``1000 every 1 s``, ``max``, ``paused``, or the curve's description."""
        return self._description + (", poisson" if self.is_poisson else "")

    @property
    def _description(self) -> str:
        if self.curve is not None:
            return self.curve.description
        if self.kind is RateKind.BURST:
            return f"{self.rows_per_tick} at once"
        if not self.is_timed:
            return self.kind.value
        if self.kind is RateKind.CONSTANT:
            rate = Fraction(NS_PER_S * self.tick_ns_den, self.tick_ns_num)
            is_rate = (rate * RATE_RESOLUTION).denominator == 1  # not the mean of generations
            return rate_text(float(rate)) if is_rate else f"{self.rows_per_s:.12g}/s"
        return f"{self.rows_per_tick} every {self.tick_ns_num / self.tick_ns_den / NS_PER_S:.12g} s"


MAX: Final = TargetRate(RateKind.MAX)
PAUSED: Final = TargetRate(RateKind.PAUSED)


def constant_rate(rows_per_s: float | str | Decimal) -> TargetRate:
    """Return a constant rate: one row every 1/rate seconds, exactly.

    From a row per hour to 10,000,000; numbers as `units.exact_rate`.

    Raises SettingError: not a number, out of range, or too many decimals.
    """
    number = _parse_decimal("rate", rows_per_s)
    try:
        rate = exact_rate(rows_per_s if isinstance(rows_per_s, float) else number, str(rows_per_s))
    except ValueError as e:
        raise SettingError(str(e)) from e
    return _periodic(RateKind.CONSTANT, 1, rate.denominator * NS_PER_S, rate.numerator)


def parse_target_rate(rate: float | str | Decimal) -> TargetRate:
    """Return the target rate of ``500``, ``"10k"``, ``"50/h"``, or ``"max"`` (infinity).

    Raises SettingError: another text, or as `constant_rate`.
    """
    if isinstance(rate, str):
        try:
            rate = parse_rate(rate)
        except ValueError as e:
            raise SettingError(str(e)) from e
    return MAX if rate == math.inf else constant_rate(rate)


def target_rate_or_generations(
    rate: float | str | Decimal | None, *, generation_rows: int, interval_s: float
) -> TargetRate:
    """Return the target rate of `rate`, or of generations if it is None.

    Raises SettingError: as `parse_target_rate` and `generations_rate`.
    """
    if rate is None:
        return generations_rate(generation_rows, interval_s)
    return parse_target_rate(rate)


def generations_rate(size: int, interval_s: float | str | Decimal) -> TargetRate:
    """Return `size` rows due together every `interval_s` seconds; 0 seconds is `MAX`.

    `size` in [1, 10,000,000]; `interval_s` 0 or in [0.001, 86,400], to the nanosecond.

    Raises SettingError: not a number, out of range, or finer than a nanosecond.
    """
    if not 1 <= size <= GENERATION_ROWS_MAX:
        raise SettingError(f"generation of {size} rows is outside [1, {GENERATION_ROWS_MAX}]")
    interval = _parse_decimal("interval", interval_s)
    if interval == 0:
        return MAX
    if not INTERVAL_S_MIN <= interval <= INTERVAL_S_MAX:
        raise SettingError(
            f"interval {interval_s} is outside [{INTERVAL_S_MIN}, {INTERVAL_S_MAX}] seconds; "
            "use 0 for as fast as possible"
        )
    if interval * NS_PER_S % 1:
        raise SettingError(f"interval {interval_s} is finer than a nanosecond; round it")
    return generations_rate_ns(size, int(interval * NS_PER_S))


def generations_rate_ns(size: int, interval_ns: int) -> TargetRate:
    """Return `size` rows due together every `interval_ns`; ranges as `generations_rate`."""
    return _periodic(RateKind.GENERATIONS, size, interval_ns, 1)


def curve_rate(curve: LoadCurve) -> TargetRate:
    """Return the target rate that follows `curve`."""
    return TargetRate(RateKind.CURVE, curve=curve)


def burst_rate(rows: int) -> TargetRate:
    """Return `rows` rows due at once, 1 to 10,000,000; the next segment starts at the same time.

    Raises SettingError: out of range.
    """
    if not 1 <= rows <= BURST_ROWS_MAX:
        raise SettingError(f"burst of {rows} rows is outside [1, {BURST_ROWS_MAX}]")
    return TargetRate(RateKind.BURST, rows, NS_PER_S)


def with_poisson_arrivals(target_rate: TargetRate) -> TargetRate:
    """Return `target_rate` with random arrivals; generations become their mean rate.

    Raises SettingError: `MAX`.
    """
    if target_rate == MAX:
        raise SettingError("rate max cannot have poisson arrivals: its rows have no due times")
    if target_rate.kind is RateKind.GENERATIONS:
        interval_ns = target_rate.tick_ns_num, target_rate.tick_ns_den * target_rate.rows_per_tick
        target_rate = _periodic(RateKind.CONSTANT, 1, *interval_ns)
    return replace(target_rate, is_poisson=True)


def _periodic(kind: RateKind, rows: int, num: int, den: int) -> TargetRate:
    divisor = math.gcd(num, den)
    return TargetRate(kind, rows, num // divisor, den // divisor)


def _parse_decimal(name: str, value: float | str | Decimal) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation as e:
        raise SettingError(f"{name} {value!r} is not a number") from e
    if not number.is_finite():
        raise SettingError(f"{name} {value} is not a finite number")
    return number
