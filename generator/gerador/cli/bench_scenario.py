"""`gerador bench --scenario` and `--schema`: throughput and field costs on one core."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gerador.bench.field_costs import FieldCost
    from gerador.bench.scenario_throughput import ScenarioSpeed, StageSpeeds, StreamSpeed
    from gerador.scenario.plan import ScenarioPlan


FIELDS_SHOWN_MAX: Final = 4
"""Fields listed in the table for each stream."""
ALL: Final = "all"
MILLION: Final = 1e6
CAPTION: Final = (
    "Million rows per second on one core: rows generated; values and keys encoded; record batches "
    "written. Each includes the previous. Bytes per record. A single stream also generates the "
    "rows that it looks up; `all` interleaves the streams in proportion to their rates."
)


def run_scenario_bench(
    scenario: str | None,
    schema: str | None,
    *,
    rounds: int,
    partitions: int,
    batch_bytes_max: int,
) -> tuple[ScenarioSpeed, dict[str, Any]]:
    """Measure a scenario (a file or a name of the gallery), or the stream of an Avro schema.

    Raises ConfigurationError: invalid scenario or schema; a ScenarioError has one line per error.
    DataError: rows that cannot be generated.
    """
    from gerador.bench.scenario_throughput import measure_scenario  # noqa: PLC0415 - loads the row generators

    plan = _load_plan(scenario, schema)
    speed = measure_scenario(
        plan, row_shares(plan),
        rounds=rounds, partitions=partitions, batch_bytes_max=batch_bytes_max,
    )  # fmt: skip
    return speed, {"scenario": scenario or schema, **asdict(speed)}


def _load_plan(scenario: str | None, schema: str | None) -> ScenarioPlan:
    from gerador.cli.registry_reader import registry_schema_reader  # noqa: PLC0415
    from gerador.scenario.load import load_plan  # noqa: PLC0415
    from gerador.scenario.plan import ScenarioPlan, StreamPlan  # noqa: PLC0415
    from gerador.scenario.stream_spec import spec_for  # noqa: PLC0415
    from gerador.settings.load import load_settings  # noqa: PLC0415

    if scenario is not None:
        return load_plan(scenario, os.environ, registry_schema_reader(load_settings(os.environ)))
    spec = spec_for(schema=Path(schema or ""))
    return ScenarioPlan(seed=None, start=None, streams=(StreamPlan(spec=spec),))


def row_shares(plan: ScenarioPlan) -> dict[str, float]:
    """Return the share of each stream in the rows: by mean rate, or by weight without rates.

    Bounded streams next to endless ones have share 0; without endless ones, by their rows.
    """
    from gerador.cli.stream_estimates import estimate_rates  # noqa: PLC0415

    endless = [stream for stream in plan.streams if stream.spec.rows is None]
    counted = endless or plan.streams
    rates = [estimate_rates(stream).mean for stream in counted]
    parts: list[float] = [stream.spec.rows or stream.weight for stream in counted]
    if endless and None not in rates:
        parts = [rate or 0.0 for rate in rates]
    shares = {s.spec.name: p / sum(parts) for s, p in zip(counted, parts, strict=True)}
    return {s.spec.name: shares.get(s.spec.name, 0.0) for s in plan.streams}


def scenario_table(name: str, speed: ScenarioSpeed) -> Table:
    """Return the results as a table: one line per stream with its costliest fields, and all."""
    table = Table(title=f"gerador bench {name}", title_justify="left")
    table.add_column("stream", no_wrap=True)
    for column in ("share", "generated", "encoded", "batched", "bytes"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("costliest fields", overflow="fold")
    for stream in speed.streams:
        costliest = ", ".join(map(_cost, stream.fields[:FIELDS_SHOWN_MAX]))
        table.add_row(stream.name, f"{stream.share:.0%}", *_columns(stream), costliest)
    if len(speed.streams) > 1:
        table.add_section()
        table.add_row(ALL, "", *_columns(speed), "")
    table.caption = CAPTION
    table.caption_justify = "left"
    return table


def _columns(speed: ScenarioSpeed | StreamSpeed) -> Iterator[str]:
    speeds: StageSpeeds = speed.speeds
    for rows_per_s in (speeds.generated, speeds.encoded, speeds.batched):
        yield f"{rows_per_s / MILLION:.2f} M"
    yield f"{speed.record_bytes:.0f}"


def _cost(cost: FieldCost) -> str:
    return f"{cost.name} {cost.share:.0%}"
