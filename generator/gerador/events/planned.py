"""The schedules of a scenario's streams, from what its file declares and a start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gerador.events.courses.declared import pace_declared, script_declared, steered_declared
from gerador.events.pace import generations
from gerador.events.schedule import Schedule
from gerador.events.seeds import StreamSeeds
from gerador.events.segments import EVENT_STEP_NS
from gerador.limits import INTERVAL_S

if TYPE_CHECKING:
    from fractions import Fraction

    from gerador.events.pace import Pace
    from gerador.scenario.file.plan import ScenarioPlan, StreamPlan


def pace_planned(stream: StreamPlan) -> Pace:
    """Return how fast a stream's rows fall due: as declared, or a generation each second.

    Raises SettingError: a shape that makes less than a row a turn.
    """
    if stream.rate is None:
        return generations(stream.spec.generation_rows, INTERVAL_S)
    return pace_declared(stream.rate)


def event_step_ns(plan: ScenarioPlan, stream: StreamPlan) -> Fraction:
    """Return the event time from row to row as fast as possible: all together a millisecond a row.

    So event times of streams stay side by side, in the proportion of their weights.
    """
    return EVENT_STEP_NS * sum(s.weight for s in plan.streams) / stream.weight


def schedules_of(plan: ScenarioPlan, start_ns: int, seed: int) -> dict[str, Schedule]:
    """Return each stream's schedule from `start_ns` on, live changes of an earlier run included.

    Raises SettingError: as `Schedule.starting` and `pace_planned`.
    """
    return {s.spec.name: _schedule(plan, s, start_ns, seed) for s in plan.streams}


def _schedule(plan: ScenarioPlan, stream: StreamPlan, start_ns: int, seed: int) -> Schedule:
    schedule = Schedule.starting(
        start_ns,
        pace_planned(stream),
        event_step_ns=event_step_ns(plan, stream),
        seeds=StreamSeeds(seed, stream.spec.name),
        script=script_declared(stream.at),
    )
    for offset_ns, row, change in steered_declared(stream.steered):
        _, schedule = schedule.changed(start_ns + offset_ns, row, change)
    return schedule
