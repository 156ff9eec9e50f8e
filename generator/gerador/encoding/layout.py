"""Where every record of a slice will stand: which batch, which place in it, and the first write.

Holds the cut of rows into batches and the writing of records; the header before a batch's
records, its compression and its stamp are `record_batch.py`'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gerador.encoding.framed import HEADER_BYTES
from gerador.encoding.kernels import framing
from gerador.encoding.records import NullableBytes, payload_of
from gerador.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gerador.encoding.kernels.signatures import I64, U8
    from gerador.encoding.records import Records


class Layout:
    """The batches of a slice while they are laid out: a line each in `table`."""

    def __init__(
        self, tiles: Sequence[Records], bytes_max: int, rows_max: int, record_max: int
    ) -> None:
        rows = sum(len(tile.partition) for tile in tiles)
        self.table: I64 = np.empty((rows, framing.TABLE_COLUMNS), np.int64)
        self._open_batch = np.full(_partition_count(tiles), framing.NO_BATCH, np.int64)
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
        sizes = self.table[:, framing.RECORDS_BYTES] + HEADER_BYTES
        total = int(sizes.sum())
        self.table[:, framing.RECORDS_AT] = np.cumsum(sizes) - sizes + HEADER_BYTES
        scratch = max((part.scratch_bytes for part in self._parts), default=0)
        out = np.empty(total + scratch, np.uint8)
        for part in self._parts:
            part.write(self.table, out, total)
        return out


class _Tile:
    """One tile's rows: their parts in wire order and, once cut, where each row stands."""

    def __init__(self, tile: Records) -> None:
        rows = len(tile.partition)
        self._records = tile
        self._value = NullableBytes(rows, tile.value, tile.value_is_null)
        self._payload = payload_of(tile, self._value)
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
        return framing.cut_rows(
            tile.partition, tile.timestamp_ms, payload, self._value.lengths,
            *limits, open_batch, table, batches,
            self._batch_of, self._places, self._offset_deltas, self.bodies,
        )  # fmt: skip

    def write(self, table: I64, out: U8, scratch_at: int) -> None:
        cursors = self._places
        framing.write_record_heads(
            table, self._batch_of, self._records.timestamp_ms, self._offset_deltas, self.bodies,
            out, cursors,
        )  # fmt: skip
        for part in self._payload:
            part.write(out, cursors, scratch_at)


def _partition_count(tiles: Sequence[Records]) -> int:
    used = [tile.partition for tile in tiles if len(tile.partition)]
    lowest = min((int(each.min()) for each in used), default=0)
    if lowest < 0:
        raise DataError(f"partition {lowest} of a record: partitions count from 0")
    return max((int(each.max()) + 1 for each in used), default=0)
