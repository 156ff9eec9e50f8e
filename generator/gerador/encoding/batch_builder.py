"""Builds Kafka record batches (magic 2): assigns records to batches, writes each byte once in place, and compresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from gerador.encoding.compression import Compression
from gerador.encoding.kernels import kafka_records
from gerador.encoding.record_batch import HEADER_BYTES, RecordBatch, write_header
from gerador.encoding.records import NullableBytes, payload_parts
from gerador.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gerador.encoding.records import RecordColumns
    from gerador.kernel_compiler import I64, U8


class BatchLayout:
    """The batches of a slice while they are laid out: a line each in `table`."""

    def __init__(
        self, tiles: Sequence[RecordColumns], bytes_max: int, rows_max: int, record_max: int
    ) -> None:
        rows = sum(len(tile.partition) for tile in tiles)
        self.table: I64 = np.empty((rows, kafka_records.TABLE_COLUMNS), np.int64)
        self._open_batch = np.full(_partition_count(tiles), kafka_records.NO_BATCH, np.int64)
        self._limits = (bytes_max - HEADER_BYTES, rows_max, record_max - HEADER_BYTES)
        self._parts: list[_Tile] = []
        batches = row_first = 0
        for tile in tiles:
            part = _Tile(tile)
            batches = self._add(part, row_first, batches)
            row_first += len(tile.partition)
        self.table = self.table[:batches]

    def _add(self, part: _Tile, row_first: int, batches: int) -> int:
        self._parts.append(part)
        found = part.cut(self._limits, self._open_batch, self.table, batches)
        if found >= 0:
            return found
        row, limit = -1 - found, self._limits[2]
        raise DataError(
            f"row {row_first + row}: a record of {part.bodies[row]} bytes is over the limit of "
            f"{limit} for one record; make its fields smaller"
        )

    def write(self) -> U8:
        """Write all records at their places; return the buffer, headers still empty."""
        sizes = self.table[:, kafka_records.RECORDS_BYTES] + HEADER_BYTES
        total = int(sizes.sum())
        self.table[:, kafka_records.RECORDS_START] = np.cumsum(sizes) - sizes + HEADER_BYTES
        scratch = max((part.scratch_bytes for part in self._parts), default=0)
        out = np.empty(total + scratch, np.uint8)
        for part in self._parts:
            part.write(self.table, out, total)
        return out


class _Tile:
    """One tile's rows: their parts in wire order and, once cut, where each row stands."""

    def __init__(self, tile: RecordColumns) -> None:
        rows = len(tile.partition)
        self._records = tile
        self._value = NullableBytes(rows, tile.value, tile.value_is_null)
        self._payload = payload_parts(tile, self._value)
        self.scratch_bytes = max(part.scratch_bytes for part in self._payload)
        self._batch_of = np.empty(rows, np.int64)
        self._places = np.empty(rows, np.int64)
        self._offset_deltas = np.empty(rows, np.int32)
        self.bodies = np.empty(rows, np.int64)

    def cut(
        self,
        limits: tuple[int, int, int],
        open_batch: I64,
        table: I64,
        batches: int,
    ) -> int:
        tile = self._records
        payload = np.zeros(len(tile.partition), np.int64)
        for part in self._payload:
            part.measure(payload)
        return kafka_records.assign_to_batches(
            tile.partition, tile.timestamp_ms, payload, self._value.lengths,
            *limits, open_batch, table, batches,
            self._batch_of, self._places, self._offset_deltas, self.bodies,
        )  # fmt: skip

    def write(self, table: I64, out: U8, scratch_at: int) -> None:
        cursors = self._places
        kafka_records.write_record_heads(
            table, self._batch_of, self._records.timestamp_ms, self._offset_deltas, self.bodies,
            out, cursors,
        )  # fmt: skip
        for part in self._payload:
            part.write(out, cursors, scratch_at)


def _partition_count(tiles: Sequence[RecordColumns]) -> int:
    used = [tile.partition for tile in tiles if len(tile.partition)]
    lowest = min((int(each.min()) for each in used), default=0)
    if lowest < 0:
        raise DataError(f"partition {lowest} of a record: partitions count from 0")
    return max((int(each.max()) + 1 for each in used), default=0)


BATCH_BYTES_MAX: Final = 512 * 1024
"""Uncompressed bytes of a record batch, unless told otherwise: half of what a broker takes."""
BATCH_ROWS_MAX: Final = 2**31 - 1
RECORD_BATCH_BYTES_MAX: Final = 1_048_588
"""Kafka's default for `message.max.bytes`: a batch that is larger after compression is refused."""


def build_record_batches(
    tiles: Sequence[RecordColumns],
    *,
    compression: Compression = Compression.NONE,
    batch_bytes_max: int = BATCH_BYTES_MAX,
    batch_rows_max: int = BATCH_ROWS_MAX,
    record_batch_bytes_max: int = RECORD_BATCH_BYTES_MAX,
) -> list[RecordBatch]:
    """Frame the rows of a slice, given in order and in tiles, into batches by partition.

    The rows of a partition keep their order and are cut greedily: a row joins the batch while
    that stays, uncompressed, within `batch_bytes_max` bytes and `batch_rows_max` rows. A row that
    is larger alone gets a batch of its own, up to `record_batch_bytes_max`. Batches come in the
    order of their first rows, unstamped. Where compression does not help, a batch is left as it
    is, as Kafka's clients do.

    Cost: O(rows) in kernels, plus one Python step a tile and a batch. Raises DataError: a row
    over `record_batch_bytes_max`, a negative partition.
    """
    layout = BatchLayout(tiles, batch_bytes_max, batch_rows_max, record_batch_bytes_max)
    out = layout.write()
    return [_finish_batch(line, out, compression) for line in layout.table.tolist()]


def _finish_batch(line: list[int], out: U8, compression: Compression) -> RecordBatch:
    """Put the header before a batch's records, compressed if that makes them smaller."""
    at, size = line[kafka_records.RECORDS_START], line[kafka_records.RECORDS_BYTES]
    buffer = out.data[at - HEADER_BYTES : at + size]
    attributes = Compression.NONE.code
    if compression is not Compression.NONE:
        records = compression.compress(buffer[HEADER_BYTES:])
        if len(records) < size:
            buffer = memoryview(bytearray(HEADER_BYTES) + records)
            attributes = compression.code
    first_ms, max_ms = line[kafka_records.TIMESTAMP_FIRST_MS], line[kafka_records.TIMESTAMP_MAX_MS]
    write_header(buffer, attributes, line[kafka_records.RECORD_COUNT], first_ms, max_ms)
    return RecordBatch(
        partition=line[kafka_records.PARTITION],
        record_count=line[kafka_records.RECORD_COUNT],
        buffer=buffer,
        value_bytes=line[kafka_records.VALUE_BYTES],
        raw_bytes=HEADER_BYTES + size,
    )
