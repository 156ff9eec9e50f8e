"""Record batches have the bytes of aiokafka's builder, and its reader reads them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from aiokafka.record.default_records import (
    DefaultRecordBatch,
    DefaultRecordBatchBuilder,
    _DefaultRecordBatchBuilderPy,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gerador.encoding.batch_builder import (
    BATCH_ROWS_MAX,
    build_record_batches,
)
from gerador.encoding.compression import Compression
from gerador.encoding.encoded_values import EncodedValues
from gerador.encoding.record_batch import RecordBatch, set_producer_state
from gerador.encoding.records import RecordColumns, RecordHeader, single_batch_bytes
from gerador.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

VECTOR = Path(__file__).parents[1] / "vectors" / "record_batch.hex"
SLOW = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
EVERY = pytest.mark.parametrize("compression", list(Compression))

Row = tuple[int, int, bytes | None, bytes | None, bytes]
"""Partition, timestamp, key, value, and the value of the header that differs by row."""

nullable_bytes = st.none() | st.binary(max_size=300)
rows_of = st.lists(
    st.tuples(
        st.integers(0, 3),
        # -1 means "no timestamp yet" inside aiokafka's compiled builder.
        st.integers(0, 2**45) | st.integers(-5, 5).filter(lambda ms: ms != -1),
        nullable_bytes,
        nullable_bytes,
        st.binary(max_size=5),
    ),
    max_size=60,
)


def records(rows: Sequence[Row], *, headers: bool) -> RecordColumns:
    """Return rows as columns."""
    partition, timestamp, key, value, extra = zip(*rows, strict=True) if rows else ((),) * 5
    varying = EncodedValues.from_list(extra)
    return RecordColumns(
        timestamp_ms=np.array(timestamp, np.int64),
        partition=np.array(partition, np.int32),
        value=EncodedValues.from_list([v or b"" if v is not None else b"unseen" for v in value]),
        value_is_null=np.array([v is None for v in value], bool),
        key=EncodedValues.from_list([b"unseen" if k is None else k for k in key]),
        key_is_null=np.array([k is None for k in key], bool),
        headers=[RecordHeader("a", b"1"), RecordHeader("ção", varying), RecordHeader("n", None)]
        if headers
        else (),
    )


def headers_of(row: Row) -> list[tuple[str, bytes | None]]:
    """Return the headers that `records` gives a row."""
    return [("a", b"1"), ("ção", row[4]), ("n", None)]


def batches_of_builder(rows: Sequence[Row], bytes_max: int, *, headers: bool) -> list[list[Row]]:
    """Return the rows of each batch of aiokafka's Python builder, in order of their first rows.

    The compiled builder estimates a record's size and leaves some bytes of a batch empty.
    """
    batches: list[list[Row]] = []
    current: dict[int, tuple[Any, list[Row]]] = {}
    for row in rows:
        builder, own = current.get(row[0], (None, []))
        if builder is None or not append(builder, len(own), row, headers=headers):
            builder, own = _DefaultRecordBatchBuilderPy(2, 0, 0, -1, -1, -1, bytes_max), []
            assert append(builder, 0, row, headers=headers)
            batches.append(own)
        own.append(row)
        current[row[0]] = (builder, own)
    return batches


def append(builder: Any, offset: int, row: Row, *, headers: bool) -> Any:
    """Append a row to a builder."""
    return builder.append(offset, *row[1:4], headers_of(row) if headers else [])


def built(
    new: Any, rows: Sequence[Row], state: tuple[int, int, int], *, headers: bool
) -> tuple[int, bytes]:
    """Return partition and bytes of one batch of all the rows."""
    builder = new(2, 0, 0, *state, 2**30)
    for offset, row in enumerate(rows):
        assert append(builder, offset, row, headers=headers)
    return rows[0][0], bytes(builder.build())


def read(batch: RecordBatch) -> list[Any]:
    """Return the records of a batch, read by aiokafka, after a check of its CRC."""
    found = DefaultRecordBatch(bytes(batch.buffer))
    assert found.validate_crc()
    return list(found)


@pytest.mark.parametrize("new", [_DefaultRecordBatchBuilderPy, DefaultRecordBatchBuilder])
@SLOW
@given(rows_of, st.integers(62, 2000), st.booleans(), st.lists(st.integers(0, 60), max_size=3))
def test_the_bytes_are_those_of_aiokafkas_builder(
    new: Any, rows: list[Row], bytes_max: int, headers: bool, cuts: list[int]
) -> None:
    """Any rows, limits and chunks have the same batches as the builder, byte for byte."""
    state = (2**40, 3, 77)
    edges = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    chunks = [records(rows[a:b], headers=headers) for a, b in pairwise(edges)]
    batches = build_record_batches(chunks, batch_bytes_max=bytes_max)
    for batch in batches:
        set_producer_state(batch, *state)
    expected = [
        built(new, own, state, headers=headers)
        for own in batches_of_builder(rows, bytes_max, headers=headers)
    ]
    assert [(b.partition, bytes(b.buffer)) for b in batches] == expected


@SLOW
@given(rows_of, st.sampled_from(Compression), st.integers(1, 9))
def test_aiokafka_reads_back_every_codec(
    rows: list[Row], compression: Compression, rows_max: int
) -> None:
    """Every record is read in its partition's order, with key, value, time and headers."""
    batches = build_record_batches(
        [records(rows, headers=True)], compression=compression, batch_rows_max=rows_max
    )
    for partition in range(4):
        expected = [row for row in rows if row[0] == partition]
        own = [b for b in batches if b.partition == partition]
        found = []
        for batch in own:
            set_producer_state(batch, 1, 2, 3)
            found += read(batch)
        assert [(r.timestamp, r.key, r.value) for r in found] == [row[1:4] for row in expected]
        assert [list(r.headers) for r in found] == [headers_of(row) for row in expected]
        counts = [b.record_count for b in own]
        assert sum(counts) == len(expected)
        assert all(count == rows_max for count in counts[:-1])


