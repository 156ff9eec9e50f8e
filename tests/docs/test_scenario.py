"""docs/scenario.md is so: its tables are the model, and its examples run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import gerador
from gerador.errors import ScenarioError
from gerador.scenario.external import FileExternalTypes
from gerador.scenario.json_schema import scenario_json_schema
from gerador.scenario.load import parse_model, parse_scenario
from gerador.scenario.nested_values import CONTAINERS
from gerador.scenario.yaml_reader import read_yaml
from gerador.values import GENERATORS
from tests.docs.examples import Block, blocks, page
from tests.docs.scenario_kinds import EXAMPLES, TABLES, WITH_A_SCHEMA, scenario_of

PAGE = "scenario.md"
SCENARIOS = [block for block in blocks(PAGE, "yaml") if not block.mark]
BROKEN = [block for block in blocks(PAGE, "yaml") if block.mark == "broken"]
VALIDATOR = Draft202012Validator(scenario_json_schema())


def table(name: str) -> list[str]:
    """Return the rows of the table below a comment."""
    _, _, rest = page(PAGE).partition(f"<!-- {name} -->\n")
    return rest.partition("\n\n")[0].splitlines()[2:]


@pytest.mark.parametrize("name", TABLES)
def test_the_tables_are_the_model(name: str) -> None:
    """Word by word and value by value; `python -m tests.docs.scenario_kinds` prints them."""
    assert table(name) == TABLES[name]()


def test_every_kind_has_an_example() -> None:
    """None is missing, and there is no other."""
    assert set(EXAMPLES) == {*GENERATORS, *CONTAINERS}


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_example_of_a_kind_is_taken(kind: str) -> None:
    """By the program, and by the JSON Schema."""
    value, _ = read_yaml(scenario_of(kind), "s.yaml", {})
    assert not list(VALIDATOR.iter_errors(value))
    scenario, _ = parse_model(scenario_of(kind), "s.yaml", {})
    assert scenario.streams["s"].fields["x"].kind == kind
    if kind not in WITH_A_SCHEMA:
        parse_scenario(scenario_of(kind), "s.yaml", {}, FileExternalTypes(Path("nowhere")))


@pytest.mark.parametrize("block", SCENARIOS, ids=lambda block: block.place)
def test_every_scenario_makes_rows(block: Block, tmp_path: Path) -> None:
    """As it is printed."""
    file = tmp_path / "pedidos.yaml"
    file.write_text(block.text, "utf-8")
    assert not list(VALIDATOR.iter_errors(read_yaml(block.text, "pedidos.yaml", {})[0]))
    for stream in gerador.streams(file).values():
        assert stream.rows(0, 10).num_rows == 10


def test_what_is_broken_is_told_as_shown() -> None:
    """The complaints below the broken example are the program's."""
    (block,) = BROKEN
    with pytest.raises(ScenarioError) as refused:
        parse_scenario(block.text, "pedidos.yaml", {}, FileExternalTypes(Path("nowhere")))
    (text,) = re.findall(r"```text\n(.*?)\n```", page(PAGE), re.DOTALL)
    assert str(refused.value) == text
