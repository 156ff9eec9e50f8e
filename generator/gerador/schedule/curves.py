"""Load curves (ramp, sine, diurnal, steps) as piecewise-linear arrival processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

from gerador.errors import SettingError
from gerador.schedule.arrivals import ArrivalProcess, PeriodicArrivals
from gerador.units import NS_PER_DAY, NS_PER_S, RATE_RESOLUTION, duration_text, rate_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PIECE_NS: Final = 100_000_000
"""Longest piece of a curve, if that makes at most PIECES_MAX pieces."""
PIECES_MIN: Final = 256
PIECES_MAX: Final = 1 << 16
STEP_PIECE_NS: Final = 10 * NS_PER_S
"""Longest piece of a step: at the highest rate, rows times nanoseconds stay below 2**62."""
PERIODS_MAX: Final = 64
"""Periods that are computed as one, so that fractions of a row per period do not accumulate."""


@dataclass(frozen=True, eq=False)
class PiecewiseArrivals(ArrivalProcess):
    """Piece p is rows [rows[p], rows[p + 1]) from starts_ns[p] to starts_ns[p + 1].

    Row i of a piece of n rows and D nanoseconds is due i * D // n after its start; n * D is below
    2**62. After the last piece they repeat, or `tail` follows, or no row is due.

    Attributes:
        starts_ns: (pieces + 1,) int64 from 0, strictly ascending.
        rows: (pieces + 1,) int64 from 0, ascending; at least one row if periodic.
        rates: (pieces,) float64, the target rate in the middle of each piece, in rows/s.
        is_periodic: whether the pieces repeat.
        tail: arrivals after the last piece, if not periodic.
    """

    starts_ns: NDArray[np.int64]
    rows: NDArray[np.int64]
    rates: NDArray[np.float64]
    is_periodic: bool = False
    tail: PeriodicArrivals | None = None

    @property
    def rows_total(self) -> int | None:
        """Rows of the pieces, if no rows follow."""
        return None if self.is_periodic or self.tail is not None else self._period_rows

    def elapsed_ns(self, row: int) -> int:
        """Return the nanoseconds until `row` is due."""
        if row >= self._period_rows and not self.is_periodic:
            tail_ns = 0 if self.tail is None else self.tail.elapsed_ns(row - self._period_rows)
            return self._period_ns + tail_ns
        period, row_in_period = divmod(row, self._period_rows)
        piece = int(np.searchsorted(self.rows, row_in_period, "right")) - 1
        first, end = int(self.rows[piece]), int(self.rows[piece + 1])
        start_ns, end_ns = int(self.starts_ns[piece]), int(self.starts_ns[piece + 1])
        ns = (row_in_period - first) * (end_ns - start_ns) // (end - first)
        return period * self._period_ns + start_ns + ns

    def due_rows(self, elapsed_ns: int) -> int:
        """Return the rows due: row i of a piece if i * D < (nanoseconds into it + 1) * n."""
        if elapsed_ns < 0:
            return 0
        if elapsed_ns >= self._period_ns and not self.is_periodic:
            tail_ns = elapsed_ns - self._period_ns
            return self._period_rows + (0 if self.tail is None else self.tail.due_rows(tail_ns))
        period, ns_in_period = divmod(elapsed_ns, self._period_ns)
        piece = int(np.searchsorted(self.starts_ns, ns_in_period, "right")) - 1
        first, end = int(self.rows[piece]), int(self.rows[piece + 1])
        start_ns, end_ns = int(self.starts_ns[piece]), int(self.starts_ns[piece + 1])
        rows = ((ns_in_period - start_ns + 1) * (end - first) - 1) // (end_ns - start_ns) + 1
        return period * self._period_rows + first + rows

    def elapsed_ns_range(self, a: int, b: int) -> NDArray[np.int64]:
        """Return the nanoseconds of rows [a, b).

        Cost: some ns per row; 70 ns if they span several periods.
        """
        if self.is_periodic:
            period, first = divmod(a, self._period_rows)
            if first + b - a > self._period_rows:
                return self._elapsed_ns_many(np.arange(a, b, dtype=np.int64))
            return self._in_one_period(first, first + b - a) + period * self._period_ns
        if b <= self._period_rows:
            return self._in_one_period(a, b)
        if a < self._period_rows:
            pieces = self.elapsed_ns_range(a, self._period_rows)
            return np.concatenate((pieces, self._in_tail(self._period_rows, b)))
        return self._in_tail(a, b)

    def due_rows_many(self, elapsed_ns: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows due at each of the ascending times."""
        if self.is_periodic:
            return self._due_in_pieces(elapsed_ns)
        cut = int(np.searchsorted(elapsed_ns, self._period_ns, "left"))
        if self.tail is None:
            in_tail = np.zeros(len(elapsed_ns) - cut, np.int64)
        else:
            in_tail = self.tail.due_rows_many(elapsed_ns[cut:] - self._period_ns)
        in_pieces = self._due_in_pieces(elapsed_ns[:cut])
        return np.concatenate((in_pieces, in_tail + self._period_rows))

    def rate_at(self, elapsed_ns: int) -> float:
        """Return the target rate in the middle of the piece."""
        if elapsed_ns >= self._period_ns and not self.is_periodic:
            return 0.0 if self.tail is None else self.tail.rate_at(0)
        ns_in_period = max(elapsed_ns, 0) % self._period_ns
        return float(self.rates[int(np.searchsorted(self.starts_ns, ns_in_period, "right")) - 1])

    @property
    def _period_ns(self) -> int:
        return int(self.starts_ns[-1])

    @property
    def _period_rows(self) -> int:
        return int(self.rows[-1])

    def _in_tail(self, a: int, b: int) -> NDArray[np.int64]:
        """Return the nanoseconds of rows [a, b) after the last piece."""
        if self.tail is None:
            return np.full(b - a, self._period_ns, np.int64)
        rows = self._period_rows
        return self.tail.elapsed_ns_range(a - rows, b - rows) + self._period_ns

    def _in_one_period(self, a: int, b: int) -> NDArray[np.int64]:
        """Return the nanoseconds of rows [a, b) of the first period, piece by piece."""
        pieces = np.searchsorted(self.rows, (a, b - 1), "right")
        bounds = slice(pieces[0] - 1, pieces[1] + 1)
        rows, starts_ns = self.rows[bounds], self.starts_ns[bounds]
        clipped = np.clip(rows, a, b)
        counts, piece_rows = clipped[1:] - clipped[:-1], rows[1:] - rows[:-1]
        durations_ns = starts_ns[1:] - starts_ns[:-1]
        ns = np.arange(a, b, dtype=np.int64) - np.repeat(rows[:-1], counts)
        ns *= np.repeat(durations_ns, counts)
        ns //= np.repeat(np.maximum(piece_rows, 1), counts)
        ns += np.repeat(starts_ns[:-1], counts)
        return ns

    def _elapsed_ns_many(self, row: NDArray[np.int64]) -> NDArray[np.int64]:
        period, row_in_period = np.divmod(row, self._period_rows)
        piece = np.searchsorted(self.rows, row_in_period, "right") - 1
        first, start_ns = self.rows[piece], self.starts_ns[piece]
        rows, duration_ns = self.rows[piece + 1] - first, self.starts_ns[piece + 1] - start_ns
        ns = (row_in_period - first) * duration_ns // rows
        return period * self._period_ns + start_ns + ns

    def _due_in_pieces(self, elapsed_ns: NDArray[np.int64]) -> NDArray[np.int64]:
        period, ns_in_period = np.divmod(np.maximum(elapsed_ns, 0), self._period_ns)
        piece = np.searchsorted(self.starts_ns, ns_in_period, "right") - 1
        first, start_ns = self.rows[piece], self.starts_ns[piece]
        rows, duration_ns = self.rows[piece + 1] - first, self.starts_ns[piece + 1] - start_ns
        due = ((ns_in_period - start_ns + 1) * rows - 1) // duration_ns + 1
        return np.where(elapsed_ns < 0, 0, period * self._period_rows + first + due)


