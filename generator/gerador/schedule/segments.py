"""One segment of a schedule at one target rate: due times, event times; and the segment that follows a change."""

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
    """A pace that was asked for, its course, and the instant that the course counts from."""

    pace: TargetRate
    course: ArrivalProcess | None
    """None for a pace that does not go by the clock."""
    began_ns: int
    waits: bool = False
    """Whether it was asked for in a pause, and begins with the end of that."""


@dataclass(frozen=True, slots=True)
class Segment:
    """From `first_row` on, and from `instant_ns` on, rows fall due at `pace`.

    Attributes:
        event_ns: the event time of the segment's begin: `instant_ns`, unless the rows before ran
            ahead.
        flow: what flows when neither a pause nor a burst is in between: mostly `pace` itself.
        course: when rows fall due; None for full speed and for a pause.
        entered_ns: how far into the course the segment begins.
        entered_row: the course's row that is `first_row`.
    """

    first_row: int
    instant_ns: int
    pace: TargetRate
    event_ns: int
    flow: ActiveRate
    course: ArrivalProcess | None = None
    entered_ns: int = 0
    entered_row: int = 0

    def due_ns(self, row: int) -> int | None:
        """Return when `row` is due; None for never. At full speed, from the begin on."""
        if self.pace.kind is RateKind.PAUSED or self._is_never(row):
            return None
        return self.instant_ns + (0 if self.course is None else self._into_ns(self.course, row))

    def due_rows(self, now_ns: int) -> int:
        """Return the rows of this segment that are due by `now_ns`, its begin or later.

        None are at full speed, where that is not a question of time.
        """
        if self.course is None:
            return 0
        due = self.course.due(now_ns - self.instant_ns + self.entered_ns)
        return max(0, due - self.entered_row)

    def rate_at(self, now_ns: int) -> float | None:
        """Return the rows per second asked then: 0.0 paused, None as fast as possible."""
        if self.course is None:
            return self.pace.rows_per_s
        return self.course.rate_at(now_ns - self.instant_ns + self.entered_ns)

    @property
    def stretch_rows_max(self) -> int:
        """Rows that one call of `event_time_ms` may ask for."""
        return ROWS_PER_CALL_MAX if self.course is None else self.course.rows_max

    def event_ns_after(self, row: int, step_ns: Fraction) -> int:
        """Return the event time that has been reached when the rows before `row` are made."""
        if row <= self.first_row:
            return self.event_ns
        if self.pace.kind is RateKind.MAX:
            return self.event_ns + (row - self.first_row) * step_ns.numerator // step_ns.denominator
        into_ns = 0 if self.course is None else self._into_ns(self.course, row - 1)
        return self.event_ns + into_ns

    def event_time_ms(self, a: int, b: int, step_ns: Fraction) -> NDArray[np.int64]:
        """Return the event times of rows [a, b) of this segment, (b - a,) int64 milliseconds.

        `step_ns` is that of full speed; b - a at most `stretch_rows_max`.

        Raises DataError: a row would be due after 2262-04-11.
        """
        course, entered_row = self._timed(step_ns)
        if course is None:
            return np.full(b - a, self.event_ns // NS_PER_MS, np.int64)
        skip = entered_row - self.first_row
        base_ns = self.event_ns - self.entered_ns
        if base_ns + course.elapsed_ns(b - 1 + skip) > TIMESTAMP_MAX_NS:
            raise DataError(
                f"row {b - 1} would be due after 2262-04-11; ask for fewer or faster rows"
            )
        times = course.ms_many(base_ns, a + skip, b + skip)
        # Rows that never fall due stand where the course ends, which may lie before it was entered.
        return np.maximum(times, self.event_ns // NS_PER_MS) if self.entered_ns else times

    def rows_by(self, event_ns: NDArray[np.int64], step_ns: Fraction) -> NDArray[np.int64]:
        """Return how many rows of this segment have event times up to each, ascending, int64.

        Rows that never fall due are not among them. At full speed without a step, all are.
        """
        course, entered_row = self._timed(step_ns)
        if course is None:
            every = ROW_INDEX_MAX + 1 if self.pace.kind is RateKind.MAX else 0
            return np.full(len(event_ns), every, np.int64)
        due = course.due_many(event_ns - self.event_ns + self.entered_ns)
        return np.maximum(due - entered_row, 0)

    def _timed(self, step_ns: Fraction) -> tuple[ArrivalProcess | None, int]:
        """Return the course of event times, and the row of it that is `first_row`."""
        if self.pace.kind is RateKind.MAX and step_ns:
            return PeriodicArrivals(1, step_ns.numerator, step_ns.denominator), 0
        return self.course, self.entered_row

    def _into_ns(self, course: ArrivalProcess, row: int) -> int:
        return course.elapsed_ns(row - self.first_row + self.entered_row) - self.entered_ns

    def _is_never(self, row: int) -> bool:
        total = None if self.course is None else self.course.total
        return total is not None and row - self.first_row + self.entered_row >= total


def new_segment(
    row: int, instant_ns: int, event_ns: int, pace: TargetRate, seeds: StreamSeeds | None
) -> Segment:
    """Return the segment of a pace that is asked for at `instant_ns`, from `row` on.

    Generations keep their bounds: the first tick finishes the generation of `row`.

    Raises SettingError: Poisson arrivals without seeds.
    """
    lead_in_ns = pace.lead_in_ns(instant_ns)
    course = _arrivals(pace, seeds, row)
    flow = ActiveRate(pace, course, instant_ns - lead_in_ns)
    if pace.kind is RateKind.GENERATIONS:
        skip = row % pace.rows_per_tick
    else:
        skip = 0 if course is None else course.due(lead_in_ns - 1)
    return Segment(row, instant_ns, pace, event_ns, flow, course, lead_in_ns, skip)


def paused_segment(last: Segment, row: int, instant_ns: int, reached_ns: int) -> Segment:
    """Return a pause after `last`, which keeps what flows."""
    return Segment(row, instant_ns, PAUSED, max(instant_ns, reached_ns), last.flow)


def resumed_segment(
    last: Segment, row: int, instant_ns: int, reached_ns: int, seeds: StreamSeeds | None
) -> Segment:
    """Return the end of a pause: a rate begins anew, a shape stands where the clock has it."""
    flow, event_ns = last.flow, max(instant_ns, reached_ns)
    if flow.waits or flow.course is None or flow.pace.restarts:
        return new_segment(row, instant_ns, event_ns, flow.pace, seeds)
    entered_ns = instant_ns - flow.began_ns
    skip = flow.course.due(entered_ns - 1)
    return Segment(row, instant_ns, flow.pace, event_ns, flow, flow.course, entered_ns, skip)


def burst_segments(
    last: Segment, row: int, instant_ns: int, reached_ns: int, rows: int
) -> tuple[Segment, Segment]:
    """Return `rows` rows due at once, and what was there before, which goes on after them.

    Raises SettingError: at full speed.
    """
    if last.pace == MAX:
        raise SettingError(
            f"burst of {rows} rows: the stream goes as fast as possible already; set a rate first"
        )
    event_ns, pace = max(instant_ns, reached_ns), burst_rate(rows)
    at_once = Segment(row, instant_ns, pace, event_ns, last.flow, pace.course)
    goes_on = Segment(
        row + rows,
        instant_ns,
        last.pace,
        event_ns,
        last.flow,
        last.course,
        last.entered_ns + instant_ns - last.instant_ns,
        last.entered_row + row - last.first_row,
    )
    return at_once, goes_on


def _arrivals(pace: TargetRate, seeds: StreamSeeds | None, row: int) -> ArrivalProcess | None:
    if not pace.ticks:
        return None
    if not pace.is_poisson:
        return pace.course
    if seeds is None:
        raise SettingError(f"rate {pace}: arrivals at random need the stream's seeds")
    return PoissonArrivals(pace.course, seeds, row)
