"""A validated scenario: its streams with topics and rates, the schedule of each stream, and changes of the total rate."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Protocol

from gerador.errors import SettingError
from gerador.limits import INTERVAL_S, RATE_MIN
from gerador.randomness import StreamSeeds
from gerador.schedule.profiles import Constant, LoadProfile, to_target_rate
from gerador.schedule.schedule import EVENT_TIME_STEP_NS, Schedule
from gerador.schedule.scripted_changes import check_script_rate, recorded_changes, scripted_changes
from gerador.schedule.target_rate import generations_rate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from fractions import Fraction

    from gerador.avro.schema import AvroSchema, AvroType
    from gerador.scenario.model import Scenario
    from gerador.scenario.stream_spec import StreamSpec
    from gerador.schedule.scripted_changes import RecordedChange, Script
    from gerador.schedule.target_rate import TargetRate
    from gerador.values import AnyGenerator


WHOLE_RATES_FROM: Final = 1_000
"""Rows per second from which rates are whole numbers."""


class ExternalTypes(Protocol):
    """What a scenario needs to know from outside of itself."""

    def sql_type(self, expression: str, record: Mapping[str, Any]) -> Any:
        """Return the Avro type (JSON) of an expression. Raises ValueError."""

    def schema(self, source: str) -> AvroSchema:
        """Return the schema that a file or a registry holds. Raises ConfigurationError."""

    def about_values(
        self, declared: AnyGenerator, avro_type: AvroType
    ) -> Iterator[tuple[str, str]]:
        """Yield (parameter, complaint) for what only they know who make values of this type."""


@dataclass(frozen=True, kw_only=True)
class StreamPlan:
    """One stream of a scenario: what it is, and what its topic should be."""

    spec: StreamSpec
    partitions: int | None = None
    replication_factor: int | None = None
    topic_config: Mapping[str, str] = field(default_factory=dict)
    rate: LoadProfile | None = None
    at: Script = field(default_factory=dict)
    steered: tuple[RecordedChange, ...] = ()
    weight: int = 1


@dataclass(frozen=True, kw_only=True)
class ScenarioPlan:
    """A scenario that can be run: its streams in the order of the file."""

    seed: int | None
    start: datetime | None
    streams: tuple[StreamPlan, ...]
    speed: float = 1.0
    description: str | None = None
    scenario: Scenario | None = None
    """The file's model, of which a recipe is written."""


def with_total_rate(plan: ScenarioPlan, rate_text: str) -> ScenarioPlan:
    """Return a scenario at another rate of all its streams together (``10k/s``, ``max``).

    Raises SettingError: it has no rate of all, so that nobody knows which streams are meant; or
    a stream has a script that full speed has no time for.
    """
    scenario = plan.scenario
    if scenario is None or scenario.rate is None:
        raise SettingError(
            "--rate: this scenario has no rate of its own, only its streams do; "
            "change it in the file, or give the file one"
        )
    rate = Constant.model_validate({"constant": rate_text})
    shared = {name for name, stream in scenario.streams.items() if stream.rate is None}
    for stream in plan.streams:
        if stream.spec.name in shared:
            _check_script(stream, rate)
    weights = sum(s.weight for s in plan.streams if s.spec.name in shared)
    streams = tuple(
        replace(s, rate=rate_share(rate, s.weight, weights)) if s.spec.name in shared else s
        for s in plan.streams
    )
    changed = scenario.model_copy(update={"rate": rate})
    return replace(plan, streams=streams, scenario=changed)


def _check_script(stream: StreamPlan, rate: Constant) -> None:
    try:
        check_script_rate(rate, stream.at)
    except ValueError as e:
        raise SettingError(f"--rate: stream {stream.spec.name!r}: {e}") from e


def rate_share(rate: Constant, weight: float, weights: float) -> Constant:
    """Return a stream's share of the rate of all, as fine as rates are."""
    if rate.constant == "max":
        return rate
    rows_per_s = float(rate.constant) * weight / weights
    places = 3 if rows_per_s < WHOLE_RATES_FROM else None
    return Constant(constant=max(float(RATE_MIN), round(rows_per_s, places)))


def stream_target_rate(stream: StreamPlan) -> TargetRate:
    """Return how fast a stream's rows fall due: as declared, or a generation each second.

    Raises SettingError: a shape that makes less than a row a turn.
    """
    if stream.rate is None:
        return generations_rate(stream.spec.generation_rows, INTERVAL_S)
    return to_target_rate(stream.rate)


def event_time_step_ns(plan: ScenarioPlan, stream: StreamPlan) -> Fraction:
    """Return the event time from row to row as fast as possible: all together a millisecond a row.

    So event times of streams stay side by side, in the proportion of their weights.
    """
    return EVENT_TIME_STEP_NS * sum(s.weight for s in plan.streams) / stream.weight


def schedules_for(plan: ScenarioPlan, start_ns: int, seed: int) -> dict[str, Schedule]:
    """Return each stream's schedule from `start_ns` on, live changes of an earlier run included.

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
    for offset_ns, row, change in recorded_changes(stream.steered):
        _, schedule = schedule.changed(start_ns + offset_ns, row, change)
    return schedule
