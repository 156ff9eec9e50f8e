"""Every key of a scenario file has an effect: some code reads it."""

from __future__ import annotations

from pathlib import Path

from gerador.scenario.model import Scenario, StreamModel, TopicModel
from gerador.scenario.nested_values import CONTAINERS
from gerador.values import GENERATORS
from tests.scenario.attribute_readers import PACKAGE, models, unread


def test_every_key_is_read():
    """Every attribute of every model that a file can contain is read."""
    assert unread(Scenario) == []


def test_every_model_is_reached():
    """The search reaches all generators, load profiles and changes."""
    found = models(Scenario)
    assert {StreamModel, TopicModel, *GENERATORS.values(), *CONTAINERS.values()} <= found
    names = {model.__name__ for model in found}
    assert {"RowSkew", "State", "SineParameters", "Step", "ScriptedRate"} <= names
    assert {"FieldHeader", "RecordedChange"} <= names


class _PlantedTopic(TopicModel):
    """A topic with keys that nothing reads, one of them with a common name."""

    retention_planted: int = 0
    text: str = ""


class _PlantedStream(StreamModel):
    """A stream with a key that only the class itself reads."""

    topic: _PlantedTopic = _PlantedTopic()
    planted_rate: float = 0.0

    def own_reader(self) -> float:
        """Read it."""
        return self.planted_rate


class _PlantedScenario(Scenario):
    """A scenario of such streams."""

    streams: dict[str, _PlantedStream]


def test_unread_key_is_found():
    """Also when other classes have an attribute of that name, or only its own class reads it."""
    files = [*sorted(PACKAGE.rglob("*.py")), Path(__file__)]
    found = set(unread(_PlantedScenario, files))
    assert "_PlantedStream.planted_rate" in found
    assert "_PlantedTopic.retention_planted" in found


def test_removed_code_is_noticed():
    """Without the modules that generate values, the parameters of generators are unread."""
    files = [path for path in sorted(PACKAGE.rglob("*.py")) if "values" not in path.parts]
    found = set(unread(Scenario, files))
    assert {
        "BetaDistribution.a",
        "LognormalDistribution.sigma",
        "RandomWalkGenerator.sd",
    } <= found
