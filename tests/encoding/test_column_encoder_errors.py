"""An error for a column that does not fit the schema names the field, the row and the value."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from gerador.encoding.avro_encoder import AvroRowEncoder
from gerador.encoding.keys import encode_keys
from gerador.encoding.row_encoder import CHUNK_ROWS
from gerador.errors import DataError
from tests.encoding.test_avro_encoder import schema_of

ENUM = {"type": "enum", "name": "E", "symbols": ["RED", "GREEN"]}
DURATION = {"type": "fixed", "name": "D", "size": 12, "logicalType": "duration"}
DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 2}
SMALL = {"type": "fixed", "name": "S", "size": 2, "logicalType": "decimal", "precision": 4}
RECORD = {"type": "record", "name": "P", "fields": [{"name": "x", "type": "int"}]}
UNION = ["int", "string", "null"]

POINTS = pa.list_(pa.struct({"x": pa.int32()}))


def unchecked_dictionary(indices: list[int]) -> pa.Array:
    """Return a dictionary column with indices that Arrow did not check."""
    at = pa.array(indices, pa.int64())
    return pa.DictionaryArray.from_arrays(at, pa.array(["a", "b"]), safe=False)


@pytest.mark.parametrize(
    ("avro_type", "column", "message"),
    [
        ("int", pa.array([1, None], pa.int32()), r"field 'f', row 1: null"),
        ("string", pa.array(["a", None]).dictionary_encode(), r"field 'f', row 1: null"),
        (
            "string",
            pa.DictionaryArray.from_arrays(pa.array([0, 1]), pa.array(["a", None])),
            r"field 'f', row 1: null",
        ),
        ("int", pa.array([1]), r"field 'f': Arrow type int64 where the schema needs int32"),
        ("long", pa.array([1], pa.int32()), r"int32 where the schema needs int64"),
        ("double", pa.array([1.0], pa.float32()), r"float where the schema needs double"),
        ("boolean", pa.array([1]), r"int64 where the schema needs bool"),
        ("string", pa.array([b"a"]), r"binary where the schema needs string"),
        ("bytes", pa.array(["a"]), r"string where the schema needs binary"),
        ("null", pa.array([1]), r"int64 where the schema needs null"),
        ("string", pa.array([1]).dictionary_encode(), r"int64 where the schema needs string"),
        (
            {"type": "long", "logicalType": "timestamp-millis"},
            pa.array([1], pa.timestamp("us", "UTC")),
            r"timestamp\[us, tz=UTC\] where the schema needs timestamp\[ms, tz=UTC\]",
        ),
        (
            {"type": "long", "logicalType": "local-timestamp-millis"},
            pa.array([1], pa.timestamp("ms", "UTC")),
            r"needs timestamp\[ms\]",
        ),
        (
            {"type": "fixed", "name": "F", "size": 3},
            pa.array([b"ab"], pa.binary(2)),
            r"fixed_size_binary\[2\] where the schema needs fixed_size_binary\[3\]",
        ),
        (ENUM, pa.array(["RED", "GREN"]), r"row 1: 'GREN' is not a symbol.*mean 'GREEN'"),
        (ENUM, pa.array([1]), r"int64 where the schema needs dictionary<values=string>"),
        (ENUM, pa.array(["RED", None]).dictionary_encode(), r"row 1: null"),
        (DURATION, pa.array([pa.MonthDayNano([0, -1, 0])]), r"row 0: duration of 0 months, -1 d"),
        (DURATION, pa.array([pa.MonthDayNano([0, 0, 1])]), r"row 0: .* 1 ns is .*milliseconds"),
        (DURATION, pa.array([pa.MonthDayNano([0, 0, 2**62])]), r"row 0: .*4294967295"),
        (DECIMAL, pa.array([Decimal("1.5")]), r"decimal128\(2, 1\) where .* decimal\(6, 2\)"),
        (DECIMAL, pa.array([1.5]), r"double where the schema needs decimal\(6, 2\)"),
        ({"type": "array", "items": "int"}, pa.array([1]), r"int64 where the schema needs list"),
        (
            {"type": "array", "items": "int"},
            pa.array([[], [1], [2, None]], pa.list_(pa.int32())),
            r"field 'f\[\]', row 2: null",
        ),
        (
            ["null", {"type": "array", "items": ["null", RECORD]}],
            pa.array([None, [None, {"x": 1}], None, [{"x": None}]], POINTS),
            r"field 'f\[\]\.x', row 3: null",
        ),
        (
            {"type": "map", "values": "int"},
            pa.array([[("a", None)]], pa.map_(pa.string(), pa.int32())),
            r"field 'f{}', row 0: null",
        ),
        ({"type": "map", "values": "int"}, pa.array([[1]]), r"where the schema needs map"),
        (RECORD, pa.array([{"y": 1}]), r"record 'f': no column named 'x'"),
        (RECORD, pa.array([1]), r"int64 where the schema needs struct"),
        (RECORD, pa.array([None], pa.struct({"x": pa.int32()})), r"field 'f', row 0: null"),
        (UNION, pa.array([1]), r"int64 where the schema needs dense_union"),
        ("string", unchecked_dictionary([0, 2]), r"row 1: dictionary index 2 is outside \[0, 2\)"),
        ("string", unchecked_dictionary([0, -1]), r"row 1: dictionary index -1 is outside"),
        ("string", unchecked_dictionary([0, 2**32]), r"row 1: dictionary index 4294967296"),
    ],
)  # fmt: skip
def test_a_column_that_does_not_fit(avro_type: Any, column: pa.Array, message: str) -> None:
    """The error is one line with the field path, the row if known, and both types or the value."""
    batch = pa.RecordBatch.from_arrays([column], names=["f"])
    encoder = AvroRowEncoder(schema_of(("f", avro_type)).root)
    with pytest.raises(DataError, match=message) as caught:
        encoder.encode(batch)
    assert "\n" not in str(caught.value)


def test_a_decimal_that_does_not_fit_in_its_fixed() -> None:
    """Arrow does not check a decimal's digits; a value too wide for the fixed is an error."""
    words = np.array([1, 0, 2**40, 0], np.int64)
    wide = pa.Array.from_buffers(pa.decimal128(4), 2, [None, pa.py_buffer(words)])
    batch = pa.RecordBatch.from_arrays([wide], names=["f"])
    with pytest.raises(DataError, match=r"row 1: 1099511627776 does not fit in the 2 bytes"):
        AvroRowEncoder(schema_of(("f", SMALL)).root).encode(batch)


