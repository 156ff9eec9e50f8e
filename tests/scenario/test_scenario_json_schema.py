"""The JSON Schema of scenario files accepts what the program accepts."""

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
from tests.scenario.invalid_files import InvalidFile, invalid_files

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = scenario_json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
CASES = [case for case in invalid_files() if case.mark != "syntax"]


def as_json(value: Any) -> Any:
    """Return a value with text keys, as an editor sees it."""
    if isinstance(value, dict):
        return {str(k): as_json(v) for k, v in value.items()}
    return [as_json(v) for v in value] if isinstance(value, list) else value


def schema_errors(text: str) -> list[str]:
    """Return the schema's errors for the text of a scenario."""
    value, _ = read_yaml(text, "f.yaml", {})
    return [error.message for error in VALIDATOR.iter_errors(as_json(value))]


def test_valid_schema():
    """It conforms to its dialect, and every reference exists."""
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
def test_gallery_is_valid(name: str):
    """Each packaged scenario is valid."""
    assert schema_errors(gallery.path(name).read_text("utf-8")) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.place)
def test_invalid_structure(case: InvalidFile):
    """Errors of structure are found; errors that need more than the structure are not."""
    assert bool(schema_errors(case.text)) == (case.mark == "structure")


def test_every_generator_is_described():
    """Each has a title and a description for editors."""
    for word, kind in {**GENERATORS, **CONTAINERS}.items():
        assert SCHEMA["$defs"][kind.__name__]["title"] == word
        assert SCHEMA["$defs"][kind.__name__]["description"]


def test_every_property_is_described():
    """Each key has a description in each place."""
    missing = [path for path, schema in properties(SCHEMA, "") if not schema.get("description")]
    assert missing == []


def properties(node: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every property of a schema with its path, without those that are only required."""
    if isinstance(node, list):
        for inner in node:
            yield from properties(inner, path)
    if not isinstance(node, dict):
        return
    for name, schema in node.get("properties", {}).items():
        yield f"{path}.{name}", schema
        yield from properties(schema, f"{path}.{name}")
    for keyword in node.keys() - {"properties", "allOf"}:
        yield from properties(node[keyword], f"{path}/{keyword}")


@pytest.mark.parametrize(
    ("model", "parameter", "limits"),
    [
        ("RowSkew", "zipf", "From 0 to 20."),
        ("DiurnalParameters", "peak", "From 0 to below 24."),
        ("ReferenceGenerator", "recent", "From 1 to 1,000,000."),
        ("BooleanGenerator", "true_share", "From 0 to 1."),
        ("SqlGenerator", "text", "1 to 10,000 characters."),
        ("UnionValue", "branches", "2 to 64 items."),
        ("StreamModel", "headers", "0 to 64 entries."),
    ],
)
def test_limits_in_descriptions(model: str, parameter: str, limits: str):
    """Descriptions, which editors show, end with the limits."""
    description = SCHEMA["$defs"][model]["properties"][parameter]["description"]
    assert description.endswith(f". {limits}")


@pytest.mark.parametrize(
    ("schema", "limits"),
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
def test_describe_limits(schema: dict[str, Any], limits: str):
    """Limits of the value in all its forms, not those of its items."""
    assert describe_limits({"description": "It.", **schema})["description"] == f"It.{limits}"


@pytest.mark.parametrize(
    "value",
    [
        "uuid", "faker.name", "7", "true", "0.5", "{null: 70%, else: faker.sentence}",
        "{poisson: 2, min: 1}", "{poisson: {mean: 2, min: 1}}", "{poisson: {exponential: 3}}",
        "{choice: {a: 1, b: 2}}", "{choice: [a, b], weights: [1, 2]}", "{constant: {a: 1}}",
        "{choice: [{value: a, weight: 1}]}", "{uuid: }",
        "{record: {text: uuid, name: uuid}}", "{array: {items: uuid, length: {poisson: 2}}}",
        "{uuid: {null: 0.5, type: string}}", "{null: 5%, uuid: }",
        "{from: c.id, skew: {zipf: 1.2}, missing: 1%}", "{union: [7, {map: {values: uuid}}]}",
        "{choice: [a, null]}", "{choice: {a: 1, null: 2}}", "{choice: [{value: null, weight: 1}]}",
        "{zipf: {poisson: 1, max: 9}, max: {uniform: {min: 1, max: 9}}}",
        "{random_walk: {key: y, every: 1s, mean: normal, min: {uniform: {min: -9, max: -8}}}}",
        "{random_walk: {key: y, every: 1s}}",
        "{state_machine: {a: {to: {a: 1}, steps: 3}}, key: y, every: 90}",
        "{uniform: {min: 0, max: 1, continuous: true}}", "{union: {weights: [9, 1]}}",
        "{null: 5%, else: array}", "{map: {length: 3}}",
        "{gamma: 3}", "{pareto: {alpha: 2}}", "{weibull: {shape: {gamma: 3}, scale: 2}}",
        "{histogram: {edges: [0, 1, 2], weights: [1, 2]}}",
        "{offset: y, by: {histogram: {edges: [0, 1m, 2h], weights: [1, 2]}}}",
        "{offset: y, by: -2h}", "{offset: y, by: {exponential: 90s}}", "{offset: y, by: normal}",
        "{offset: y, by: {triangular: {min: 1m, mode: {uniform: {min: 2m, max: 3}}, max: 1h}}}",
    ],
)  # fmt: skip
def test_forms_of_values(value: str):
    """Short and long forms are valid."""
    text = f"streams: {{s: {{fields: {{x: {value}, y: {{round_robin: 3}}}}}}}}"
    assert schema_errors(text) == []


@pytest.mark.parametrize(
    "value",
    [
        "uuidd", "faker", "[]", "{}", "{poisson: }", "{poisson: {min: 1}}", "{uuid: 4}",
        "{choice: {a: x}}", "{null: 70%}", "{null: 170, else: uuid}", "{array: uuid}",
        "{uniform: {min: 0, mx: 1}}", "{from: c.id, skew: 1}", "{regex: 7}", "{sql: }",
    ],
)  # fmt: skip
def test_invalid_values(value: str):
    """Unknown generators, missing parameters and parameters of another type are invalid."""
    text = f"streams: {{s: {{fields: {{x: {value}}}}}}}"
    assert schema_errors(text) != []


def test_gallery_is_not_empty():
    """The tests above cover several scenarios."""
    assert len(gallery.names()) >= 5
    assert isinstance(gallery.path(gallery.names()[0]), Path)
