"""The JSON Schema of scenario files: editors accept what the program does, and see faults."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from gerador.scenario import gallery
from gerador.scenario.json_schema import describe_limits, scenario_json_schema
from gerador.scenario.nested_values import CONTAINERS
from gerador.scenario.yaml_reader import read_yaml
from gerador.values import GENERATORS
from tests.scenario.invalid_files import Broken, broken

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = scenario_json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
CASES = [case for case in broken() if case.mark != "text"]


def as_json(value: Any) -> Any:
    """Return a value with texts as keys, as an editor sees it."""
    if isinstance(value, dict):
        return {str(k): as_json(v) for k, v in value.items()}
    return [as_json(v) for v in value] if isinstance(value, list) else value


def complaints(text: str) -> list[str]:
    """Return what the schema says of a scenario's text."""
    value, _ = read_yaml(text, "f.yaml", {})
    return [error.message for error in VALIDATOR.iter_errors(as_json(value))]


def test_it_is_a_schema():
    """It follows its own dialect, and every reference leads somewhere."""
    Draft202012Validator.check_schema(SCHEMA)
    assert set(references(SCHEMA)) <= {f"#/$defs/{name}" for name in SCHEMA["$defs"]}


def references(node: Any) -> list[str]:
    """Return every reference of a schema."""
    if isinstance(node, list):
        return [found for inner in node for found in references(inner)]
    if not isinstance(node, dict):
        return []
    own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
    return own + [found for inner in node.values() for found in references(inner)]


@pytest.mark.parametrize("name", gallery.names())
def test_the_gallery_is_valid(name: str):
    """Each scenario that comes with the package."""
    assert complaints(gallery.path(name).read_text("utf-8")) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.place)
def test_what_is_broken_in_structure_is_not_valid(case: Broken):
    """An editor shows what the file's structure tells, and nothing about the rest."""
    assert bool(complaints(case.text)) == (case.mark == "structure")


def test_every_kind_and_word_is_described():
    """An editor has something to show for each of them."""
    for word, kind in {**GENERATORS, **CONTAINERS}.items():
        assert SCHEMA["$defs"][kind.__name__]["title"] == word
        assert SCHEMA["$defs"][kind.__name__]["description"]


def test_every_property_is_described():
    """Whatever may be written has a description, at each place where it may stand."""
    bare = [place for place, said in properties(SCHEMA, "") if not said.get("description")]
    assert bare == []


def properties(node: Any, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every property of a schema and where it stands, but for what only says which must."""
    if isinstance(node, list):
        for inner in node:
            yield from properties(inner, place)
    if not isinstance(node, dict):
        return
    for name, said in node.get("properties", {}).items():
        yield f"{place}.{name}", said
        yield from properties(said, f"{place}.{name}")
    for word in node.keys() - {"properties", "allOf"}:
        yield from properties(node[word], f"{place}/{word}")


@pytest.mark.parametrize(
    ("kind", "parameter", "told"),
    [
        ("Skew", "zipf", "From 0 to 20."),
        ("DayShape", "peak", "From 0 to below 24."),
        ("FromField", "recent", "From 1 to 1,000,000."),
        ("BooleanField", "true_share", "From 0 to 1."),
        ("SqlField", "text", "1 to 10,000 characters."),
        ("UnionValue", "of", "2 to 64 items."),
        ("StreamFile", "headers", "0 to 64 entries."),
    ],
)
def test_limits_are_told_behind_the_description(kind: str, parameter: str, told: str):
    """An editor shows descriptions: the limits stand in them, as the schema has them."""
    assert SCHEMA["$defs"][kind]["properties"][parameter]["description"].endswith(f". {told}")


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ({"minimum": 2}, " 2 or more."),
        ({"exclusiveMinimum": 0}, " Above 0."),
        ({"exclusiveMinimum": 0, "maximum": 0.5}, " Above 0 to 0.5."),
        ({"maximum": -1.5}, " At most -1.5."),
        ({"exclusiveMaximum": 7.0}, " Below 7."),
        ({"anyOf": [{"minimum": 1, "maximum": 9}, {"type": "null"}]}, " From 1 to 9."),
        ({"minItems": 3}, " At least 3 items."),
        ({"minItems": 1}, ""),
        ({"items": {"minimum": 1}}, ""),
        ({"$ref": "#/$defs/Value"}, ""),
    ],
)
def test_each_limit_in_words(limits: dict[str, Any], told: str):
    """Limits of a value itself, in whichever form; not of what it holds."""
    assert describe_limits({"description": "It.", **limits})["description"] == f"It.{told}"


@pytest.mark.parametrize(
    "value",
    [
        "uuid", "faker.name", "7", "true", "0.5", "{null: 70%, else: faker.sentence}",
        "{poisson: 2, min: 1}", "{poisson: {mean: 2, min: 1}}", "{poisson: {exponential: 3}}",
        "{choice: {a: 1, b: 2}}", "{choice: [a, b], weights: [1, 2]}", "{constant: {a: 1}}",
        "{choice: [{value: a, weight: 1}]}", "{nome: faker.name, idade: 7}", "{uuid: }",
        "{record: {text: uuid, name: uuid}}", "{array: {of: uuid, length: {poisson: 2}}}",
        "{nome: uuid, text: text}", "{uuid: {null: 0.5, type: string}}", "{null: 5%, uuid: }",
        "{from: c.id, skew: {zipf: 1.2}, missing: 1%}", "{union: [7, {map: {of: uuid}}]}",
        "{choice: [a, null]}", "{choice: {a: 1, null: 2}}", "{choice: [{value: null, weight: 1}]}",
        "{zipf: {poisson: 1, max: 9}, max: {uniform: {min: 1, max: 9}}}",
        "{walk: {per: y, every: 1s, mean: normal, min: {uniform: {min: -9, max: -8}}}}",
        "{walk: {per: y, every: 1s}}", "{states: {a: {to: {a: 1}, lasts: 3}}, per: y, every: 90}",
    ],
)  # fmt: skip
def test_each_form_of_a_value_is_valid(value: str):
    """The short forms and the long ones, as the program reads them."""
    text = f"streams: {{s: {{fields: {{x: {value}, y: {{turns: 3}}}}}}}}"
    assert complaints(text) == []


@pytest.mark.parametrize(
    "value",
    [
        "uuidd", "faker", "[]", "{}", "{poisson: }", "{poisson: {min: 1}}", "{uuid: 4}",
        "{choice: {a: x}}", "{null: 70%}", "{null: 170, else: uuid}", "{array: uuid}",
        "{uniform: {min: 0, mx: 1}}", "{from: c.id, skew: 1}", "{regex: 7}", "{sql: }",
    ],
)  # fmt: skip
def test_what_is_no_value_is_not_valid(value: str):
    """Words that are none, parameters that are missing or of another type."""
    text = f"streams: {{s: {{fields: {{x: {value}}}}}}}"
    assert complaints(text) != []


def test_it_is_found_where_the_gallery_is():
    """The gallery is not empty, so that the tests above say something."""
    assert len(gallery.names()) >= 5
    assert isinstance(gallery.path(gallery.names()[0]), Path)
