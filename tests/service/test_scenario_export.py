"""The recipe of a run as a scenario file, with what only the run knows."""

from __future__ import annotations

import yaml

from gerador.scenario.model import Scenario
from gerador.scenario.stream_spec import default_stream
from gerador.schedule.target_rate import MAX
from gerador.service.scenario_export import export_recipe
from gerador.service.stream_config import Destination, Recipe
from gerador.service.stream_run import StreamRun
from tests.service.fakes import WALL, FakeClock, FakeMaker, FakeSink

SCENARIO = Scenario.model_validate(
    {"streams": {"registros": {"topic": {"key": "id"}, "fields": {"id": "uuid"}}}}
)


def recipe(partitions: int) -> dict[str, object]:
    """Return the stream as the recipe has it of a run into so many partitions (0: none known)."""
    sink = FakeSink(partitions=partitions)
    run = StreamRun(
        default_stream(),
        Recipe(seed=1, pace=MAX, rows=30),
        Destination(sink=sink, maker=lambda _: FakeMaker(), topic="t", linger_s=0),
        FakeClock(),
    )
    said = yaml.safe_load(export_recipe(SCENARIO, 1, WALL, {"registros": run}))
    stream = said["streams"]["registros"]
    assert isinstance(stream, dict)
    return stream


def test_the_partitions_that_the_topic_has_are_said():
    """Rows are in the same partitions again, whether the file, an option or the topic said it."""
    assert recipe(6)["topic"] == {"key": "id", "partitions": 6}


def test_without_a_topic_there_are_none():
    """A run without Kafka leaves the file's own word."""
    assert recipe(0)["topic"] == {"key": "id"}


def test_the_bound_of_the_run_is_said():
    """--rows is in the recipe."""
    assert recipe(6)["rows"] == 30
