"""Validation of generators against a schema: errors name the path and suggest a fix."""

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
from gerador.values.date_time import EventTimeGenerator, RandomTimeGenerator
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


def spec_with(path: str, generator: AnyGenerator) -> Any:
    """Return the stream of SCHEMA with one declared field."""
    return spec_for(schema=parse_avro(json.dumps(SCHEMA)), fields={path: generator})


@pytest.mark.parametrize(
    ("path", "generator"),
    [
        ("count", UniformDistribution(min=-5, max=5)),
        ("note", FakerGenerator(provider="name", locale="de_DE", null=0.5)),
        ("price", UniformDistribution(min=0.01, max=0.07, decimals=2)),
        ("day", EventTimeGenerator()),
        ("items", LengthGenerator(length_min=1, length_max=3)),
        ("items[]", CompositeGenerator()),
        ("items[].sku", UuidGenerator()),
        ("items[].tags", LengthGenerator(kind="map")),
        ("items[].tags{}", UniformDistribution(min=-(2**63), max=2**62)),
        ("any<string>", TextGenerator(alphabet="01")),
        ("id", GenerationIdGenerator()),
        ("hash", BytesGenerator()),
    ],
)
def test_valid_generator(path: str, generator: AnyGenerator):
    """Every path can be declared with a generator of its type, inside lists and maps too."""
    assert spec_with(path, generator).fields == {path: generator}


@pytest.mark.parametrize(
    ("path", "generator", "message"),
    [
        (
            "cuont",
            EnumSymbolGenerator(),
            "field 'cuont': unknown field; did you mean 'count'?",
        ),
        ("items[].sk", TextGenerator(), "; did you mean 'items[].sku'?"),
        ("count", TextGenerator(), "generator 'text' does not support type 'int'; use "),
        (
            "note",
            UniformDistribution(min=0, max=1),
            "does not support type 'string'",
        ),
        (
            "day",
            UniformDistribution(min=0, max=1),
            "does not support type 'int (date)'; use choice, constant",
        ),
        ("any", TextGenerator(), ", union"),
        ("hash", TextGenerator(), "use bytes"),
        ("paid", RandomTimeGenerator(), "use boolean"),
        (
            "count",
            UniformDistribution(min=0, max=1, null=0.1),
            "share of nulls on a type that is not",
        ),
        ("count", UniformDistribution(min=5, max=1), "min 5 is above max 1"),
        ("count", UniformDistribution(min=0, max=2**31), "does not fit 'int'"),
        (
            "count",
            UniformDistribution(min=0, max=1, decimals=1),
            "'int' has no decimal places, but the range has 1",
        ),
        (
            "count",
            UniformDistribution(min=0.5, max=1),
            "'int' has no decimal places, but the range has 1",
        ),
        (
            "price",
            UniformDistribution(min=0, max=1.005, decimals=2),
            "1.005 has more than 2 decimal places; set decimals",
        ),
        ("price", UniformDistribution(min=0, max=1e15, decimals=2), "narrow it"),
        ("note", TextGenerator(length_min=3, length_max=2), "invalid lengths [3, 2]"),
        ("note", TextGenerator(length_max=5_000), "expected 0 <= min <= max <= 1024"),
        ("note", TextGenerator(alphabet="á"), "ASCII"),
        ("items", LengthGenerator(length_min=-1), "invalid lengths [-1, 4]"),
        ("note", FakerGenerator(provider="name", pool_rows=0), "pool_rows 0"),
        (
            "items[].tags",
            LengthGenerator(kind="map", length_min=512, length_max=1_024),
            "nested lists have about 1,536 items per row; the maximum is 1,024",
        ),
    ],
)
def test_invalid_generator(path: str, generator: AnyGenerator, message: str):
    """An unknown path or a generator that does not fit is an error in one line."""
    with pytest.raises(SettingError) as error:
        spec_with(path, generator)
    text = str(error.value)
    assert message in text
    assert text.startswith("stream 'Order': ")
    assert "\n" not in text


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("nmoe", "key: unknown field 'nmoe'; did you mean 'nome'"),
        ("salario", "no standard text form; choose another field, or set key_format"),
        ("timestamp", "no standard text form"),
        ("idade", None),
    ],
)
def test_key_field(key: str, message: str | None):
    """A key in text form is a top-level field of text, integers or bytes."""
    if message is None:
        assert spec_for(key=key).key == key
        return
    with pytest.raises(SettingError, match=message):
        spec_for(key=key)


@pytest.mark.parametrize("rows", [0, -1, 10_000_001])
def test_invalid_generation_size(rows: int):
    """A generation has 1 to 10,000,000 rows."""
    with pytest.raises(SettingError, match=f"generation of {rows} rows is outside"):
        spec_for(generation_rows=rows)


def test_field_paths():
    """There are paths into records, lists, maps and their keys, and branches of unions."""
    paths = [p for p, _ in field_paths(parse_avro(json.dumps(SCHEMA)).root)]
    assert paths == [
        "count", "note", "price", "paid", "day", "items", "items[]", "items[].sku",
        "items[].tags", "items[].tags{#}", "items[].tags{}", "any", "any<int>", "any<string>",
        "sum", "hash", "id",
    ]  # fmt: skip
