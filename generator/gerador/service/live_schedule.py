"""The schedule of a running stream on its clock: which rows are due now, when the run ends, and live changes of the rate."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from gerador.errors import ControlError, SettingError
from gerador.schedule.changes import Burst, Halt, LiveChange
from gerador.schedule.schedule import SEGMENTS_MAX, Schedule
from gerador.schedule.target_rate import MAX, PAUSED
from gerador.service.clock import StreamClock
from gerador.units import NS_PER_MS, NS_PER_S, speed_text

if TYPE_CHECKING:
    from datetime import datetime

    from gerador.randomness import StreamSeeds
    from gerador.schedule.changes import Change
    from gerador.schedule.target_rate import TargetRate
    from gerador.service.clock import Clock
    from gerador.service.stream_config import Recipe


RATE_CHANGES_MAX: Final = SEGMENTS_MAX - 1
"""Changes of pace in one run; the last is kept for the end of a pause."""


class LiveSchedule:
    """The one answer to "what is due": used by the loop, and by the status that tells of it."""

    def __init__(self, recipe: Recipe, clock: Clock, seeds: StreamSeeds | None = None) -> None:
        """Follow `recipe`; `seeds` tell arrivals at random, and are needed for these only."""
        self.schedule: Schedule | None = None
        """None until the destination was ready for the first time."""
        self.end_row: int | None = recipe.rows
        """The row at which the run ends, as things stand; None when no row is known to be it."""
        self.steered = recipe.steered
        """What was steered live, an earlier run's that is repeated included."""
        self.changes = 0
        """How often it was steered."""
        self._let_go = 0
        self._recipe = recipe
        self._clock = clock
        self._seeds = seeds
        self._stream_clock: StreamClock | None = None
        self._stopped_ns: int | None = None
        self._ended = False

    def begin(self, now: datetime | None = None) -> datetime:
        """Fix the start, to the millisecond: from here on rows are due.

        It is the recipe's; where that has none, it is `now` (None: the clock's).
        """
        start = self._recipe.start or now or self._clock.wall()
        # What is shown as the start must repeat the run exactly.
        start = start.replace(microsecond=start.microsecond // 1000 * 1000)
        start_ns = round(start.timestamp() * 1000) * NS_PER_MS
        recipe = self._recipe
        schedule = Schedule.starting(
            start_ns,
            recipe.pace,
            event_step_ns=recipe.event_step_ns,
            seeds=self._seeds,
            script=recipe.script,
        )
        for offset_ns, row, change in recipe.steered:
            _, schedule = schedule.changed(start_ns + offset_ns, row, change)
        self._stream_clock = StreamClock(self._clock, start_ns, recipe.speed)
        self._follow(schedule)
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
    def pace(self) -> TargetRate:
        """What flows when nothing is paused."""
        if self.schedule is None:
            return self._recipe.pace
        schedule, now_ns = self._begun()
        return schedule.at(now_ns).flow.pace

    @property
    def paused(self) -> bool:
        """Whether nothing falls due now."""
        return self._flows_at(PAUSED)

    @property
    def at_full_speed(self) -> bool:
        """Whether as many rows are due now as can be made."""
        return self._flows_at(MAX)

    def _flows_at(self, pace: TargetRate) -> bool:
        if self.schedule is None:
            return False
        schedule, now_ns = self._begun()
        return schedule.at(now_ns).pace == pace

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
        return self._bounded(max(made, schedule.at(now_ns).first_row) if due is None else due)

    def reachable(self, row: int, at_once: int) -> int:
        """Return the row up to which rows from `row` on may be made now, `at_once` at most."""
        schedule, now_ns = self._begun()
        due = schedule.due_rows(now_ns)
        return self._bounded(row + at_once if due is None else min(due, row + at_once))

    def _bounded(self, row: int) -> int:
        return row if self.end_row is None else min(row, self.end_row)

    def wait_s(self, row: int) -> float | None:
        """Return the seconds until `row` is due or the run is over; None: until a change."""
        schedule, _ = self._begun()
        due_ns = schedule.due_ns(row)
        instant_ns = self._end_ns(schedule) if due_ns is None else due_ns
        return None if instant_ns is None else max(0.0, self._until_s(instant_ns))

    def over(self, row: int) -> bool:
        """Tell whether `row` is beyond the run's bounds; what is due already never is."""
        schedule, now_ns = self._begun()
        if self._recipe.rows is not None and row >= self._recipe.rows:
            return True
        end_ns = self._end_ns(schedule)
        if end_ns is None:
            return False
        at_end = schedule.at(end_ns - 1)
        if at_end.pace.ticks:
            return self.end_row is not None and row >= self.end_row
        return now_ns >= end_ns and row >= self._bounded(at_end.first_row)

    def left_s(self) -> float | None:
        """Return the seconds left of a run bounded in time, below 0 when late; None: unbounded."""
        schedule, _ = self._begun()
        end_ns = self._end_ns(schedule)
        return None if end_ns is None else self._until_s(end_ns)

    def age_s(self, instant_ns: int) -> float:
        """Return how long ago by the clock stream time was at `instant_ns`, in seconds."""
        assert self._stream_clock is not None  # noqa: S101 - who asks has called `begin`
        _, now_ns = self._begun()
        return self._stream_clock.between_ns(instant_ns, now_ns) / NS_PER_S

    def rate_asked(self, row: int) -> float | None:
        """Return the rows asked per second of the clock, None as fast as possible.

        That is so, too, while `row` is one of those that were due at once, to catch up.
        """
        if self.schedule is None or self._stream_clock is None:
            return self._recipe.pace.rows_per_s
        schedule, now_ns = self._begun()
        if self._goes_at_once(row):
            return None
        rate, factor = schedule.rate_asked(now_ns), self._stream_clock.factor
        return rate if rate is None or math.isinf(factor) else rate * factor

    def notices(self, row: int) -> tuple[str, ...]:
        """Return what may surprise about its time, a line each; `row` is the next to be made."""
        if self.schedule is None or self._stream_clock is None:
            return ()
        lines, speed = [], self._recipe.speed
        if speed > 1 and not self._stream_clock.starts_late:
            lines.append(f"speed {speed_text(speed)}: nothing to catch up, the start was not past")
        elif self._goes_at_once(row):
            lines.append("catches up: what was due before the run began goes out at full speed")
        elif self._stream_clock.factor > 1 and not math.isinf(speed):
            lines.append(f"catches up: stream time runs {speed_text(speed)} until the present")
        if self._let_go:
            told = f"{self._let_go} recorded change{'s' if self._let_go > 1 else ''} to come"
            lines.append(f"steered anew: {told} of the repeated run will not be made")
        if self._recipe.script and self.at_full_speed:
            lines.append("at: as fast as possible no change comes; the next rate goes on with it")
        return tuple(lines)

    def _goes_at_once(self, row: int) -> bool:
        schedule, clock = self.schedule, self._stream_clock
        if schedule is None or clock is None or not clock.starts_late:
            return False
        at_once = schedule.due_rows(clock.began_at_ns)
        return math.isinf(self._recipe.speed) and at_once is not None and row < at_once

    def _until_s(self, instant_ns: int) -> float:
        assert self._stream_clock is not None  # noqa: S101 - who asks has called `begin`
        return self._stream_clock.until_ns(instant_ns) / NS_PER_S

    def asked_ns(self, row: int) -> int | None:
        """Return how long `row` rows were to take by the clock; None: as long as they take."""
        after_ns = self._after_ns(row)
        return None if after_ns is None else self._clock_ns(after_ns) or None

    def span_ns(self, row: int) -> int:
        """Return how long `row` rows took by the clock; n rows at r rows/s take n/r seconds."""
        _, reached_ns = self._begun()
        after_ns = self._after_ns(row)
        if after_ns is not None and self._stopped_ns is None:
            reached_ns = max(reached_ns, after_ns)
        return self._clock_ns(reached_ns)

    def _after_ns(self, row: int) -> int | None:
        """Return when the time of the rows before `row` is over; None at full speed.

        Where no more fall due to the end of the time that the run was given, they have all of it.
        """
        schedule, _ = self._begun()
        after_ns = schedule.due_ns(row) if schedule.pace_at(row).ticks else None
        end_ns = self._end_ns(schedule)
        ends_before = end_ns is not None and (after_ns is None or end_ns < after_ns)
        if end_ns is not None and ends_before and schedule.rate_asked(end_ns - 1) == 0.0:
            return end_ns
        return after_ns

    def elapsed_ns(self) -> int:
        """Return how long ago by the clock the schedule began; 0 before."""
        return 0 if self.schedule is None else self._clock_ns(self._begun()[1])

    def _clock_ns(self, instant_ns: int) -> int:
        """Return what went by the clock from the start to an instant in stream time."""
        assert self._stream_clock is not None  # noqa: S101 - who asks has called `begin`
        return self._stream_clock.between_ns(self._begun()[0].start_ns, instant_ns)

    # -- steering -------------------------------------------------------------------------

    def change(self, change: Change, taken: int) -> int:
        """Let `change` hold from now on; return the first row that it holds for.

        Rows that are due already, and the first `taken`, keep their times. While paused, the
        stream stays so, and a new pace is what it resumes with. What is scripted for later still
        comes, what an earlier run had recorded for later does not. What changes nothing is no
        change.

        Raises SteeringError: the stream has not begun or is ending.
        SettingError: it has changed too often, or goes as fast as possible, for a burst or a ramp.
        """
        self._steerable()
        self._check_room(change)
        schedule, now_ns = self._begun()  # read once: the clock goes on between two looks
        row, changed = schedule.changed(now_ns, taken, change)
        if changed is not schedule:
            self.changes += 1
            live = LiveChange(now_ns - schedule.start_ns, row, change)
            # An earlier run's changes hold from rows, and this one moves the rows of those to come.
            past = tuple(one for one in self.steered if one.offset_ns <= live.offset_ns)
            self._let_go += len(self.steered) - len(past)
            self.steered = (*past, live)
            self._follow(changed)
        return row

    def _steerable(self) -> None:
        if self.schedule is None:
            raise ControlError("the stream has not begun; wait for its first row")
        if self._stopped_ns is not None or self._ended:
            raise ControlError("the stream is ending or over; start a new run")

    def _check_room(self, change: Change) -> None:
        """Keep the last change for the end of a pause."""
        match change:
            case Halt.PAUSE if not self.paused:
                needed = 2
            case Burst():
                needed = 3 if self.paused else 2
            case _:
                return
        schedule, _ = self._begun()
        if len(schedule.segments) - 1 + needed > RATE_CHANGES_MAX:
            raise SettingError(
                f"over {RATE_CHANGES_MAX} changes of pace in one run; start a new run"
            )

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
