"""One stretch of a schedule at one pace: which of its rows are due, and their event times.

Whole numbers throughout: what may be large is a Python integer, what is many is 64 bits wide and
bounded so that it cannot overflow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from gerador.errors import DataError
from gerador.events.courses.course import NS_PER_MS, STRETCH_ROWS_MAX
from gerador.events.courses.ticks import Ticks
from gerador.events.limits import ROW_INDEX_MAX
from gerador.events.pace import Pace, PaceKind

if TYPE_CHECKING:
    from fractions import Fraction

    from numpy.typing import NDArray

    from gerador.events.courses.course import Course

INSTANT_MAX_NS: Final = 2**63 - 1
"""2262-04-11, the last instant of 64-bit nanoseconds; rows due later are refused."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A pace that was asked for, its course, and the instant that the course counts from."""

    pace: Pace
    course: Course | None
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
    pace: Pace
    event_ns: int
    flow: Flow
    course: Course | None = None
    entered_ns: int = 0
    entered_row: int = 0

    def due_ns(self, row: int) -> int | None:
        """Return when `row` is due; None for never. At full speed, from the begin on."""
        if self.pace.kind is PaceKind.PAUSED or self._is_never(row):
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
        return STRETCH_ROWS_MAX if self.course is None else self.course.rows_max

    def event_ns_after(self, row: int, step_ns: Fraction) -> int:
        """Return the event time that has been reached when the rows before `row` are made."""
        if row <= self.first_row:
            return self.event_ns
        if self.pace.kind is PaceKind.MAX:
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
        if base_ns + course.elapsed_ns(b - 1 + skip) > INSTANT_MAX_NS:
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
            every = ROW_INDEX_MAX + 1 if self.pace.kind is PaceKind.MAX else 0
            return np.full(len(event_ns), every, np.int64)
        due = course.due_many(event_ns - self.event_ns + self.entered_ns)
        return np.maximum(due - entered_row, 0)

    def _timed(self, step_ns: Fraction) -> tuple[Course | None, int]:
        """Return the course of event times, and the row of it that is `first_row`."""
        if self.pace.kind is PaceKind.MAX and step_ns:
            return Ticks(1, step_ns.numerator, step_ns.denominator), 0
        return self.course, self.entered_row

    def _into_ns(self, course: Course, row: int) -> int:
        return course.elapsed_ns(row - self.first_row + self.entered_row) - self.entered_ns

    def _is_never(self, row: int) -> bool:
        total = None if self.course is None else self.course.total
        return total is not None and row - self.first_row + self.entered_row >= total
