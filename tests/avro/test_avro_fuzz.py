"""Any JSON is a schema or a refusal, and no schema is taken that fastavro refuses."""

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
"""What a schema is made of, and what has no place in one."""
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
"""What may be right where it is put."""


def judged(declared: Any) -> AvroSchema | None:
    """Return the schema, or None for a refusal in one line; nothing else is raised."""
    try:
        return parse_avro(json.dumps(declared))
    except SchemaError as refused:
        assert len(str(refused).splitlines()) == 1  # noqa: PT017
        assert str(refused).startswith("schema: ")  # noqa: PT017
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
    """Make a schema that was valid until something was replaced, removed, doubled, moved, added."""
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
def test_any_json_is_a_schema_or_a_refusal(declared: Any):
    """Whatever JSON says, the answer is a tree or one line."""
    judged(declared)


@MANY
@given(st.text(max_size=60) | st.sampled_from(["[" * 5_000, '{"type":' * 5_000, "1" * 5_000]))
def test_any_text_is_a_schema_or_a_refusal(text: str):
    """What is no JSON is refused like the rest, with line and column."""
    with pytest.raises(SchemaError) as refused:
        parse_avro(text)
    assert len(str(refused.value).splitlines()) == 1


@MANY
@given(records())
def test_what_is_valid_is_taken_as_fastavro_takes_it(declared: Any):
    """The second implementation finds the same names in what was not damaged."""
    schema = judged(declared)
    assert schema is not None
    assert schema.name == fastavro.parse_schema(declared)["name"]


@MANY
@given(damaged())
def test_what_fastavro_refuses_is_refused(declared: Any):
    """A damaged schema that is taken all the same is one that fastavro reads too."""
    schema = judged(declared)
    event("taken" if schema else "refused")
    if schema is None:
        return
    assert json.loads(schema.json) == declared
    try:
        fastavro.parse_schema(json.loads(schema.json))
    except fastavro.schema.SchemaParseException as e:
        # It compares defaults and decimals with the JSON around them, not with the type: it
        # refuses 0 for {"type": "double"}, and digits where no decimal can stand.
        assert str(e).startswith(("Default value", "decimal "))  # noqa: PT017
