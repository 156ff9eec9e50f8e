"""Choices and constants: values of every type, weights, encoding and errors."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import fastavro
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gerador.encoding.avro_encoder import AvroRowEncoder
from gerador.errors import SettingError
from gerador.randomness import StreamSeeds
from gerador.values.choice import ChoiceGenerator, ConstantGenerator, JointChoiceGenerator
from gerador.values.index_sampling import AliasTable
from tests.values.generated_rows import assert_share, column, decimal, table

if TYPE_CHECKING:
    import pyarrow as pa

    from gerador.values import AnyGenerator

CELL = 2.0**32
POINT = {
    "type": "record",
    "name": "Point",
    "fields": [
        {"name": "x", "type": "int"},
        {"name": "tags", "type": {"type": "array", "items": ["null", "string"]}},
        {"name": "any", "type": ["null", "long", "string"], "default": None},
    ],
}
VALUES: dict[str, tuple[Any, list[Any]]] = {
    "boolean": ("boolean", [True, False]),
    "int": ("int", [1, -(2**31)]),
    "long": ("long", [2**63 - 1, 0]),
    "float": ("float", [0.5, 2]),
    "double": ("double", [0.1, 3]),
    "string": ("string", ["á", "", "b"]),
    "bytes": ("bytes", ["\u0000\u00ff", "ab"]),
    "fixed": ({"type": "fixed", "name": "F", "size": 2}, ["ab", "\u00ff\u0000"]),
    "enum": ({"type": "enum", "name": "E", "symbols": ["A", "B", "C"]}, ["C", "A"]),
    "decimal": (decimal(9, 2), [1.5, "-3.25", 7]),
    "wide decimal": (decimal(60, 3), ["1e40", -0.125]),
    "date": ({"type": "int", "logicalType": "date"}, ["2026-01-31", -1]),
    "time": ({"type": "long", "logicalType": "time-micros"}, ["12:30:00.5", 7]),
    "timestamp": (
        {"type": "long", "logicalType": "timestamp-millis"},
        ["2026-01-31T12:30:00Z", "1969-12-31", 12],
    ),
    "uuid": (
        {"type": "string", "logicalType": "uuid"},
        ["123e4567-e89b-42d3-a456-426614174000"],
    ),
    "array": ({"type": "array", "items": "int"}, [[1, 2], [], [3]]),
    "map": ({"type": "map", "values": "string"}, [{"a": "b", "c": "d"}, {}]),
    "union": (["int", "string", POINT], [1, "a", {"x": 1, "tags": ["t", None]}]),
    "record": (POINT, [{"x": 1, "tags": [], "any": "s"}, {"x": 2, "tags": ["a", None], "any": 5}]),
}


def decoded(kind: Any, rows: pa.RecordBatch, made: Any) -> list[Any]:
    """Return the values that fastavro decodes from the encoded rows."""
    data = AvroRowEncoder(made.spec.schema.root).encode(rows).data.tobytes()
    schema = fastavro.parse_schema(json.loads(str(made.spec.schema)))
    stream = io.BytesIO(data)
    assert kind
    return [fastavro.schemaless_reader(stream, schema)["x"] for _ in range(rows.num_rows)]


@pytest.mark.parametrize("name", VALUES)
def test_choice_of_every_type(name: str):
    """Rows have the given values, all of them, and encode to what fastavro reads as equal."""
    kind, values = VALUES[name]
    made = table({"x": kind}, {"x": ChoiceGenerator(values=values)})
    rows = made.rows(0, 300)
    rows.validate(full=True)
    chunk = next(iter(made.chunks(0, 300))).columns
    seen = decoded(kind, chunk, made)
    assert len({json.dumps(v, default=str) for v in seen}) == len(values)
    single = [decoded(kind, *_constant(kind, value))[0] for value in values]
    assert all(v in single for v in seen)


def _constant(kind: Any, value: Any) -> tuple[pa.RecordBatch, Any]:
    made = table({"x": kind}, {"x": ConstantGenerator(value=value)})
    rows = made.rows(5, 7)
    assert rows["x"][0] == rows["x"][1]
    return rows, made


@pytest.mark.parametrize(
    ("kind", "value", "read"),
    [
        ("string", "á", "á"),
        ("bytes", "\u00ff", b"\xff"),
        (decimal(9, 2), -0.5, "-0.50"),
        ({"type": "int", "logicalType": "date"}, "1970-01-02", "1970-01-02"),
        (["int", "string"], {"string": "5"}, "5"),
        (POINT, {"x": 1, "tags": ["a"]}, {"x": 1, "tags": ["a"], "any": None}),
        (POINT, {"x": 1, "tags": [{"string": "b"}]}, {"x": 1, "tags": ["b"], "any": None}),
        ({"type": "fixed", "name": "D", "size": 12, "logicalType": "duration"}, [1, 2, 3], None),
    ],
)
def test_constant_of_every_type(kind: Any, value: Any, read: Any):
    """Each row has the value; fields that are not given have their defaults."""
    found = column(ConstantGenerator(value=value, null=0.0 if "null" in kind else None), kind, 3)
    assert len(found.unique() if not found.type.num_fields else [0]) == 1
    if read is not None:
        assert str(found[2].as_py()) == str(read)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(0, 1e12), min_size=1, max_size=40).filter(any))
def test_alias_table_has_exact_shares(weights: list[float]):
    """Summed over the cells, each index has the share of its weight; zero weights never occur."""
    made = AliasTable.of(weights)
    n = len(weights)
    own = np.where(made.alias == np.arange(n), CELL, made.keep.astype(np.float64))
    shares = own / CELL / n
    np.add.at(shares, made.alias, (1 - own / CELL) / n)
    assert np.allclose(shares, np.array(weights) / sum(weights), atol=1e-9)
    assert not shares[np.array(weights) == 0].any()


def test_choices_have_the_shares_of_their_weights():
    """Shares are within exact binomial bounds, for equal weights too."""
    rows = 40_000
    weighted = ChoiceGenerator(values=["a", "b", "c"], weights=[1, 0, 3])
    found = column(weighted, "string", rows).to_pylist()
    assert_share(found.count("a"), rows, 1 / 4)
    assert found.count("b") == 0
    equal = column(ChoiceGenerator(values=[1, 2, 3]), "int", rows).to_pylist()
    for value in (1, 2, 3):
        assert_share(equal.count(value), rows, 1 / 3)


def test_rare_choice_has_its_share():
    """A value with one millionth of the weight occurs as often as expected."""
    made = AliasTable.of([1, 1e6])
    own = made.keep.astype(np.float64) / CELL
    assert made.alias[0] == 1
    assert own[0] / 2 == pytest.approx(1 / 1_000_001, rel=1e-3)
    rows = 3_000_000
    index = made.index(StreamSeeds(3, "s").rng("x", 0), rows)
    assert_share(int((index == 0).sum()), rows, 1 / 1_000_001)


@pytest.mark.parametrize("name", ["string", "bytes", "enum", "decimal", "record", "array", "map"])
def test_null_can_be_chosen(name: str):
    """Null has its own share, and no other nulls are added, for nullables of every type."""
    kind, values = VALUES[name]
    weights = [*(1 for _ in values), len(values)]
    made = table(
        {"x": ["null", kind]}, {"x": ChoiceGenerator(values=[*values, None], weights=weights)}
    )
    rows = made.rows(0, 2_000)
    rows.validate(full=True)
    assert_share(rows["x"].null_count, 2_000, 1 / 2)
    chunk = next(iter(made.chunks(0, 300))).columns
    seen = decoded(kind, chunk, made)
    assert len({json.dumps(v, default=str) for v in seen}) == len(values) + 1
    assert [v is None for v in seen] == chunk["x"].is_null().to_pylist()


def test_null_is_a_value_of_a_union():
    """In a union of several types, null is a branch."""
    made = table({"x": ["null", "int", "string"]}, {"x": ChoiceGenerator(values=[None, 1, "a"])})
    seen = decoded("union", next(iter(made.chunks(0, 300))).columns, made)
    assert set(seen) == {None, 1, "a"}


def test_text_is_a_dictionary_of_the_values():
    """All blocks have the same entries, so that they are encoded once."""
    made = table({"x": "string"}, {"x": ChoiceGenerator(values=["a", "b"])})
    one, other = (t.columns["x"] for t in made.chunks(0, 30_000))
    assert one.dictionary.to_pylist() == ["a", "b"]
    assert one.dictionary.buffers()[2].address == other.dictionary.buffers()[2].address


def test_weighted_choice_depends_on_its_address_only():
    """Indices depend only on the random words of the path."""
    made = AliasTable.of([1, 2, 3])
    seeds = StreamSeeds(1, "s")
    first = made.index(seeds.rng("a", 0), 50)
    assert (first == made.index(seeds.rng("a", 0), 50)).all()
    assert (first != made.index(seeds.rng("b", 0), 50)).any()


@pytest.mark.parametrize(
    ("declared", "kind", "message"),
    [
        (ConstantGenerator(value="a"), "int", '"a" is not a valid int; give an integer'),
        (ConstantGenerator(value=True), "int", "true is not a valid int"),
        (
            ConstantGenerator(value=2**31),
            "int",
            "2147483648 is not a valid int; give -2147483648 to 2147483647",
        ),
        (ConstantGenerator(value=1), "string", "1 is not a valid string; quote it"),
        (ConstantGenerator(value=None), ["null", "string"], "null is not a valid string"),
        (
            ConstantGenerator(value="€"),
            "bytes",
            "is not a valid bytes; give text of characters U+0000 to",
        ),
        (
            ConstantGenerator(value=[1, "b"]),
            {"type": "array", "items": "int"},
            '"b" is not a valid int',
        ),
        (ConstantGenerator(value={"x": 1}), POINT, "has no value for field 'tags'; add it"),
        (ConstantGenerator(value={"y": 1}), POINT, "no field 'y'"),
        (
            ConstantGenerator(value={"x": 1, "tags": [1]}),
            POINT,
            "field 'tags': 1 is not a valid string",
        ),
        (ConstantGenerator(value=1.5), ["int", "string"], "is not a valid union of int, string"),
        (ConstantGenerator(value=1.005), decimal(9, 2), "at most 2 decimals"),
        (ConstantGenerator(value=1e9), decimal(9, 2), "give at most 9 digits"),
        (ChoiceGenerator(values=["A", "D"]), VALUES["enum"][0], '"D" is not a symbol of'),
        (
            ChoiceGenerator(values=["2026-02-30"]),
            {"type": "int", "logicalType": "date"},
            "is not a valid date",
        ),
        (ChoiceGenerator(values=[1], weights=[1, 2]), "int", "2 weights for 1 values"),
        (ChoiceGenerator(values=[1], weights=[0]), "int", "every weight is 0; at least one must"),
        (ChoiceGenerator(values=[1], weights=[-1]), "int", "weight -1 is invalid; weights must be"),
        (ChoiceGenerator(values=[1, 2], weights=[1e308] * 2), "int", "weight 1e+308 is too large"),
        (
            ChoiceGenerator(values=[1, None]),
            "int",
            "null among the values of a type that is not nullable; re",
        ),
        (
            ChoiceGenerator(values=[1, None]),
            ["int", "string"],
            "null among the values of a type that is",
        ),
        (
            JointChoiceGenerator(values=[1, None]),
            "int",
            "null among the values of a type that is not nullable",
        ),
    ],
)
def test_invalid_values_are_rejected(declared: AnyGenerator, kind: Any, message: str):
    """The error is one line with the value and how to fix it."""
    with pytest.raises(SettingError) as error:
        table({"x": kind}, {"x": declared})
    assert message in str(error.value)
    assert "\n" not in str(error.value)
