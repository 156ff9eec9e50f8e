"""Load curves (ramp, sine, diurnal, steps) as piecewise-linear arrival processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

from gerador.errors import SettingError
from gerador.schedule.arrivals import ArrivalProcess, PeriodicArrivals
from gerador.units import NS_PER_S, duration_text, rate_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PiecewiseArrivals(ArrivalProcess):
    """Piece p holds rows [rows[p], rows[p + 1]) from starts_ns[p] until starts_ns[p + 1].

    Row i of a piece of n rows and D nanoseconds is due i * D // n after its start; n * D is below
    2**62. After the last piece all of them are repeated, or `tail` goes on, or nothing is due.

    Attributes:
        starts_ns: (pieces + 1,) int64 from 0, strictly ascending.
        rows: (pieces + 1,) int64 from 0, ascending; a repeated course has at least one row.
        rates: (pieces,) float64, the rate meant in the middle of each piece, in rows/s.
        repeats: whether the pieces are repeated.
        tail: what goes on after them, where they are not repeated.
    """

    starts_ns: NDArray[np.int64]
    rows: NDArray[np.int64]
    rates: NDArray[np.float64]
    repeats: bool = False
    tail: PeriodicArrivals | None = None

    @property
    def total(self) -> int | None:
        """Rows of the pieces, when nothing follows them."""
        return None if self.repeats or self.tail is not None else self._rows

    def elapsed_ns(self, row: int) -> int:
        """Return nanoseconds until `row` is due."""
        if row >= self._rows and not self.repeats:
            held_ns = 0 if self.tail is None else self.tail.elapsed_ns(row - self._rows)
            return self._span_ns + held_ns
        turn, within = divmod(row, self._rows)
        at = int(np.searchsorted(self.rows, within, "right")) - 1
        first, after = int(self.rows[at]), int(self.rows[at + 1])
        start_ns, end_ns = int(self.starts_ns[at]), int(self.starts_ns[at + 1])
        into_ns = (within - first) * (end_ns - start_ns) // (after - first)
        return turn * self._span_ns + start_ns + into_ns

    def due(self, elapsed_ns: int) -> int:
        """Return the rows due: row i of a piece when i * D < (nanoseconds into it + 1) * n."""
        if elapsed_ns < 0:
            return 0
        if elapsed_ns >= self._span_ns and not self.repeats:
            held = 0 if self.tail is None else self.tail.due(elapsed_ns - self._span_ns)
            return self._rows + held
        turn, within_ns = divmod(elapsed_ns, self._span_ns)
        at = int(np.searchsorted(self.starts_ns, within_ns, "right")) - 1
        first, after = int(self.rows[at]), int(self.rows[at + 1])
        start_ns, end_ns = int(self.starts_ns[at]), int(self.starts_ns[at + 1])
        into = ((within_ns - start_ns + 1) * (after - first) - 1) // (end_ns - start_ns) + 1
        return turn * self._rows + first + into

    def elapsed_many(self, a: int, b: int) -> NDArray[np.int64]:
        """Return the nanoseconds of rows [a, b). Cost: some ns a row, 70 over many turns."""
        if self.repeats:
            turn, within = divmod(a, self._rows)
            if within + b - a > self._rows:
                return self._elapsed(np.arange(a, b, dtype=np.int64))
            return self._in_one_turn(within, within + b - a) + turn * self._span_ns
        if b <= self._rows:
            return self._in_one_turn(a, b)
        if a < self._rows:
            return np.concatenate((self.elapsed_many(a, self._rows), self._held(self._rows, b)))
        return self._held(a, b)

    def due_many(self, elapsed_ns: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows due at each of the ascending instants."""
        if self.repeats:
            return self._due(elapsed_ns)
        cut = int(np.searchsorted(elapsed_ns, self._span_ns, "left"))
        if self.tail is None:
            held = np.zeros(len(elapsed_ns) - cut, np.int64)
        else:
            held = self.tail.due_many(elapsed_ns[cut:] - self._span_ns)
        return np.concatenate((self._due(elapsed_ns[:cut]), held + self._rows))

    def rate_at(self, elapsed_ns: int) -> float:
        """Return the rate that was meant in the middle of the piece."""
        if elapsed_ns >= self._span_ns and not self.repeats:
            return 0.0 if self.tail is None else self.tail.rate_at(0)
        within_ns = max(elapsed_ns, 0) % self._span_ns
        return float(self.rates[int(np.searchsorted(self.starts_ns, within_ns, "right")) - 1])

    @property
    def _span_ns(self) -> int:
        return int(self.starts_ns[-1])

    @property
    def _rows(self) -> int:
        return int(self.rows[-1])

    def _held(self, a: int, b: int) -> NDArray[np.int64]:
        """Return the nanoseconds of rows [a, b) after the last piece."""
        if self.tail is None:
            return np.full(b - a, self._span_ns, np.int64)
        return self.tail.elapsed_many(a - self._rows, b - self._rows) + self._span_ns

    def _in_one_turn(self, a: int, b: int) -> NDArray[np.int64]:
        """Return the nanoseconds of rows [a, b), all of the first turn, piece by piece."""
        at = np.searchsorted(self.rows, (a, b - 1), "right")
        bounds = slice(at[0] - 1, at[1] + 1)
        rows, starts_ns = self.rows[bounds], self.starts_ns[bounds]
        bounded = np.clip(rows, a, b)
        here, held = bounded[1:] - bounded[:-1], rows[1:] - rows[:-1]
        lasts_ns = starts_ns[1:] - starts_ns[:-1]
        into = np.arange(a, b, dtype=np.int64) - np.repeat(rows[:-1], here)
        into *= np.repeat(lasts_ns, here)
        into //= np.repeat(np.maximum(held, 1), here)
        into += np.repeat(starts_ns[:-1], here)
        return into

    def _elapsed(self, row: NDArray[np.int64]) -> NDArray[np.int64]:
        turn, within = np.divmod(row, self._rows)
        at = np.searchsorted(self.rows, within, "right") - 1
        first, start_ns = self.rows[at], self.starts_ns[at]
        held, lasts_ns = self.rows[at + 1] - first, self.starts_ns[at + 1] - start_ns
        return turn * self._span_ns + start_ns + (within - first) * lasts_ns // held

    def _due(self, elapsed_ns: NDArray[np.int64]) -> NDArray[np.int64]:
        turn, within_ns = np.divmod(np.maximum(elapsed_ns, 0), self._span_ns)
        at = np.searchsorted(self.starts_ns, within_ns, "right") - 1
        first, start_ns = self.rows[at], self.starts_ns[at]
        held, lasts_ns = self.rows[at + 1] - first, self.starts_ns[at + 1] - start_ns
        into = ((within_ns - start_ns + 1) * held - 1) // lasts_ns + 1
        return np.where(elapsed_ns < 0, 0, turn * self._rows + first + into)


