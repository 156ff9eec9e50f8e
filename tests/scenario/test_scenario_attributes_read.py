"""Nothing in a scenario file is ignored: for each word of the model there is code that reads it."""

from __future__ import annotations

from pathlib import Path

from gerador.scenario.model import Scenario, StreamModel, TopicModel
from gerador.scenario.nested_values import CONTAINERS
from gerador.values import GENERATORS
from tests.scenario.attribute_readers import PACKAGE, models, unread


def test_every_word_is_read():
    """Of every class that a file can hold, every attribute."""
    assert unread(Scenario) == []


def test_every_class_is_walked():
    """The walk comes to all kinds and forms."""
    found = models(Scenario)
    assert {StreamModel, TopicModel, *GENERATORS.values(), *CONTAINERS.values()} <= found
    names = {model.__name__ for model in found}
    assert {"Skew", "State", "SineShape", "Step", "RateAt", "FieldHeader", "Steered"} <= names


class _Planted(TopicModel):
    """A topic with words that nobody reads, one of them as common as words are."""

    retention_planted: int = 0
    text: str = ""


class _PlantedStream(StreamModel):
    """A stream with one that only itself reads."""

    topic: _Planted = _Planted()
    planted_rate: float = 0.0

    def itself(self) -> float:
        """Read it."""
        return self.planted_rate


class _PlantedScenario(Scenario):
    """A scenario of such streams."""

    streams: dict[str, _PlantedStream]


def test_a_word_that_nobody_reads_is_found():
    """A planted one, also where its name is read of other things, or by its own class."""
    files = [*sorted(PACKAGE.rglob("*.py")), Path(__file__)]
    found = set(unread(_PlantedScenario, files))
    assert "_PlantedStream.planted_rate" in found
    assert "_Planted.retention_planted" in found


def test_code_that_is_removed_is_missed():
    """Without the modules that make values, their parameters are unread."""
    files = [path for path in sorted(PACKAGE.rglob("*.py")) if "events" not in path.parts]
    found = set(unread(Scenario, files))
    assert {"WalkField.spread", "BetaField.a", "LognormalField.sigma"} <= found
