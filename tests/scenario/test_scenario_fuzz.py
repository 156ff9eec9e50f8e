"""Whatever a file says, reading it ends in a plan or in complaints: never in another exception."""

from __future__ import annotations

import copy
import functools
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gerador.errors import ScenarioError
from gerador.scenario import gallery
from gerador.scenario.dump import write_scenario
from gerador.scenario.external import ExternalTypes
from gerador.scenario.load import parse_scenario
from gerador.scenario.nested_values import CONTAINERS
from gerador.scenario.yaml_reader import NullKey, read_yaml
from gerador.values import GENERATORS
from tests.scenario.generated_models import TRICKY, anything, scenarios

SOURCE = "f.yaml"


class Dumper(yaml.SafeDumper):
    """Writes what was read, a key that was null as null."""


Dumper.add_representer(
    NullKey, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:null", str(text))
)
KNOWLEDGE = ExternalTypes(Path("nowhere"))
PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)
QUIET = settings(
    suppress_health_check=list(HealthCheck), deadline=None, phases=PHASES, max_examples=25
)
PIECES = [
    *TRICKY, *GENERATORS, *CONTAINERS, "streams:", "  s:", "    fields:", "      x: ", "{", "}", "[",
    "]", ": ", ", ", "\n", "\n  ", "- ", "from", "c.id", "rate", "at",
    "5m", "500/s", "topic", "key",
    "1%",
    "null", "else", "of", "length", "min", "max", "registro.avsc", "\t", "!!int", "&a", "*a",
    "|", ">",
]  # fmt: skip


def ends(text: str) -> None:
    """Read a file to its end. Complaints begin with the file, and are not empty."""
    complaint = _complaint(text)
    if complaint is not None:
        assert complaint
        assert all(line.startswith(SOURCE) for line in complaint.splitlines()), complaint


def _complaint(text: str) -> str | None:
    try:
        parse_scenario(text, SOURCE, {"NOME": "x"}, KNOWLEDGE)
    except ScenarioError as refused:
        return str(refused)
    return None


@given(st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PIECES), max_size=20).map("".join)))
@settings(suppress_health_check=list(HealthCheck), deadline=None, phases=PHASES, max_examples=150)
def test_any_text_ends_well(text: str):
    """Random characters, and random pieces of scenarios."""
    ends(text)


@given(scenarios())
@QUIET
def test_any_model_ends_well(scenario: Any):
    """Scenarios whose words are right, whatever they come to together."""
    ends(write_scenario(scenario))


@functools.cache
def whole(name: str) -> Any:
    """Return a scenario of the gallery as plain values."""
    return read_yaml(gallery.path(name).read_text("utf-8"), name, {})[0]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every value inside."""
    if not isinstance(value, dict | list):
        return []
    return [
        found
        for key, inner in (value.items() if isinstance(value, dict) else enumerate(value))
        for found in ((*path, key), *places(inner, (*path, key)))
    ]


@pytest.mark.parametrize("name", gallery.names())
@given(data=st.data())
@QUIET
def test_a_changed_scenario_ends_well(name: str, data: st.DataObject):
    """A scenario of the gallery with a value replaced, removed, renamed, or moved elsewhere."""
    value = copy.deepcopy(whole(name))
    for _ in range(data.draw(st.integers(1, 3))):
        ways = places(value)
        if not ways:
            break
        way = data.draw(st.sampled_from(ways))
        holder = functools.reduce(lambda at, key: at[key], way[:-1], value)
        match data.draw(st.sampled_from(["replace", "remove", "rename", "move"])):
            case "replace":
                holder[way[-1]] = data.draw(anything)
            case "remove":
                del holder[way[-1]]
            case "rename" if isinstance(holder, dict):
                holder[data.draw(st.sampled_from(PIECES))] = holder.pop(way[-1])
            case _:
                other = data.draw(st.sampled_from(ways))
                holder[way[-1]] = copy.deepcopy(functools.reduce(_inside, other, value))
    ends(yaml.dump(value, Dumper=Dumper, allow_unicode=True, sort_keys=False))


def _inside(at: Any, key: Any) -> Any:
    """Follow a way as far as it is still there."""
    try:
        return at[key]
    except (LookupError, TypeError):
        return at
