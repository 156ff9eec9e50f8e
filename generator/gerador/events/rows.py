"""The rows of one stream as Arrow columns, with the same values for any range and thread."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from gerador.avro.arrow_types import arrow_schema
from gerador.errors import DataError, SettingError
from gerador.events.referenced_columns import LookupColumns
from gerador.events.row_chunk import RowChunk
from gerador.limits import BLOCK_ROWS, ROW_INDEX_MAX, SEED_MAX
from gerador.randomness import StreamSeeds
from gerador.values.arrow_dictionaries import decode_slice
from gerador.values.column import ALL_ROWS, Block
from gerador.values.column_factory import ColumnFactory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gerador.scenario.stream_spec import StreamSpec
    from gerador.schedule.schedule import Schedule

ROWS_PER_CALL_MAX: Final = 1 << 22
"""Rows that one call of `StreamRows.rows` returns; use `chunks` for more."""
BLOCKS_CACHED_MAX: Final = 4
"""Generated blocks that are cached, so that a slow stream does not generate a block per row."""


class StreamRows:
    """The rows of one stream under one schedule. Thread-safe."""

    def __init__(
        self,
        spec: StreamSpec,
        seed: int,
        schedule: Schedule,
        *,
        other: Callable[[str], StreamRows] | None = None,
    ) -> None:
        """Build the columns of `spec`, including Faker's pools.

        `other` returns the rows of another stream of the scenario by name.

        Raises SettingError: `seed` outside [0, 2**63), or a pool that cannot be generated.
        """
        if not 0 <= seed <= SEED_MAX:
            raise SettingError(f"seed {seed} is outside [0, {SEED_MAX}]")
        self.spec = spec
        self.seed = seed
        self.schema = arrow_schema(spec.schema.root)
        self._seeds = StreamSeeds(seed, spec.name)
        factory = ColumnFactory(spec.row, spec.fields, self._seeds, other or _no_other_streams)
        try:
            self._fields = factory.fields()
        except SettingError as e:
            raise SettingError(spec.located(e) if e.field else str(e)) from e
        sent = self._fields.columns[len(spec.hidden) :]
        pairs = zip(self.schema, sent, strict=True)
        self._generated_schema = pa.schema([field.with_type(c.type) for field, c in pairs])
        self._cache = _BlockCache(schedule)
        self.lookup_columns = LookupColumns(self)
        """Columns that other streams reference."""

    @property
    def schedule(self) -> Schedule:
        """The schedule that determines due times and event times."""
        return self._cache.schedule

    def reschedule(self, schedule: Schedule) -> None:
        """Use `schedule` for later calls.

        Calls of `rows` and iterations of `chunks` that have started keep their schedule. Rows
        before the change are the same under both.
        """
        self._cache = _BlockCache(schedule)

    def rows(self, a: int, b: int) -> pa.RecordBatch:
        """Return rows [a, b) in the types of `schema`; dictionaries are decoded.

        0 <= a <= b <= ROW_INDEX_MAX + 1, and b - a <= ROWS_PER_CALL_MAX.

        Raises SettingError: another range. DataError: rows that are due after 2262-04-11.
        Cost: O(rows), no Python per row; whole blocks are generated.
        """
        _check_range(a, b)
        if b - a > ROWS_PER_CALL_MAX:
            raise SettingError(
                f"rows {a} to {b} are more than {ROWS_PER_CALL_MAX} rows; iterate over chunks"
            )
        batches = [self._decode(chunk, lo, hi) for chunk, lo, hi in self._slices(a, b)]
        return pa.concat_batches(batches) if batches else self.rows(0, 1).slice(0, 0)

    def chunks(self, a: int, b: int) -> Iterator[RowChunk]:
        """Yield rows [a, b) block by block, without copying.

        0 <= a <= b <= ROW_INDEX_MAX + 1. The latest blocks are cached: many calls for a few rows
        cost no more than the blocks that contain them.

        Raises SettingError: another range. DataError: rows that are due after 2262-04-11.
        """
        _check_range(a, b)
        for chunk, lo, hi in self._slices(a, b):
            yield chunk.slice(lo, hi)

    def block_for(self, schedule: Schedule, index: int) -> RowChunk:
        """Return block `index` under a schedule, from the cache if it is the current one."""
        cache = self._cache
        if cache.schedule is not schedule:
            return self._generate(index, schedule)
        return cache.get(index) or cache.put(index, self._generate(index, schedule))

    def generate_fields(self, index: int) -> Iterator[str]:
        """Generate block `index` field by field, to time each; yield the path of each field.

        Hidden fields are included. Nothing is cached.
        """
        block = Block(index, self._seeds, self.schedule, self.spec.generation_rows)
        for position in self._fields.generate_in_order(block, ALL_ROWS):
            yield self._fields.paths[position]

    def _slices(self, a: int, b: int) -> Iterator[tuple[RowChunk, int, int]]:
        """Yield each block that contains rows of [a, b), with their range in the block."""
        cache = self._cache
        for index in range(a // BLOCK_ROWS, -(-b // BLOCK_ROWS) if b > a else 0):
            first = index * BLOCK_ROWS
            chunk = cache.get(index) or cache.put(index, self._generate(index, cache.schedule))
            yield chunk, max(a - first, 0), min(b - first, BLOCK_ROWS)

    def _generate(self, index: int, schedule: Schedule) -> RowChunk:
        block = Block(index, self._seeds, schedule, self.spec.generation_rows)
        try:
            arrays = self._fields.generate(block, ALL_ROWS)
        except DataError as e:
            raise DataError(self.spec.located(e)) from e
        sent = arrays[len(self.spec.hidden) :]
        columns = pa.RecordBatch.from_arrays(sent, schema=self._generated_schema)
        names = self.spec.hidden_header_fields
        hidden = None
        if names:
            hidden = pa.RecordBatch.from_arrays([block.generated[n] for n in names], names=names)
        return RowChunk(block.first_row, columns, block.event_time_ms, hidden)

    def _decode(self, chunk: RowChunk, lo: int, hi: int) -> pa.RecordBatch:
        pairs = zip(chunk.columns.columns, self.schema.types, strict=True)
        arrays = [decode_slice(values, arrow_type, lo, hi - lo) for values, arrow_type in pairs]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)


class _BlockCache:
    """The latest blocks under one schedule. Two threads may generate the same block."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self._chunks: OrderedDict[int, RowChunk] = OrderedDict()
        self._lock = Lock()

    def get(self, index: int) -> RowChunk | None:
        """Return a block if it is cached."""
        with self._lock:
            chunk = self._chunks.get(index)
            if chunk is not None:
                self._chunks.move_to_end(index)
            return chunk

    def put(self, index: int, chunk: RowChunk) -> RowChunk:
        """Cache a block and evict the least recently used one."""
        with self._lock:
            self._chunks[index] = chunk
            while len(self._chunks) > BLOCKS_CACHED_MAX:
                self._chunks.popitem(last=False)
        return chunk


def _check_range(a: int, b: int) -> None:
    if not 0 <= a <= b <= ROW_INDEX_MAX + 1:
        raise SettingError(
            f"rows {a} to {b} are not a range; expected 0 <= first <= end <= {ROW_INDEX_MAX + 1}"
        )


def _no_other_streams(name: str) -> StreamRows:
    raise SettingError(f"unknown stream {name!r}; references need the streams of a scenario")
