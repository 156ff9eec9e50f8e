"""Invalid annotations in Avro schemas: one error message each, which names the entry."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gerador.avro.load import parse_avro
from gerador.errors import SchemaError
from gerador.scenario.schema_annotations.collect import annotated_fields

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

INVALID: list[tuple[Any, Any, str]] = [
    (
        "string",
        {"regex": "a" * 1_001},
        f"regex: '{'a' * 59}… is too long; the maximum is 1,000 characters",
    ),
    (
        "string",
        {"prefix": "a" * 1_025},
        f"prefix: '{'a' * 59}… is too long; the maximum is 1,024 characters",
    ),
    (
        "int",
        {"lenght": 3},
        "unknown annotation 'lenght'; did you mean 'length'? Type 'int' supports options, range, iteration",  # noqa: E501
    ),
    ("int", 5, '5 is not an object; expected, for example, {"options": …}'),
    ("int", {"length": 3}, "length: not supported; type 'int' supports options, range, iteration"),
    (
        "string",
        {"range": {"min": 1}},
        "range: not supported; type 'string' supports options, length, regex, prefix, suffix, iteration",  # noqa: E501
    ),
    (
        "boolean",
        {"range": {"min": 1}},
        "range: not supported; type 'boolean' supports options, iteration, odds",
    ),
    (ENUM, {"odds": 0.5}, "odds: not supported; type 'enum' supports options"),
    (RECORD, {"length": 2}, "length: not supported; type 'record' supports options"),
    (
        "double",
        {"distribution": {}},
        "unknown annotation 'distribution'; did you mean 'iteration'? Type 'double' supports options, range, iteration",  # noqa: E501
    ),
    (
        "int",
        {"range": {"min": 5, "max": 5}},
        "range: [5, 5) is empty; max is exclusive and must be above min",
    ),
    (
        "int",
        {"range": {"min": 9, "max": -9}},
        "range: [9, -9) is empty; max is exclusive and must be above min",
    ),
    ("int", {"range": {}}, "range: empty; set min, max or both"),
    ("int", {"range": [1, 2]}, 'range: [1, 2] is not an object; expected {"min": …, "max": …}'),
    ("int", {"range": {"min": "1"}}, 'range: min "1" is not a number'),
    ("int", {"range": {"min": 1.5}}, "range: min 1.5 is not an integer"),
    ("int", {"range": {"low": 1}}, "range: unknown key 'low'; valid keys: min, max"),
    (
        "int",
        {"range": {"max": 1099511627776}},
        "range: [-2147483648, 1099511627776) does not fit type 'int'",
    ),
    (
        "long",
        {"range": {"min": 0, "max": 10**400}},
        "range: [0, 10000000000000000000000000000000000000000000000000000000000…) does not fit type 'long'",  # noqa: E501
    ),
    (
        "float",
        {"range": {"max": 1e300}},
        "range: [-3.4028234663852886e+38, 1e+300) does not fit type 'float'",
    ),
    (
        "double",
        {"range": {"min": 1.0, "max": 1.0}},
        "range: [1.0, 1.0) is empty; max is exclusive and must be above min",
    ),
    (
        "double",
        {"range": {"min": -1.7e308, "max": 1.7e308}},
        "range: range -1.7e+308 to 1.7e+308 is wider than the largest double",
    ),
    ("double", {"range": {"min": True}}, "range: min true is not a number"),
    (
        DAY,
        {"range": {"max": 1099511627776}},
        "range: [-2147483648, 1099511627776) does not fit type 'date'",
    ),
    (DAY, {"range": {"min": "2026-01-01"}}, 'range: min "2026-01-01" is not a number'),
    (
        {"type": "int", "logicalType": "time-millis"},
        {"range": {"min": -1, "max": 5}},
        "range: [-1, 5) does not fit type 'time'",
    ),
    (
        DECIMAL,
        {"range": {"min": 1, "max": 500}},
        "range: [1, 500) does not fit precision 4 and scale 2",
    ),
    (
        DECIMAL,
        {"range": {"min": 1.001, "max": 1.009}},
        "range: no decimal of scale 2 in [1.001, 1.009); widen it",
    ),
    (
        {"type": "bytes", "logicalType": "decimal", "precision": 30, "scale": 2},
        {"range": {"min": 1}},
        "range: over 9,007,199,254,740,992 decimals; narrow min and max",
    ),
    ("int", {"iteration": {}}, "iteration: missing key start"),
    (
        "int",
        {"iteration": 5},
        'iteration: 5 is not an object; expected {"start": …, "restart": …, "step": …, "initial": …}',  # noqa: E501
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
        "iteration: start 1.5 is not an integer",
    ),
    (
        "int",
        {"iteration": {"start": 1099511627776}},
        "iteration: start 1099511627776 does not fit 'int'",
    ),
    ("string", {"iteration": {"start": "a"}}, 'iteration: start "a" is not a number'),
    (
        "boolean",
        {"iteration": {"start": 1}},
        "iteration: start 1 is not a boolean; use true or false",
    ),
    (
        "boolean",
        {"iteration": {"start": True, "step": 1}},
        "iteration: step does not apply to booleans, which alternate; remove it",
    ),
    (
        "int",
        {"iteration": {"start": 1, "stop": 5}},
        "iteration: unknown key 'stop'; did you mean 'step'? Valid keys: start, restart, step, initial",  # noqa: E501
    ),
    (
        DECIMAL,
        {"iteration": {"start": 1}},
        "iteration: not supported; type 'decimal' supports options, range",
    ),
    (
        "int",
        {"iteration": {"start": 1}, "range": {"min": 1}},
        "iteration and range cannot be combined; remove one",
    ),
    (
        "string",
        {"iteration": {"start": 1}, "regex": "a"},
        "iteration and regex cannot be combined; remove one",
    ),
    (
        "string",
        {"options": ["a"], "regex": "a"},
        "options and regex cannot be combined; remove one",
    ),
    (
        "string",
        {"options": ["a"], "length": 1},
        "options and length cannot be combined; remove one",
    ),
    (
        "int",
        {"options": [1], "iteration": {"start": 1}},
        "options and iteration cannot be combined; remove one",
    ),
    ("int", {"options": []}, "options: empty; add at least one"),
    (
        "int",
        {"options": 3},
        'options: 3 is not a list; expected a list or {"file": …, "encoding": …}',
    ),
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
    (
        "boolean",
        {"options": ["true"]},
        'options: "true" is not a valid boolean; give true or false',
    ),
    (
        DECIMAL,
        {"options": [1.234]},
        "options: 1.234 is not a valid decimal(4, 2); give at most 2 decimals",
    ),
    ("string", {"options": {"file": "o"}}, "options: encoding is missing or not a string"),
    (
        "string",
        {"options": {"file": "nowhere.json", "encoding": "json"}},
        "options: cannot read nowhere.json: No such file or directory",
    ),
    (
        "string",
        {"options": {"file": "o", "encoding": "xml"}},
        "options: unknown encoding 'xml'; valid encodings: json, binary",
    ),
    (
        "string",
        {"options": {"path": "o"}},
        "options: unknown key 'path'; valid keys: file, encoding",
    ),
    ("string", {"length": -1}, "length: -1 is outside [0, 1024]"),
    (
        "string",
        {"length": {"min": 5, "max": 5}},
        "length: [5, 5) is empty; max is exclusive and must be above min",
    ),
    ("string", {"length": {}}, "length: empty; set min, max or both"),
    ("string", {"length": "5"}, 'length: value "5" is not a number'),
    ("string", {"length": 5000}, "length: 5000 is outside [0, 1024]"),
    ("string", {"length": {"min": -2}}, "length: -2 to 16 is outside [0, 1024]"),
    ("string", {"length": 1.5}, "length: value 1.5 is not an integer"),
    (
        ARRAY,
        {"length": {"min": 9, "max": 3}},
        "length: [9, 3) is empty; max is exclusive and must be above min",
    ),
    ("bytes", {"length": {"size": 3}}, "length: unknown key 'size'; valid keys: min, max"),
    (
        "string",
        {"regex": "[a"},
        "regex: pattern '[a', character 3: the class is not closed; add ']'",
    ),
    ("string", {"regex": 5}, "regex: 5 is not a string"),
    ("string", {"regex": ""}, "regex: empty pattern"),
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
    ("string", {"prefix": 5}, "prefix: 5 is not a string"),
    ("string", {"suffix": ["a"]}, 'suffix: ["a"] is not a string'),
    (
        "int",
        {"prefix": "a"},
        "prefix: not supported; type 'int' supports options, range, iteration",
    ),
    (MAP, {"keys": 5}, 'keys: 5 is not an object; expected, for example, {"regex": …}'),
    (
        MAP,
        {"keys": {"range": {"min": 1}}},
        "R: field 'x{#}': arg.properties: range: not supported; type 'string' supports options, length, regex, prefix, suffix, iteration",  # noqa: E501
    ),
    (
        MAP,
        {"keys": {"options": [1]}},
        "R: field 'x{#}': arg.properties: options: 1 is not a valid string; quote it",
    ),
    (ARRAY, {"keys": {}}, "keys: not supported; type 'array' supports options, length"),
    ("boolean", {"odds": 1.5}, "odds: 1.5 is outside [0, 1]"),
    ("boolean", {"odds": "high"}, 'odds: value "high" is not a number'),
    ("boolean", {"odds": None}, "odds: null is outside [0, 1]"),
    ("boolean", {"odds": True}, "odds: value true is not a number"),
    ("int", {"range": None}, 'range: null is not an object; expected {"min": …, "max": …}'),
    ("string", {"regex": None}, "regex: null is not a string"),
    ("string", {"length": None}, "length: null; set a number, or min and max"),
]


def schema_of(kind: Any, annotation: Any, **record: Any) -> AvroSchema:
    """Return a schema with an annotated field x."""
    annotated = {
        **(kind if isinstance(kind, dict) else {"type": kind}),
        "arg.properties": annotation,
    }
    fields = [{"name": "x", "type": annotated}]
    return parse_avro(json.dumps({"type": "record", "name": "R", "fields": fields, **record}))


@pytest.mark.parametrize(("kind", "annotation", "message"), INVALID, ids=str)
def test_invalid_annotation(kind: Any, annotation: Any, message: str):
    """The message names the record, the field, the entry, its value and what is expected."""
    with pytest.raises(SchemaError) as error:
        annotated_fields(schema_of(kind, annotation))
    text = str(error.value)
    assert text in {HEAD + message, message}
    assert "\n" not in text


ROWS: list[tuple[Any, str]] = [
    ({"options": []}, "R: arg.properties: options: empty; add at least one"),
    (
        {"options": [{"x": "a"}]},
        "R: arg.properties: options: field 'x': \"a\" is not a valid int; give an integer",
    ),
    ({"length": 5}, "R: arg.properties: length: not supported; type 'record' supports options"),
    (7, 'R: arg.properties: 7 is not an object; expected, for example, {"options": …}'),
]


@pytest.mark.parametrize(("annotation", "message"), ROWS, ids=str)
def test_invalid_annotation_of_the_row(annotation: Any, message: str):
    """The same for the top-level record, which has no field name."""
    with pytest.raises(SchemaError) as error:
        annotated_fields(schema_of("int", {}, **{"arg.properties": annotation}))
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("content", "encoding", "kind", "message"),
    [
        (b"", "json", "int", "options: empty; add at least one"),
        (
            b'"a',
            "json",
            "string",
            "does not contain string values: Unterminated string",
        ),
        (b"\xff", "json", "string", "does not contain string values: 'utf-8' codec"),
        (
            b"\x08ab",
            "binary",
            "string",
            "does not contain string values: 4 bytes needed at byte 1, but",
        ),
        (
            b"\xff" * 11,
            "binary",
            "long",
            "does not contain long values: integer longer than 10 bytes",
        ),
        (
            b"\x09",
            "binary",
            ENUM,
            "does not contain enum values: index -5 of 2 choices before byte 1",
        ),
        (
            b"\x7f\x7f\x00",
            "binary",
            ARRAY,
            "does not contain array values: 64 entries before byte 2",
        ),
        (b"1 2", "json", "string", "options: 1 is not a valid string; quote it"),
    ],
)
def test_invalid_option_file(
    tmp_path: Path, content: bytes, encoding: str, kind: Any, message: str
):
    """The message names the file and describes the problem in its bytes."""
    file = tmp_path / "options"
    file.write_bytes(content)
    with pytest.raises(SchemaError) as error:
        annotated_fields(schema_of(kind, {"options": {"file": str(file), "encoding": encoding}}))
    assert message in str(error.value)


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
def test_any_annotation_is_accepted_or_rejected(kind: Any, annotation: Any):
    """Any JSON in an annotation gives generators or a SchemaError."""
    with suppress(SchemaError):
        assert set(annotated_fields(schema_of(kind, annotation))) <= {"x", "x{#}"}
