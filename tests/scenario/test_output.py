"""The output format of a stream, and its validation against the schema."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gerador.errors import SettingError
from gerador.scenario.output import HEADERS_MAX, ConstantHeader, FieldHeader, Output
from gerador.scenario.stream_spec import spec_for

SCHEMA = {
    "type": "record",
    "name": "R",
    "fields": [
        {"name": "id", "type": {"type": "string", "logicalType": "uuid"}},
        {"name": "count", "type": ["null", "long"]},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "price", "type": "double"},
        {"name": "state", "type": {"type": "enum", "name": "E", "symbols": ["A", "B"]}},
        {"name": "items", "type": {"type": "array", "items": "int"}},
    ],
}


def output_of(key: str | None = None, **output: Any) -> Output:
    """Return the validated output of a stream."""
    return spec_for(schema=SCHEMA, key=key, output=Output(**output)).output


def test_defaults() -> None:
    """By default, values are Avro and keys are text."""
    output = spec_for().output
    assert output == Output()
    assert (output.format, output.key_format, output.subject_name_strategy) == (
        "avro",
        "string",
        "topic",
    )
    assert dict(output.headers) == {}


def test_header_forms() -> None:
    """A text is a constant, row_index the index; a mapping is a field or a constant."""
    read = Output.model_validate(
        {
            "headers": {
                "a": "x",
                "b": {"field": "id"},
                "c": {"constant": "row_index"},
                "d": "row_index",
            }
        }
    )
    assert read.headers == {
        "a": "x",
        "b": FieldHeader(field="id"),
        "c": ConstantHeader(constant="row_index"),
        "d": "row_index",
    }
    assert Output.model_validate(read.model_dump()) == read


@pytest.mark.parametrize(
    "wrong",
    [
        {"format": "xml"},
        {"key_format": "avro-raw"},
        {"subjects": "TopicNameStrategy"},
        {"headers": {"": "x"}},
        {"headers": {"a": 1}},
        {"headers": {"a": {"field": "x", "constant": "y"}}},
        {"headers": {"a": {"fields": "x"}}},
        {"headers": {f"h{n}": "x" for n in range(HEADERS_MAX + 1)}},
        {"formats": "json"},
    ],
)
def test_invalid_output(wrong: dict[str, Any]) -> None:
    """Unknown keys and values, wrong types and too many headers are rejected."""
    with pytest.raises(ValidationError):
        Output.model_validate(wrong)


@pytest.mark.parametrize("field", ["id", "count", "state"])
def test_fields_with_a_text_form_can_be_headers(field: str) -> None:
    """Text, uuid, integers and enums, nullable or not."""
    assert output_of(headers={"h": FieldHeader(field=field)}).headers


@pytest.mark.parametrize(
    ("key", "output", "message"),
    [
        (None, {"headers": {"h": FieldHeader(field="stat")}}, "unknown field 'stat'.*'state'"),
        (None, {"headers": {"h": FieldHeader(field="price")}}, "header 'h': field 'price' is 'dou"),
        (None, {"headers": {"h": FieldHeader(field="at")}}, "timestamp-millis"),
        (None, {"headers": {"h": FieldHeader(field="items")}}, "header 'h': field 'items' is 'arr"),
        (None, {"key_format": "avro"}, "key_format 'avro' requires a key; set topic.key"),
        ("at", {}, r"key field 'at' is .*which has no standard text form; .*or set key_format"),
    ],
)
def test_output_that_does_not_fit_the_schema(
    key: str | None, output: dict[str, Any], message: str
) -> None:
    """The message names the stream, the header or key, and suggests a fix, in one line."""
    with pytest.raises(SettingError, match=message) as error:
        output_of(key, **output)
    assert str(error.value).startswith("stream 'R': ")
    assert "\n" not in str(error.value)


def test_key_without_a_text_form_can_have_a_format() -> None:
    """A timestamp has no standard text form, but an Avro encoding."""
    assert output_of("at", key_format="avro").key_format == "avro"
