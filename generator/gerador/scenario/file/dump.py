"""The model of a scenario as a file again, in the file's short forms: it reads as an equal model.

Keys stand in the model's order, and what has its default is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gerador.scenario.file.dump_rates import changes, course
from gerador.scenario.file.dump_values import plain, written
from gerador.scenario.file.layout import laid_out
from gerador.scenario.file.model_at import words_of

if TYPE_CHECKING:
    from gerador.scenario.file.model import Scenario, StreamFile


def write_scenario(scenario: Scenario) -> str:
    """Return a scenario as YAML that reads as an equal one. Cost: O(text)."""
    return laid_out(_scenario(scenario))


def _scenario(scenario: Scenario) -> dict[str, Any]:
    said = plain(scenario, but={"streams", "speed", "rate"})
    timed = scenario.model_dump(
        mode="json", by_alias=True, exclude_defaults=True, include={"speed", "rate"}
    )
    if scenario.rate is not None:
        timed["rate"] = course(scenario.rate)
    streams = {name: _stream(stream) for name, stream in scenario.streams.items()}
    return {**said, **timed, "streams": streams}


def _stream(stream: StreamFile) -> dict[str, Any]:
    made = plain(stream, but={"topic", "fields", "let", "rate", "at"})
    if topic := plain(stream.topic):
        made["topic"] = topic["name"] if set(topic) == {"name"} else topic
    for name in ("let", "fields"):
        if values := getattr(stream, name):
            made[name] = {k: written(v) for k, v in values.items()}
    if stream.rate is not None:
        made["rate"] = course(stream.rate)
    if stream.at:
        made["at"] = changes(stream.at)
    order = words_of(type(stream))
    return dict(sorted(made.items(), key=lambda item: order.index(item[0])))
