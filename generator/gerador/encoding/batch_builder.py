"""Builds Kafka record batches (magic 2): assigns records to batches, writes them and compresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from gerador.encoding.compression import Compression
from gerador.encoding.kernels import kafka_records
from gerador.encoding.record_batch import (
    HEADER_BYTES,
    RecordBatch,
    write_header,
)
from gerador.encoding.records import NullableBytes, payload_parts
from gerador.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gerador.encoding.records import RecordColumns
    from gerador.kernel_compiler import I64, U8


BATCH_BYTES_MAX: Final = 512 * 1024
"""Default size of a record batch before compression: half of a broker's default limit."""
BATCH_ROWS_MAX: Final = 2**31 - 1


def build_record_batches(
    chunks: Sequence[RecordColumns],
    *,
    compression: Compression = Compression.NONE,
    batch_bytes_max: int = BATCH_BYTES_MAX,
    batch_rows_max: int = BATCH_ROWS_MAX,
) -> list[RecordBatch]:
    """Return the rows of a slice, given in order and in chunks, as record batches by partition.

    The rows of a partition keep their order. A row joins the open batch of its partition while
    that has, uncompressed, at most `batch_bytes_max` bytes and `batch_rows_max` rows. A larger
    row has a batch of its own. Batches are in the order of their first rows, without producer
    state. A batch that compression does not make smaller is left uncompressed, as Kafka's clients
    do.

    Cost: O(rows) in kernels, plus one Python step per chunk and per batch. Raises DataError: a
    negative partition.
    """
    layout = _BatchLayout(chunks, batch_bytes_max, batch_rows_max)
    out = layout.write()
    return [_finish_batch(batch_row, out, compression) for batch_row in layout.table.tolist()]


class _BatchLayout:
    """The layout of a slice's batches: `table` has one row per batch."""

    def __init__(self, chunks: Sequence[RecordColumns], bytes_max: int, rows_max: int) -> None:
        rows = sum(len(chunk.partition) for chunk in chunks)
        self.table: I64 = np.empty((rows, kafka_records.TABLE_COLUMNS), np.int64)
        self._open_batch = np.full(_partition_count(chunks), kafka_records.NO_BATCH, np.int64)
        self._limits = (bytes_max - HEADER_BYTES, rows_max)
        self._chunks: list[_RowChunk] = []
        batches = row_first = 0
        for records in chunks:
            chunk = _RowChunk(records)
            self._chunks.append(chunk)
            batches = chunk.assign_to_batches(
                (*self._limits, row_first), self._open_batch, self.table, batches
            )
            row_first += len(records.partition)
        self.table = self.table[:batches]

    def write(self) -> U8:
        """Return the buffer of all batches, without their headers."""
        sizes = self.table[:, kafka_records.RECORDS_BYTES] + HEADER_BYTES
        total = int(sizes.sum())
        self.table[:, kafka_records.RECORDS_START] = np.cumsum(sizes) - sizes + HEADER_BYTES
        scratch = max((chunk.scratch_bytes for chunk in self._chunks), default=0)
        out = np.empty(total + scratch, np.uint8)
        for chunk in self._chunks:
            chunk.write(self.table, out, total)
        return out


class _RowChunk:
    """The records of one chunk, and the batch, position and size of each."""

    def __init__(self, records: RecordColumns) -> None:
        rows = len(records.partition)
        self._records = records
        self._value = NullableBytes(rows, records.value, records.value_is_null)
        self._payload = payload_parts(records, self._value)
        self.scratch_bytes = max(part.scratch_bytes for part in self._payload)
        self._batch_of = np.empty(rows, np.int64)
        self._positions = np.empty(rows, np.int64)
        self._offset_deltas = np.empty(rows, np.int32)
        self.body_bytes = np.empty(rows, np.int64)

    def assign_to_batches(
        self, limits: tuple[int, int, int], open_batch: I64, table: I64, batches: int
    ) -> int:
        """Return the number of batches so far."""
        records = self._records
        payload_bytes = np.zeros(len(records.partition), np.int64)
        for part in self._payload:
            part.measure(payload_bytes)
        return kafka_records.assign_to_batches(
            records.partition, records.timestamp_ms, payload_bytes, self._value.lengths,
            *limits, open_batch, table, batches,
            self._batch_of, self._positions, self._offset_deltas, self.body_bytes,
        )  # fmt: skip

    def write(self, table: I64, out: U8, scratch_at: int) -> None:
        """Write the records; the bytes of null values are written at `scratch_at`."""
        cursors = self._positions
        kafka_records.write_record_heads(
            table, self._batch_of, self._records.timestamp_ms, self._offset_deltas,
            self.body_bytes, out, cursors,
        )  # fmt: skip
        for part in self._payload:
            part.write(out, cursors, scratch_at)


def _partition_count(chunks: Sequence[RecordColumns]) -> int:
    columns = [chunk.partition for chunk in chunks if len(chunk.partition)]
    lowest = min((int(column.min()) for column in columns), default=0)
    if lowest < 0:
        raise DataError(f"partition {lowest} of a record is negative; partitions start at 0")
    return max((int(column.max()) + 1 for column in columns), default=0)


def _finish_batch(batch_row: list[int], out: U8, compression: Compression) -> RecordBatch:
    """Compress the records of a batch, if that makes them smaller, and write its header."""
    at, size = batch_row[kafka_records.RECORDS_START], batch_row[kafka_records.RECORDS_BYTES]
    buffer = out.data[at - HEADER_BYTES : at + size]
    attributes = Compression.NONE.code
    if compression is not Compression.NONE:
        records = compression.compress(buffer[HEADER_BYTES:])
        if len(records) < size:
            buffer = memoryview(bytearray(HEADER_BYTES) + records)
            attributes = compression.code
    record_count = batch_row[kafka_records.RECORD_COUNT]
    first_ms = batch_row[kafka_records.TIMESTAMP_FIRST_MS]
    max_ms = batch_row[kafka_records.TIMESTAMP_MAX_MS]
    write_header(buffer, attributes, record_count, first_ms, max_ms)
    return RecordBatch(
        partition=batch_row[kafka_records.PARTITION],
        record_count=record_count,
        buffer=buffer,
        value_bytes=batch_row[kafka_records.VALUE_BYTES],
        uncompressed_bytes=HEADER_BYTES + size,
        first_row=batch_row[kafka_records.FIRST_ROW],
    )
