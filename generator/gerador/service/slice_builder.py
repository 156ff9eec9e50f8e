"""Slice builders: generate rows, encode them as records, write record batches."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
import pyarrow as pa

from gerador.delivery.sink import RECORD_TOO_LARGE, RowFailure, Slice
from gerador.encoding.batch_builder import build_record_batches
from gerador.encoding.compression import Compression
from gerador.encoding.record_encoder import RecordEncoder
from gerador.encoding.registry_schemas import NO_IDS, SchemaIds
from gerador.events.row_chunk import RowChunk
from gerador.limits import BLOCK_ROWS, RECORD_BATCH_BYTES_MAX

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gerador.encoding.record_batch import RecordBatch
    from gerador.events.rows import StreamRows
    from gerador.scenario.stream_spec import StreamSpec
    from gerador.service.metrics import Metrics


SLICE_BYTES_MAX: Final = 4 * 1024 * 1024
"""Maximum bytes of a slice: with one request in flight and one slice being built, enough to keep
a broker busy and little memory."""
SLICE_ROWS_FIRST: Final = BLOCK_ROWS
"""Rows of the first slice, before the size of a row is known."""
SAMPLE_ROWS: Final = 256
"""Rows that are built before the first slice, to load and compile the code."""
SLICE_ROWS_MAX: Final = 4 * BLOCK_ROWS
TARGET_FILL: Final = 0.97
"""How full a slice's record batches should be: a little less than full, so that slightly longer
rows do not overflow into a further batch."""
JOINED_ROWS_MAX: Final = BLOCK_ROWS // 2
"""Maximum rows of joined chunks, whose columns and bytes fit in a core's L2 cache. Joining larger
chunks costs more than it saves."""


class SliceBuilder(Protocol):
    """Builds slices. Called from one worker thread at a time."""

    @property
    def slice_rows(self) -> int:
        """Rows of a full slice, at least 1."""

    def build(self, a: int, b: int) -> Slice:
        """Return rows [a, b) as a slice. Raises the errors of generation and encoding."""


class MemorySliceBuilder:
    """Generates rows and discards them; the mirror regenerates those that are read."""

    def __init__(self, rows: StreamRows, stream: str, metrics: Metrics) -> None:
        self._rows = rows
        self._stream = stream
        self._metrics = metrics

    slice_rows = SLICE_ROWS_FIRST

    def build(self, a: int, b: int) -> Slice:
        """Return rows [a, b) as a slice without batches."""
        started_s = time.perf_counter()
        for _ in self._rows.chunks(a, b):
            pass
        self._metrics.observe_generated(self._stream, time.perf_counter() - started_s, b - a)
        return Slice(a, b - a)


def join_chunks(chunks: Iterable[RowChunk]) -> list[RowChunk]:
    """Join small adjacent chunks into chunks of at most JOINED_ROWS_MAX rows.

    Every kernel call releases the GIL and has to reacquire it from the event loop, so fewer and
    longer calls are worth a copy of the columns (a tenth of their cost). Columns that Arrow
    cannot concatenate (some unions) are not joined.
    """
    groups: list[list[RowChunk]] = []
    rows = JOINED_ROWS_MAX
    for chunk in chunks:
        if rows + chunk.columns.num_rows > JOINED_ROWS_MAX:
            groups.append([])
            rows = 0
        groups[-1].append(chunk)
        rows += chunk.columns.num_rows
    return [chunk for group in groups for chunk in _concatenate(group)]


def _concatenate(group: list[RowChunk]) -> list[RowChunk]:
    if len(group) == 1:
        return group
    first = group[0]
    try:
        columns = _concatenate_batches([chunk.columns for chunk in group])
        hidden = [chunk.hidden for chunk in group if chunk.hidden is not None]
        hidden_columns = _concatenate_batches(hidden) if hidden else None
    except pa.ArrowNotImplementedError:
        return group
    event_time_ms = np.concatenate([chunk.event_time_ms for chunk in group])
    return [RowChunk(first.first_row, columns, event_time_ms, hidden_columns)]


def _concatenate_batches(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    columns = [
        pa.concat_arrays([batch.column(i) for batch in batches])
        for i in range(batches[0].num_columns)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=batches[0].schema)


def build_sample(rows: StreamRows, spec: StreamSpec) -> None:
    """Build record batches of the first rows and discard them: loads and compiles all code.

    Raises DataError: as `RecordSliceBuilder.build`.
    """
    encoder = RecordEncoder(spec, 1, SchemaIds(value=1, key=1))
    chunks = rows.chunks(0, min(SAMPLE_ROWS, spec.rows or SAMPLE_ROWS))
    build_record_batches([encoder.encode(chunk) for chunk in join_chunks(chunks)])


class RecordSliceBuilder:
    """Builds Kafka record batches: columns, values, keys, headers, partitions, batches.

    `spec.output` selects the formats; `ids` are the schema ids in front of framed values and keys.
    `partitions` in [1, 1000]; `batch_bytes_max` is before compression. `message_bytes_max` is the
    topic's limit of a batch as it is sent; a record whose batch is over it is a failed row.
    """

    def __init__(
        self,
        rows: StreamRows,
        metrics: Metrics,
        *,
        spec: StreamSpec,
        ids: SchemaIds = NO_IDS,
        partitions: int,
        compression: Compression,
        batch_bytes_max: int,
        message_bytes_max: int = RECORD_BATCH_BYTES_MAX,
    ) -> None:
        self._rows = rows
        self._stream = spec.name
        self._metrics = metrics
        self._encoder = RecordEncoder(spec, partitions, ids)
        self._partitions = partitions
        self._compression = compression
        self._batch_bytes_max = batch_bytes_max
        self._message_bytes_max = message_bytes_max
        self.slice_rows = SLICE_ROWS_FIRST

    def build(self, a: int, b: int) -> Slice:
        """Return rows [a, b) as record batches, in row order within each partition.

        Raises DataError: columns that do not match the schema.
        """
        started_s = time.perf_counter()
        chunks = join_chunks(self._rows.chunks(a, b))
        generated_s = time.perf_counter()
        batches = build_record_batches(
            [self._encoder.encode(chunk) for chunk in chunks],
            compression=self._compression,
            batch_bytes_max=self._batch_bytes_max,
        )
        encode_s = time.perf_counter() - generated_s
        uncompressed_bytes = sum(batch.uncompressed_bytes for batch in batches)
        self._metrics.observe_generated(self._stream, generated_s - started_s, b - a)
        self._metrics.observe_encoded(self._stream, encode_s, uncompressed_bytes)
        self._adjust_slice_rows(b - a, uncompressed_bytes)
        failures = [
            RowFailure(a + batch.first_row, RECORD_TOO_LARGE, self._too_large(batch))
            for batch in batches
            if len(batch.buffer) > self._message_bytes_max
        ]
        if failures:
            batches = [b for b in batches if len(b.buffer) <= self._message_bytes_max]
        return Slice(a, b - a, batches, failures)

    def _too_large(self, batch: RecordBatch) -> str:
        compressed = "" if self._compression is Compression.NONE else ", compressed,"
        return (
            f"its record has {len(batch.buffer):,} bytes{compressed} with the batch header, over "
            f"max.message.bytes={self._message_bytes_max} of the topic; make its fields smaller, "
            "or raise max.message.bytes"
        )

    def _adjust_slice_rows(self, rows: int, uncompressed_bytes: int) -> None:
        """Size the next slices for one record batch per partition. Rows do not depend on slices."""
        full = TARGET_FILL * min(SLICE_BYTES_MAX, self._partitions * self._batch_bytes_max)
        self.slice_rows = max(1, min(SLICE_ROWS_MAX, int(full * rows / uncompressed_bytes)))
