"""Declarations against a schema: what does not fit is refused, by path, with a hint."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gerador.avro.load import parse_avro
from gerador.avro.paths import field_paths
from gerador.errors import SettingError
from gerador.scenario.stream_spec import spec_for
from gerador.values.array_map import LengthGenerator
from gerador.values.choice import EnumSymbolGenerator
from gerador.values.date_time import CalendarGenerator, EventTimeGenerator
from gerador.values.distributions.uniform import UniformDistribution
from gerador.values.faker_pool import FakerGenerator
from gerador.values.records import CompositeGenerator
from gerador.values.text import BytesGenerator, TextGenerator
from gerador.values.uuids import GenerationIdGenerator, UuidGenerator

if TYPE_CHECKING:
    from gerador.values import AnyGenerator

SCHEMA = {
    "type": "record",
    "name": "shop.Order",
    "fields": [
        {"name": "count", "type": "int"},
        {"name": "note", "type": ["null", "string"]},
        {"name": "price", "type": "double"},
        {"name": "paid", "type": "boolean"},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "items", "type": {"type": "array", "items": {
            "type": "record", "name": "Item", "fields": [
                {"name": "sku", "type": "string"},
                {"name": "tags", "type": {"type": "map", "values": "long"}},
            ]}}},
        {"name": "any", "type": ["int", "string"]},
        {"name": "sum", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9}},
        {"name": "hash", "type": {"type": "fixed", "name": "H", "size": 4}},
        {"name": "id", "type": {"type": "string", "logicalType": "uuid"}},
    ],
}  # fmt: skip


def declared(path: str, spec: AnyGenerator) -> Any:
    """Return the stream of SCHEMA with one field declared."""
    return spec_for(schema=parse_avro(json.dumps(SCHEMA)), fields={path: spec})


@pytest.mark.parametrize(
    ("path", "spec"),
    [
        ("count", UniformDistribution(min=-5, max=5)),
        ("note", FakerGenerator(provider="name", null=0.5)),
        ("price", UniformDistribution(min=0.01, max=0.07, decimals=2)),
        ("day", EventTimeGenerator()),
        ("items", LengthGenerator(length_min=1, length_max=3)),
        ("items[]", CompositeGenerator()),
        ("items[].sku", UuidGenerator()),
        ("items[].tags", LengthGenerator()),
        ("items[].tags{}", UniformDistribution(min=-(2**63), max=2**62)),
        ("any<string>", TextGenerator(alphabet="01")),
        ("id", GenerationIdGenerator()),
        ("hash", BytesGenerator()),
    ],
)
def test_what_fits_is_taken(path: str, spec: AnyGenerator):
    """Every path can be declared with what suits its type, inside lists and maps too."""
    assert declared(path, spec).fields == {path: spec}


@pytest.mark.parametrize(
    ("path", "spec", "told"),
    [
        (
            "cuont",
            EnumSymbolGenerator(),
            "field 'cuont': there is no such field; did you mean 'count'?",
        ),
        ("items[].sk", TextGenerator(), "; did you mean 'items[].sku'?"),
        ("count", TextGenerator(), "'text' does not suit 'int'; use "),
        ("note", UniformDistribution(min=0, max=1), "'uniform' does not suit 'string'"),
        (
            "day",
            UniformDistribution(min=0, max=1),
            "does not suit 'int (date)'; use calendar, choice",
        ),
        ("any", TextGenerator(), ", whole"),
        ("hash", TextGenerator(), "use bytes"),
        ("paid", CalendarGenerator(), "use boolean"),
        ("count", UniformDistribution(min=0, max=1, null=0.1), "never null"),
        ("count", UniformDistribution(min=5, max=1), "the smaller first"),
        ("count", UniformDistribution(min=0, max=2**31), "does not fit 'int'"),
        ("count", UniformDistribution(min=0, max=1, decimals=1), "1 decimals do not suit 'int'"),
        ("count", UniformDistribution(min=0.5, max=1), "1 decimals do not suit 'int'"),
        ("price", UniformDistribution(min=0, max=1.005, decimals=2), "more than 2 decimals"),
        ("price", UniformDistribution(min=0, max=1e15, decimals=2), "narrow it"),
        ("note", TextGenerator(length_min=3, length_max=2), "the smaller first"),
        ("note", TextGenerator(length_max=5_000), "give 0 to 1024"),
        ("note", TextGenerator(alphabet="á"), "ASCII"),
        ("items", LengthGenerator(length_min=-1), "lengths -1 to 4"),
        ("note", FakerGenerator(provider="name", pool_rows=0), "pool_rows 0"),
        (
            "items[].tags",
            LengthGenerator(length_min=512, length_max=1_024),
            "about 1,536 items a row",
        ),
    ],
)
def test_what_does_not_fit_is_refused(path: str, spec: AnyGenerator, told: str):
    """A path that is not there or a kind that does not suit is one line with the way out."""
    with pytest.raises(SettingError) as refused:
        declared(path, spec)
    message = str(refused.value)
    assert told in message
    assert message.startswith("stream 'Order': ")
    assert "\n" not in message


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("nmoe", "did you mean 'nome'"),
        ("salario", "a key is text"),
        ("timestamp", "no agreed text"),
        ("idade", None),
    ],
)
def test_keys_are_fields_that_can_be_keys(key: str, told: str | None):
    """A key is a top-level field of text, whole numbers or bytes."""
    if told is None:
        assert spec_for(key=key).key == key
        return
    with pytest.raises(SettingError, match=told):
        spec_for(key=key)


def test_a_record_without_fields_is_no_table():
    """A stream needs a column."""
    with pytest.raises(SettingError, match="record 'Empty' has no fields"):
        spec_for(schema=parse_avro('{"type": "record", "name": "Empty", "fields": []}'))


@pytest.mark.parametrize("rows", [0, -1, 10_000_001])
def test_generation_sizes_are_bounded(rows: int):
    """A generation has 1 to 10,000,000 rows."""
    with pytest.raises(SettingError, match=f"generations of {rows} rows"):
        spec_for(generation_rows=rows)


def test_paths_name_what_is_inside():
    """Paths lead into records, lists, maps with their keys, and the branches of unions."""
    paths = [p for p, _ in field_paths(parse_avro(json.dumps(SCHEMA)).root)]
    assert paths == [
        "count", "note", "price", "paid", "day", "items", "items[]", "items[].sku",
        "items[].tags", "items[].tags{#}", "items[].tags{}", "any", "any<int>", "any<string>",
        "sum", "hash", "id",
    ]  # fmt: skip