@dataclass(frozen=True, slots=True)
class LoadCurve:
    """Arrivals with a description, and the position in them at which a stream starts.

    Attributes:
        description: one line; two curves with the same description are equal.
        arrivals: elapsed 0 is the start of a period.
        phase_ns: start position in the arrivals; of a diurnal curve, the time of day of elapsed 0.
        is_diurnal: whether the arrivals follow the time of day, in UTC.
    """

    description: str
    arrivals: PiecewiseArrivals = field(compare=False)
    phase_ns: int = 0
    is_diurnal: bool = False

    def start_offset_ns(self, start_ns: int) -> int:
        """Return the position in the arrivals of a stream that starts at `start_ns`."""
        return (start_ns - self.phase_ns) % NS_PER_DAY if self.is_diurnal else self.phase_ns


def ramp(low: float, high: float, over_ns: int) -> LoadCurve:
    """Return a linear change of rate from `low` to `high` in `over_ns`, then constant `high`."""
    over_s = over_ns / NS_PER_S

    def integral(at: Floats) -> Floats:
        return over_s * at * (low + (high - low) * at / 2)

    def rate(at: Floats) -> Floats:
        return low + (high - low) * at

    arrivals = _curve_pieces(over_ns, 1, integral, rate, tail=_constant_arrivals(high))
    return LoadCurve(
        f"{rate_text(low)} to {rate_text(high)} over {duration_text(over_ns)}, then held", arrivals
    )


