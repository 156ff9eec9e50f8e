"""The stages of one stream under measurement: its next rows generated, encoded, or written as record batches."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from gerador.encoding.batch_builder import build_record_batches
from gerador.encoding.encoded_values import EncodedValues
from gerador.encoding.formats import record_headers, schema_id_prefix, value_encoder
from gerador.encoding.keys import KeyEncoder
from gerador.encoding.partitioner import partitions_by_key, partitions_by_row
from gerador.encoding.records import RecordColumns
from gerador.encoding.registry_schemas import key_type
from gerador.limits import BLOCK_ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gerador.events.rows import StreamRows, Tile


SCHEMA_ID: Final = 1
"""Stands before values that are framed with a schema's id."""


class StreamStages:
    """A stream and what encodes it, as a run has them."""

    def __init__(self, rows: StreamRows, partitions: int, batch_bytes_max: int) -> None:
        self.rows = rows
        self.spec = rows.spec
        self.partitions = partitions
        self.stages: Mapping[str, Callable[[Tile], None]] = {
            "made": lambda _: None,
            "encoded": self._encode,
            "framed": self._frame,
        }
        """What each stage does to rows that are made."""
        self.value_bytes = self.record_bytes = 0.0
        """Mean bytes of the rows that were framed last: values, and whole records."""
        self._batch_bytes_max = batch_bytes_max
        self._next = 0
        output = self.spec.output
        prefix = schema_id_prefix(output.format, SCHEMA_ID)
        self._values = value_encoder(self.spec.schema.root, output.format, prefix)
        self.keys = _key_encoder(rows)

    def take(self, count: int) -> list[tuple[int, int]]:
        """Return the ranges of the next `count` rows; a bounded stream begins anew at its end."""
        ranges = []
        while count:
            if self._next >= self._end:
                self.rows.reschedule(self.rows.schedule)  # what it kept is let go of
                self._next = 0
            b = min(self._next + count, self._end)
            ranges.append((self._next, b))
            count -= b - self._next
            self._next = b
        return ranges

    def blocks(self, count: int) -> list[int]:
        """Return the next `count` whole blocks, fewer of a stream that has no more."""
        first = -(-self._next // BLOCK_ROWS)
        if (first + count) * BLOCK_ROWS > self._end:
            first = 0
        after = min(first + count, self._end // BLOCK_ROWS)
        self._next = after * BLOCK_ROWS
        return list(range(first, after))

    def spend(self, stage: str, count: int) -> float:
        """Take the next `count` rows through a stage; return the processor's seconds."""
        done = self.stages[stage]
        began_s = time.process_time()
        for a, b in self.take(count):
            for tile in self.rows.tiles(a, b):
                done(tile)
        return time.process_time() - began_s

    @property
    def _end(self) -> int:
        """The rows of a bounded stream, up to the end of their last block: that is made whole."""
        return -(-(self.spec.rows or 1 << 52) // BLOCK_ROWS) * BLOCK_ROWS

    def _encode(self, tile: Tile) -> None:
        records = self._records(tile)
        assert records.value is not None  # noqa: S101 - streams send no null values
        EncodedValues.of(records.value)
        if records.key is not None:
            EncodedValues.of(records.key)

    def _frame(self, tile: Tile) -> None:
        batches = build_record_batches([self._records(tile)], batch_bytes_max=self._batch_bytes_max)
        rows = tile.columns.num_rows
        self.value_bytes = sum(batch.value_bytes for batch in batches) / rows
        self.record_bytes = sum(batch.raw_bytes for batch in batches) / rows

    def _records(self, tile: Tile) -> RecordColumns:
        rows, first, keys = tile.columns, tile.first_row, None
        if self.keys is not None and self.spec.key is not None:
            keys = self.keys.encode(rows.column(self.spec.key))
            partition = partitions_by_key(keys, first, self.partitions)
        else:
            partition = partitions_by_row(first, rows.num_rows, self.partitions)
        return RecordColumns(
            timestamp_ms=tile.event_time_ms,
            partition=partition,
            value=self._values.measure(rows, first),
            key=keys,
            key_is_null=None if keys is None else keys.is_null,
            headers=record_headers(self.spec.output, rows, first),
        )


def _key_encoder(rows: StreamRows) -> KeyEncoder | None:
    spec = rows.spec
    if spec.key is None:
        return None
    form = spec.output.key_format
    return KeyEncoder(
        key_type(spec.schema, spec.key), spec.key, form, schema_id_prefix(form, SCHEMA_ID)
    )
