"""The recipe of a run as a scenario file: run again, it makes the same rows at the same times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gerador.events.changes import Burst, Halt
from gerador.rates import FULL_SPEED, duration_text, rate_text
from gerador.scenario.course import Constant
from gerador.scenario.file.dump import write_scenario
from gerador.scenario.steered import Steered

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gerador.events.changes import Change, LiveChange
    from gerador.scenario.file.model import Scenario, StreamFile
    from gerador.service.stream import StreamRun


def recipe_of_run(
    scenario: Scenario, seed: int, start: datetime, runs: Mapping[str, StreamRun]
) -> str:
    """Return the YAML of `scenario` with what was chosen and steered in this run.

    Speed is left out: a start in the past is not caught up with unless that is asked for again.
    """
    streams = {
        name: stream.model_copy(update=_run(stream, runs[name]))
        for name, stream in scenario.streams.items()
    }
    update = {"seed": seed, "start": start, "streams": streams}
    return write_scenario(scenario.model_copy(update=update))


def _run(stream: StreamFile, run: StreamRun) -> dict[str, Any]:
    # Which partition a row is in depends on how many the topic turned out to have.
    status = run.status()
    partitions = stream.topic.partitions if status.topic is None else status.partitions
    return {
        "topic": stream.topic.model_copy(update={"partitions": partitions}),
        "steered": tuple(steered_of(change) for change in run.timeline.steered),
        "rows": run.recipe.rows,
    }


def steered_of(live: LiveChange) -> Steered:
    """Return a live change as a recipe says it."""
    return Steered.model_validate(
        {"row": live.row, "at": duration_text(live.offset_ns), **_said(live.change)}
    )


def _said(change: Change) -> dict[str, Any]:
    match change:
        case Burst():
            return {"burst": change.rows}
        case Halt():
            return {"halt": change.value}
        case _:
            rate = change.pace.rows_per_s
            course = Constant.model_validate(
                {
                    "constant": FULL_SPEED if rate is None else rate_text(rate),
                    "poisson": change.pace.is_poisson,
                }
            )
            over = duration_text(change.over_ns) if change.over_ns else None
            return {"rate": course, "over": over}
