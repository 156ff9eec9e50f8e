"""The schedule of a stream: row index to due time and event time, the inverse, and changes."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from gerador.errors import SettingError
from gerador.limits import INT64_PRODUCT_MAX, TIMESTAMP_MAX_NS
from gerador.schedule.changes import Burst, PauseChange, RateChange, check_changes
from gerador.schedule.segments import burst_segments, new_segment, paused_segment, resumed_segment
from gerador.schedule.target_rate import PAUSED, RateKind, TargetRate
from gerador.units import NS_PER_DAY, NS_PER_MS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gerador.randomness import StreamSeeds
    from gerador.schedule.changes import Change
    from gerador.schedule.segments import Segment

EVENT_TIME_STEP_NS: Final = Fraction(NS_PER_MS)
"""Default event time between rows that are generated as fast as possible."""
EVENT_TIME_STEP_NS_MAX: Final = NS_PER_DAY
SEGMENTS_MAX: Final = 65_536
"""Segments of a schedule, from live and scripted changes."""
_NO_END: Final = 2**62


@dataclass(frozen=True)
class SegmentSequence:
    """Segments in ascending order of rows and times.

    Event time is due time. After a segment at full speed it may be ahead of the clock, and stays
    ahead, so that it never decreases.

    Attributes:
        segments: at least one.
        event_step_ns: event time between rows at full speed, a fraction of nanoseconds.
    """

    segments: tuple[Segment, ...]
    event_step_ns: Fraction = EVENT_TIME_STEP_NS

    @property
    def start_ns(self) -> int:
        """Time at which the schedule starts."""
        return self.segments[0].start_ns

    @cached_property
    def _first_rows(self) -> list[int]:
        return [s.first_row for s in self.segments]

    @cached_property
    def _starts_ns(self) -> list[int]:
        return [s.start_ns for s in self.segments]

    @cached_property
    def _event_starts_ns(self) -> NDArray[np.int64]:
        return np.array([s.event_start_ns for s in self.segments], np.int64)

    # -- due times ------------------------------------------------------------------------

    def at(self, now_ns: int) -> Segment:
        """Return the segment at `now_ns`; before the start, the first."""
        return self.segments[max(0, bisect_right(self._starts_ns, now_ns) - 1)]

    def due_rows(self, now_ns: int) -> int | None:
        """Return the number of rows due by `now_ns`; None: as many as can be generated.

        Inverse of `due_ns`: row n is due by t exactly when n < due_rows(t).
        """
        index = bisect_right(self._starts_ns, now_ns) - 1
        if index < 0:
            return 0
        segment = self.segments[index]
        end = self.segments[index + 1].first_row if index + 1 < len(self.segments) else None
        if segment.target_rate.kind is RateKind.MAX:
            return end
        due = segment.first_row + segment.due_rows(now_ns)
        return due if end is None else min(due, end)

    def due_ns(self, row: int) -> int | None:
        """Return when `row` is due; None if the schedule ends before it.

        At full speed, rows are due from the start of the segment.
        """
        return self._segment(row).due_ns(row)

    def target_rate_at(self, row: int) -> TargetRate:
        """Return the target rate at `row`."""
        return self._segment(row).target_rate

    def target_rows_per_s(self, now_ns: int) -> float | None:
        """Return the rows per second at `now_ns`: 0.0 if paused, None as fast as possible."""
        return self.at(now_ns).rate_at(now_ns)

    # -- event times ----------------------------------------------------------------------

    def event_time_ms(self, a: int, b: int) -> NDArray[np.int64]:
        """Return the event times of rows [a, b), (b - a,) int64 milliseconds, never decreasing.

        Cost: O(rows + segments in them), no Python per row.

        Raises DataError: a row would be due after 2262-04-11.
        """
        out = np.empty(b - a, np.int64)
        row = a
        while row < b:
            index = self._segment_index(row)
            segment = self.segments[index]
            end = min(b, self._end_row(index), row + segment.rows_per_call_max)
            out[row - a : end - a] = segment.event_time_ms(row, end, self.event_step_ns)
            row = end
        return out

    def rows_by(self, event_ms: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the number of rows with an event time up to each of `event_ms`, same shape.

        `event_ms` is ascending, (n,) int64 milliseconds. The exact inverse of `event_time_ms`:
        row r has an event time of at most e exactly when r < rows_by(e), for any row that is ever
        due. Rows after the end of a schedule that ends paused do not count.

        Cost: O(n + segments in them), no Python per row; with Poisson arrivals 60 µs for each
        thousand rows that contain one of the times.
        """
        last_ms = TIMESTAMP_MAX_NS // NS_PER_MS - 1
        until_ns = np.clip(event_ms, -1, last_ms) * NS_PER_MS + (NS_PER_MS - 1)
        bounds = [*np.searchsorted(until_ns, self._event_starts_ns), len(until_ns)]
        out = np.zeros(len(event_ms), np.int64)
        for index, times in enumerate(map(slice, bounds, bounds[1:])):
            if times.start < times.stop:
                segment = self.segments[index]
                rows = segment.rows_by(until_ns[times], self.event_step_ns) + segment.first_row
                out[times] = np.minimum(rows, self._end_row(index))
        return out

    def _segment(self, row: int) -> Segment:
        return self.segments[self._segment_index(row)]

    def _segment_index(self, row: int) -> int:
        return bisect_right(self._first_rows, row) - 1

    def _end_row(self, index: int) -> int:
        """Return the first row of the segment after that one, or a row after any."""
        is_last = index + 1 == len(self.segments)
        return _NO_END if is_last else self._first_rows[index + 1]


