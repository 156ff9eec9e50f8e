"""A stream's whole timing: how it begins, how a script and live changes make new schedules of it.

`Segments` answers what is due; here is what may be done. Immutable and pure, as everything below.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from gerador.errors import SettingError
from gerador.events import successors
from gerador.events.changes import Burst, Halt, NewPace, check_script
from gerador.events.courses.course import NS_PER_MS, PRODUCT_MAX
from gerador.events.pace import PAUSED, Pace
from gerador.events.segment import INSTANT_MAX_NS, Segment
from gerador.events.segments import EVENT_STEP_NS, Segments

if TYPE_CHECKING:
    from fractions import Fraction

    from gerador.events.changes import Change
    from gerador.events.seeds import StreamSeeds

EVENT_STEP_NS_MAX: Final = 86_400_000 * NS_PER_MS
SEGMENTS_MAX: Final = 65_536
"""Changes that a schedule remembers, live ones and scripted ones."""


@dataclass(frozen=True)
class Schedule(Segments):
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
        pace: Pace,
        *,
        event_step_ns: Fraction = EVENT_STEP_NS,
        seeds: StreamSeeds | None = None,
        script: tuple[tuple[int, Change], ...] = (),
    ) -> Schedule:
        """Return a schedule that starts at `start_ns`, where a constant rate's row 0 is due.

        `script` holds changes by nanoseconds after the start, ascending.

        Raises SettingError: `start_ns` outside 64-bit nanoseconds, the step outside its range, a
        script with full speed, or Poisson arrivals without seeds.
        """
        if not 0 <= start_ns <= INSTANT_MAX_NS:
            raise SettingError(f"start {start_ns} ns: give an instant from 1970 to 2262-04-11")
        _check_step(event_step_ns)
        check_script(pace, script)
        first = successors.fresh(0, start_ns, start_ns, pace, seeds)
        absolute = tuple((start_ns + offset_ns, change) for offset_ns, change in script)
        return cls((first,), event_step_ns, seeds, absolute).scripted(start_ns - 1)

    def then(self, row: int, instant_ns: int, pace: Pace) -> Schedule:
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
            return self._with(successors.paused(last, row, instant_ns, self._reached_ns(row)))
        event_ns = max(instant_ns, self._reached_ns(row))
        return self._with(successors.fresh(row, instant_ns, event_ns, pace, self.seeds))

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
                return self._with(successors.paused(last, row, instant_ns, reached_ns))
            case Halt.RESUME if is_paused:
                return self._with(successors.resumed(last, row, instant_ns, reached_ns, self.seeds))
            case Burst():
                pair = successors.burst_and_on(last, row, instant_ns, reached_ns, change.rows)
                return self._with(*pair)
            case NewPace():
                pace = change.from_rate(last.rate_at(instant_ns))
                return self._flowing(row, instant_ns, pace)
        return self

    def _flowing(self, row: int, instant_ns: int, pace: Pace) -> Schedule:
        """Let `pace` flow from `row` on; in a pause, from its end on."""
        last = self.segments[-1]
        if pace == last.flow.pace and pace.restarts:
            return self
        event_ns = max(instant_ns, self._reached_ns(row))
        following = successors.fresh(row, instant_ns, event_ns, pace, self.seeds)
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


def _check_step(step_ns: Fraction) -> None:
    whole = step_ns.numerator * step_ns.denominator < PRODUCT_MAX
    if not (whole and 0 <= step_ns <= EVENT_STEP_NS_MAX):
        raise SettingError(
            f"event step {step_ns} ns: give 0 to {EVENT_STEP_NS_MAX} ns, as a fraction whose parts "
            "have a product below 2**62"
        )