def sine(first: float, middle: float, period_ns: int, phase_ns: int = 0) -> LoadCurve:
    """Return a sine with rate `first` at the start of each period and `middle` in its middle.

    Raises SettingError: less than one row per period.
    """
    description = (
        f"sine {rate_text(first)} to {rate_text(middle)}, period {duration_text(period_ns)}"
    )
    if phase_ns:
        description += f", phase {duration_text(phase_ns)}"
    arrivals = _sine_pieces(description, first, middle, period_ns)
    return LoadCurve(description, arrivals, phase_ns % period_ns)


def diurnal(low: float, high: float, peak_ns: int) -> LoadCurve:
    """Return a daily sine in UTC: `high` at `peak_ns` after midnight, `low` 12 hours later.

    Raises SettingError: less than one row per day.
    """
    description = (
        f"diurnal {rate_text(low)} to {rate_text(high)}, peak {duration_text(peak_ns)} UTC"
    )
    trough_ns = (peak_ns + NS_PER_DAY // 2) % NS_PER_DAY
    arrivals = _sine_pieces(description, low, high, NS_PER_DAY)
    return LoadCurve(description, arrivals, trough_ns, is_diurnal=True)


def steps(rates: Sequence[tuple[float, int]], *, repeat: bool) -> LoadCurve:
    """Return constant rates, each for a number of nanoseconds; then the last one, or all again.

    Rates are multiples of 1 / RATE_RESOLUTION. Raises SettingError: less than one row per period.
    """
    description = ", ".join(f"{rate_text(r)} for {duration_text(ns)}" for r, ns in rates)
    description += ", repeated" if repeat else ", then held"
    parts = sum(round(rate * RATE_RESOLUTION) * ns for rate, ns in rates)
    rows = Fraction(parts, RATE_RESOLUTION * NS_PER_S)
    periods = _periods_with_whole_rows(description, rows) if repeat else 1
    tail = None if repeat else _constant_arrivals(rates[-1][0])
    arrivals = _step_pieces(list(rates) * periods, repeat=repeat, tail=tail)
    return LoadCurve(description, arrivals)


def _sine_pieces(
    description: str, first: float, middle: float, period_ns: int
) -> PiecewiseArrivals:
    mean, amplitude = (first + middle) / 2, (middle - first) / 2
    period_s = period_ns / NS_PER_S

    def integral(at: Floats) -> Floats:
        return period_s * (mean * at - amplitude * _portable_sin(at) / (2 * np.pi))

    def rate(at: Floats) -> Floats:
        return mean - amplitude * _portable_sin(at + 0.25)

    periods = _periods_with_whole_rows(description, Fraction(mean) * period_ns / NS_PER_S)
    return _curve_pieces(period_ns, periods, integral, rate, is_periodic=True)


def _curve_pieces(
    period_ns: int,
    periods: int,
    integral: Callable[[Floats], Floats],
    rate: Callable[[Floats], Floats],
    *,
    is_periodic: bool = False,
    tail: PeriodicArrivals | None = None,
) -> PiecewiseArrivals:
    """Return the pieces of a curve; `integral` and `rate` are functions of time in periods."""
    count = max(PIECES_MIN, min(PIECES_MAX // periods, -(-period_ns // PIECE_NS)))
    piece = np.arange(count * periods + 1, dtype=np.int64)
    starts_ns = period_ns // count * piece + period_ns % count * piece // count
    rows = np.rint(integral(piece / count)).astype(np.int64)
    rates = rate((piece[:-1] + 0.5) / count)
    return PiecewiseArrivals(starts_ns, rows - rows[0], rates, is_periodic, tail)


def _step_pieces(
    steps: Sequence[tuple[float, int]], *, repeat: bool, tail: PeriodicArrivals | None
) -> PiecewiseArrivals:
    starts_ns, rows, rates = [0], [0], []
    exact = 0  # rows so far, in parts of a row times nanoseconds per second
    unit = RATE_RESOLUTION * NS_PER_S
    for rate, duration_ns in steps:
        count = -(-duration_ns // STEP_PIECE_NS)
        start_ns, parts_per_s = starts_ns[-1], round(rate * RATE_RESOLUTION)
        for piece in range(1, count + 1):
            elapsed_ns = duration_ns * piece // count
            starts_ns.append(start_ns + elapsed_ns)
            rows.append((exact + parts_per_s * elapsed_ns + unit // 2) // unit)
            rates.append(rate)
        exact += parts_per_s * duration_ns
    arrays = np.array(starts_ns, np.int64), np.array(rows, np.int64), np.array(rates, np.float64)
    return PiecewiseArrivals(*arrays, repeat, tail)


def _periods_with_whole_rows(description: str, rows: Fraction) -> int:
    """Return how many periods of `rows` rows add up to an integer, or nearly.

    Raises SettingError: less than one row per period.
    """
    if rows < 1:
        raise SettingError(
            f"rate {description}: less than one row per period; raise a rate or the period"
        )

    def error_per_period(periods: int) -> Fraction:
        return abs(round(rows * periods) - rows * periods) / periods

    return min(range(1, PERIODS_MAX + 1), key=error_per_period)


def _constant_arrivals(rate: float) -> PeriodicArrivals | None:
    """Return the arrivals of a constant rate; None for zero."""
    parts_per_s = round(rate * RATE_RESOLUTION)
    if not parts_per_s:
        return None
    interval_ns = Fraction(RATE_RESOLUTION * NS_PER_S, parts_per_s)
    return PeriodicArrivals(1, interval_ns.numerator, interval_ns.denominator)


def _portable_sin(periods: Floats) -> Floats:
    """Return sin(2 pi periods) by its Taylor series, to 1e-15.

    Library sines differ in the last bit between machines; products and sums do not.
    """
    phase = periods - np.rint(periods)
    folded = np.where(np.abs(phase) > 0.25, np.copysign(0.5, phase) - phase, phase)
    x = 2 * np.pi * folded
    square, sum_ = x * x, np.ones_like(x)
    for n in range(22, 1, -2):
        sum_ = 1 - square / (n * (n + 1)) * sum_
    return x * sum_
