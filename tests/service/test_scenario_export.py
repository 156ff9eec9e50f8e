"""The recipe of a run as a scenario file, with the values determined by the run."""

from __future__ import annotations

import yaml

from gerador.scenario.model import Scenario
from gerador.scenario.stream_spec import spec_for
from gerador.schedule.target_rate import MAX
from gerador.service.scenario_export import export_recipe
from gerador.service.stream_config import Destination, Recipe
from gerador.service.stream_run import StreamRun
from tests.service.fakes import WALL, FakeClock, FakeSink, FakeSliceBuilder

SCENARIO = Scenario.model_validate(
    {"streams": {"registros": {"topic": {"key": "id"}, "fields": {"id": "uuid"}}}}
)


def recipe(partitions: int) -> dict[str, object]:
    """Return the stream in the recipe of a run with `partitions` (0: not known)."""
    sink = FakeSink(partitions=partitions)
    run = StreamRun(
        spec_for(),
        Recipe(seed=1, target_rate=MAX, rows=30),
        Destination(sink=sink, create_builder=lambda _: FakeSliceBuilder(), topic="t", linger_s=0),
        FakeClock(),
    )
    exported = yaml.safe_load(export_recipe(SCENARIO, 1, WALL, {"registros": run}))
    stream = exported["streams"]["registros"]
    assert isinstance(stream, dict)
    return stream


def test_the_recipe_has_the_partitions_of_the_topic():
    """The number of partitions is exported, so that rows get the same partitions again."""
    assert recipe(6)["topic"] == {"key": "id", "partitions": 6}


def test_without_kafka_the_partitions_are_not_exported():
    """A run without Kafka keeps the topic of the scenario unchanged."""
    assert recipe(0)["topic"] == {"key": "id"}


def test_the_recipe_has_the_row_count_of_the_run():
    """The value of --rows is exported."""
    assert recipe(6)["rows"] == 30
