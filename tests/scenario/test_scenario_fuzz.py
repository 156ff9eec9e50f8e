"""Any file is loaded or rejected with a ScenarioError; no other exception is raised."""

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
from gerador.scenario.external_sources import ExternalTypes
from gerador.scenario.load import parse_scenario
from gerador.scenario.nested_values import CONTAINERS
from gerador.scenario.yaml_reader import NullKey, read_yaml
from gerador.values import GENERATORS
from tests.scenario.generated_models import TRICKY, anything, scenarios

SOURCE = "f.yaml"


class Dumper(yaml.SafeDumper):
    """Writes values as they were read, with null keys unquoted."""


Dumper.add_representer(
    NullKey, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:null", str(text))
)
EXTERNAL = ExternalTypes(Path("nowhere"))
PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)
QUIET = settings(
    suppress_health_check=list(HealthCheck), deadline=None, phases=PHASES, max_examples=25
)
PIECES = [
    *TRICKY, *GENERATORS, *CONTAINERS, "streams:", "  s:", "    fields:", "      x: ", "{", "}",
    "[", "]", ": ", ", ", "\n", "\n  ", "- ", "from", "c.id", "rate", "at",
    "5m", "500/s", "topic", "key",
    "1%",
    "null", "else", "of", "length", "min", "max", "registro.avsc", "\t", "!!int", "&a", "*a",
    "|", ">",
]  # fmt: skip


def check(text: str) -> None:
    """Load a file; each line of an error message begins with the name of the file."""
    message = _error_message(text)
    if message is not None:
        assert message
        assert all(line.startswith(SOURCE) for line in message.splitlines()), message


def _error_message(text: str) -> str | None:
    try:
        parse_scenario(text, SOURCE, {"NOME": "x"}, EXTERNAL)
    except ScenarioError as error:
        return str(error)
    return None


@given(st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PIECES), max_size=20).map("".join)))
@settings(suppress_health_check=list(HealthCheck), deadline=None, phases=PHASES, max_examples=150)
def test_any_text(text: str):
    """Random characters, and random pieces of scenarios."""
    check(text)


@given(scenarios())
@QUIET
def test_any_model(scenario: Any):
    """Valid models, whose values need not be valid together."""
    check(write_scenario(scenario))


@functools.cache
def gallery_value(name: str) -> Any:
    """Return a scenario of the gallery as plain values."""
    return read_yaml(gallery.path(name).read_text("utf-8"), name, {})[0]


def locations(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the location of every nested value."""
    if not isinstance(value, dict | list):
        return []
    return [
        found
        for key, inner in (value.items() if isinstance(value, dict) else enumerate(value))
        for found in ((*path, key), *locations(inner, (*path, key)))
    ]


@pytest.mark.parametrize("name", gallery.names())
@given(data=st.data())
@QUIET
def test_changed_gallery_scenario(name: str, data: st.DataObject):
    """A gallery scenario with values replaced, removed, renamed or copied elsewhere."""
    value = copy.deepcopy(gallery_value(name))
    for _ in range(data.draw(st.integers(1, 3))):
        found = locations(value)
        if not found:
            break
        location = data.draw(st.sampled_from(found))
        holder = functools.reduce(lambda at, key: at[key], location[:-1], value)
        match data.draw(st.sampled_from(["replace", "remove", "rename", "move"])):
            case "replace":
                holder[location[-1]] = data.draw(anything)
            case "remove":
                del holder[location[-1]]
            case "rename" if isinstance(holder, dict):
                holder[data.draw(st.sampled_from(PIECES))] = holder.pop(location[-1])
            case _:
                other = data.draw(st.sampled_from(found))
                holder[location[-1]] = copy.deepcopy(functools.reduce(_inside, other, value))
    check(yaml.dump(value, Dumper=Dumper, allow_unicode=True, sort_keys=False))


def _inside(at: Any, key: Any) -> Any:
    """Return the value at a key, or the value itself when the key is gone."""
    try:
        return at[key]
    except (LookupError, TypeError):
        return at
