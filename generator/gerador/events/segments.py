"""Segments one after another: which rows are due when, and their event times. Only looked at.

Instants are integer nanoseconds since 1970-01-01T00:00:00Z; nothing here reads a clock. All
arithmetic is in whole numbers, so that no answer depends on how rows or calls were cut.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from gerador.events.courses.course import NS_PER_MS
from gerador.events.pace import PaceKind
from gerador.events.segment import INSTANT_MAX_NS, Segment

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gerador.events.pace import Pace

EVENT_STEP_NS: Final = Fraction(NS_PER_MS)
"""Event time from row to row when rows are made as fast as possible."""
_NO_END: Final = 2**62


@dataclass(frozen=True)
class Segments:
    """A stream's timing as it stands: segments in the order of rows and of instants.

    Event time is due time, shifted ahead after a stretch as fast as possible had run ahead of
    the clock, so that event time never steps back.

    Attributes:
        segments: at least one.
        event_step_ns: event time from row to row at full speed, a fraction of nanoseconds.
    """

    segments: tuple[Segment, ...]
    event_step_ns: Fraction = EVENT_STEP_NS

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
        if segment.pace.kind is PaceKind.MAX:
            return following
        end = segment.first_row + segment.due_rows(now_ns)
        return end if following is None else min(end, following)

    def due_ns(self, row: int) -> int | None:
        """Return when `row` is due; None while the schedule ends without it.

        A row made as fast as possible is due from its segment's instant on.
        """
        return self._segment(row).due_ns(row)

    def pace_at(self, row: int) -> Pace:
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
        last_ms = INSTANT_MAX_NS // NS_PER_MS - 1
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
