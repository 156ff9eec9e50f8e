"""Stages of one stream to measure: generate its next rows, encode them, write record batches."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from gerador.encoding.batch_builder import build_record_batches
from gerador.encoding.encoded_values import EncodedValues
from gerador.encoding.record_encoder import RecordEncoder
from gerador.encoding.registry_schemas import SchemaIds
from gerador.limits import BLOCK_ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gerador.events.row_chunk import RowChunk
    from gerador.events.rows import StreamRows


SCHEMA_ID: Final = 1
"""Schema id of framed values."""


class StreamStages:
    """A stream with its encoders, as in a run."""

    def __init__(self, rows: StreamRows, partitions: int, batch_bytes_max: int) -> None:
        self.rows = rows
        self.spec = rows.spec
        self.stages: Mapping[str, Callable[[RowChunk], None]] = {
            "generated": lambda _: None,
            "encoded": self._encode,
            "batched": self._batch,
        }
        """Work of each stage on generated rows."""
        self.value_bytes = self.record_bytes = 0.0
        """Mean bytes of a value and of a record in the latest batches."""
        self._batch_bytes_max = batch_bytes_max
        self._next = 0
        self.encoder = RecordEncoder(self.spec, partitions, SchemaIds(SCHEMA_ID, SCHEMA_ID))

    def next_rows(self, count: int) -> list[tuple[int, int]]:
        """Return the ranges of the next `count` rows; a bounded stream starts again at its end."""
        ranges = []
        while count:
            if self._next >= self._end:
                self.rows.reschedule(self.rows.schedule)  # clears its caches
                self._next = 0
            b = min(self._next + count, self._end)
            ranges.append((self._next, b))
            count -= b - self._next
            self._next = b
        return ranges

    def blocks(self, count: int) -> list[int]:
        """Return the indices of the next `count` whole blocks, fewer if the stream has fewer."""
        first = -(-self._next // BLOCK_ROWS)
        if (first + count) * BLOCK_ROWS > self._end:
            first = 0
        after = min(first + count, self._end // BLOCK_ROWS)
        self._next = after * BLOCK_ROWS
        return list(range(first, after))

    def run_stage(self, stage: str, count: int) -> float:
        """Run a stage on the next `count` rows; return the CPU seconds."""
        work = self.stages[stage]
        began_s = time.process_time()
        for a, b in self.next_rows(count):
            for chunk in self.rows.chunks(a, b):
                work(chunk)
        return time.process_time() - began_s

    @property
    def _end(self) -> int:
        """One past the last row, rounded up to a whole block: blocks are generated whole."""
        return -(-(self.spec.rows or 1 << 52) // BLOCK_ROWS) * BLOCK_ROWS

    def _encode(self, chunk: RowChunk) -> None:
        records = self.encoder.encode(chunk)
        assert records.value is not None  # noqa: S101 - streams send no null values
        EncodedValues.of(records.value)
        if records.key is not None:
            EncodedValues.of(records.key)

    def _batch(self, chunk: RowChunk) -> None:
        records = self.encoder.encode(chunk)
        batches = build_record_batches([records], batch_bytes_max=self._batch_bytes_max)
        rows = chunk.columns.num_rows
        self.value_bytes = sum(batch.value_bytes for batch in batches) / rows
        self.record_bytes = sum(batch.uncompressed_bytes for batch in batches) / rows
