"""`gerador bench --scenario` and `--schema`: throughput and field costs of a scenario on one core, without a broker."""

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
"""Fields that the table names, of each stream."""
ALL: Final = "all"
MILLION: Final = 1e6
CAPTION: Final = (
    "Million rows a second of one core's time: made; with values and keys encoded; written as "
    "record batches instead. Bytes of a record. A stream by itself also makes the rows that it "
    "looks up; all take turns in the proportion of their rates."
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

    Raises ConfigurationError: neither can be used; ScenarioError has a line for each complaint.
    DataError: rows that cannot be made.
    """
    from gerador.bench.scenario_throughput import measure_scenario  # noqa: PLC0415 - loads what makes rows

    plan = _load_plan(scenario, schema)
    speed = measure_scenario(
        plan, row_shares(plan),
        rounds=rounds, partitions=partitions, batch_bytes_max=batch_bytes_max,
    )  # fmt: skip
    return speed, {"scenario": scenario or schema, **asdict(speed)}


def _load_plan(scenario: str | None, schema: str | None) -> ScenarioPlan:
    from gerador.cli.registry_setup import registry_schema_reader  # noqa: PLC0415
    from gerador.scenario.external import load_plan  # noqa: PLC0415
    from gerador.scenario.plan import ScenarioPlan, StreamPlan  # noqa: PLC0415
    from gerador.scenario.stream_spec import spec_for  # noqa: PLC0415
    from gerador.settings.load import load_settings  # noqa: PLC0415

    if scenario is not None:
        return load_plan(scenario, os.environ, registry_schema_reader(load_settings(os.environ)))
    spec = spec_for(schema=Path(schema or ""))
    return ScenarioPlan(seed=None, start=None, streams=(StreamPlan(spec=spec),))


def row_shares(plan: ScenarioPlan) -> dict[str, float]:
    """Return each stream's share of the rows, once all flow: by mean rates, or else by weights.

    Bounded streams have none beside endless ones: they are over soon. Alone, their rows count.
    """
    from gerador.cli.stream_estimates import estimate_rates  # noqa: PLC0415

    endless = [stream for stream in plan.streams if stream.spec.rows is None]
    flowing = endless or plan.streams
    rates = [estimate_rates(stream).mean for stream in flowing]
    parts: list[float] = [stream.spec.rows or stream.weight for stream in flowing]
    if endless and None not in rates:
        parts = [rate or 0.0 for rate in rates]
    shares = {s.spec.name: p / sum(parts) for s, p in zip(flowing, parts, strict=True)}
    return {s.spec.name: shares.get(s.spec.name, 0.0) for s in plan.streams}


def scenario_table(name: str, speed: ScenarioSpeed) -> Table:
    """Return the figures as a table: a line a stream, the dearest fields, all together."""
    table = Table(title=f"gerador bench {name}", title_justify="left")
    table.add_column("stream", no_wrap=True)
    for column in ("share", "made", "encoded", "framed", "bytes"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("dearest fields", overflow="fold")
    for stream in speed.streams:
        dearest = ", ".join(map(_cost, stream.fields[:FIELDS_SHOWN_MAX]))
        table.add_row(stream.name, f"{stream.share:.0%}", *_figures(stream), dearest)
    if len(speed.streams) > 1:
        table.add_section()
        table.add_row(ALL, "", *_figures(speed), "")
    table.caption = CAPTION
    table.caption_justify = "left"
    return table


def _figures(speed: ScenarioSpeed | StreamSpeed) -> Iterator[str]:
    speeds: StageSpeeds = speed.speeds
    for rows_per_s in (speeds.made, speeds.encoded, speeds.framed):
        yield f"{rows_per_s / MILLION:.2f} M"
    yield f"{speed.record_bytes:.0f}"


def _cost(cost: FieldCost) -> str:
    return f"{cost.name} {cost.share:.0%}"
