"""Any JSON parses or is rejected, and no schema is accepted that fastavro rejects."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import fastavro
import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from gerador.avro.load import parse_avro
from gerador.errors import SchemaError
from tests.avro.generated_schemas import records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gerador.avro.schema import AvroSchema

MANY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
WORDS = [
    *("type", "name", "namespace", "fields", "symbols", "items", "values", "size", "default"),
    *("aliases", "doc", "order", "logicalType", "precision", "scale", "decimal", "uuid"),
    *("record", "error", "enum", "fixed", "array", "map", "null", "int", "long", "bytes"),
    *("string", "double", "R", "E", "a.b", "2", "", "__fastavro_parsed", "\n", "\ud800"),
]
"""Keys and values of schemas, and invalid ones."""
WORD = st.sampled_from(WORDS)
LEAF = st.none() | st.booleans() | st.integers(-2, 2**33) | st.floats() | WORD | st.text(max_size=5)
JSON = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORD, inner, max_size=5)
)
SOUND = st.sampled_from(
    [
        *("int", "string", "null", 0, 1, "ns", ["null", "int"], ["int", "string"], [], [{}]),
        {"type": "array", "items": "int"},
        {"type": "map", "values": ["null", {"type": "array", "items": "bytes"}]},
        {"type": "bytes", "logicalType": "decimal", "precision": 3, "scale": 1},
        {"type": "fixed", "name": "ns.Fresh", "size": 2},
        {"type": "record", "name": "Inner", "fields": [{"name": "a", "type": "int"}]},
        [{"name": "b", "type": ["null", "int"], "default": None}],
    ]
)
"""Values that may be valid where they are inserted."""


def parse_or_none(type_json: Any) -> AvroSchema | None:
    """Return the schema, or None after a SchemaError of one line; nothing else is raised."""
    try:
        return parse_avro(json.dumps(type_json))
    except SchemaError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017
        assert str(error).startswith("schema: ")  # noqa: PT017
        return None


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every container in a JSON value, with every key or index of it."""
    pairs = node.items() if isinstance(node, dict) else enumerate(node)
    for key, inner in list(pairs):
        yield node, key
        if isinstance(inner, dict | list):
            yield from places(inner)


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """Generate a valid schema, then replace, remove, duplicate, move or add something."""
    schema = copy.deepcopy(draw(records()))
    for _ in range(draw(st.integers(1, 2))):
        every = list(places(schema))
        node, key = draw(st.sampled_from(every))
        match draw(st.sampled_from(["replace", "remove", "double", "move", "add"])):
            case "remove":
                del node[key]
            case "double" if isinstance(node, list):
                node.append(copy.deepcopy(node[key]))
            case "move" if seats := [p for p in every if p[1] in {"type", "items", "values"}]:
                node, key = draw(st.sampled_from(seats))
                other, there = draw(st.sampled_from(seats))
                node[key] = copy.deepcopy(other[there])
            case "add" if isinstance(node, dict):
                node[draw(WORD)] = copy.deepcopy(draw(SOUND | JSON))
            case _:
                node[key] = copy.deepcopy(draw(SOUND | JSON))
        if not schema:
            break
    return schema


@MANY
@given(JSON)
@example({"type": "record", "name": "R"})
@example({"type": "record", "name": "R", "fields": None})
@example({"__fastavro_parsed": True, "type": "record", "name": "R", "fields": 5})
def test_any_json_is_parsed_or_rejected(type_json: Any):
    """The result is a schema or a one-line error."""
    parse_or_none(type_json)


@MANY
@given(st.text(max_size=60) | st.sampled_from(["[" * 5_000, '{"type":' * 5_000, "1" * 5_000]))
def test_any_text_is_rejected_in_one_line(text: str):
    """Invalid JSON is a one-line error too."""
    with pytest.raises(SchemaError) as error:
        parse_avro(text)
    assert len(str(error.value).splitlines()) == 1


@MANY
@given(records())
def test_valid_schemas_parse_as_with_fastavro(type_json: Any):
    """The full name of an undamaged schema is that of fastavro."""
    schema = parse_or_none(type_json)
    assert schema is not None
    assert schema.name == fastavro.parse_schema(type_json)["name"]


@MANY
@given(damaged())
def test_schemas_that_fastavro_rejects_are_rejected(type_json: Any):
    """A damaged schema that is accepted is accepted by fastavro too."""
    schema = parse_or_none(type_json)
    event("accepted" if schema else "rejected")
    if schema is None:
        return
    assert json.loads(schema.json) == type_json
    try:
        fastavro.parse_schema(json.loads(schema.json))
    except fastavro.schema.SchemaParseException as e:
        # It compares defaults and decimals with the JSON around them, not with the type: it
        # refuses 0 for {"type": "double"}, and decimals of invalid precision.
        assert str(e).startswith(("Default value", "decimal "))  # noqa: PT017
