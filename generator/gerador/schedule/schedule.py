"""The schedule of a stream: row index to due time and event time, the exact inverse, and new schedules from scripted and live changes."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from gerador.errors import SettingError
from gerador.limits import TIMESTAMP_MAX_NS
from gerador.schedule import segments
from gerador.schedule.arrivals import INT64_PRODUCT_MAX
from gerador.schedule.changes import Burst, Halt, RateChange, check_changes
from gerador.schedule.target_rate import PAUSED, RateKind, TargetRate
from gerador.units import NS_PER_MS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gerador.randomness import StreamSeeds
    from gerador.schedule.changes import Change
    from gerador.schedule.segments import Segment


EVENT_TIME_STEP_NS: Final = Fraction(NS_PER_MS)
"""Event time from row to row when rows are made as fast as possible."""
_NO_END: Final = 2**62


@dataclass(frozen=True)
class SegmentSequence:
    """A stream's timing as it stands: segments in the order of rows and of instants.

    Event time is due time, shifted ahead after a stretch as fast as possible had run ahead of
    the clock, so that event time never steps back.

    Attributes:
        segments: at least one.
        event_step_ns: event time from row to row at full speed, a fraction of nanoseconds.
    """

    segments: tuple[Segment, ...]
    event_step_ns: Fraction = EVENT_TIME_STEP_NS

    @property
    def start_ns(self) -> int:
        """The instant that the schedule begins at."""
        return self.segments[0].instant_ns

    @cached_property
    def _first_rows(self) -> list[int]:
        return [s.first_row for s in self.segments]

    @cached_property
    def _instants(self) -> list[int]:
        return [s.instant_ns for s in self.segments]

    @cached_property
    def _events_ns(self) -> NDArray[np.int64]:
        return np.array([s.event_ns for s in self.segments], np.int64)

    # -- rows and instants ----------------------------------------------------------------

    def at(self, now_ns: int) -> Segment:
        """Return the segment that holds at `now_ns`; before the start, the first."""
        return self.segments[max(0, bisect_right(self._instants, now_ns) - 1)]

    def due_rows(self, now_ns: int) -> int | None:
        """Return how many rows are due by `now_ns`; None when as many as can be made.

        Inverse of `due_ns`: row n is due by t exactly when n < due_rows(t).
        """
        at = bisect_right(self._instants, now_ns) - 1
        if at < 0:
            return 0
        segment = self.segments[at]
        following = self.segments[at + 1].first_row if at + 1 < len(self.segments) else None
        if segment.pace.kind is RateKind.MAX:
            return following
        end = segment.first_row + segment.due_rows(now_ns)
        return end if following is None else min(end, following)

    def due_ns(self, row: int) -> int | None:
        """Return when `row` is due; None while the schedule ends without it.

        A row made as fast as possible is due from its segment's instant on.
        """
        return self._segment(row).due_ns(row)

    def pace_at(self, row: int) -> TargetRate:
        """Return the pace that `row` falls due at."""
        return self._segment(row).pace

    def rate_asked(self, now_ns: int) -> float | None:
        """Return the rows per second asked at `now_ns`: 0.0 paused, None as fast as possible."""
        return self.at(now_ns).rate_at(now_ns)

    # -- event times ----------------------------------------------------------------------

    def event_time_ms(self, a: int, b: int) -> NDArray[np.int64]:
        """Return the event times of rows [a, b), (b - a,) int64 milliseconds, never decreasing.

        Cost: O(rows + segments that lie in them), no Python per row.

        Raises DataError: a row in a ticking segment would be due after 2262-04-11.
        """
        out = np.empty(b - a, np.int64)
        row = a
        while row < b:
            segment = self._segment(row)
            end = min(b, self._end(row), row + segment.stretch_rows_max)
            out[row - a : end - a] = segment.event_time_ms(row, end, self.event_step_ns)
            row = end
        return out

    def rows_by(self, event_ms: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many rows have an event time up to each of `event_ms`, the same shape.

        `event_ms` is ascending, (n,) int64 milliseconds. The exact inverse of `event_time_ms`:
        row r has an event time of at most e exactly when r < rows_by(e), for any row that ever
        falls due. Rows after the end of a schedule that ends paused are not counted.

        Cost: O(n + segments that they lie in), no Python per row; with Poisson arrivals 60 µs for
        each thousand rows in which an instant lies.
        """
        last_ms = TIMESTAMP_MAX_NS // NS_PER_MS - 1
        until_ns = np.clip(event_ms, -1, last_ms) * NS_PER_MS + (NS_PER_MS - 1)
        starts = [*np.searchsorted(until_ns, self._events_ns), len(until_ns)]
        out = np.zeros(len(event_ms), np.int64)
        for nth, span in enumerate(map(slice, starts, starts[1:])):
            if span.start < span.stop:
                segment = self.segments[nth]
                rows = segment.rows_by(until_ns[span], self.event_step_ns) + segment.first_row
                out[span] = np.minimum(rows, self._end_of(nth))
        return out

    def _segment(self, row: int) -> Segment:
        return self.segments[bisect_right(self._first_rows, row) - 1]

    def _end(self, row: int) -> int:
        """Return the first row of the segment after that of `row`, or one past any row."""
        return self._end_of(bisect_right(self._first_rows, row) - 1)

    def _end_of(self, nth: int) -> int:
        following = nth + 1 < len(self.segments)
        return self._first_rows[nth + 1] if following else _NO_END


