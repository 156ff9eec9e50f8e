"""Builds slices in a worker thread: generate rows, encode keys and values, assign partitions, write record batches."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
import pyarrow as pa

from gerador.delivery.sink import Slice
from gerador.encoding.batch_builder import RECORD_BATCH_BYTES_MAX, build_record_batches
from gerador.encoding.formats import record_headers, schema_id_prefix, value_encoder
from gerador.encoding.keys import KeyEncoder
from gerador.encoding.partitioner import partitions_by_key, partitions_by_row
from gerador.encoding.records import RecordColumns
from gerador.encoding.registry_schemas import NO_IDS, SchemaIds, key_type
from gerador.events.rows import Tile
from gerador.limits import BLOCK_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gerador.encoding.compression import Compression
    from gerador.events.rows import StreamRows
    from gerador.scenario.stream_spec import StreamSpec
    from gerador.service.metrics import Metrics


SLICE_BYTES_MAX: Final = 4 * 1024 * 1024
"""Bytes that go out together at most: with a request under way and one being made, that is little
to lose sight of and enough to keep a broker busy."""
SLICE_ROWS_FIRST: Final = BLOCK_ROWS
"""Rows of the first slice, whose size in bytes is not known yet."""
SLICE_ROWS_MAX: Final = 4 * BLOCK_ROWS
TARGET_FILL: Final = 0.97
"""How full a slice's record batches are meant to be: a little less than full, so that rows which
are longer than the last ones do not spill over into a batch of their own."""


JOINED_ROWS_MAX: Final = BLOCK_ROWS // 2
"""Rows up to which small tiles are encoded together: their bytes, and the columns that they come
from, still fit in a core's L2 cache. Larger ones stay as they are: joining would cost more."""


class SliceBuilder(Protocol):
    """Makes slices. Called from one worker thread at a time."""

    @property
    def rows_at_once(self) -> int:
        """Rows that make a full slice, at least 1."""

    def make(self, a: int, b: int) -> Slice:
        """Return rows [a, b) as a slice. Raises whatever making or encoding raises."""


class MemorySliceBuilder:
    """Makes rows and keeps nothing of them: the mirror makes those that are looked at."""

    def __init__(self, rows: StreamRows, stream: str, metrics: Metrics) -> None:
        self._rows = rows
        self._stream = stream
        self._metrics = metrics

    rows_at_once = SLICE_ROWS_FIRST

    def make(self, a: int, b: int) -> Slice:
        """Return rows [a, b) as a slice without batches."""
        began_s = time.perf_counter()
        for _ in self._rows.tiles(a, b):
            pass
        self._metrics.observe_made(self._stream, time.perf_counter() - began_s, b - a)
        return Slice(a, b - a)


def join_tiles(tiles: Iterable[Tile]) -> list[Tile]:
    """Join small neighbouring tiles to some of at most JOINED_ROWS_MAX rows.

    Every kernel call gives the interpreter's lock away and has to get it back from the event
    loop, so fewer, longer calls are worth a copy of the columns (a tenth of what they cost).
    Columns that Arrow cannot join (some unions) stay as they are.
    """
    groups: list[list[Tile]] = []
    rows = JOINED_ROWS_MAX
    for tile in tiles:
        if rows + tile.columns.num_rows > JOINED_ROWS_MAX:
            groups.append([])
            rows = 0
        groups[-1].append(tile)
        rows += tile.columns.num_rows
    return [tile for group in groups for tile in _concatenate(group)]


def _concatenate(group: list[Tile]) -> list[Tile]:
    if len(group) == 1:
        return group
    first = group[0]
    try:
        columns = [
            pa.concat_arrays([tile.columns.column(i) for tile in group])
            for i in range(first.columns.num_columns)
        ]
    except pa.ArrowNotImplementedError:
        return group
    batch = pa.RecordBatch.from_arrays(columns, schema=first.columns.schema)
    return [Tile(first.first_row, batch, np.concatenate([t.event_time_ms for t in group]))]


class RecordSliceBuilder:
    """Makes Kafka record batches: Arrow columns, values, keys, headers, partitions, frames.

    `spec.output` chooses the formats, and `ids` what stands before values and keys that are framed
    with a schema's id. `partitions` in [1, 1000]; `batch_bytes_max` before compression,
    `record_batch_bytes_max` for a batch of one record that is longer than that.
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
        record_batch_bytes_max: int = RECORD_BATCH_BYTES_MAX,
    ) -> None:
        self._rows = rows
        self._stream = spec.name
        self._metrics = metrics
        self._output = spec.output
        prefix = schema_id_prefix(spec.output.format, ids.value)
        self._values = value_encoder(spec.schema.root, spec.output.format, prefix)
        self._key = spec.key
        self._keys = None if spec.key is None else key_encoder(spec, spec.key, ids.key)
        self._partitions = partitions
        self._compression = compression
        self._batch_bytes_max = batch_bytes_max
        self._record_batch_bytes_max = record_batch_bytes_max
        self.rows_at_once = SLICE_ROWS_FIRST

    def make(self, a: int, b: int) -> Slice:
        """Return rows [a, b) as record batches, in row order within each partition.

        Raises DataError: columns that do not fit the schema, or a record over the batch limit.
        """
        began_s = time.perf_counter()
        tiles = join_tiles(self._rows.tiles(a, b))
        made_s = time.perf_counter()
        batches = build_record_batches(
            [self._records(tile) for tile in tiles],
            compression=self._compression,
            batch_bytes_max=self._batch_bytes_max,
            record_batch_bytes_max=self._record_batch_bytes_max,
        )
        self._metrics.observe_made(self._stream, made_s - began_s, b - a)
        raw_bytes = sum(batch.raw_bytes for batch in batches)
        self._metrics.observe_encoded(self._stream, time.perf_counter() - made_s, raw_bytes)
        self._learn(b - a, raw_bytes)
        return Slice(a, b - a, batches)

    def _learn(self, rows: int, raw_bytes: int) -> None:
        """Fit the next slices to one record batch a partition. Cuts never change content."""
        full = TARGET_FILL * min(SLICE_BYTES_MAX, self._partitions * self._batch_bytes_max)
        self.rows_at_once = max(1, min(SLICE_ROWS_MAX, int(full * rows / raw_bytes)))

    def _records(self, tile: Tile) -> RecordColumns:
        rows, first = tile.columns, tile.first_row
        value = self._values.measure(rows, first)
        headers = record_headers(self._output, rows, first)
        if self._keys is None or self._key is None:
            return RecordColumns(
                timestamp_ms=tile.event_time_ms,
                partition=partitions_by_row(first, rows.num_rows, self._partitions),
                value=value,
                headers=headers,
            )
        keys = self._keys.encode(rows.column(self._key))
        return RecordColumns(
            timestamp_ms=tile.event_time_ms,
            partition=partitions_by_key(keys, first, self._partitions),
            value=value,
            key=keys,
            key_is_null=keys.is_null,
            headers=headers,
        )


def key_encoder(spec: StreamSpec, key: str, schema_id: int | None) -> KeyEncoder:
    """Return what encodes a stream's keys; `schema_id` is that of the keys' schema, if any."""
    form = spec.output.key_format
    return KeyEncoder(key_type(spec.schema, key), key, form, schema_id_prefix(form, schema_id))
