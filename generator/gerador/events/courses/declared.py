"""A scenario's declarations of rates, as paces and changes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gerador.events import pace as paces
from gerador.events.changes import Burst, Halt, LiveChange, NewPace
from gerador.events.courses import shapes
from gerador.events.courses.course import NS_PER_S
from gerador.scenario.at import BurstAt, HaltAt
from gerador.scenario.course import Constant, Diurnal, Generations, Ramp, Sine, Steps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gerador.events.changes import Change
    from gerador.events.pace import Pace
    from gerador.scenario import at
    from gerador.scenario.course import Course
    from gerador.scenario.steered import Steered

_HOUR_NS = 3_600 * NS_PER_S


def pace_declared(course: Course) -> Pace:
    """Return the pace of what stands behind `rate:`.

    Raises SettingError: a shape that makes less than a row a turn.
    """
    made = _pace(course)
    return paces.poisson(made) if course.poisson else made


def script_declared(script: Mapping[int, at.Change]) -> tuple[tuple[int, Change], ...]:
    """Return what stands behind `at:` by nanoseconds from the start on, ascending.

    Raises SettingError: as `pace_declared`.
    """
    return tuple((offset_ns, _change(script[offset_ns])) for offset_ns in sorted(script))


def steered_declared(steered: Sequence[Steered]) -> tuple[LiveChange, ...]:
    """Return what live steering did in an earlier run."""
    return tuple(LiveChange(each.at, each.row, _live(each)) for each in steered)


def _live(steered: Steered) -> Change:
    if steered.burst is not None:
        return Burst(steered.burst)
    if steered.halt is not None:
        return Halt(steered.halt)
    assert steered.rate is not None  # noqa: S101 - it is one of the three
    return NewPace(pace_declared(steered.rate), steered.over or 0)


def _pace(course: Course) -> Pace:
    match course:
        case Constant():
            return paces.pace_of(math.inf if course.constant == "max" else course.constant)
        case Generations():
            return paces.generations_ns(course.rows, course.every)
        case Ramp(ramp=way):
            return paces.shaped(shapes.ramp(way.from_, way.to, way.over))
        case Sine(sine=way):
            return paces.shaped(shapes.wave(way.from_, way.to, way.period, way.phase))
        case Diurnal(diurnal=way):
            peak_ns = round(way.peak * _HOUR_NS)
            return paces.shaped(shapes.day(way.low, way.high, peak_ns))
        case Steps():
            each = [(step.rate, step.for_) for step in course.steps]
            return paces.shaped(shapes.steps(each, repeat=course.repeat))


def _change(change: at.Change) -> Change:
    match change:
        case BurstAt():
            return Burst(change.burst)
        case HaltAt():
            return Halt(change.halt)
        case _:
            return NewPace(pace_declared(change.rate), change.over or 0)
