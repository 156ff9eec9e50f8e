"""A stream's schedule on the run's clock: what is due now, when it is over, how it is steered.

Reads the clock and holds the schedule; it makes no rows, waits for nothing and counts nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.errors import SettingError, SteeringError
from generator.events.pace import PAUSED
from generator.events.schedule import SEGMENTS_MAX, Schedule
from generator.events.segment import NS_PER_MS
from generator.service.clock import StreamClock

if TYPE_CHECKING:
    from datetime import datetime

    from generator.events.pace import Pace
    from generator.service.clock import Clock
    from generator.service.recipe import Recipe

NS_PER_S: Final = 1_000_000_000
CHANGES_MAX: Final = SEGMENTS_MAX - 1
"""Changes of pace in one run; the last is kept for the end of a pause."""


class Timeline:
    """The one answer to "what is due": used by the loop, and by the status that tells of it."""

    def __init__(self, recipe: Recipe, clock: Clock) -> None:
        self.schedule: Schedule | None = None
        """None until the destination was ready for the first time."""
        self.end_row: int | None = recipe.rows
        """The row at which the run ends, as things stand; None when no row is known to be it."""
        self._recipe = recipe
        self._clock = clock
        self._stream_clock: StreamClock | None = None
        self._pace = recipe.pace
        """What flows, and what a pause ends with."""
        self._stopped_ns: int | None = None
        self._ended = False

    def begin(self) -> datetime:
        """Fix the start, to the millisecond: from here on rows are due."""
        start = self._recipe.start or self._clock.wall()
        # What is shown as the start must repeat the run exactly.
        start = start.replace(microsecond=start.microsecond // 1000 * 1000)
        start_ns = round(start.timestamp() * 1000) * NS_PER_MS
        self._stream_clock = StreamClock(self._clock, start_ns)
        self._follow(Schedule.starting(start_ns, self._pace))
        return start

    def stop(self) -> None:
        """Let what is due stay what it is now."""
        if self._stream_clock is not None and self._stopped_ns is None:
            self._stopped_ns = self._stream_clock.now_ns()

    def end(self) -> None:
        """Take no more steering: the last row is taken."""
        self._ended = True

    # -- what is due ----------------------------------------------------------------------

    @property
    def pace(self) -> Pace:
        """What flows when nothing is paused."""
        return self._pace

    @property
    def changes(self) -> int:
        """How often it was steered."""
        return 0 if self.schedule is None else len(self.schedule.segments) - 1

    def now_ns(self) -> int | None:
        """Return stream time: None before the start, and where it was stopped after that."""
        if self._stopped_ns is not None or self._stream_clock is None:
            return self._stopped_ns
        return self._stream_clock.now_ns()

    def due_rows(self, made: int) -> int:
        """Return the rows due by now, of those there are to be; it never falls.

        As fast as possible, what is due is what was `made`, and all that was due before.
        """
        schedule, now_ns = self._begun()
        due = schedule.due_rows(now_ns)
        return self._bounded(max(made, schedule.segments[-1].first_row) if due is None else due)

    def reachable(self, row: int, at_once: int) -> int:
        """Return the row up to which rows from `row` on may be made now, `at_once` at most."""
        schedule, now_ns = self._begun()
        due = schedule.due_rows(now_ns)
        return self._bounded(row + at_once if due is None else min(due, row + at_once))

    def _bounded(self, row: int) -> int:
        return row if self.end_row is None else min(row, self.end_row)

    def wait_s(self, row: int) -> float | None:
        """Return the seconds until `row` is due or the run is over; None: until a change."""
        schedule, now_ns = self._begun()
        due_ns = schedule.due_ns(row)
        until_ns = self._end_ns(schedule) if due_ns is None else due_ns
        return None if until_ns is None else max(0, until_ns - now_ns) / NS_PER_S

    def over(self, row: int) -> bool:
        """Tell whether `row` is beyond the run's bounds; what is due already never is."""
        schedule, now_ns = self._begun()
        if self._recipe.rows is not None and row >= self._recipe.rows:
            return True
        end_ns = self._end_ns(schedule)
        if end_ns is None:
            return False
        if schedule.segments[-1].pace.ticks:
            return self.end_row is not None and row >= self.end_row
        return now_ns >= end_ns and row >= self._bounded(schedule.segments[-1].first_row)

    def left_s(self) -> float | None:
        """Return the seconds left of a run bounded in time, below 0 when late; None: unbounded."""
        schedule, now_ns = self._begun()
        end_ns = self._end_ns(schedule)
        return None if end_ns is None else (end_ns - now_ns) / NS_PER_S

    def span_ns(self, row: int) -> int:
        """Return how long `row` rows took: n rows at r rows/s take n/r seconds, the last too."""
        schedule, reached_ns = self._begun()
        after_ns = schedule.due_ns(row)
        ticks = schedule.segments[-1].pace.ticks
        if ticks and after_ns is not None and self._stopped_ns is None:
            reached_ns = max(reached_ns, after_ns)
        return reached_ns - schedule.start_ns

    # -- steering -------------------------------------------------------------------------

    def change_pace(self, pace: Pace, taken: int) -> int:
        """Let rows fall due at `pace` from now on; return the first row that it holds for.

        Rows that are due already, and the first `taken`, keep their times. While paused, the
        stream stays so, and `pace` is what it resumes with.

        Raises SteeringError: the stream has not begun or is ending.
        SettingError: it has changed too often.
        """
        self._steerable()
        unchanged = self._paused() or pace == self._pace
        row = self._first_free_row(taken) if unchanged else self._then(pace, taken)
        self._pace = pace
        return row

    def pause(self, taken: int) -> int:
        """Let no row fall due from now on; return the first that does not. Raises as above."""
        self._steerable()
        return self._first_free_row(taken) if self._paused() else self._then(PAUSED, taken)

    def resume(self, taken: int) -> int:
        """End a pause; return the first row due after it. Raises as above."""
        self._steerable()
        return self._then(self._pace, taken) if self._paused() else self._first_free_row(taken)

    def _steerable(self) -> None:
        if self.schedule is None:
            raise SteeringError("the stream has not begun; wait for its first row")
        if self._stopped_ns is not None or self._ended:
            raise SteeringError("the stream is ending; start a new run")

    def _paused(self) -> bool:
        return self.schedule is not None and self.schedule.segments[-1].pace == PAUSED

    def _then(self, pace: Pace, taken: int) -> int:
        if pace == PAUSED and self.changes >= CHANGES_MAX - 1:
            raise SettingError(f"over {CHANGES_MAX} changes of pace in one run; start a new run")
        schedule, now_ns = self._begun()  # read once: the clock goes on between two looks
        row = _first_free_row(schedule, now_ns, taken)
        self._follow(schedule.then(row, now_ns, pace))
        return row

    def _first_free_row(self, taken: int) -> int:
        return _first_free_row(*self._begun(), taken)

    def _follow(self, schedule: Schedule) -> None:
        """Take a schedule, and turn a bound in seconds into one in rows where the clock ticks."""
        self.schedule = schedule
        end_ns = self._end_ns(schedule)
        due = None if end_ns is None else schedule.due_rows(end_ns - 1)
        bounds = [bound for bound in (self._recipe.rows, due) if bound is not None]
        self.end_row = min(bounds, default=None)

    def _end_ns(self, schedule: Schedule) -> int | None:
        for_s = self._recipe.for_s
        return None if for_s is None else schedule.start_ns + round(for_s * NS_PER_S)

    def _begun(self) -> tuple[Schedule, int]:
        now_ns = self.now_ns()
        assert self.schedule is not None  # noqa: S101 - who asks has called `begin`
        assert now_ns is not None  # noqa: S101 - likewise
        return self.schedule, now_ns


def _first_free_row(schedule: Schedule, now_ns: int, taken: int) -> int:
    """Return the first row that is neither taken nor due; changes of a schedule go forward only."""
    return max(taken, schedule.due_rows(now_ns) or 0, schedule.segments[-1].first_row)
