"""What a stream's output may say, and what fits its schema."""

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


def declared(key: str | None = None, **output: Any) -> Output:
    """Return the output of a stream that was declared with it."""
    return spec_for(schema=SCHEMA, key=key, output=Output(**output)).output


def test_without_a_word_values_are_avro_and_keys_text() -> None:
    """The default is what streams did before there was a choice."""
    output = spec_for().output
    assert output == Output()
    assert (output.format, output.key_format, output.subjects) == ("avro", "string", "topic")
    assert dict(output.headers) == {}


def test_headers_are_read_as_they_stand_in_a_file() -> None:
    """A text alone is a constant, row_index the index, and a mapping says which it is."""
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
def test_words_that_mean_nothing_are_refused(wrong: dict[str, Any]) -> None:
    """An unknown word, a wrong type or too many headers end in an error, never in silence."""
    with pytest.raises(ValidationError):
        Output.model_validate(wrong)


@pytest.mark.parametrize("field", ["id", "count", "state"])
def test_fields_that_make_text_make_headers(field: str) -> None:
    """Text, uuid, whole numbers and enums, nullable or not."""
    assert declared(headers={"h": FieldHeader(field=field)}).headers


@pytest.mark.parametrize(
    ("key", "output", "message"),
    [
        (None, {"headers": {"h": FieldHeader(field="stat")}}, "no field 'stat' .*'state'"),
        (None, {"headers": {"h": FieldHeader(field="price")}}, "header 'h': field 'price' is 'dou"),
        (None, {"headers": {"h": FieldHeader(field="at")}}, "timestamp-millis"),
        (None, {"headers": {"h": FieldHeader(field="items")}}, "header 'h': field 'items' is 'arr"),
        (None, {"key_format": "avro"}, "key_format 'avro' without a key; name the key's field"),
        ("at", {}, r"key field 'at' is .*which has no agreed text; .*or set key_format"),
    ],
)
def test_what_does_not_fit_is_refused(
    key: str | None, output: dict[str, Any], message: str
) -> None:
    """One line names the stream, the header or the key, and the way out."""
    with pytest.raises(SettingError, match=message) as refused:
        declared(key, **output)
    assert str(refused.value).startswith("stream 'R': ")
    assert "\n" not in str(refused.value)


def test_a_key_without_text_may_have_a_format() -> None:
    """An instant has no agreed text, but an Avro form."""
    assert declared("at", key_format="avro").key_format == "avro"
