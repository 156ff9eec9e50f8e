"""Throughput of the streams of a scenario on one core, each alone and all interleaved."""

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
"""Rows of one stream per round."""
ROWS_INTERLEAVED: Final = 32 * BLOCK_ROWS
"""Rows of all streams per round: many blocks, so that partial blocks hardly count."""
TURNS_PER_ROUND: Final = 16
"""Alternations between the streams per round."""
STAGES: Final = ("generated", "encoded", "batched")
SEED: Final = 1
"""Seed of a scenario without one."""


@dataclass(frozen=True, slots=True)
class StageSpeeds:
    """Rows per second of CPU time; each stage includes the previous one."""

    generated: float
    encoded: float
    """Values, keys and partitions encoded."""
    batched: float
    """Written as record batches, as in a run."""


@dataclass(frozen=True, slots=True)
class StreamSpeed:
    """One stream; generating the rows of other streams that it looks up is included."""

    name: str
    share: float
    """Share of the scenario's rows, [0.0, 1.0]; 0 for a bounded stream next to endless ones."""
    speeds: StageSpeeds
    value_bytes: float
    record_bytes: float
    """Mean bytes of a record with its share of the batch header; `value_bytes` with the prefix."""
    fields: tuple[FieldCost, ...]
    """Cost of each field, highest first."""


@dataclass(frozen=True, slots=True)
class ScenarioSpeed:
    """A scenario: all streams interleaved in proportion to their rates, and each one alone."""

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
    """Measure a scenario. Cost: a few seconds per stream.

    `shares` of the rows by stream, [0.0, 1.0] each, with sum 1.0; `partitions` applies to streams
    that declare none. Limits Arrow to one thread, permanently.

    Raises SettingError, DataError: rows that cannot be generated.
    """
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    stream_set = _stream_set(plan)

    def all_stages() -> dict[str, StreamStages]:
        """Return the streams at their first rows, so that event times match when interleaved."""
        return {
            s.spec.name: StreamStages(
                stream_set.rows_of(s.spec.name), s.partitions or partitions, batch_bytes_max
            )
            for s in plan.streams
        }

    streams = tuple(
        _measure_alone(stages, shares[name], rounds) for name, stages in all_stages().items()
    )
    return ScenarioSpeed(
        _measure_interleaved(all_stages(), shares, rounds),
        sum(stream.value_bytes * stream.share for stream in streams),
        sum(stream.record_bytes * stream.share for stream in streams),
        streams,
    )


def _stream_set(plan: ScenarioPlan) -> StreamSet:
    seed = SEED if plan.seed is None else plan.seed
    start_ns = parse_timestamp_ns(EPOCH if plan.start is None else plan.start)
    specs = [stream.spec for stream in plan.streams]
    return StreamSet(specs, seed, schedules_for(plan, start_ns, seed))


def _measure_alone(stages: StreamStages, share: float, rounds: int) -> StreamSpeed:
    speeds = _speeds(lambda stage: stages.run_stage(stage, ROWS_ALONE), ROWS_ALONE, rounds)
    fields = measure_field_costs(stages, rounds)
    return StreamSpeed(
        stages.spec.name, share, speeds, stages.value_bytes, stages.record_bytes, fields
    )


def _measure_interleaved(
    stages: Mapping[str, StreamStages], shares: Mapping[str, float], rounds: int
) -> StageSpeeds:
    rows = ROWS_INTERLEAVED // TURNS_PER_ROUND
    counts = {name: max(1, round(shares[name] * rows)) for name in stages if shares[name]}

    def run_stage(stage: str) -> float:
        turns = (
            stages[name].run_stage(stage, n)
            for _ in range(TURNS_PER_ROUND)
            for name, n in counts.items()
        )
        return sum(turns)

    return _speeds(run_stage, sum(counts.values()) * TURNS_PER_ROUND, rounds)


def _speeds(run_stage: Callable[[str], float], rows: int, rounds: int) -> StageSpeeds:
    """Return rows per second of each stage, the best of several alternating rounds."""
    best_s: dict[str, float] = {}
    for _ in range(1 + rounds):  # the first round fills caches
        for stage in STAGES:
            spent_s = run_stage(stage)
            best_s[stage] = min(spent_s, best_s.get(stage, spent_s))
    generated, encoded, batched = (rows / best_s[stage] for stage in STAGES)
    return StageSpeeds(generated, encoded, batched)
