"""One segment of a schedule: due times and event times at one target rate, and its successors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gerador.errors import DataError, SettingError
from gerador.limits import ROW_INDEX_MAX, TIMESTAMP_MAX_NS
from gerador.schedule.arrivals import ROWS_PER_CALL_MAX, PeriodicArrivals
from gerador.schedule.poisson import PoissonArrivals
from gerador.schedule.target_rate import MAX, PAUSED, RateKind, TargetRate, burst_rate
from gerador.units import NS_PER_MS

if TYPE_CHECKING:
    from fractions import Fraction

    from numpy.typing import NDArray

    from gerador.randomness import StreamSeeds
    from gerador.schedule.arrivals import ArrivalProcess


@dataclass(frozen=True, slots=True)
class ActiveRate:
    """The target rate outside of pauses and bursts."""

    target_rate: TargetRate
    arrivals: ArrivalProcess | None
    """None if rows have no due times."""
    start_ns: int
    """Time of elapsed 0 of `arrivals`."""
    starts_after_pause: bool = False
    """Whether it was set during a pause and starts when that ends."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Rows from `first_row` are due at `target_rate` from `start_ns`.

    Attributes:
        event_start_ns: event time at the start: `start_ns`, or later if event time was ahead.
        active_rate: the rate outside of pauses and bursts; usually `target_rate`.
        arrivals: None at full speed and in a pause.
        arrivals_offset_ns: elapsed time of `arrivals` at the start.
        arrivals_offset_rows: row of `arrivals` that is `first_row`.
    """

    first_row: int
    start_ns: int
    target_rate: TargetRate
    event_start_ns: int
    active_rate: ActiveRate
    arrivals: ArrivalProcess | None = None
    arrivals_offset_ns: int = 0
    arrivals_offset_rows: int = 0

    def due_ns(self, row: int) -> int | None:
        """Return when `row` is due; None: never. At full speed, the start."""
        if self.target_rate.kind is RateKind.PAUSED or self._is_never_due(row):
            return None
        return self.start_ns + self._elapsed_ns(row)

    def due_rows(self, now_ns: int) -> int:
        """Return the rows of this segment due by `now_ns`, its start or later; 0 at full speed."""
        if self.arrivals is None:
            return 0
        due = self.arrivals.due_rows(now_ns - self.start_ns + self.arrivals_offset_ns)
        return max(0, due - self.arrivals_offset_rows)

    def rate_at(self, now_ns: int) -> float | None:
        """Return the target rate in rows per second: 0.0 if paused, None as fast as possible."""
        if self.arrivals is None:
            return self.target_rate.rows_per_s
        return self.arrivals.rate_at(now_ns - self.start_ns + self.arrivals_offset_ns)

    @property
    def rows_per_call_max(self) -> int:
        """Rows that one call of `event_time_ms` accepts."""
        return ROWS_PER_CALL_MAX if self.arrivals is None else self.arrivals.rows_per_call_max

    def event_ns_after(self, row: int, step_ns: Fraction) -> int:
        """Return the event time reached by the rows before `row`."""
        if row <= self.first_row:
            return self.event_start_ns
        if self.target_rate.kind is RateKind.MAX:
            elapsed_ns = (row - self.first_row) * step_ns.numerator // step_ns.denominator
        else:
            elapsed_ns = self._elapsed_ns(row - 1)
        return self.event_start_ns + elapsed_ns

    def event_time_ms(self, a: int, b: int, step_ns: Fraction) -> NDArray[np.int64]:
        """Return the event times of rows [a, b) of this segment, (b - a,) int64 milliseconds.

        `step_ns` is the step at full speed; b - a is at most `rows_per_call_max`.

        Raises DataError: a row would be due after 2262-04-11.
        """
        arrivals, offset_rows = self._event_arrivals(step_ns)
        if arrivals is None:
            return np.full(b - a, self.event_start_ns // NS_PER_MS, np.int64)
        shift = offset_rows - self.first_row
        base_ns = self.event_start_ns - self.arrivals_offset_ns
        if base_ns + arrivals.elapsed_ns(b - 1 + shift) > TIMESTAMP_MAX_NS:
            raise DataError(
                f"row {b - 1} would be due after 2262-04-11; use fewer rows or a higher rate"
            )
        times = arrivals.timestamps_ms(base_ns, a + shift, b + shift)
        if not self.arrivals_offset_ns:
            return times
        # Rows that are never due have the time of the last one, which may precede the offset.
        return np.maximum(times, self.event_start_ns // NS_PER_MS)

    def rows_by(self, event_ns: NDArray[np.int64], step_ns: Fraction) -> NDArray[np.int64]:
        """Return the rows of this segment with event times up to each of the ascending ones.

        int64. Rows that are never due do not count. At full speed without a step, all do.
        """
        arrivals, offset_rows = self._event_arrivals(step_ns)
        if arrivals is None:
            rows = ROW_INDEX_MAX + 1 if self.target_rate.kind is RateKind.MAX else 0
            return np.full(len(event_ns), rows, np.int64)
        due = arrivals.due_rows_many(event_ns - self.event_start_ns + self.arrivals_offset_ns)
        return np.maximum(due - offset_rows, 0)

    def _event_arrivals(self, step_ns: Fraction) -> tuple[ArrivalProcess | None, int]:
        """Return the arrivals that determine event times, and their row that is `first_row`."""
        if self.target_rate.kind is RateKind.MAX and step_ns:
            return PeriodicArrivals(1, step_ns.numerator, step_ns.denominator), 0
        return self.arrivals, self.arrivals_offset_rows

    def _elapsed_ns(self, row: int) -> int:
        """Return the nanoseconds from the start until `row` is due; 0 without arrivals."""
        if self.arrivals is None:
            return 0
        arrivals_row = row - self.first_row + self.arrivals_offset_rows
        return self.arrivals.elapsed_ns(arrivals_row) - self.arrivals_offset_ns

    def _is_never_due(self, row: int) -> bool:
        total = None if self.arrivals is None else self.arrivals.rows_total
        return total is not None and row - self.first_row + self.arrivals_offset_rows >= total


def new_segment(
    row: int, start_ns: int, event_ns: int, target_rate: TargetRate, seeds: StreamSeeds | None
) -> Segment:
    """Return the segment of a target rate from `row` and `start_ns`.

    Generations keep their boundaries: the first tick completes the generation of `row`.

    Raises SettingError: Poisson arrivals without seeds.
    """
    offset_ns = target_rate.start_offset_ns(start_ns)
    arrivals = _arrivals(target_rate, seeds, row)
    active_rate = ActiveRate(target_rate, arrivals, start_ns - offset_ns)
    if target_rate.kind is RateKind.GENERATIONS:
        offset_rows = row % target_rate.rows_per_tick
    else:
        offset_rows = 0 if arrivals is None else arrivals.due_rows(offset_ns - 1)
    return Segment(
        row, start_ns, target_rate, event_ns, active_rate, arrivals, offset_ns, offset_rows
    )


def paused_segment(last: Segment, row: int, start_ns: int, reached_ns: int) -> Segment:
    """Return a pause after `last`, with the same active rate."""
    return Segment(row, start_ns, PAUSED, max(start_ns, reached_ns), last.active_rate)


def resumed_segment(
    last: Segment, row: int, start_ns: int, reached_ns: int, seeds: StreamSeeds | None
) -> Segment:
    """Return the segment after a pause: a rate restarts, a curve has continued with the clock."""
    active, event_ns = last.active_rate, max(start_ns, reached_ns)
    target_rate, arrivals = active.target_rate, active.arrivals
    if active.starts_after_pause or arrivals is None or target_rate.restarts_after_pause:
        return new_segment(row, start_ns, event_ns, target_rate, seeds)
    offset_ns = start_ns - active.start_ns
    offset_rows = arrivals.due_rows(offset_ns - 1)
    return Segment(row, start_ns, target_rate, event_ns, active, arrivals, offset_ns, offset_rows)


def burst_segments(
    last: Segment, row: int, start_ns: int, reached_ns: int, rows: int
) -> tuple[Segment, Segment]:
    """Return a segment of `rows` rows due at once, and one that continues `last` after them.

    Raises SettingError: at full speed.
    """
    if last.target_rate == MAX:
        raise SettingError(f"burst of {rows} rows at rate max; set a rate first")
    event_ns, target_rate = max(start_ns, reached_ns), burst_rate(rows)
    burst = Segment(row, start_ns, target_rate, event_ns, last.active_rate, target_rate.arrivals)
    continued = Segment(
        row + rows,
        start_ns,
        last.target_rate,
        event_ns,
        last.active_rate,
        last.arrivals,
        last.arrivals_offset_ns + start_ns - last.start_ns,
        last.arrivals_offset_rows + row - last.first_row,
    )
    return burst, continued


def _arrivals(
    target_rate: TargetRate, seeds: StreamSeeds | None, row: int
) -> ArrivalProcess | None:
    if not target_rate.is_timed:
        return None
    if not target_rate.is_poisson:
        return target_rate.arrivals
    if seeds is None:
        raise SettingError(f"rate {target_rate}: poisson arrivals require the stream's seeds")
    return PoissonArrivals(target_rate.arrivals, seeds, row)