@EVERY
def test_a_batch_of_many_rows(compression: Compression) -> None:
    """Offset deltas, time deltas and lengths that outgrow a varint's bytes are read back."""
    rows = 40_000
    timestamps = 1_790_000_000_000 - np.arange(rows, dtype=np.int64) ** 2
    values = [b"%d" % i * (1 + i % 40) for i in range(rows)]
    chunks = [
        RecordColumns(timestamps[a : a + 4096], np.zeros(len(timestamps[a : a + 4096]), np.int32),
                EncodedValues.from_list(values[a : a + 4096]))
        for a in range(0, rows, 4096)
    ]  # fmt: skip
    [batch] = build_record_batches(chunks, compression=compression, batch_bytes_max=2**30)
    set_producer_state(batch, 9, 0, 0)
    found = read(batch)
    assert [r.value for r in found] == values
    assert [r.timestamp for r in found] == timestamps.tolist()
    assert [r.offset for r in found] == list(range(rows))
    assert all(r.key is None for r in found)
    assert batch.record_count == rows
    assert batch.value_bytes == sum(map(len, values))
    assert DefaultRecordBatch(bytes(batch.buffer)).max_timestamp == timestamps[0]


@EVERY
def test_no_compression_if_it_does_not_help(compression: Compression) -> None:
    """A batch that a codec makes longer is not compressed, and its attributes show it."""
    one = RecordColumns(np.array([5]), np.array([0], np.int32), EncodedValues.from_list([b"x"]))
    [batch] = build_record_batches([one], compression=compression)
    set_producer_state(batch, -1, -1, -1)
    assert DefaultRecordBatch(bytes(batch.buffer)).compression_type == 0
    assert [r.value for r in read(batch)] == [b"x"]


@EVERY
def test_compression_is_named_in_the_attributes(compression: Compression) -> None:
    """A batch that compresses well is smaller, and its attributes name the codec."""
    ones = RecordColumns(
        np.zeros(100, np.int64), np.zeros(100, np.int32), EncodedValues.from_list([b"x" * 50] * 100)
    )
    [plain] = build_record_batches([ones])
    [batch] = build_record_batches([ones], compression=compression)
    set_producer_state(batch, -1, -1, -1)
    assert DefaultRecordBatch(bytes(batch.buffer)).compression_type == compression.code
    smaller = len(batch.buffer) < len(plain.buffer)
    assert smaller == (compression is not Compression.NONE)


