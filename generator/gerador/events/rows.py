"""The rows of one stream as Arrow columns: any range, in any cut, from any thread, with the same values."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from gerador.avro.arrow_types import arrow_schema
from gerador.errors import DataError, SettingError
from gerador.events.lookup_columns import LookupColumns
from gerador.limits import BLOCK_ROWS, ROW_INDEX_MAX, SEED_MAX
from gerador.randomness import StreamSeeds
from gerador.values.column import ALL_ROWS, Block
from gerador.values.column_factory import ColumnFactory
from gerador.values.dictionaries import decode_slice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from gerador.scenario.stream_spec import StreamSpec
    from gerador.schedule.schedule import Schedule


ROWS_PER_CALL_MAX: Final = 1 << 22
"""Rows that one `StreamRows.rows` call returns; more are iterated by `tiles`."""
BLOCKS_CACHED_MAX: Final = 4
"""Computed blocks that stay in memory, so that a slow stream does not compute a block a row."""


@dataclass(frozen=True, slots=True)
class Tile:
    """Rows of one block: zero-copy slices of its columns and of their event times.

    Text may be a dictionary over a table that all tiles of the stream share (pools, enums) or
    that this block has (generation ids).
    """

    first_row: int
    columns: pa.RecordBatch
    event_time_ms: NDArray[np.int64]


class StreamRows:
    """The table of one stream under one schedule. Safe to use from several threads."""

    def __init__(
        self,
        spec: StreamSpec,
        seed: int,
        schedule: Schedule,
        *,
        other: Callable[[str], StreamRows] | None = None,
    ) -> None:
        """Make the columns of `spec`; Faker's pools are drawn now.

        `other` gives the rows of another stream of the scenario by its name.

        Raises SettingError: `seed` outside [0, 2**63), or a pool that cannot be had.
        """
        if not 0 <= seed <= SEED_MAX:
            raise SettingError(f"seed {seed}: give a whole number from 0 to {SEED_MAX}")
        self.spec = spec
        self.seed = seed
        record = spec.schema.root
        self.schema = arrow_schema(record)
        self._seeds = StreamSeeds(seed, spec.name)
        self._fields = ColumnFactory(spec, self._seeds, other or _no_other_streams).fields()
        sent = self._fields.columns[len(spec.hidden) :]
        named = zip(self.schema, sent, strict=True)
        self._drawn_schema = pa.schema([field.with_type(c.type) for field, c in named])
        self._kept = _BlockCache(schedule)
        self.entries = LookupColumns(self)
        """What other streams look up in this one."""

    @property
    def schedule(self) -> Schedule:
        """The schedule that rows are timed by."""
        return self._kept.schedule

    def reschedule(self, schedule: Schedule) -> None:
        """Time the rows that are asked for from now on by `schedule`.

        A call of `rows` or an iteration of `tiles` that has begun goes on under the schedule
        that it began with. Rows before the change are the same under both.
        """
        self._kept = _BlockCache(schedule)

    def rows(self, a: int, b: int) -> pa.RecordBatch:
        """Return rows [a, b) in the types of `schema`; text is plain text.

        0 <= a <= b <= ROW_INDEX_MAX + 1, and b - a <= ROWS_AT_ONCE_MAX. Any cut of a range gives
        the same rows.

        Raises SettingError: a range outside that. DataError: rows due after 2262-04-11.
        Cost: O(rows), no Python per row; what lies in a touched block is made with it.
        """
        _check_range(a, b)
        if b - a > ROWS_PER_CALL_MAX:
            raise SettingError(f"rows {a} to {b}: over {ROWS_PER_CALL_MAX} at once; iterate tiles")
        cuts = [self._plain(tile, lo, hi) for tile, lo, hi in self._cuts(a, b)]
        return pa.concat_batches(cuts) if cuts else self.rows(0, 1).slice(0, 0)

    def tiles(self, a: int, b: int) -> Iterator[Tile]:
        """Yield rows [a, b) block by block without copying: the way of many rows.

        0 <= a <= b <= ROW_INDEX_MAX + 1. The latest blocks are kept, so that asking for a few
        rows at a time costs no more than the blocks they lie in.

        Raises SettingError: a range outside that. DataError: rows due after 2262-04-11.
        """
        _check_range(a, b)
        for tile, lo, hi in self._cuts(a, b):
            yield Tile(
                tile.first_row + lo, tile.columns.slice(lo, hi - lo), tile.event_time_ms[lo:hi]
            )

    def block_under(self, schedule: Schedule, index: int) -> Tile:
        """Return the whole block number `index` as it is under a schedule, kept if that is ours."""
        kept = self._kept
        if kept.schedule is not schedule:
            return self._make(index, schedule)
        return kept.get(index) or kept.put(index, self._make(index, schedule))

    def steps(self, index: int) -> Iterator[str]:
        """Make block `index` anew, field by field; yield each field's name as it is made.

        Hidden fields are among them. Whoever asks can tell what each field costs.
        """
        block = Block(index, self._seeds, self.schedule, self.spec.generation_rows)
        for place in self._fields.steps(block, ALL_ROWS):
            yield self._fields.paths[place]

    def _cuts(self, a: int, b: int) -> Iterator[tuple[Tile, int, int]]:
        """Yield each touched block with the range of its rows that lies in [a, b)."""
        kept = self._kept
        for index in range(a // BLOCK_ROWS, -(-b // BLOCK_ROWS) if b > a else 0):
            first = index * BLOCK_ROWS
            tile = kept.get(index) or kept.put(index, self._make(index, kept.schedule))
            yield tile, max(a - first, 0), min(b - first, BLOCK_ROWS)

    def _make(self, index: int, schedule: Schedule) -> Tile:
        block = Block(index, self._seeds, schedule, self.spec.generation_rows)
        try:
            arrays = self._fields.draw(block, ALL_ROWS)[len(self.spec.hidden) :]
        except DataError as e:
            raise DataError(f"stream {self.spec.name!r}: {e}") from e
        columns = pa.RecordBatch.from_arrays(arrays, schema=self._drawn_schema)
        return Tile(block.first_row, columns, block.event_time_ms)

    def _plain(self, tile: Tile, lo: int, hi: int) -> pa.RecordBatch:
        pairs = zip(tile.columns.columns, self.schema.types, strict=True)
        arrays = [decode_slice(values, wanted, lo, hi - lo) for values, wanted in pairs]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)


class _BlockCache:
    """The latest blocks made under one schedule; two threads may make one twice, to one end."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self._tiles: OrderedDict[int, Tile] = OrderedDict()
        self._lock = Lock()

    def get(self, index: int) -> Tile | None:
        """Return a block if it is kept."""
        with self._lock:
            tile = self._tiles.get(index)
            if tile is not None:
                self._tiles.move_to_end(index)
            return tile

    def put(self, index: int, tile: Tile) -> Tile:
        """Keep a block, and let go of the one that was not asked for the longest."""
        with self._lock:
            self._tiles[index] = tile
            while len(self._tiles) > BLOCKS_CACHED_MAX:
                self._tiles.popitem(last=False)
        return tile


def _check_range(a: int, b: int) -> None:
    if not 0 <= a <= b <= ROW_INDEX_MAX + 1:
        raise SettingError(f"rows {a} to {b}: give 0 <= first <= after <= {ROW_INDEX_MAX + 1}")


def _no_other_streams(name: str) -> StreamRows:
    raise SettingError(f"no stream {name!r}: a stream of its own has no others to refer to")