EVENT_TIME_STEP_NS_MAX: Final = 86_400_000 * NS_PER_MS
SEGMENTS_MAX: Final = 65_536
"""Changes that a schedule remembers, live ones and scripted ones."""


@dataclass(frozen=True)
class Schedule(SegmentSequence):
    """The whole of a stream's timing, also what a script has for later.

    A live change makes a new schedule that agrees with the old one on earlier rows.

    Attributes:
        seeds: where Poisson arrivals take their randomness from; None where there are none.
        script: changes that were known in advance, by their instants, ascending.
    """

    seeds: StreamSeeds | None = None
    script: tuple[tuple[int, Change], ...] = ()

    @classmethod
    def starting(
        cls,
        start_ns: int,
        pace: TargetRate,
        *,
        event_step_ns: Fraction = EVENT_TIME_STEP_NS,
        seeds: StreamSeeds | None = None,
        script: tuple[tuple[int, Change], ...] = (),
    ) -> Schedule:
        """Return a schedule that starts at `start_ns`, where a constant rate's row 0 is due.

        `script` holds changes by nanoseconds after the start, ascending.

        Raises SettingError: `start_ns` outside 64-bit nanoseconds, the step outside its range, a
        script with full speed, or Poisson arrivals without seeds.
        """
        if not 0 <= start_ns <= TIMESTAMP_MAX_NS:
            raise SettingError(f"start {start_ns} ns: give an instant from 1970 to 2262-04-11")
        _check_event_time_step(event_step_ns)
        check_changes(pace, script)
        first = segments.new_segment(0, start_ns, start_ns, pace, seeds)
        absolute = tuple((start_ns + offset_ns, change) for offset_ns, change in script)
        return cls((first,), event_step_ns, seeds, absolute).scripted(start_ns - 1)

    def then(self, row: int, instant_ns: int, pace: TargetRate) -> Schedule:
        """Return this schedule with `pace` for rows from `row` on, beginning at `instant_ns`.

        `row` is usually the rows made so far or `due_rows(instant_ns)`. The script is not looked
        at; `changed` does that.

        Raises SettingError: row or instant before the last change, a row that is not yet due at
        that instant, or more than SEGMENTS_MAX changes.
        """
        last = self.segments[-1]
        if row < last.first_row or instant_ns < last.instant_ns:
            raise SettingError(
                f"change at row {row}, {instant_ns} ns: the last one was at row "
                f"{last.first_row}, {last.instant_ns} ns; changes go forward only"
            )
        due = self.due_rows(instant_ns)
        if due is not None and row > due:
            raise SettingError(f"change at row {row}: only {due} rows are due by {instant_ns} ns")
        if pace == PAUSED:
            return self._with(segments.paused_segment(last, row, instant_ns, self._reached_ns(row)))
        event_ns = max(instant_ns, self._reached_ns(row))
        return self._with(segments.new_segment(row, instant_ns, event_ns, pace, self.seeds))

    def changed(self, now_ns: int, taken: int, change: Change) -> tuple[int, Schedule]:
        """Return the first row that `change` at `now_ns` holds for, and the schedule with it.

        That is the first row neither due nor among the `taken` ones. What the script has for
        later is applied again after the change; at full speed it cannot be, and waits for the
        next change. A change that changes nothing returns this very schedule.

        Raises SettingError: a burst or a ramp at full speed, or more than SEGMENTS_MAX changes.
        """
        kept = self.until(now_ns)
        row = max(taken, kept.due_rows(now_ns) or 0, kept.segments[-1].first_row)
        made = kept.applied(row, now_ns, change)
        return row, self if made is kept else made.scripted(now_ns)

    def until(self, now_ns: int) -> Schedule:
        """Return this schedule without what begins after `now_ns`."""
        count = max(1, bisect_right(self._instants, now_ns))
        if count == len(self.segments):
            return self
        return replace(self, segments=self.segments[:count])

    def scripted(self, after_ns: int) -> Schedule:
        """Apply the script's changes after that instant, each to the rows due from it on."""
        made = self
        for instant_ns, change in self.script:
            if instant_ns <= after_ns:
                continue
            due = made.due_rows(instant_ns - 1)
            if due is None:
                return made
            made = made.applied(max(due, made.segments[-1].first_row), instant_ns, change)
        return made

    def applied(self, row: int, instant_ns: int, change: Change) -> Schedule:
        """Return this schedule with `change` at its end; itself when that changes nothing."""
        last, reached_ns = self.segments[-1], self._reached_ns(row)
        is_paused = last.pace == PAUSED
        match change:
            case Halt.PAUSE if not is_paused:
                return self._with(segments.paused_segment(last, row, instant_ns, reached_ns))
            case Halt.RESUME if is_paused:
                return self._with(
                    segments.resumed_segment(last, row, instant_ns, reached_ns, self.seeds)
                )
            case Burst():
                pair = segments.burst_segments(last, row, instant_ns, reached_ns, change.rows)
                return self._with(*pair)
            case RateChange():
                pace = change.from_rate(last.rate_at(instant_ns))
                return self._flowing(row, instant_ns, pace)
        return self

    def _flowing(self, row: int, instant_ns: int, pace: TargetRate) -> Schedule:
        """Let `pace` flow from `row` on; in a pause, from its end on."""
        last = self.segments[-1]
        if pace == last.flow.pace and pace.restarts:
            return self
        event_ns = max(instant_ns, self._reached_ns(row))
        following = segments.new_segment(row, instant_ns, event_ns, pace, self.seeds)
        if last.pace != PAUSED:
            return self._with(following)
        flow = replace(following.flow, waits=True)
        return replace(self, segments=(*self.segments[:-1], replace(last, flow=flow)))

    def _with(self, *segments: Segment) -> Schedule:
        if len(self.segments) + len(segments) > SEGMENTS_MAX:
            raise SettingError(f"over {SEGMENTS_MAX} changes of pace in one run; start a new run")
        return replace(self, segments=self.segments + segments)

    def _reached_ns(self, row: int) -> int:
        return self.segments[-1].event_ns_after(row, self.event_step_ns)


def _check_event_time_step(step_ns: Fraction) -> None:
    whole = step_ns.numerator * step_ns.denominator < INT64_PRODUCT_MAX
    if not (whole and 0 <= step_ns <= EVENT_TIME_STEP_NS_MAX):
        raise SettingError(
            f"event step {step_ns} ns: give 0 to {EVENT_TIME_STEP_NS_MAX} ns, as a fraction whose parts "
            "have a product below 2**62"
        )