def test_the_producer_state_can_be_set_again() -> None:
    """The second state replaces the first and the CRC; the records do not change."""
    one = RecordColumns(np.array([5]), np.array([2], np.int32), EncodedValues.from_list([b"x"]))
    [batch] = build_record_batches([one])
    set_producer_state(batch, 1, 1, 1)
    set_producer_state(batch, 2**62, 2**15 - 1, 2**31 - 1)
    found = DefaultRecordBatch(bytes(batch.buffer))
    assert found.validate_crc()
    assert (found.producer_id, found.producer_epoch, found.base_sequence) == (
        2**62, 2**15 - 1, 2**31 - 1,
    )  # fmt: skip


def test_a_golden_record_batch() -> None:
    """One batch has the bytes that aiokafka's builder wrote."""
    expected = bytes.fromhex(VECTOR.read_text())
    rows: list[Row] = [
        (0, 1_790_000_000_000, b"k1", b"v1", b"h1"),
        (0, 1_789_999_999_999, None, b"v" * 100, b""),
        (0, 1_790_000_100_000, b"", None, b"h3"),
    ]
    [batch] = build_record_batches([records(rows, headers=True)])
    set_producer_state(batch, 4000, 1, 12)
    assert bytes(batch.buffer) == expected


def test_a_row_over_the_batch_limit_has_its_own_batch() -> None:
    """A row that is larger than the limit of a batch is a batch, in its partition's order."""
    values = [b"a", b"b" * 5000, b"c"]
    chunk = RecordColumns(
        np.zeros(3, np.int64), np.zeros(3, np.int32), EncodedValues.from_list(values)
    )
    batches = build_record_batches([chunk], batch_bytes_max=1000)
    for batch in batches:
        set_producer_state(batch, -1, -1, -1)
    assert [[r.value for r in read(batch)] for batch in batches] == [[value] for value in values]


@SLOW
@given(rows_of, st.booleans(), st.sampled_from([0, 60, 2**13, 2**20]))
def test_the_size_of_a_record_alone(rows: list[Row], headers: bool, more: int) -> None:
    """The computed size is that of a batch with one record."""
    longer = [(*row[:3], row[3] and row[3] + bytes(more), row[4]) for row in rows]
    column = records(longer, headers=headers)
    found = build_record_batches([column], batch_bytes_max=1)
    assert single_batch_bytes(column).tolist() == [len(batch.buffer) for batch in found]


def test_the_first_row_of_a_batch() -> None:
    """Every batch has the position in the slice of its first row."""
    chunks = [
        RecordColumns(
            np.zeros(2, np.int64),
            np.array([0, 1], np.int32),
            EncodedValues.from_list([b"a", b"b" * size]),
        )
        for size in (1, 5000)
    ]
    batches = build_record_batches(chunks, batch_bytes_max=1000)
    found = [(b.partition, b.record_count, b.first_row) for b in batches]
    assert found == [(0, 2, 0), (1, 1, 1), (1, 1, 3)]


def test_a_negative_partition() -> None:
    """A negative partition is an error."""
    chunk = RecordColumns(
        np.zeros(1, np.int64), np.array([-1], np.int32), EncodedValues.from_list([b""])
    )
    with pytest.raises(DataError, match="partition -1"):
        build_record_batches([chunk])


def test_columns_of_different_lengths() -> None:
    """Columns of different lengths never reach a kernel."""
    with pytest.raises(ValueError, match=r"differ in rows: \[1, 2\]"):
        RecordColumns(np.zeros(2, np.int64), np.zeros(2, np.int32), EncodedValues.from_list([b"a"]))
    header = RecordHeader("h", EncodedValues.from_list([b"", b"", b""]))
    with pytest.raises(ValueError, match=r"differ in rows: \[2, 3\]"):
        RecordColumns(np.zeros(2, np.int64), np.zeros(2, np.int32), None, headers=[header])


def test_no_rows() -> None:
    """No chunks, and chunks without rows, give no batches."""
    empty = RecordColumns(np.empty(0, np.int64), np.empty(0, np.int32), EncodedValues.from_list([]))
    assert build_record_batches([]) == []
    assert build_record_batches([empty, empty]) == []
    assert BATCH_ROWS_MAX < 2**31
