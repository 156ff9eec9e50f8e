"""fastavro reads datums back to the original rows, for any schema and any slices."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import fastavro
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gerador.avro.load import parse_avro
from gerador.encoding import row_encoder
from gerador.encoding.avro_encoder import AvroRowEncoder
from gerador.encoding.encoded_values import EncodedValues
from gerador.encoding.formats import confluent_prefix
from gerador.encoding.row_encoder import split_into_chunks
from tests.encoding.avro_cases import Case, cases, decoded, record_batch
from tests.encoding.slicing_properties import assert_any_cut, assert_any_positions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gerador.avro.schema import AvroSchema

SLOW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def schema_of(*fields: tuple[str, Any]) -> AvroSchema:
    """Return a record schema of the given fields."""
    declared = [{"name": name, "type": avro_type} for name, avro_type in fields]
    return parse_avro(json.dumps({"type": "record", "name": "R", "fields": declared}))


def read(schema: AvroSchema, datums: Iterable[bytes]) -> list[Any]:
    """Decode datums with fastavro, to their last byte."""
    parsed = fastavro.parse_schema(json.loads(schema.json))
    found = []
    for each in datums:
        stream = io.BytesIO(each)
        found.append(fastavro.schemaless_reader(stream, parsed, None))
        assert stream.tell() == len(each)
    return found


def encode_one(avro_type: Any, column: pa.Array) -> list[bytes]:
    """Encode one column as the only field of a record."""
    batch = pa.RecordBatch.from_arrays([column], names=["f"])
    return list(AvroRowEncoder(schema_of(("f", avro_type)).root).encode(batch))


@SLOW
@given(cases())
def test_fastavro_reads_back_any_schema(case: Case) -> None:
    """For any schema, fastavro decodes every datum to its row."""
    datums = AvroRowEncoder(case.schema.root).encode(record_batch(case))
    expected = [decoded(case.schema.root, row) for row in case.rows]
    assert read(case.schema, datums) == expected


@SLOW
@given(cases(), st.data())
def test_a_slice_gives_the_same_datums(case: Case, data: st.DataObject) -> None:
    """Rows of an Arrow slice have the same datums as in the whole batch."""
    assert_any_cut(AvroRowEncoder(case.schema.root, b"\x00prefix"), record_batch(case), data)


@SLOW
@given(cases(), st.integers(1, 5))
def test_chunks_of_any_size_give_the_same_datums(case: Case, chunk_rows: int) -> None:
    """The size of the chunks does not change the bytes."""
    rows = record_batch(case)
    encoder = AvroRowEncoder(case.schema.root)
    whole = encoder.encode(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_encoder, "CHUNK_ROWS", chunk_rows)
        cut = encoder.encode(rows)
        assert len(split_into_chunks(rows)) == -(-rows.num_rows // chunk_rows)
    assert cut.data.tobytes() == whole.data.tobytes()
    assert cut.offsets.tolist() == whole.offsets.tolist()


@SLOW
@given(cases(), st.randoms(use_true_random=False))
def test_rows_can_be_written_at_any_positions(case: Case, shuffle: Any) -> None:
    """Rows at shuffled positions, without gaps, do not overwrite each other."""
    assert_any_positions(AvroRowEncoder(case.schema.root), record_batch(case), shuffle)


@SLOW
@given(cases(), st.data())
def test_a_dictionary_gives_the_same_datums_as_its_values(case: Case, data: st.DataObject) -> None:
    """Any column may be an Arrow dictionary, in any order and with unused entries."""
    rows = record_batch(case)
    encoder = AvroRowEncoder(case.schema.root)
    at = data.draw(st.lists(st.integers(0, max(rows.num_rows - 1, 0)), max_size=8))
    kind = data.draw(st.sampled_from([pa.int8(), pa.int64(), pa.uint16()]))
    indices = pa.array(at if rows.num_rows else [], kind)
    plain = rows.take(indices)
    encoded = pa.RecordBatch.from_arrays(
        [
            c
            if isinstance(c, pa.DictionaryArray) or pa.types.is_null(c.type)
            else pa.DictionaryArray.from_arrays(indices, w)
            for c, w in zip(plain.columns, rows.columns, strict=True)
        ],
        names=rows.schema.names,
    )
    assert list(encoder.encode(encoded)) == list(encoder.encode(plain))


def test_every_datum_has_the_prefix() -> None:
    """Confluent's five bytes come first, then the same datum."""
    rows = pa.RecordBatch.from_pydict({"f": pa.array([1, -1], pa.int32())})
    root = schema_of(("f", "int")).root
    assert list(AvroRowEncoder(root, confluent_prefix(258)).encode(rows)) == [
        b"\0\0\0\x01\x02\x02",
        b"\0\0\0\x01\x02\x01",
    ]


