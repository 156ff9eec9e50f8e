"""The derived JSON Schema is valid, and every row's JSON conforms to it."""

from __future__ import annotations

import json
import math
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from gerador.avro.schema import Primitive
from gerador.encoding.json_text.encoder import object_encoder
from gerador.encoding.json_text.json_schema import derive_json_schema, derive_key_json_schema
from gerador.encoding.row_encoder import RowEncoder
from gerador.scenario.stream_spec import spec_for
from tests.encoding.avro_cases import Case, cases, record_batch
from tests.encoding.test_avro_encoder import schema_of

SLOW = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def validator(text: str) -> jsonschema.Draft7Validator:
    """Return a validator of a schema, which must be valid."""
    schema = json.loads(text)
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def finite(value: Any) -> Any:
    """Return plain values with zero in place of infinities, which are text in JSON."""
    match value:
        case dict():
            return {k: finite(v) for k, v in value.items()}
        case list() | tuple():
            return type(value)(finite(v) for v in value)
        case float() if math.isinf(value):
            return 0.0
        case _:
            return value


@SLOW
@given(cases())
def test_any_row_conforms_to_its_schema(case: Case) -> None:
    """For any Avro schema, the derived schema is valid and all rows conform to it."""
    checker = validator(derive_json_schema(case.schema.root))
    rows = record_batch(case._replace(rows=finite(case.rows)))
    for row in RowEncoder(object_encoder(case.schema.root)).encode(rows):
        checker.validate(json.loads(row))


def test_the_default_streams_schema() -> None:
    """The fields of the default schema are all required, and no others are allowed."""
    declared = json.loads(derive_json_schema(spec_for().schema.root))
    assert declared["title"] == spec_for().schema.name
    assert list(declared["properties"]) == declared["required"]
    assert declared["additionalProperties"] is False
    assert declared["properties"]["timestamp"]["format"] == "date-time"
    assert declared["properties"]["geracao_id"]["format"] == "uuid"


@pytest.mark.parametrize(
    ("avro_type", "wrong"),
    [
        ("int", 2**31),
        ("int", "1"),
        ("long", 1.5),
        ("string", None),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, "B"),
        ({"type": "array", "items": "int"}, ["x"]),
        ({"type": "map", "values": "int"}, {"a": "x"}),
        (["null", "int"], "x"),
        (["int", "string"], 1.5),
        ({"type": "record", "name": "I", "fields": [{"name": "a", "type": "int"}]}, {"b": 1}),
        ({"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}, "one"),
        ({"type": "int", "logicalType": "time-millis"}, "noon"),
    ],
)
def test_what_is_no_value_is_refused(avro_type: Any, wrong: Any) -> None:
    """Values of the wrong type and missing fields are invalid."""
    checker = validator(derive_json_schema(schema_of(("f", avro_type)).root))
    assert not checker.is_valid({"f": wrong})
    assert not checker.is_valid({})


def test_a_field_with_a_default_may_be_missing_and_docs_are_kept() -> None:
    """A field with a default is not required, so that adding one is compatible."""
    inner = {"type": "record", "name": "I", "doc": "inner", "fields": []}
    root = schema_of(("a", "int"), ("b", inner)).root
    declared = json.loads(derive_json_schema(root))
    assert declared["definitions"]["I"]["description"] == "inner"
    assert declared["properties"]["b"] == {"$ref": "#/definitions/I"}
    with_default = json.loads(derive_json_schema(spec_for(schema=_with_default()).schema.root))
    assert with_default["required"] == ["a"]


def _with_default() -> dict[str, Any]:
    fields = [{"name": "a", "type": "int"}, {"name": "b", "type": "int", "default": 1}]
    return {"type": "record", "name": "R", "fields": fields}


def test_a_key_of_one_value_has_a_schema_with_a_title() -> None:
    """Subject names by record name use the title, for keys too."""
    declared = json.loads(derive_key_json_schema(Primitive("string"), "cidade"))
    assert (declared["title"], declared["type"]) == ("cidade", "string")