def test_a_union_of_other_branches() -> None:
    """A dense union with another number of children, or with null in a branch, is an error."""
    children = [pa.array([1], pa.int32()), pa.array([None], pa.string())]
    two = pa.UnionArray.from_dense(
        pa.array([0, 1], pa.int8()), pa.array([0, 0], pa.int32()), children
    )
    batch = pa.RecordBatch.from_arrays([two], names=["f"])
    with pytest.raises(DataError, match="needs dense_union of 3 children"):
        AvroRowEncoder(schema_of(("f", UNION)).root).encode(batch)
    with pytest.raises(DataError, match="field 'f', row 1: null"):
        AvroRowEncoder(schema_of(("f", ["int", "string"])).root).encode(batch)


def test_a_missing_column() -> None:
    """The error names the field, and the column with the closest name."""
    batch = pa.RecordBatch.from_pydict({"nomes": pa.array(["a"])})
    with pytest.raises(DataError, match=r"record 'R': no column named 'nome'.*'nomes'"):
        AvroRowEncoder(schema_of(("nome", "string")).root).encode(batch)


def test_two_columns_of_one_name() -> None:
    """Two columns of the field's name are ambiguous."""
    batch = pa.RecordBatch.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["f", "f"])
    with pytest.raises(DataError, match="more than one column named 'f'"):
        AvroRowEncoder(schema_of(("f", "string")).root).encode(batch)


def test_the_row_is_counted_over_all_chunks() -> None:
    """An error in a later chunk has the row number of the whole record batch."""
    values = [*[1] * (2 * CHUNK_ROWS + 4), None]
    batch = pa.RecordBatch.from_pydict({"f": pa.array(values, pa.int32())})
    with pytest.raises(DataError, match=f"row {len(values) - 1}: null"):
        AvroRowEncoder(schema_of(("f", "int")).root).encode(batch)


def test_an_unknown_symbol_that_no_row_uses() -> None:
    """An invalid entry of a dictionary is no error while no row uses it."""
    column = pa.DictionaryArray.from_arrays(pa.array([1, 1]), pa.array(["BLUE", "GREEN"]))
    batch = pa.RecordBatch.from_arrays([column], names=["f"])
    assert list(AvroRowEncoder(schema_of(("f", ENUM)).root).encode(batch)) == [b"\x02", b"\x02"]


@pytest.mark.parametrize(
    "column",
    [pa.array([1.5]), pa.array([True]), pa.array([[1]]), pa.array([1.5]).dictionary_encode()],
)
def test_a_column_that_cannot_be_a_key(column: pa.Array) -> None:
    """The error for an unsupported type lists the types of keys."""
    with pytest.raises(DataError, match=r"key 'k': Arrow type .* cannot be a key; choose"):
        encode_keys(column, "k")


def test_a_key_index_out_of_range() -> None:
    """The dictionary index of a key is checked before it is used."""
    with pytest.raises(DataError, match=r"key 'k', row 1: dictionary index 7 is outside \[0, 2\)"):
        encode_keys(unchecked_dictionary([1, 7]), "k")
