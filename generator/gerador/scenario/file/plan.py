"""What a scenario file comes to: declared streams, ready to be run; and who is asked on the way."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Protocol

from gerador.errors import SettingError
from gerador.limits import RATE_MIN
from gerador.scenario.at import check_at
from gerador.scenario.course import Constant, Course

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from gerador.scenario.at import At
    from gerador.scenario.avro import AvroSchema, AvroType
    from gerador.scenario.fields import FieldSpec
    from gerador.scenario.file.model import Scenario
    from gerador.scenario.model import StreamSpec
    from gerador.scenario.steered import Steered

WHOLE_FROM: Final = 1_000
"""Rows per second from which rates are whole numbers."""


class Knowledge(Protocol):
    """What a scenario needs to know from outside of itself."""

    def sql_type(self, expression: str, record: Mapping[str, Any]) -> Any:
        """Return the Avro type (JSON) of an expression. Raises ValueError."""

    def schema(self, source: str) -> AvroSchema:
        """Return the schema that a file or a registry holds. Raises ConfigurationError."""

    def about_values(self, declared: FieldSpec, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield (parameter, complaint) for what only they know who make values of this type."""


@dataclass(frozen=True, kw_only=True)
class StreamPlan:
    """One stream of a scenario: what it is, and what its topic should be."""

    spec: StreamSpec
    partitions: int | None = None
    replication_factor: int | None = None
    topic_config: Mapping[str, str] = field(default_factory=dict)
    rate: Course | None = None
    at: At = field(default_factory=dict)
    steered: tuple[Steered, ...] = ()
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


def at_rate(plan: ScenarioPlan, rate_text: str) -> ScenarioPlan:
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
        replace(s, rate=share_of(rate, s.weight, weights)) if s.spec.name in shared else s
        for s in plan.streams
    )
    changed = scenario.model_copy(update={"rate": rate})
    return replace(plan, streams=streams, scenario=changed)


def _check_script(stream: StreamPlan, rate: Constant) -> None:
    try:
        check_at(rate, stream.at)
    except ValueError as e:
        raise SettingError(f"--rate: stream {stream.spec.name!r}: {e}") from e


def share_of(rate: Constant, weight: float, weights: float) -> Constant:
    """Return a stream's share of the rate of all, as fine as rates are."""
    if rate.constant == "max":
        return rate
    rows_per_s = float(rate.constant) * weight / weights
    places = 3 if rows_per_s < WHOLE_FROM else None
    return Constant(constant=max(float(RATE_MIN), round(rows_per_s, places)))