PIECE_NS: Final = 100_000_000
"""Longest piece of a curve, while that makes no more than PIECES_MAX of them."""
PIECES_MIN: Final = 256
PIECES_MAX: Final = 1 << 16
STEP_PIECE_NS: Final = 10 * NS_PER_S
"""Longest piece of a step: at the highest rate rows times nanoseconds stay below 2**62."""
PERIODS_MAX: Final = 64
"""Turns that are cut as one, so that half a row a turn does not add up."""
DAY_NS: Final = 86_400 * NS_PER_S
MILLIROWS: Final = 1_000


@dataclass(frozen=True, slots=True)
class LoadCurve:
    """A course with its name, and where in it a stream begins.

    Attributes:
        told: what it is, in one line; two shapes of the same line are the same.
        course: the rows; elapsed 0 is the begin of a turn.
        phase_ns: how far into the course it is entered; of a day, when the course begins.
        daily: whether the course is tied to the time of day, in UTC.
    """

    told: str
    course: PiecewiseArrivals = field(compare=False)
    phase_ns: int = 0
    daily: bool = False

    def lead_in_ns(self, instant_ns: int) -> int:
        """Return how far into the course `instant_ns` is, where it is entered then."""
        return (instant_ns - self.phase_ns) % DAY_NS if self.daily else self.phase_ns


def ramp(low: float, high: float, over_ns: int) -> LoadCurve:
    """Return the way from one rate to another in `over_ns`, and `high` held from then on."""
    span_s = over_ns / NS_PER_S

    def integral(at: Floats) -> Floats:
        return span_s * at * (low + (high - low) * at / 2)

    def rate(at: Floats) -> Floats:
        return low + (high - low) * at

    course = _curve_pieces(over_ns, 1, integral, rate, tail=_constant_arrivals(high))
    return LoadCurve(
        f"{rate_text(low)} to {rate_text(high)} over {duration_text(over_ns)}, then held", course
    )


def sine(first: float, middle: float, period_ns: int, phase_ns: int = 0) -> LoadCurve:
    """Return a sine from `first` to `middle`, half a period later, and back, again and again.

    Raises SettingError: it makes less than a row a period.
    """
    told = f"sine {rate_text(first)} to {rate_text(middle)}, period {duration_text(period_ns)}"
    if phase_ns:
        told += f", phase {duration_text(phase_ns)}"
    return LoadCurve(told, _sine_pieces(told, first, middle, period_ns), phase_ns % period_ns)


