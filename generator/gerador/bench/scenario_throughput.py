"""Throughput of the streams of a scenario on one core, each alone and all interleaved, without a broker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from gerador.bench.field_costs import FieldCost, measure_field_costs
from gerador.bench.stream_stages import StreamStages
from gerador.events.stream_set import StreamSet
from gerador.limits import BLOCK_ROWS
from gerador.scenario.plan import schedules_for
from gerador.units import EPOCH, parse_timestamp_ns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gerador.scenario.plan import ScenarioPlan


ROWS_ALONE: Final = 4 * BLOCK_ROWS
"""Rows of one stream that a round makes."""
ROWS_INTERLEAVED: Final = 32 * BLOCK_ROWS
"""Rows of all streams that a round makes: many blocks, so that one more or less is no matter."""
TURNS_PER_ROUND: Final = 16
"""Times that each stream has its turn in such a round."""
STAGES: Final = ("made", "encoded", "framed")
SEED: Final = 1
"""Where the scenario says none."""


@dataclass(frozen=True, slots=True)
class StageSpeeds:
    """Rows per second of the processor's time; each figure includes what the one before does."""

    made: float
    encoded: float
    """With values, keys and partitions."""
    framed: float
    """The same written in place as record batches, as a run does it."""


@dataclass(frozen=True, slots=True)
class StreamSpeed:
    """A stream by itself; rows of others that it looks up are its own cost."""

    name: str
    share: float
    """Of the scenario's rows, [0.0, 1.0]; 0 for a bounded one beside endless ones."""
    speeds: StageSpeeds
    value_bytes: float
    record_bytes: float
    """Mean bytes of a value with its prefix, and of a record with its share of a batch."""
    fields: tuple[FieldCost, ...]
    """What each field costs, the dearest first."""


@dataclass(frozen=True, slots=True)
class ScenarioSpeed:
    """A scenario: all streams in turn in the proportion of their rates, and each by itself."""

    speeds: StageSpeeds
    value_bytes: float
    record_bytes: float
    streams: tuple[StreamSpeed, ...]


def measure_scenario(
    plan: ScenarioPlan,
    shares: Mapping[str, float],
    *,
    rounds: int,
    partitions: int,
    batch_bytes_max: int,
) -> ScenarioSpeed:
    """Measure a scenario. Cost: a few seconds a stream.

    `shares` of the rows by stream, [0.0, 1.0] each, 1.0 together; `partitions` is for streams
    that declare none. Holds Arrow to one thread from now on.

    Raises SettingError, DataError: rows that cannot be made.
    """
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    tables = _tables(plan)

    def lones() -> dict[str, StreamStages]:
        """Return the streams at their first rows: side by side, at the same event times."""
        return {
            s.spec.name: StreamStages(
                tables.get(s.spec.name), s.partitions or partitions, batch_bytes_max
            )
            for s in plan.streams
        }

    streams = tuple(_measure_alone(lone, shares[name], rounds) for name, lone in lones().items())
    return ScenarioSpeed(
        _measure_interleaved(lones(), shares, rounds),
        sum(stream.value_bytes * stream.share for stream in streams),
        sum(stream.record_bytes * stream.share for stream in streams),
        streams,
    )


def _tables(plan: ScenarioPlan) -> StreamSet:
    seed = SEED if plan.seed is None else plan.seed
    start_ns = parse_timestamp_ns(EPOCH if plan.start is None else plan.start)
    specs = [stream.spec for stream in plan.streams]
    return StreamSet(specs, seed, schedules_for(plan, start_ns, seed))


def _measure_alone(lone: StreamStages, share: float, rounds: int) -> StreamSpeed:
    speeds = _speeds(lambda stage: lone.spend(stage, ROWS_ALONE), ROWS_ALONE, rounds)
    fields = measure_field_costs(lone, rounds)
    return StreamSpeed(lone.spec.name, share, speeds, lone.value_bytes, lone.record_bytes, fields)


def _measure_interleaved(
    lones: Mapping[str, StreamStages], shares: Mapping[str, float], rounds: int
) -> StageSpeeds:
    rows = ROWS_INTERLEAVED // TURNS_PER_ROUND
    counts = {name: max(1, round(shares[name] * rows)) for name in lones if shares[name]}

    def spend(stage: str) -> float:
        turns = (
            lones[name].spend(stage, n)
            for _ in range(TURNS_PER_ROUND)
            for name, n in counts.items()
        )
        return sum(turns)

    return _speeds(spend, sum(counts.values()) * TURNS_PER_ROUND, rounds)


def _speeds(spend: Callable[[str], float], rows: int, rounds: int) -> StageSpeeds:
    """Return rows per second of each stage, the best of some rounds in which they take turns."""
    best_s: dict[str, float] = {}
    for _ in range(1 + rounds):  # the first one also makes what is kept
        for stage in STAGES:
            spent_s = spend(stage)
            best_s[stage] = min(spent_s, best_s.get(stage, spent_s))
    made, encoded, framed = (rows / best_s[stage] for stage in STAGES)
    return StageSpeeds(made, encoded, framed)
