"""When rows are due: the monotone function from row index to instant, its inverse, event times.

Instants are integer nanoseconds since 1970-01-01T00:00:00Z; nothing here reads a clock. All
arithmetic is in whole numbers, so that no answer depends on how rows or calls were cut.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from generator.errors import SettingError
from generator.events.pace import PAUSED, Pace, PaceKind
from generator.events.segment import INSTANT_MAX_NS, Segment

if TYPE_CHECKING:
    from numpy.typing import NDArray

EVENT_STEP_MS: Final = 1
"""Event time from row to row when rows are made as fast as possible."""
EVENT_STEP_MS_MAX: Final = 86_400_000
SEGMENTS_MAX: Final = 65_536
"""Live changes that a schedule remembers."""


@dataclass(frozen=True)
class Schedule:
    """The whole of a stream's timing: segments in the order of rows and of instants.

    Immutable; a live change makes a new schedule that agrees with the old one on earlier rows.
    Event time is due time, shifted ahead after a stretch as fast as possible had run ahead of
    the clock, so that event time never steps back.
    """

    segments: tuple[Segment, ...]
    event_step_ms: int = EVENT_STEP_MS

    @classmethod
    def starting(cls, start_ns: int, pace: Pace, *, event_step_ms: int = EVENT_STEP_MS) -> Schedule:
        """Return a schedule whose row 0 is due at `start_ns`.

        Raises SettingError: `start_ns` outside 64-bit nanoseconds, or the step outside its range.
        """
        if not 0 <= start_ns <= INSTANT_MAX_NS:
            raise SettingError(f"start {start_ns} ns: give an instant from 1970 to 2262-04-11")
        if not 0 <= event_step_ms <= EVENT_STEP_MS_MAX:
            raise SettingError(f"event step {event_step_ms} ms: give 0 to {EVENT_STEP_MS_MAX} ms")
        return cls((Segment(0, start_ns, pace, start_ns),), event_step_ms)

    @property
    def start_ns(self) -> int:
        """The instant that row 0 was first due at."""
        return self.segments[0].instant_ns

    @cached_property
    def _first_rows(self) -> list[int]:
        return [s.first_row for s in self.segments]

    @cached_property
    def _instants(self) -> list[int]:
        return [s.instant_ns for s in self.segments]

    def then(self, row: int, instant_ns: int, pace: Pace) -> Schedule:
        """Return this schedule with `pace` for rows from `row` on, beginning at `instant_ns`.

        `row` is usually the rows made so far or `due_rows(instant_ns)`.

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
        if len(self.segments) >= SEGMENTS_MAX:
            raise SettingError(f"over {SEGMENTS_MAX} changes of pace in one run; start a new run")
        event_ns = max(instant_ns, last.event_ns_after(row, self.event_step_ms))
        return Schedule(
            (*self.segments, Segment(row, instant_ns, pace, event_ns)), self.event_step_ms
        )

    def due_rows(self, now_ns: int) -> int | None:
        """Return how many rows are due by `now_ns`; None when as many as can be made.

        Inverse of `due_ns`: row n is due by t exactly when n < due_rows(t).
        """
        at = bisect_right(self._instants, now_ns) - 1
        if at < 0:
            return 0
        segment = self.segments[at]
        following = self.segments[at + 1].first_row if at + 1 < len(self.segments) else None
        if segment.pace.kind is PaceKind.MAX:
            return following
        due = segment.due_rows(now_ns) if segment.pace.ticks else 0
        end = segment.first_row + due
        return end if following is None else min(end, following)

    def due_ns(self, row: int) -> int | None:
        """Return when `row` is due; None while the schedule ends paused before it.

        A row made as fast as possible is due from its segment's instant on.
        """
        segment = self._segment(row)
        if segment.pace == PAUSED:
            return None
        return segment.instant_ns + (segment.elapsed_ns(row) if segment.pace.ticks else 0)

    def pace_at(self, row: int) -> Pace:
        """Return the pace that `row` falls due at."""
        return self._segment(row).pace

    def rate_asked(self, now_ns: int) -> float | None:
        """Return the rows per second asked at `now_ns`: 0.0 paused, None as fast as possible."""
        at = bisect_right(self._instants, now_ns) - 1
        return self.segments[max(at, 0)].pace.rows_per_s

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
            out[row - a : end - a] = segment.event_time_ms(row, end, self.event_step_ms)
            row = end
        return out

    def _segment(self, row: int) -> Segment:
        return self.segments[bisect_right(self._first_rows, row) - 1]

    def _end(self, row: int) -> int:
        """Return the first row of the segment after that of `row`, or one past any row."""
        at = bisect_right(self._first_rows, row)
        return self._first_rows[at] if at < len(self._first_rows) else 2**63
