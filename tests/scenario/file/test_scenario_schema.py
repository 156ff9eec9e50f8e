"""The JSON Schema of scenario files: editors accept what the program does, and see faults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from generator.scenario import gallery
from generator.scenario.fields import KINDS
from generator.scenario.file.json_schema import file_schema
from generator.scenario.file.text import read_yaml
from generator.scenario.file.values import CONTAINERS
from tests.scenario.file.broken import Broken, broken

SCHEMA = file_schema()
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
    for word, kind in {**KINDS, **CONTAINERS}.items():
        assert SCHEMA["$defs"][kind.__name__]["title"] == word
        assert SCHEMA["$defs"][kind.__name__]["description"]
    for model in (SCHEMA, SCHEMA["$defs"]["StreamFile"], SCHEMA["$defs"]["TopicFile"]):
        assert all(said.get("description") for said in model["properties"].values())


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
