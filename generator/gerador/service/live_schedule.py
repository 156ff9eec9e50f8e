"""The schedule of a running stream: due rows, the end of the run, and live rate changes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from gerador.errors import ControlError, SettingError
from gerador.schedule.changes import Burst, LiveChange, PauseChange
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
"""Rate changes in one run; the last is reserved for the end of a pause."""


class LiveSchedule:
    """A `Schedule` on its clock. Used by the produce loop and by the status, so that they agree."""

    def __init__(self, recipe: Recipe, clock: Clock, seeds: StreamSeeds | None = None) -> None:
        """Follow `recipe`; `seeds` are needed for random arrivals only."""
        self.schedule: Schedule | None = None
        """None until `begin`, when the destination is ready for the first time."""
        self.end_row: int | None = recipe.rows
        """Row at which the run ends under the current schedule; None when it is not known."""
        self.live_changes = recipe.live_changes
        """Live changes so far, with those that the recipe reproduces."""
        self.changes = 0
        """Number of live changes in this run."""
        self._dropped_changes = 0
        self._recipe = recipe
        self._clock = clock
        self._seeds = seeds
        self._stream_clock: StreamClock | None = None
        self._stopped_ns: int | None = None
        self._has_ended = False

    def begin(self, now: datetime | None = None) -> datetime:
        """Start the schedule and return its start, truncated to milliseconds.

        The start is the recipe's; if it has none, `now` (None: the current time).
        """
        start = self._recipe.start or now or self._clock.wall()
        # Milliseconds are what is shown, and must reproduce the run exactly.
        start = start.replace(microsecond=start.microsecond // 1000 * 1000)
        start_ns = round(start.timestamp() * 1000) * NS_PER_MS
        recipe = self._recipe
        schedule = Schedule.starting(
            start_ns,
            recipe.target_rate,
            event_step_ns=recipe.event_step_ns,
            seeds=self._seeds,
            script=recipe.script,
        )
        for offset_ns, row, change in recipe.live_changes:
            _, schedule = schedule.with_change(start_ns + offset_ns, row, change)
        self._stream_clock = StreamClock(self._clock, start_ns, recipe.backfill_speed)
        self._set_schedule(schedule)
        return start

    def stop(self) -> None:
        """Freeze stream time: no further rows become due."""
        if self._stream_clock is not None and self._stopped_ns is None:
            self._stopped_ns = self._stream_clock.now_ns()

    def end(self) -> None:
        """Reject further live changes: the last row is taken."""
        self._has_ended = True

    # -- due rows ---------------------------------------------------------------------------

    @property
    def target_rate(self) -> TargetRate:
        """The target rate, which a pause does not change."""
        if self.schedule is None:
            return self._recipe.target_rate
        schedule, now_ns = self._current()
        return schedule.at(now_ns).active_rate.target_rate

    @property
    def is_paused(self) -> bool:
        """Whether no rows become due now."""
        return self._target_rate_is(PAUSED)

    @property
    def is_unpaced(self) -> bool:
        """Whether rows are generated as fast as possible now."""
        return self._target_rate_is(MAX)

    def _target_rate_is(self, target_rate: TargetRate) -> bool:
        if self.schedule is None:
            return False
        schedule, now_ns = self._current()
        return schedule.at(now_ns).target_rate == target_rate

    def now_ns(self) -> int | None:
        """Return stream time: None before the start, the time of the stop after `stop`."""
        if self._stopped_ns is not None or self._stream_clock is None:
            return self._stopped_ns
        return self._stream_clock.now_ns()

    def due_rows(self, generated: int) -> int:
        """Return the number of rows due by now, within the run's bounds; it never decreases.

        While unpaced, the rows `generated` are due, and all that were due before.
        """
        schedule, now_ns = self._current()
        due = schedule.due_rows(now_ns)
        return self._bounded(max(generated, schedule.at(now_ns).first_row) if due is None else due)

    def due_up_to(self, row: int, rows_max: int) -> int:
        """Return the end of the due rows from `row` on, at most `rows_max` of them."""
        schedule, now_ns = self._current()
        due = schedule.due_rows(now_ns)
        return self._bounded(row + rows_max if due is None else min(due, row + rows_max))

    def _bounded(self, row: int) -> int:
        return row if self.end_row is None else min(row, self.end_row)

    def wait_s(self, row: int) -> float | None:
        """Return the seconds until `row` is due or the run ends; None: not before a change."""
        schedule, _ = self._current()
        due_ns = schedule.due_ns(row)
        until_ns = self._end_ns(schedule) if due_ns is None else due_ns
        return None if until_ns is None else max(0.0, self._until_s(until_ns))

    def is_finished(self, row: int) -> bool:
        """Return whether `row` is outside the run's bounds; False for a row that is already due."""
        schedule, now_ns = self._current()
        if self._recipe.rows is not None and row >= self._recipe.rows:
            return True
        end_ns = self._end_ns(schedule)
        if end_ns is None:
            return False
        last = schedule.at(end_ns - 1)
        if last.target_rate.is_timed:
            return self.end_row is not None and row >= self.end_row
        return now_ns >= end_ns and row >= self._bounded(last.first_row)

    def remaining_s(self) -> float | None:
        """Return the seconds until the end of a run bounded in time, negative after it, or None."""
        schedule, _ = self._current()
        end_ns = self._end_ns(schedule)
        return None if end_ns is None else self._until_s(end_ns)

    def age_s(self, stream_ns: int) -> float:
        """Return the clock time in seconds since a stream time."""
        assert self._stream_clock is not None  # noqa: S101 - `begin` was called
        _, now_ns = self._current()
        return self._stream_clock.elapsed_between_ns(stream_ns, now_ns) / NS_PER_S

    def target_rows_per_s(self, row: int) -> float | None:
        """Return the target rate in rows per second of clock time; None: as fast as possible.

        Also None while `row`, the next one, is part of the backlog at infinite speed.
        """
        if self.schedule is None or self._stream_clock is None:
            return self._recipe.target_rate.rows_per_s
        schedule, now_ns = self._current()
        if self._is_in_backlog(row):
            return None
        rate, speed = schedule.target_rows_per_s(now_ns), self._stream_clock.current_speed
        return rate if rate is None or math.isinf(speed) else rate * speed

    def notices(self, row: int) -> tuple[str, ...]:
        """Return notices about the schedule, one line each; `row` is the next to be generated."""
        if self.schedule is None or self._stream_clock is None:
            return ()
        lines, speed = [], self._recipe.backfill_speed
        if speed > 1 and not self._stream_clock.has_backlog:
            lines.append(
                f"backfill_speed {speed_text(speed)} has no effect: the start was not in the past"
            )
        elif self._is_in_backlog(row):
            lines.append("catching up: rows due before the run are sent as fast as possible")
        elif self._stream_clock.current_speed > 1 and not math.isinf(speed):
            lines.append(f"catching up: stream time runs at {speed_text(speed)} until the present")
        if self._dropped_changes:
            count = self._dropped_changes
            changes = f"{count} later recorded change{'s' if count > 1 else ''}"
            lines.append(f"a live change replaced {changes} of the recipe")
        if self._recipe.script and self.is_unpaced:
            lines.append("at: scripted changes wait while the rate is max")
        return tuple(lines)

    def _is_in_backlog(self, row: int) -> bool:
        schedule, clock = self.schedule, self._stream_clock
        if schedule is None or clock is None or not clock.has_backlog:
            return False
        backlog_end = schedule.due_rows(clock.present_at_start_ns)
        return (
            math.isinf(self._recipe.backfill_speed)
            and backlog_end is not None
            and row < backlog_end
        )

    def _until_s(self, stream_ns: int) -> float:
        assert self._stream_clock is not None  # noqa: S101 - `begin` was called
        return self._stream_clock.remaining_ns(stream_ns) / NS_PER_S

    def scheduled_duration_ns(self, row: int) -> int | None:
        """Return the clock time that the schedule gives `row` rows; None: no target rate."""
        after_ns = self._after_ns(row)
        return None if after_ns is None else self._clock_ns(after_ns) or None

    def duration_ns(self, row: int) -> int:
        """Return the clock time that `row` rows took; n rows at r rows/s take n/r seconds."""
        _, end_ns = self._current()
        after_ns = self._after_ns(row)
        if after_ns is not None and self._stopped_ns is None:
            end_ns = max(end_ns, after_ns)
        return self._clock_ns(end_ns)

    def _after_ns(self, row: int) -> int | None:
        """Return the stream time at which the time of the rows before `row` ends; None: unpaced.

        When no further rows become due before the end of a run bounded in time, they have all of
        its time.
        """
        schedule, _ = self._current()
        after_ns = schedule.due_ns(row) if schedule.target_rate_at(row).is_timed else None
        end_ns = self._end_ns(schedule)
        ends_before = end_ns is not None and (after_ns is None or end_ns < after_ns)
        if end_ns is not None and ends_before and schedule.target_rows_per_s(end_ns - 1) == 0.0:
            return end_ns
        return after_ns

    def elapsed_ns(self) -> int:
        """Return the clock time since the start; 0 before it."""
        return 0 if self.schedule is None else self._clock_ns(self._current()[1])

    def _clock_ns(self, stream_ns: int) -> int:
        """Return the clock time from the start to a stream time."""
        assert self._stream_clock is not None  # noqa: S101 - `begin` was called
        return self._stream_clock.elapsed_between_ns(self._current()[0].start_ns, stream_ns)

    # -- live changes -----------------------------------------------------------------------

    def apply(self, change: Change, taken: int) -> int:
        """Apply a change from now on; return the first row that it affects.

        Rows that are due already, and the first `taken`, keep their times. A paused stream stays
        paused and resumes with the new rate. Scripted changes of the scenario still happen;
        later changes recorded by an earlier run do not. A change without an effect is not counted.

        Raises ControlError: the stream has not started, or is stopping.
        SettingError: too many changes, or a burst or ramp of an unpaced stream.
        """
        self._check_running()
        self._check_change_limit(change)
        schedule, now_ns = self._current()
        row, changed = schedule.with_change(now_ns, taken, change)
        if changed is not schedule:
            self.changes += 1
            live = LiveChange(now_ns - schedule.start_ns, row, change)
            # A recorded change starts at a row; this change moves the rows of the later ones.
            kept = tuple(one for one in self.live_changes if one.offset_ns <= live.offset_ns)
            self._dropped_changes += len(self.live_changes) - len(kept)
            self.live_changes = (*kept, live)
            self._set_schedule(changed)
        return row

    def _check_running(self) -> None:
        if self.schedule is None:
            raise ControlError("the stream has not started; wait for its first row")
        if self._stopped_ns is not None or self._has_ended:
            raise ControlError("the stream is stopping or finished; start a new run")

    def _check_change_limit(self, change: Change) -> None:
        """Reserve the last change for the end of a pause."""
        match change:
            case PauseChange.PAUSE if not self.is_paused:
                needed = 2
            case Burst():
                needed = 3 if self.is_paused else 2
            case _:
                return
        schedule, _ = self._current()
        if len(schedule.segments) - 1 + needed > RATE_CHANGES_MAX:
            raise SettingError(
                f"more than {RATE_CHANGES_MAX} rate changes of a stream in one run; start a new run"
            )

    def _set_schedule(self, schedule: Schedule) -> None:
        """Replace the schedule; compute the end row of a run bounded in time, if it is timed."""
        self.schedule = schedule
        end_ns = self._end_ns(schedule)
        due = None if end_ns is None else schedule.due_rows(end_ns - 1)
        bounds = [bound for bound in (self._recipe.rows, due) if bound is not None]
        self.end_row = min(bounds, default=None)

    def _end_ns(self, schedule: Schedule) -> int | None:
        for_s = self._recipe.for_s
        return None if for_s is None else schedule.start_ns + round(for_s * NS_PER_S)

    def _current(self) -> tuple[Schedule, int]:
        """Return the schedule and stream time, read once so that both belong together."""
        now_ns = self.now_ns()
        assert self.schedule is not None  # noqa: S101 - `begin` was called
        assert now_ns is not None  # noqa: S101 - likewise
        return self.schedule, now_ns