@pytest.mark.parametrize(
    ("avro_type", "column", "expected"),
    [
        ("long", pa.array([0, -1, 1, -64, 64], pa.int64()), ["00", "01", "02", "7f", "8001"]),
        ("long", pa.array([2**63 - 1], pa.int64()), ["feffffffffffffffff01"]),
        ("long", pa.array([-(2**63)], pa.int64()), ["ffffffffffffffffff01"]),
        ("boolean", pa.array([True, False]), ["01", "00"]),
        ("float", pa.array([1.0], pa.float32()), ["0000803f"]),
        ("double", pa.array([1.0]), ["000000000000f03f"]),
        ("string", pa.array(["foo", "é", ""]), ["06666f6f", "04c3a9", "00"]),
        ("bytes", pa.array([b"\0\xff"]), ["0400ff"]),
        ({"type": "array", "items": "long"}, pa.array([[3, 27], []]), ["04063600", "00"]),
        (
            {"type": "map", "values": "long"},
            pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())),
            ["0202610200"],
        ),
        (["null", "string"], pa.array(["a", None]), ["020261", "00"]),
        (["string", "null"], pa.array(["a", None]), ["000261", "02"]),
        (
            {"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 2},
            pa.array(["0.00", "1.27", "1.28", "-1.28", "-1.29"]).cast(pa.decimal128(6, 2)),
            ["0200", "027f", "040080", "0280", "04ff7f"],
        ),
        (
            {"type": "fixed", "name": "D", "size": 12, "logicalType": "duration"},
            pa.array([pa.MonthDayNano([1, 2, 3_000_000])]),
            ["010000000200000003000000"],
        ),
    ],
)
def test_golden_bytes(avro_type: Any, column: pa.Array, expected: list[str]) -> None:
    """Each type has the bytes that the Avro specification defines."""
    assert [d.hex() for d in encode_one(avro_type, column)] == expected


@pytest.mark.parametrize(
    "text",
    [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.large_string())],
)
def test_text_may_have_any_arrow_type(text: pa.DataType) -> None:
    """Arrow types that differ only in layout have the same bytes."""
    column = pa.array(["a", "é" * 40, ""]).cast(text)
    assert encode_one("string", column) == [b"\x02a", b"\xa0\x01" + "é".encode() * 40, b"\0"]


@pytest.mark.parametrize("size", [*range(70), 127, 128, 5000])
def test_adjacent_spans_of_every_size(size: int) -> None:
    """Copies in blocks do not overwrite adjacent values of any size."""
    texts = ["x" * size, "", "y" * (size + 1), "z"]
    column = pa.array(texts)
    batch = pa.RecordBatch.from_pydict(
        {
            "a": column,
            "b": column.dictionary_encode(),
            "c": pa.array([7] * 4, pa.int32()),
            "d": pa.DictionaryArray.from_arrays(pa.array([1, 0, 1, 0]), pa.array(["u" * 36, "v"])),
            "e": column.dictionary_encode(),
        }
    )
    schema = schema_of(
        ("a", "string"), ("b", "string"), ("c", "int"), ("d", "string"), ("e", "string")
    )
    assert read(schema, AvroRowEncoder(schema.root).encode(batch)) == batch.to_pylist()


def test_an_empty_value_does_not_overwrite_the_next() -> None:
    """The block that is copied for an empty value stays within its row."""
    for rest in range(70):
        empty = {"type": "fixed", "name": "E", "size": 0}
        tail = {"type": "fixed", "name": "T", "size": rest}
        schema = schema_of(("a", "int"), ("e", empty), ("t", tail))
        none = pa.array([b""], pa.binary(0))
        batch = pa.RecordBatch.from_pydict(
            {
                "a": pa.array([5] * 3, pa.int32()),
                "e": pa.DictionaryArray.from_arrays(pa.array([0] * 3), none),
                "t": pa.array([b"t" * rest] * 3, pa.binary(rest)),
            }
        )
        assert list(AvroRowEncoder(schema.root).encode(batch)) == [b"\x0a" + b"t" * rest] * 3


def test_a_dictionary_in_other_memory_is_encoded_again() -> None:
    """A dictionary never gets the cached entries of an earlier one."""
    encoder = AvroRowEncoder(schema_of(("f", "string")).root)
    for i in range(100):
        entries = pa.array([f"entry {i}", "other"])
        column = pa.DictionaryArray.from_arrays(pa.array([0]), entries)
        batch = pa.RecordBatch.from_arrays([column], names=["f"])
        assert list(encoder.encode(batch)) == [
            bytes([2 * len(f"entry {i}")]) + f"entry {i}".encode()
        ]


def test_nulls_inside_a_dictionary_are_nulls() -> None:
    """A null entry of a dictionary and a null index are both the null branch."""
    column = pa.DictionaryArray.from_arrays(pa.array([1, 0, None]), pa.array([None, "a"]))
    assert encode_one(["null", "string"], column) == [b"\x02\x02a", b"\0", b"\0"]


def test_columns_in_another_order_and_unknown_columns() -> None:
    """Columns are found by name; columns that are not in the schema are ignored."""
    schema = schema_of(("a", "int"), ("b", "int"))
    batch = pa.RecordBatch.from_pydict(
        {n: pa.array([i], pa.int32()) for i, n in enumerate("cba", start=1)}
    )
    assert list(AvroRowEncoder(schema.root).encode(batch)) == [b"\x06\x04"]


def test_datums_are_an_arrow_array_without_a_copy() -> None:
    """`to_arrow` shares the memory, also of a slice, and has the same values."""
    datums = EncodedValues.from_list([b"ab", b"", b"c"])
    assert datums.to_arrow().to_pylist() == [b"ab", b"", b"c"]
    assert datums[1:].to_arrow().to_pylist() == [b"", b"c"]
    assert datums.to_arrow().buffers()[2].address == datums.data.ctypes.data
    assert datums[-1] == b"c"
    assert list(datums[::1]) == [b"ab", b"", b"c"]
    with pytest.raises(IndexError):
        datums[3]
    with pytest.raises(ValueError, match="slice step 2 is not supported"):
        datums[::2]


def test_datums_can_be_measured_and_written_again() -> None:
    """Encoded values are `MeasuredValues`: their bytes are copied to the cursors."""
    datums = EncodedValues.from_list([b"ab", b"", b"cde" * 30])
    assert list(EncodedValues.of(datums)) == list(datums)
    assert list(EncodedValues.of(datums[1:])) == list(datums[1:])
    assert datums[1:].size_bytes == 90
