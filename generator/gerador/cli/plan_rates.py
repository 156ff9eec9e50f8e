"""The rates that a stream's course has over time: mean, least, most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gerador.rates import NS_PER_S
from gerador.scenario.course import Constant, Diurnal, Generations, Ramp, Sine, Steps

if TYPE_CHECKING:
    from gerador.scenario.course import Course
    from gerador.scenario.file.plan import StreamPlan


@dataclass(frozen=True, slots=True)
class Rates:
    """Rows per second; all None as fast as possible. `told`: the shape, in a word."""

    told: str
    mean: float | None
    low: float | None
    high: float | None


def rates_of(plan: StreamPlan) -> Rates:
    """Return the rates of a stream, its script apart. A ramp's mean is what it holds afterwards."""
    rates = _of(plan.rate, plan.spec.generation_rows)
    poisson = plan.rate is not None and plan.rate.poisson
    scripted = f", {len(plan.at)} changes" if plan.at else ""
    told = f"{rates.told}{', poisson' if poisson else ''}{scripted}"
    return Rates(told, rates.mean, rates.low, rates.high)


def _of(course: Course | None, generation_rows: int) -> Rates:
    match course:
        case None:
            return _one("generations", generation_rows)
        case Constant():
            most = course.constant == "max"
            return Rates("max", None, None, None) if most else _one("constant", course.constant)
        case Generations():
            return _one("generations", course.rows * NS_PER_S / course.every)
        case Ramp():
            ends = course.ramp.from_, course.ramp.to
            return Rates("ramp", ends[1], min(ends), max(ends))
        case Sine():
            ends = course.sine.from_, course.sine.to
            return Rates("sine", sum(ends) / 2, min(ends), max(ends))
        case Diurnal():
            low, high = course.diurnal.low, course.diurnal.high
            return Rates("diurnal", (low + high) / 2, low, high)
        case Steps():
            return _steps(course)


def _steps(course: Steps) -> Rates:
    rates = [step.rate for step in course.steps]
    total_ns = sum(step.for_ for step in course.steps)
    mean = sum(step.rate * step.for_ for step in course.steps) / total_ns
    return Rates("steps", mean if course.repeat else rates[-1], min(rates), max(rates))


def _one(told: str, rate: float | str) -> Rates:
    return Rates(told, float(rate), float(rate), float(rate))
