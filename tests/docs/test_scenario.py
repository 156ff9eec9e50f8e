"""docs/scenario.md: its tables are those of the code, its examples run, its outputs are real."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import gerador
from gerador.cli.main import main
from gerador.errors import ScenarioError
from gerador.scenario.external_sources import ExternalTypes
from gerador.scenario.json_schema import scenario_json_schema
from gerador.scenario.load import parse_model, parse_scenario
from gerador.scenario.nested_values import CONTAINERS
from gerador.scenario.yaml_reader import read_yaml
from gerador.values import GENERATORS
from tests.docs.examples import Block, Example, blocks, examples, page
from tests.docs.scenario_kinds import EXAMPLES, TABLES, WITH_A_SCHEMA, scenario_of

PAGE = "scenario.md"
FILE = "shop.yaml"
SCENARIOS = [block for block in blocks(PAGE, "yaml") if not block.mark]
BROKEN = [block for block in blocks(PAGE, "yaml") if block.mark == "broken"]
VALIDATOR = Draft202012Validator(scenario_json_schema())


def table(name: str) -> list[str]:
    """Return the rows of the table below a comment."""
    _, _, rest = page(PAGE).partition(f"<!-- {name} -->\n")
    return rest.partition("\n\n")[0].splitlines()[2:]


@pytest.mark.parametrize("name", TABLES)
def test_the_tables_are_the_model(name: str) -> None:
    """Row by row; `python -m tests.docs.scenario_kinds` prints them."""
    assert table(name) == TABLES[name]()


def test_every_generator_has_an_example() -> None:
    """No generator is missing, and there are no others."""
    assert set(EXAMPLES) == {*GENERATORS, *CONTAINERS}


@pytest.mark.parametrize("kind", EXAMPLES)
def test_the_example_of_a_generator_is_valid(kind: str) -> None:
    """It is accepted by the scenario model and by the JSON Schema."""
    value, _ = read_yaml(scenario_of(kind), "s.yaml", {})
    assert not list(VALIDATOR.iter_errors(value))
    scenario, _ = parse_model(scenario_of(kind), "s.yaml", {})
    assert scenario.streams["s"].fields["x"].kind == kind
    if kind not in WITH_A_SCHEMA:
        parse_scenario(scenario_of(kind), "s.yaml", {}, ExternalTypes(Path("nowhere")))


@pytest.mark.parametrize("block", SCENARIOS, ids=lambda block: block.place)
def test_every_scenario_generates_rows(block: Block, tmp_path: Path) -> None:
    """Each example is valid by the JSON Schema, and its streams have rows."""
    for schema in (block for block in blocks(PAGE, "json") if block.mark):
        (tmp_path / f"{schema.mark}.avsc").write_text(schema.text, "utf-8")
    file = tmp_path / FILE
    file.write_text(block.text, "utf-8")
    assert not list(VALIDATOR.iter_errors(read_yaml(block.text, FILE, {})[0]))
    for stream in gerador.streams(file).values():
        assert stream.rows(0, 10).num_rows == 10


@pytest.mark.parametrize("example", examples(PAGE), ids=lambda example: example.place)
def test_commands_print_what_is_shown(
    example: Example,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The commands print rows of the first scenario."""
    (tmp_path / FILE).write_text(SCENARIOS[0].text, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", example.command.split())
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert capfd.readouterr().out.rstrip("\n") == example.answer


def test_error_messages_are_those_of_the_program() -> None:
    """The messages after the invalid scenario are the actual ones."""
    (block,) = BROKEN
    with pytest.raises(ScenarioError) as rejected:
        parse_scenario(block.text, FILE, {}, ExternalTypes(Path("nowhere")))
    (text,) = re.findall(r"```text\n(.*?)\n```", page(PAGE), re.DOTALL)
    assert [f"gerador: {line}" for line in str(rejected.value).splitlines()] == text.splitlines()