@dataclass(frozen=True)
class Schedule(SegmentSequence):
    """The timing of a stream, including scripted changes in the future. Immutable.

    A change returns a new schedule, which is the same for earlier rows.

    Attributes:
        seeds: seeds of Poisson arrivals; None if there are none.
        script: scripted changes by time, ascending.
    """

    seeds: StreamSeeds | None = None
    script: tuple[tuple[int, Change], ...] = ()

    @classmethod
    def starting(
        cls,
        start_ns: int,
        target_rate: TargetRate,
        *,
        event_step_ns: Fraction = EVENT_TIME_STEP_NS,
        seeds: StreamSeeds | None = None,
        script: tuple[tuple[int, Change], ...] = (),
    ) -> Schedule:
        """Return a schedule from `start_ns`, the due time of row 0 at a constant rate.

        `script` has changes by nanoseconds after the start, ascending.

        Raises SettingError: `start_ns` or the step out of range, a script with rate max, or
        Poisson arrivals without seeds.
        """
        if not 0 <= start_ns <= TIMESTAMP_MAX_NS:
            raise SettingError(f"start {start_ns} ns is outside [1970-01-01, 2262-04-11]")
        _check_event_time_step(event_step_ns)
        check_changes(target_rate, script)
        first = new_segment(0, start_ns, start_ns, target_rate, seeds)
        absolute = tuple((start_ns + offset_ns, change) for offset_ns, change in script)
        return cls((first,), event_step_ns, seeds, absolute).with_script_after(start_ns - 1)

    def with_rate_from(self, row: int, start_ns: int, target_rate: TargetRate) -> Schedule:
        """Return this schedule with `target_rate` for rows from `row`, starting at `start_ns`.

        `row` is usually the number of rows generated so far, or `due_rows(start_ns)`. The script
        is not applied; use `with_change` for that.

        Raises SettingError: row or time before the last change, a row that is not due yet, or
        more than SEGMENTS_MAX segments.
        """
        last = self.segments[-1]
        if row < last.first_row or start_ns < last.start_ns:
            raise SettingError(
                f"change at row {row}, {start_ns} ns precedes the last one at row "
                f"{last.first_row}, {last.start_ns} ns"
            )
        due = self.due_rows(start_ns)
        if due is not None and row > due:
            raise SettingError(f"change at row {row}: only {due} rows are due at {start_ns} ns")
        if target_rate == PAUSED:
            return self._with(paused_segment(last, row, start_ns, self._reached_ns(row)))
        event_ns = max(start_ns, self._reached_ns(row))
        return self._with(new_segment(row, start_ns, event_ns, target_rate, self.seeds))

    def with_change(self, now_ns: int, taken: int, change: Change) -> tuple[int, Schedule]:
        """Return the first row that `change` at `now_ns` affects, and the changed schedule.

        That row is the first that is neither due nor among the `taken` ones. Later scripted
        changes are applied again after the change; at full speed they cannot be, and wait for the
        next change. Without an effect, the schedule itself is returned.

        Raises SettingError: a burst or a ramp at full speed, or more than SEGMENTS_MAX segments.
        """
        past = self.truncated(now_ns)
        row = max(taken, past.due_rows(now_ns) or 0, past.segments[-1].first_row)
        changed = past.with_appended(row, now_ns, change)
        return row, self if changed is past else changed.with_script_after(now_ns)

    def truncated(self, now_ns: int) -> Schedule:
        """Return this schedule without the segments that start after `now_ns`."""
        count = max(1, bisect_right(self._starts_ns, now_ns))
        if count == len(self.segments):
            return self
        return replace(self, segments=self.segments[:count])

    def with_script_after(self, after_ns: int) -> Schedule:
        """Apply the scripted changes after that time, each to the rows due from its time."""
        schedule = self
        for time_ns, change in self.script:
            if time_ns <= after_ns:
                continue
            due = schedule.due_rows(time_ns - 1)
            if due is None:
                return schedule
            row = max(due, schedule.segments[-1].first_row)
            schedule = schedule.with_appended(row, time_ns, change)
        return schedule

    def with_appended(self, row: int, time_ns: int, change: Change) -> Schedule:
        """Return this schedule with `change` at its end; itself if that has no effect."""
        last, reached_ns = self.segments[-1], self._reached_ns(row)
        is_paused = last.target_rate == PAUSED
        match change:
            case PauseChange.PAUSE if not is_paused:
                return self._with(paused_segment(last, row, time_ns, reached_ns))
            case PauseChange.RESUME if is_paused:
                return self._with(resumed_segment(last, row, time_ns, reached_ns, self.seeds))
            case Burst():
                return self._with(*burst_segments(last, row, time_ns, reached_ns, change.rows))
            case RateChange():
                return self._with_rate(row, time_ns, change.rate_from(last.rate_at(time_ns)))
        return self

    def _with_rate(self, row: int, time_ns: int, target_rate: TargetRate) -> Schedule:
        """Use `target_rate` from `row`; during a pause, from its end."""
        last = self.segments[-1]
        if target_rate == last.active_rate.target_rate and target_rate.restarts_after_pause:
            return self
        event_ns = max(time_ns, self._reached_ns(row))
        segment = new_segment(row, time_ns, event_ns, target_rate, self.seeds)
        if last.target_rate != PAUSED:
            return self._with(segment)
        active_rate = replace(segment.active_rate, starts_after_pause=True)
        paused = replace(last, active_rate=active_rate)
        return replace(self, segments=(*self.segments[:-1], paused))

    def _with(self, *segments: Segment) -> Schedule:
        if len(self.segments) + len(segments) > SEGMENTS_MAX:
            raise SettingError(f"more than {SEGMENTS_MAX} rate changes; start a new run")
        return replace(self, segments=self.segments + segments)

    def _reached_ns(self, row: int) -> int:
        return self.segments[-1].event_ns_after(row, self.event_step_ns)


def _check_event_time_step(step_ns: Fraction) -> None:
    fits = step_ns.numerator * step_ns.denominator < INT64_PRODUCT_MAX
    if not (fits and 0 <= step_ns <= EVENT_TIME_STEP_NS_MAX):
        raise SettingError(
            f"event time step {step_ns} ns is outside [0, {EVENT_TIME_STEP_NS_MAX}] ns, or its "
            "numerator times its denominator is 2**62 or more"
        )
