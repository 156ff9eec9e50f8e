"""Columns of a stream that other streams reference, cached in memory."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from fractions import Fraction
from threading import RLock
from typing import TYPE_CHECKING, Final, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from gerador.avro.paths import field_paths
from gerador.errors import SettingError
from gerador.limits import BLOCK_ROWS
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import MAX
from gerador.values.arrow_dictionaries import decode_dictionaries
from gerador.values.defaults import default_generator
from gerador.values.never_sent_rows import UNSENT_ROWS
from gerador.values.reference_errors import dependencies_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gerador.events.row_chunk import RowChunk
    from gerador.scenario.stream_spec import StreamSpec

LOOKUP_COLUMN_BYTES_MAX: Final = 256 * 1024 * 1024
"""Memory of one column: about ten million texts of 20 characters."""
EXTRA_BLOCKS_CACHED: Final = 4
"""Cached blocks in addition to those of the recent rows, for threads at different rows."""


class BlockSource(Protocol):
    """The stream whose columns are cached (`StreamRows`)."""

    spec: StreamSpec
    schema: pa.Schema

    @property
    def schedule(self) -> Schedule:
        """The current schedule."""
        ...

    def chunks(self, a: int, b: int) -> Iterator[RowChunk]:
        """Yield rows [a, b) by block."""
        ...

    def block_for(self, schedule: Schedule, index: int) -> RowChunk:
        """Return a whole block under a schedule."""
        ...


@dataclass
class _CachedColumn:
    """Cached values of one column. `schedule` is None if the values do not depend on it."""

    schedule: Schedule | None
    all_rows: pa.Array | None = None
    blocks: OrderedDict[int, pa.Array] = field(default_factory=OrderedDict)


class LookupColumns:
    """Columns of one stream by field path; the path may lead through records only.

    Thread-safe. A column whose values depend on event time is dropped when its stream is
    rescheduled.
    """

    def __init__(self, rows: BlockSource) -> None:
        self._rows = rows
        self._lock = RLock()
        self._cache: dict[str, _CachedColumn] = {}
        self._blocks_max = _blocks_cached_for(0)

    def size_bytes(self, path: str, recent: int = 0) -> int:
        """Estimate the memory of a column from its first block.

        For a bounded stream: all rows. For an endless one: the blocks of the `recent` rows.
        """
        first = self._column(next(self._rows.chunks(0, BLOCK_ROWS)), path)
        if self._rows.spec.rows is None:
            return int(first.nbytes) * _blocks_cached_for(recent)
        return int(first.nbytes * self._all_rows_count / BLOCK_ROWS)

    def check(self, path: str) -> None:
        """Raise SettingError if a bounded stream's column exceeds LOOKUP_COLUMN_BYTES_MAX."""
        needed = self.size_bytes(path)
        if needed > LOOKUP_COLUMN_BYTES_MAX:
            raise SettingError(
                f"stream {self._rows.spec.name!r}: references to {path!r} in "
                f"{self._rows.spec.rows:,} rows need about {needed >> 20:,} MiB of memory, more "
                f"than {LOOKUP_COLUMN_BYTES_MAX >> 20} MiB; give the stream fewer rows, or set "
                "recent: … in the reference"
            )

    def reserve(self, recent: int) -> None:
        """Cache enough blocks for `recent` rows."""
        with self._lock:
            self._blocks_max = max(self._blocks_max, _blocks_cached_for(recent))

    def all_rows(self, path: str) -> pa.Array:
        """Return the column of a bounded stream: all its rows, then UNSENT_ROWS more.

        Dictionaries are decoded, except enums. Cost: O(rows) once, then none.
        """
        with self._lock:
            cached = self._cached(path)
            if cached.all_rows is None:
                end = -(-self._all_rows_count // BLOCK_ROWS) * BLOCK_ROWS
                columns = [self._column(chunk, path) for chunk in self._rows.chunks(0, end)]
                cached.all_rows = pa.concat_arrays(columns).slice(0, self._all_rows_count)
            return cached.all_rows

    def blocks(self, path: str, indices: Iterable[int], schedule: Schedule) -> list[pa.Array]:
        """Return blocks of the column, BLOCK_ROWS values each.

        `schedule` is the one that determined the rows: the stream may be rescheduled meanwhile,
        and at a lower rate blocks could reach past the last timestamp.
        """
        with self._lock:
            cached = self._cached(path)
            if cached.schedule is not None and cached.schedule is not schedule:
                cached = _CachedColumn(schedule)  # for this call only
        return [self._block(cached, path, index, schedule) for index in indices]

    def unsent_block(self, path: str, first_row: int) -> pa.Array:
        """Return the column in the block of `first_row`, which is never due.

        All its rows have the event time of the stream's start.
        """
        with self._lock:
            cached = self._cached(path)
            index = first_row // BLOCK_ROWS
            if index not in cached.blocks:
                start_ns = self._rows.schedule.start_ns
                untimed = Schedule.starting(start_ns, MAX, event_step_ns=Fraction(0))
                cached.blocks[index] = self._column(self._rows.block_for(untimed, index), path)
            cached.blocks.move_to_end(index)
            return cached.blocks[index]

    @property
    def _all_rows_count(self) -> int:
        return (self._rows.spec.rows or 0) + UNSENT_ROWS

    def _cached(self, path: str) -> _CachedColumn:
        """Return the cache entry of a column, empty if the stream was rescheduled."""
        cached = self._cache.get(path)
        if cached is None:
            timed = depends_on_event_time(self._rows.spec, path.partition(".")[0])
            cached = _CachedColumn(self._rows.schedule if timed else None)
        elif cached.schedule is not None and cached.schedule is not self._rows.schedule:
            cached = _CachedColumn(self._rows.schedule)
        self._cache[path] = cached
        return cached

    def _block(self, cached: _CachedColumn, path: str, index: int, schedule: Schedule) -> pa.Array:
        with self._lock:
            block = cached.blocks.get(index)
            if block is not None:
                cached.blocks.move_to_end(index)
                return block
        # Outside the lock: two threads may compute the same block, with the same values.
        block = self._column(self._rows.block_for(schedule, index), path)
        with self._lock:
            cached.blocks[index] = block
            while len(cached.blocks) > self._blocks_max:
                cached.blocks.popitem(last=False)
        return block

    def _column(self, chunk: RowChunk, path: str) -> pa.Array:
        """Return a block's values at a path, decoded."""
        top, *inner = path.split(".")
        values = chunk.columns.column(top)
        decoded = decode_dictionaries(values, self._rows.schema.field(top).type)
        return pc.struct_field(decoded, inner) if inner else decoded


def _blocks_cached_for(recent: int) -> int:
    """Return the number of cached blocks for references to `recent` rows."""
    return recent // BLOCK_ROWS + 2 + EXTRA_BLOCKS_CACHED


def depends_on_event_time(spec: StreamSpec, name: str) -> bool:
    """Return whether a top-level field, or a field that it is computed from, uses event time.

    References to other streams always count.
    """
    types = dict(field_paths(spec.row))
    dependencies = dependencies_of(spec.row, spec.fields)
    pending, seen = [name], set[str]()
    while pending:
        current = pending.pop()
        seen.add(current)
        paths = [path for path in types if _top_level_field(path) == current]
        generators = (spec.fields.get(p) or default_generator(types[p], p) for p in paths)
        if any(generator.depends_on_event_time() for generator in generators):
            return True
        needed = {_top_level_field(d) for p in paths for d in dependencies.get(p, ())}
        pending += sorted(needed - seen)
    return False


def _top_level_field(path: str) -> str:
    return path.partition(".")[0].partition("[")[0].partition("{")[0].partition("<")[0]
