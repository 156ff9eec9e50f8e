"""Export of a run as a scenario file (GET /recipe) that reproduces its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gerador.scenario.dump import write_scenario
from gerador.schedule.changes import Burst, PauseChange
from gerador.schedule.profiles import Constant
from gerador.schedule.scripted_changes import RecordedChange
from gerador.units import MAX_RATE_TEXT, duration_text, rate_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gerador.scenario.model import Scenario, StreamModel
    from gerador.schedule.changes import Change, LiveChange
    from gerador.service.stream_run import StreamRun


def export_recipe(
    scenario: Scenario, seed: int, start: datetime, runs: Mapping[str, StreamRun]
) -> str:
    """Return the YAML of `scenario` with the seed, start and live changes of this run.

    `backfill_speed` is omitted: rows do not depend on it.
    """
    streams = {
        name: stream.model_copy(update=_run_fields(stream, runs[name]))
        for name, stream in scenario.streams.items()
    }
    update = {"seed": seed, "start": start, "streams": streams}
    return write_scenario(scenario.model_copy(update=update))


def _run_fields(stream: StreamModel, run: StreamRun) -> dict[str, Any]:
    # The partition of a row depends on the number of partitions, which the topic may determine.
    status = run.status()
    partitions = stream.topic.partitions if status.topic is None else status.partitions
    return {
        "topic": stream.topic.model_copy(update={"partitions": partitions}),
        "live_changes": tuple(recorded_change(change) for change in run.live_schedule.live_changes),
        "rows": run.recipe.rows,
    }


def recorded_change(live: LiveChange) -> RecordedChange:
    """Return a live change in the form of a scenario file."""
    return RecordedChange.model_validate(
        {"row": live.row, "at": duration_text(live.offset_ns), **_change_fields(live.change)}
    )


def _change_fields(change: Change) -> dict[str, Any]:
    match change:
        case Burst():
            return {"burst": change.rows}
        case PauseChange():
            return {"action": change.value}
        case _:
            rate = change.target_rate.rows_per_s
            profile = Constant.model_validate(
                {
                    "constant": MAX_RATE_TEXT if rate is None else rate_text(rate),
                    "poisson": change.target_rate.is_poisson,
                }
            )
            over = duration_text(change.over_ns) if change.over_ns else None
            return {"rate": profile, "over": over}
