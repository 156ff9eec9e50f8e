"""Annotations inside Avro schemas that make no sense: each is refused by name, in one line."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gerador.avro.load import parse_avro
from gerador.errors import SchemaError
from gerador.scenario.annotations.fields import annotated_fields

if TYPE_CHECKING:
    from pathlib import Path

    from gerador.avro.schema import AvroSchema

ARRAY = {"type": "array", "items": "int"}
MAP = {"type": "map", "values": "int"}
ENUM = {"type": "enum", "name": "E", "symbols": ["A", "B"]}
FIXED = {"type": "fixed", "name": "F", "size": 2}
DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}
RECORD = {"type": "record", "name": "P", "fields": [{"name": "n", "type": "int"}]}
DAY = {"type": "int", "logicalType": "date"}
HEAD = "R: field 'x': arg.properties: "

REFUSED: list[tuple[Any, Any, str]] = [
    ("string", {"regex": "a" * 1_001}, "regex: String should have at most 1000 characters"),
    ("string", {"prefix": "a" * 1_025}, "prefix: String should have at most 1024 characters"),
    ("int", {"lenght": 3}, "unknown annotation 'lenght'; did you mean 'length'?"),
    ("int", 5, '5 is no object; write {"options": …} or another'),
    ("int", {"length": 3}, "length does not suit 'int'; options, range, iteration do"),
    (
        "string",
        {"range": {"min": 1}},
        "range does not suit 'string'; options, length, regex, prefix, suffix, iteration do",
    ),
    (
        "boolean",
        {"range": {"min": 1}},
        "range does not suit 'boolean'; options, iteration, odds do",
    ),
    (ENUM, {"odds": 0.5}, "odds does not suit 'enum'; options do"),
    (RECORD, {"length": 2}, "length does not suit 'record'; options do"),
    (
        "double",
        {"distribution": {}},
        "unknown annotation 'distribution'; did you mean 'iteration'?",
    ),
    (
        "int",
        {"range": {"min": 5, "max": 5}},
        "range: min 5 is not below max 5; max itself is never drawn",
    ),
    (
        "int",
        {"range": {"min": 9, "max": -9}},
        "range: min 9 is not below max -9; max itself is never drawn",
    ),
    ("int", {"range": {}}, "range: give min or max, or both"),
    ("int", {"range": [1, 2]}, 'range: [1, 2] is no object; write {"min": …, "max": …}'),
    ("int", {"range": {"min": "1"}}, 'range: min "1" is no number'),
    ("int", {"range": {"min": 1.5}}, "range: min 1.5 is no whole number, as 'int' needs"),
    ("int", {"range": {"low": 1}}, "range: unknown entry 'low'; min, max are known"),
    (
        "int",
        {"range": {"max": 1099511627776}},
        "range: -2147483648 to 1099511627776 does not fit 'int'",
    ),
    (
        "long",
        {"range": {"min": 0, "max": 10**400}},
        "range: 0 to 10000000000000000000000000000000000000000000000000000000000… does not fit 'long'",  # noqa: E501
    ),
    (
        "float",
        {"range": {"max": 1e300}},
        "range: -3.4028234663852886e+38 to 1e+300 does not fit 'float'",
    ),
    (
        "double",
        {"range": {"min": 1.0, "max": 1.0}},
        "range: min 1.0 is not below max 1.0; max itself is never drawn",
    ),
    (
        "double",
        {"range": {"min": -1.7e308, "max": 1.7e308}},
        "range: -1.7e+308 to 1.7e+308 is wider than a double; narrow it",
    ),
    ("double", {"range": {"min": True}}, "range: min true is no number"),
    (
        DAY,
        {"range": {"max": 1099511627776}},
        "range: -2147483648 to 1099511627776 does not fit 'date'",
    ),
    (DAY, {"range": {"min": "2026-01-01"}}, 'range: min "2026-01-01" is no number'),
    (
        {"type": "int", "logicalType": "time-millis"},
        {"range": {"min": -1, "max": 5}},
        "range: -1 to 5 does not fit 'time'",
    ),
    (
        DECIMAL,
        {"range": {"min": 1, "max": 500}},
        "range: 1 to 500 does not fit precision 4 and scale 2",
    ),
    (
        DECIMAL,
        {"range": {"min": 1.001, "max": 1.009}},
        "range: no decimal of scale 2 from 1.001 to before 1.009; widen it",
    ),
    (
        {"type": "bytes", "logicalType": "decimal", "precision": 30, "scale": 2},
        {"range": {"min": 1}},
        "range: over 9007199254740992 decimals; give min and max, closer together",
    ),
    ("int", {"iteration": {}}, "iteration: give start"),
    (
        "int",
        {"iteration": 5},
        'iteration: 5 is no object; write {"start": …, "restart": …, "step": …, "initial": …}',
    ),
    (
        "int",
        {"iteration": {"start": 1, "restart": 1}},
        "iteration: step 1 does not lead from 1 to restart 1",
    ),
    (
        "int",
        {"iteration": {"start": 1, "step": 0}},
        "iteration: step 0 never advances; give another step, or a constant",
    ),
    (
        "int",
        {"iteration": {"start": 1, "restart": 5, "step": -1}},
        "iteration: step -1 does not lead from 1 to restart 5",
    ),
    (
        "int",
        {"iteration": {"start": 1.5}},
        "iteration: start 1.5 is no whole number, as 'int' needs",
    ),
    (
        "int",
        {"iteration": {"start": 1099511627776}},
        "iteration: start 1099511627776 does not fit 'int'",
    ),
    ("string", {"iteration": {"start": "a"}}, 'iteration: start "a" is no number'),
    (
        "boolean",
        {"iteration": {"start": 1}},
        "iteration: start 1 is no boolean; give true or false",
    ),
    (
        "boolean",
        {"iteration": {"start": True, "step": 1}},
        "iteration: step does not apply to booleans, which alternate; remove it",
    ),
    (
        "int",
        {"iteration": {"start": 1, "stop": 5}},
        "iteration: unknown entry 'stop'; did you mean 'step'?",
    ),
    (DECIMAL, {"iteration": {"start": 1}}, "iteration does not suit 'decimal'; options, range do"),
    (
        "int",
        {"iteration": {"start": 1}, "range": {"min": 1}},
        "iteration and range contradict each other; keep one",
    ),
    (
        "string",
        {"iteration": {"start": 1}, "regex": "a"},
        "iteration and regex contradict each other; keep one",
    ),
    (
        "string",
        {"options": ["a"], "regex": "a"},
        "options and regex contradict each other; keep one",
    ),
    (
        "string",
        {"options": ["a"], "length": 1},
        "options and length contradict each other; keep one",
    ),
    (
        "int",
        {"options": [1], "iteration": {"start": 1}},
        "options and iteration contradict each other; keep one",
    ),
    ("int", {"options": []}, "options: none; give one at least"),
    ("int", {"options": 3}, "options: 3 is no list; give one, or a file"),
    ("int", {"options": ["a"]}, 'options: "a" is not a valid int; give an integer'),
    (
        "int",
        {"options": [2147483648]},
        "options: 2147483648 is not a valid int; give -2147483648 to 2147483647",
    ),
    ("string", {"options": ["a", 5]}, "options: 5 is not a valid string; quote it"),
    (ENUM, {"options": ["a"]}, "options: \"a\" is not a symbol of 'E'"),
    (FIXED, {"options": ["abc"]}, "options: \"abc\" is not a valid fixed 'F'; give 2 bytes"),
    (RECORD, {"options": [{"m": 1}]}, "options: {\"m\": 1}: record 'P' has no field 'm'"),
    (RECORD, {"options": [{}]}, "options: {} has no value for field 'n'; add it"),
    (ARRAY, {"options": [1]}, "options: 1 is not a valid array; give a list"),
    (MAP, {"options": [[1]]}, "options: [1] is not a valid map; give a mapping with text keys"),
    ("null", {"options": [1]}, "options: 1 is not a valid null; give null"),
    ("boolean", {"options": ["true"]}, 'options: "true" is not a valid boolean; give true or false'),
    (
        DECIMAL,
        {"options": [1.234]},
        "options: 1.234 is not a valid decimal(4, 2); give at most 2 decimals",
    ),
    ("string", {"options": {"file": "o"}}, "options: give encoding as text"),
    (
        "string",
        {"options": {"file": "nowhere.json", "encoding": "json"}},
        "options: nowhere.json cannot be read: No such file or directory",
    ),
    (
        "string",
        {"options": {"file": "o", "encoding": "xml"}},
        "options: encoding 'xml'; one of json, binary",
    ),
    (
        "string",
        {"options": {"path": "o"}},
        "options: unknown entry 'path'; file, encoding are known",
    ),
    ("string", {"length": -1}, "length: -1; give 0 to 1024"),
    (
        "string",
        {"length": {"min": 5, "max": 5}},
        "length: min 5 is not below max 5; max is never reached",
    ),
    ("string", {"length": {}}, "length: give min or max, or both"),
    ("string", {"length": "5"}, 'length: value "5" is no number'),
    ("string", {"length": 5000}, "length: 5000; give 0 to 1024"),
    ("string", {"length": {"min": -2}}, "length: -2 to 16; give 0 to 1024"),
    ("string", {"length": 1.5}, "length: value 1.5 is no whole number, as 'string' needs"),
    (
        ARRAY,
        {"length": {"min": 9, "max": 3}},
        "length: min 9 is not below max 3; max is never reached",
    ),
    ("bytes", {"length": {"size": 3}}, "length: unknown entry 'size'; min, max are known"),
    ("string", {"regex": "[a"}, "regex: pattern '[a', character 3: the class is not closed; add ']'"),
    ("string", {"regex": 5}, "regex: 5 is no text"),
    ("string", {"regex": ""}, "regex: nothing; write what the text is like"),
    (
        "string",
        {"regex": "(?=a)b"},
        "regex: pattern '(?=a)b', character 1: look-ahead '(?=' is not supported; write the text itself",  # noqa: E501
    ),
    (
        "string",
        {"regex": "[a-z]{3}", "length": 5},
        "length: texts of '[a-z]{3}' have 3 characters, never 5; change the pattern or the lengths",
    ),
    (
        "string",
        {"regex": "[a-z]{3}", "length": {"min": 4, "max": 9}},
        "length: texts of '[a-z]{3}' have 3 characters, never 4 to 8; change the pattern or the lengths",  # noqa: E501
    ),
    (
        "string",
        {"regex": "(ab)+", "length": 3},
        "length: texts of '(ab)+' have 2, 4, 6, 8, … characters, never 3; change the pattern or the lengths",  # noqa: E501
    ),
    ("string", {"prefix": 5}, "prefix: 5 is no text"),
    ("string", {"suffix": ["a"]}, 'suffix: ["a"] is no text'),
    ("int", {"prefix": "a"}, "prefix does not suit 'int'; options, range, iteration do"),
    (MAP, {"keys": 5}, 'keys: 5 is no object; write {"regex": …} or another'),
    (
        MAP,
        {"keys": {"range": {"min": 1}}},
        "R: field 'x{#}': arg.properties: range does not suit 'string'; options, length, regex, prefix, suffix, iteration do",  # noqa: E501
    ),
    (
        MAP,
        {"keys": {"iteration": {"start": 1}}},
        "R: field 'x{#}': arg.properties: iteration gives every entry of a row the same key; write a regex",  # noqa: E501
    ),
    (
        MAP,
        {"keys": {"options": [1]}},
        "R: field 'x{#}': arg.properties: options: 1 is not a valid string; quote it",
    ),
    (ARRAY, {"keys": {}}, "keys does not suit 'array'; options, length do"),
    ("boolean", {"odds": 1.5}, "odds: 1.5; give 0.0 to 1.0"),
    ("boolean", {"odds": "high"}, 'odds: value "high" is no number'),
    ("boolean", {"odds": None}, "odds: null; give 0.0 to 1.0"),
    ("boolean", {"odds": True}, "odds: value true is no number"),
    ("int", {"range": None}, 'range: null is no object; write {"min": …, "max": …}'),
    ("string", {"regex": None}, "regex: null is no text"),
    ("string", {"length": None}, "length: null; give a number, or min and max"),
]


def schema_of(kind: Any, said: Any, **record: Any) -> AvroSchema:
    """Return a schema whose field x has an annotated type."""
    annotated = {**(kind if isinstance(kind, dict) else {"type": kind}), "arg.properties": said}
    fields = [{"name": "x", "type": annotated}]
    return parse_avro(json.dumps({"type": "record", "name": "R", "fields": fields, **record}))


@pytest.mark.parametrize(("kind", "said", "message"), REFUSED, ids=str)
def test_a_wrong_annotation_is_refused_by_name(kind: Any, said: Any, message: str):
    """The line names record, field and annotation, what is wrong, and the way out."""
    with pytest.raises(SchemaError) as refusal:
        annotated_fields(schema_of(kind, said))
    text = str(refusal.value)
    assert text in {HEAD + message, message}
    assert "\n" not in text


ROWS: list[tuple[Any, str]] = [
    ({"options": []}, "R: arg.properties: options: none; give one at least"),
    (
        {"options": [{"x": "a"}]},
        "R: arg.properties: options: field 'x': \"a\" is not a valid int; give an integer",
    ),
    ({"length": 5}, "R: arg.properties: length does not suit 'record'; options do"),
    (7, 'R: arg.properties: 7 is no object; write {"options": …} or another'),
]


@pytest.mark.parametrize(("said", "message"), ROWS, ids=str)
def test_wrong_annotations_of_the_whole_row_are_refused(said: Any, message: str):
    """The same for the record at the top, which has no field to name."""
    with pytest.raises(SchemaError) as refusal:
        annotated_fields(schema_of("int", {}, **{"arg.properties": said}))
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("content", "encoding", "kind", "message"),
    [
        (b"", "json", "int", "options: none; give one at least"),
        (b'"a', "json", "string", "holds no string values: Unterminated string starting at"),
        (b"\xff", "json", "string", "holds no string values: 'utf-8' codec"),
        (b"\x08ab", "binary", "string", "holds no string values: 4 bytes wanted at byte 1"),
        (b"\xff" * 11, "binary", "long", "holds no long values: a number of over 10 bytes"),
        (b"\x09", "binary", ENUM, "holds no enum values: choice -5 of 2 before byte 1"),
        (b"\x7f\x7f\x00", "binary", ARRAY, "holds no array values: 64 entries before byte 2"),
        (b"1 2", "json", "string", "options: 1 is not a valid string; quote it"),
    ],
)
def test_files_that_hold_no_options_are_refused(
    tmp_path: Path, content: bytes, encoding: str, kind: Any, message: str
):
    """The line names the file and what is wrong with its bytes."""
    file = tmp_path / "options"
    file.write_bytes(content)
    with pytest.raises(SchemaError) as refusal:
        annotated_fields(schema_of(kind, {"options": {"file": str(file), "encoding": encoding}}))
    assert message in str(refusal.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["min", "max", "start", "step", "restart", "initial", "file", "regex"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=5,
)
OTHERS = [ENUM, FIXED, DECIMAL, RECORD, DAY, ARRAY, MAP]
NAMES = ["options", "iteration", "range", "length", "regex", "prefix", "suffix", "keys", "odds"]


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(
        ["int", "long", "float", "double", "string", "bytes", "boolean", "null", *OTHERS]
    ),
    st.dictionaries(st.sampled_from(NAMES), JSON, max_size=3),
)
def test_any_annotation_is_understood_or_refused(kind: Any, said: Any):
    """Whatever JSON stands in an annotation: declarations, or one clear line."""
    with suppress(SchemaError):
        assert set(annotated_fields(schema_of(kind, said))) <= {"x", "x{#}"}