def diurnal(low: float, high: float, peak_ns: int) -> LoadCurve:
    """Return a sine over each day in UTC: `high` at `peak_ns` after midnight, `low` opposite.

    Raises SettingError: it makes less than a row a day.
    """
    told = f"diurnal {rate_text(low)} to {rate_text(high)}, peak {duration_text(peak_ns)} UTC"
    trough_ns = (peak_ns + DAY_NS // 2) % DAY_NS
    return LoadCurve(told, _sine_pieces(told, low, high, DAY_NS), trough_ns, daily=True)


def steps(each: Sequence[tuple[float, int]], *, repeat: bool) -> LoadCurve:
    """Return rates one after another, each for so many nanoseconds; then the last, or all again.

    Rates have three decimals at most. Raises SettingError: repeated without a row.
    """
    told = ", ".join(f"{rate_text(r)} for {duration_text(ns)}" for r, ns in each)
    told += ", repeated" if repeat else ", then held"
    rows = sum(Fraction(round(r * MILLIROWS), MILLIROWS) * ns for r, ns in each) / NS_PER_S
    turns = _periods_with_whole_rows(told, Fraction(rows)) if repeat else 1
    tail = None if repeat else _constant_arrivals(each[-1][0])
    return LoadCurve(told, _step_pieces(list(each) * turns, repeat=repeat, tail=tail))


def _sine_pieces(told: str, first: float, middle: float, period_ns: int) -> PiecewiseArrivals:
    mean, reach = (first + middle) / 2, (middle - first) / 2
    span_s = period_ns / NS_PER_S

    def integral(at: Floats) -> Floats:
        return span_s * (mean * at - reach * _portable_sin(at) / (2 * np.pi))

    def rate(at: Floats) -> Floats:
        return mean - reach * _portable_sin(at + 0.25)

    turns = _periods_with_whole_rows(told, Fraction(mean) * period_ns / NS_PER_S)
    return _curve_pieces(period_ns, turns, integral, rate, repeats=True)


def _curve_pieces(
    turn_ns: int,
    turns: int,
    integral: Callable[[Floats], Floats],
    rate: Callable[[Floats], Floats],
    *,
    repeats: bool = False,
    tail: PeriodicArrivals | None = None,
) -> PiecewiseArrivals:
    """Return the pieces of a curve; `integral` and `rate` are functions of turns."""
    count = max(PIECES_MIN, min(PIECES_MAX // turns, -(-turn_ns // PIECE_NS)))
    at = np.arange(count * turns + 1, dtype=np.int64)
    starts_ns = turn_ns // count * at + turn_ns % count * at // count
    rows = np.rint(integral(at / count)).astype(np.int64)
    return PiecewiseArrivals(
        starts_ns, rows - rows[0], rate((at[:-1] + 0.5) / count), repeats, tail
    )


def _step_pieces(
    each: Sequence[tuple[float, int]], *, repeat: bool, tail: PeriodicArrivals | None
) -> PiecewiseArrivals:
    bounds, rows, rates = [0], [0], []
    exact = 0  # rows, in thousandths of a row times nanoseconds of a second
    unit = MILLIROWS * NS_PER_S
    for rate, lasts_ns in each:
        count = -(-lasts_ns // STEP_PIECE_NS)
        begin_ns, thousandths = bounds[-1], round(rate * MILLIROWS)
        for nth in range(1, count + 1):
            into_ns = lasts_ns * nth // count
            bounds.append(begin_ns + into_ns)
            rows.append((exact + thousandths * into_ns + unit // 2) // unit)
            rates.append(rate)
        exact += thousandths * lasts_ns
    whole = np.array(bounds, np.int64), np.array(rows, np.int64), np.array(rates, np.float64)
    return PiecewiseArrivals(*whole, repeat, tail)


def _periods_with_whole_rows(told: str, rows: Fraction) -> int:
    """Return how many turns of `rows` make whole rows, or nearly so.

    Raises SettingError: there is less than a row in a turn.
    """
    if rows < 1:
        raise SettingError(f"rate {told}: less than one row a turn; raise a rate or the time")

    def off(turns: int) -> Fraction:
        return abs(round(rows * turns) - rows * turns) / turns

    return min(range(1, PERIODS_MAX + 1), key=off)


def _constant_arrivals(rate: float) -> PeriodicArrivals | None:
    """Return the course of a constant rate; None for no rows at all."""
    thousandths = round(rate * MILLIROWS)
    if not thousandths:
        return None
    apart_ns = Fraction(MILLIROWS * NS_PER_S, thousandths)
    return PeriodicArrivals(1, apart_ns.numerator, apart_ns.denominator)


def _portable_sin(turns: Floats) -> Floats:
    """Return sin(2 pi turns) by Taylor's series, to 1e-15.

    Libraries' sines differ in the last bit from machine to machine; products and sums do not.
    """
    within = turns - np.rint(turns)
    folded = np.where(np.abs(within) > 0.25, np.copysign(0.5, within) - within, within)
    x = 2 * np.pi * folded
    square, sum_ = x * x, np.ones_like(x)
    for n in range(22, 1, -2):
        sum_ = 1 - square / (n * (n + 1)) * sum_
    return x * sum_
