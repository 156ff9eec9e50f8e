"""The plan of a validated scenario: its streams, topics, rates and schedules."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gerador.errors import SettingError
from gerador.limits import INTERVAL_S
from gerador.randomness import StreamSeeds
from gerador.schedule.profiles import Constant, LoadProfile
from gerador.schedule.schedule import EVENT_TIME_STEP_NS, Schedule
from gerador.schedule.scripted_changes import check_script_rate, recorded_changes, scripted_changes
from gerador.schedule.target_rate import generations_rate
from gerador.units import nearest_rate, rate_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from fractions import Fraction

    from gerador.scenario.model import Scenario
    from gerador.scenario.stream_spec import StreamSpec
    from gerador.schedule.scripted_changes import RecordedChange, Script
    from gerador.schedule.target_rate import TargetRate


@dataclass(frozen=True, kw_only=True)
class StreamPlan:
    """One stream of a scenario, the settings of its topic, and its rate."""

    spec: StreamSpec
    partitions: int | None = None
    replication_factor: int | None = None
    topic_config: Mapping[str, str] = field(default_factory=dict)
    rate: LoadProfile | None = None
    at: Script = field(default_factory=dict)
    live_changes: tuple[RecordedChange, ...] = ()
    weight: int = 1


@dataclass(frozen=True, kw_only=True)
class ScenarioPlan:
    """A scenario that can be run; its streams are in the order of the file."""

    seed: int | None
    start: datetime | None
    streams: tuple[StreamPlan, ...]
    backfill_speed: float = 1.0
    description: str | None = None
    scenario: Scenario | None = None
    """The model of the file, from which the recipe is written."""


def with_total_rate(plan: ScenarioPlan, total: str) -> ScenarioPlan:
    """Return the scenario with another total rate (``10k/s``, ``max``).

    Raises SettingError: the scenario has no total rate to replace, or a stream has scripted
    changes, which an unlimited rate does not allow.
    """
    scenario = plan.scenario
    if scenario is None or scenario.rate is None:
        raise SettingError(
            "--rate: the scenario has no total rate, only rates of its streams; "
            "scale all of them, for example with --scale 0.1, or set rate above streams"
        )
    rate = Constant.model_validate({"constant": total})
    shared = {name for name, stream in scenario.streams.items() if stream.rate is None}
    weights = sum(s.weight for s in plan.streams if s.spec.name in shared)
    streams = tuple(
        _with_share(s, rate, weights) if s.spec.name in shared else s for s in plan.streams
    )
    changed = scenario.model_copy(update={"rate": rate})
    return replace(plan, streams=streams, scenario=changed)


def _with_share(stream: StreamPlan, rate: Constant, weights: float) -> StreamPlan:
    try:
        check_script_rate(rate, stream.at)
    except ValueError as e:
        raise SettingError(f"--rate: stream {stream.spec.name!r}: {e}") from e
    return replace(stream, rate=rate_share(rate, stream.weight, weights))


def rate_share(rate: Constant, weight: float, weights: float) -> Constant:
    """Return a stream's share of the total rate, rounded to the resolution of rates."""
    if rate.constant == "max":
        return rate
    share = nearest_rate(float(rate.constant) * weight / weights)
    return Constant.model_validate({"constant": rate_text(share)})


def stream_target_rate(stream: StreamPlan) -> TargetRate:
    """Return the target rate of a stream: as declared, by default one generation per second.

    Raises SettingError: a load profile of less than one row per period.
    """
    if stream.rate is None:
        return generations_rate(stream.spec.generation_rows, INTERVAL_S)
    return stream.rate.target_rate()


def event_time_step_ns(plan: ScenarioPlan, stream: StreamPlan) -> Fraction:
    """Return the event time between rows of a stream at an unlimited rate.

    All streams together advance one millisecond per row, each in proportion to its weight, so
    that their event times stay aligned.
    """
    return EVENT_TIME_STEP_NS * sum(s.weight for s in plan.streams) / stream.weight


def schedules_for(plan: ScenarioPlan, start_ns: int, seed: int) -> dict[str, Schedule]:
    """Return each stream's schedule from `start_ns`, including recorded live changes.

    Raises SettingError: as `Schedule.starting` and `stream_target_rate`.
    """
    return {s.spec.name: _stream_schedule(plan, s, start_ns, seed) for s in plan.streams}


def _stream_schedule(plan: ScenarioPlan, stream: StreamPlan, start_ns: int, seed: int) -> Schedule:
    schedule = Schedule.starting(
        start_ns,
        stream_target_rate(stream),
        event_step_ns=event_time_step_ns(plan, stream),
        seeds=StreamSeeds(seed, stream.spec.name),
        script=scripted_changes(stream.at),
    )
    for offset_ns, row, change in recorded_changes(stream.live_changes):
        _, schedule = schedule.with_change(start_ns + offset_ns, row, change)
    return schedule
