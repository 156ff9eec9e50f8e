"""What follows a segment: a fresh pace, a pause, what flowed before, a burst. Pure, no script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gerador.errors import SettingError
from gerador.events.courses.arrivals import Arrivals
from gerador.events.pace import MAX, PAUSED, Pace, PaceKind, burst
from gerador.events.segment import Flow, Segment

if TYPE_CHECKING:
    from gerador.events.courses.course import Course
    from gerador.events.seeds import StreamSeeds


def fresh(
    row: int, instant_ns: int, event_ns: int, pace: Pace, seeds: StreamSeeds | None
) -> Segment:
    """Return the segment of a pace that is asked for at `instant_ns`, from `row` on.

    Generations keep their bounds: the first tick finishes the generation of `row`.

    Raises SettingError: Poisson arrivals without seeds.
    """
    lead_in_ns = pace.lead_in_ns(instant_ns)
    course = _course(pace, seeds, row)
    flow = Flow(pace, course, instant_ns - lead_in_ns)
    if pace.kind is PaceKind.GENERATIONS:
        skip = row % pace.rows_per_tick
    else:
        skip = 0 if course is None else course.due(lead_in_ns - 1)
    return Segment(row, instant_ns, pace, event_ns, flow, course, lead_in_ns, skip)


def paused(last: Segment, row: int, instant_ns: int, reached_ns: int) -> Segment:
    """Return a pause after `last`, which keeps what flows."""
    return Segment(row, instant_ns, PAUSED, max(instant_ns, reached_ns), last.flow)


def resumed(
    last: Segment, row: int, instant_ns: int, reached_ns: int, seeds: StreamSeeds | None
) -> Segment:
    """Return the end of a pause: a rate begins anew, a shape stands where the clock has it."""
    flow, event_ns = last.flow, max(instant_ns, reached_ns)
    if flow.waits or flow.course is None or flow.pace.restarts:
        return fresh(row, instant_ns, event_ns, flow.pace, seeds)
    entered_ns = instant_ns - flow.began_ns
    skip = flow.course.due(entered_ns - 1)
    return Segment(row, instant_ns, flow.pace, event_ns, flow, flow.course, entered_ns, skip)


def burst_and_on(
    last: Segment, row: int, instant_ns: int, reached_ns: int, rows: int
) -> tuple[Segment, Segment]:
    """Return `rows` rows due at once, and what was there before, which goes on after them.

    Raises SettingError: at full speed.
    """
    if last.pace == MAX:
        raise SettingError(
            f"burst of {rows} rows: the stream goes as fast as possible already; set a rate first"
        )
    event_ns, pace = max(instant_ns, reached_ns), burst(rows)
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


def _course(pace: Pace, seeds: StreamSeeds | None, row: int) -> Course | None:
    if not pace.ticks:
        return None
    if not pace.is_poisson:
        return pace.course
    if seeds is None:
        raise SettingError(f"rate {pace}: arrivals at random need the stream's seeds")
    return Arrivals(pace.course, seeds, row)
