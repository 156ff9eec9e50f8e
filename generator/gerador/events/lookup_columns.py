"""Columns of a stream that other streams look up, cached in memory."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from fractions import Fraction
from threading import RLock
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from gerador.avro.paths import field_paths
from gerador.errors import SettingError
from gerador.limits import BLOCK_ROWS
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import MAX
from gerador.values.date_time import EventTimeGenerator
from gerador.values.defaults import default_generator
from gerador.values.dependencies import dependencies_of
from gerador.values.dictionaries import decode_dictionaries
from gerador.values.random_walk import RandomWalkGenerator
from gerador.values.references import UNSENT_ROWS, ReferenceGenerator
from gerador.values.state_machine import StateMachineGenerator
from gerador.values.time_offset import TimeOffsetGenerator

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gerador.events.rows import StreamRows, Tile
    from gerador.scenario.stream_spec import StreamSpec
    from gerador.values.declaration import ValueGenerator


def depends_on_event_time(spec: StreamSpec, field: str) -> bool:
    """Tell whether the top-level `field`, or what it is made from, may depend on event time.

    What is looked up in another stream may always.
    """
    paths = dict(field_paths(spec.row))
    needs = dependencies_of(spec.row, spec.fields)
    waiting, seen = [field], set[str]()
    while waiting:
        top = waiting.pop()
        inside = [p for p in paths if _top_level_field(p) == top]
        seen.add(top)
        if any(
            _reads_event_time(spec.fields.get(p) or default_generator(paths[p], p)) for p in inside
        ):
            return True
        needed = {_top_level_field(n) for p in inside for n in needs.get(p, ())}
        waiting += sorted(needed - seen)
    return False


def _top_level_field(path: str) -> str:
    return path.partition(".")[0].partition("[")[0].partition("{")[0].partition("<")[0]


def _reads_event_time(declared: ValueGenerator) -> bool:
    if isinstance(declared, RandomWalkGenerator | StateMachineGenerator):
        return declared.every is not None
    return isinstance(declared, EventTimeGenerator | TimeOffsetGenerator | ReferenceGenerator)


LOOKUP_COLUMN_BYTES_MAX: Final = 256 * 1024 * 1024
"""What one column may take in memory. The values of ten million texts of 20 characters."""
EXTRA_BLOCKS_KEPT: Final = 4
"""Blocks that are kept beyond those of the recent rows: for threads at different places."""


@dataclass
class _CachedColumn:
    """What is kept of one column. `schedule` is None where values do not depend on it."""

    schedule: Schedule | None
    whole: pa.Array | None = None
    blocks: OrderedDict[int, pa.Array] = field(default_factory=OrderedDict)


class LookupColumns:
    """Columns of `rows`, by the path of a field that leads through records alone.

    Safe to use from several threads. A column whose values depend on event time is let go of
    when its stream is rescheduled.
    """

    def __init__(self, rows: StreamRows) -> None:
        self._rows = rows
        self._lock = RLock()
        self._kept: dict[str, _CachedColumn] = {}
        self._blocks_max = _blocks_kept_for(0)

    def bytes_of(self, path: str, recent: int = 0) -> int:
        """Return about how many bytes of a column are kept, going by its first block.

        Of a bounded stream all of it is; of an endless one the blocks of the `recent` rows.
        """
        first = self._column(next(self._rows.tiles(0, BLOCK_ROWS)), path)
        if self._rows.spec.rows is None:
            return int(first.nbytes) * _blocks_kept_for(recent)
        return int(first.nbytes * self._whole_rows / BLOCK_ROWS)

    def check(self, path: str) -> None:
        """Refuse a column of a bounded stream that takes more memory than LOOKUP_COLUMN_BYTES_MAX.

        Raises SettingError: says how much, and the way out.
        """
        needed = self.bytes_of(path)
        if needed > LOOKUP_COLUMN_BYTES_MAX:
            raise SettingError(
                f"stream {self._rows.spec.name!r}: to look up {path!r} in {self._rows.spec.rows:,} "
                f"rows takes about {needed >> 20:,} MiB of memory, over "
                f"{LOOKUP_COLUMN_BYTES_MAX >> 20} MiB; give it fewer rows, or look at recent: … of them"
            )

    def reserve(self, recent: int) -> None:
        """Keep as many blocks as `recent` rows lie in."""
        with self._lock:
            self._blocks_max = max(self._blocks_max, _blocks_kept_for(recent))

    def whole(self, path: str) -> pa.Array:
        """Return the column of a bounded stream: all its rows, then SPARE_ROWS that are not sent.

        Plain values, but for enums. Cost: O(rows) once, nothing afterwards.
        """
        with self._lock:
            kept = self._of(path)
            if kept.whole is None:
                end = -(-self._whole_rows // BLOCK_ROWS) * BLOCK_ROWS
                columns = [self._column(tile, path) for tile in self._rows.tiles(0, end)]
                kept.whole = pa.concat_arrays(columns).slice(0, self._whole_rows)
            return kept.whole

    def blocks(self, path: str, indices: Iterable[int], schedule: Schedule) -> list[pa.Array]:
        """Return the column in the blocks of these indices, each of BLOCK_ROWS values.

        `schedule` is the one by which the rows were found to be due: the stream may be steered
        meanwhile, and under a slower pace blocks would reach beyond what instants can be.
        """
        with self._lock:
            kept = self._of(path)
            if kept.schedule is not None and kept.schedule is not schedule:
                kept = _CachedColumn(schedule)  # of this look alone
        return [self._block(kept, path, index, schedule) for index in indices]

    def far(self, path: str, first_row: int) -> pa.Array:
        """Return the column in the block of `first_row`, which is never due: at no time.

        The event time of all its rows is that of the stream's begin.
        """
        with self._lock:
            kept = self._of(path)
            index = first_row // BLOCK_ROWS
            if index not in kept.blocks:
                still = Schedule.starting(
                    self._rows.schedule.start_ns, MAX, event_step_ns=Fraction(0)
                )
                kept.blocks[index] = self._column(self._rows.block_under(still, index), path)
            kept.blocks.move_to_end(index)
            return kept.blocks[index]

    @property
    def _whole_rows(self) -> int:
        return (self._rows.spec.rows or 0) + UNSENT_ROWS

    def _of(self, path: str) -> _CachedColumn:
        """Return what is kept of a column, nothing when its stream was rescheduled."""
        kept = self._kept.get(path)
        if kept is None:
            timed = depends_on_event_time(self._rows.spec, path.partition(".")[0])
            kept = _CachedColumn(self._rows.schedule if timed else None)
        elif kept.schedule is not None and kept.schedule is not self._rows.schedule:
            kept = _CachedColumn(self._rows.schedule)
        self._kept[path] = kept
        return kept

    def _block(self, kept: _CachedColumn, path: str, index: int, schedule: Schedule) -> pa.Array:
        with self._lock:
            found = kept.blocks.get(index)
            if found is not None:
                kept.blocks.move_to_end(index)
                return found
        made = self._column(self._rows.block_under(schedule, index), path)
        with self._lock:
            kept.blocks[index] = made
            while len(kept.blocks) > self._blocks_max:
                kept.blocks.popitem(last=False)
        return made

    def _column(self, tile: Tile, path: str) -> pa.Array:
        """Return a whole block's values at a path, plain ones."""
        top, *inside = path.split(".")
        values = tile.columns.column(top)
        made = decode_dictionaries(values, self._rows.schema.field(top).type)
        return pc.struct_field(made, inside) if inside else made


def _blocks_kept_for(recent: int) -> int:
    """Return how many blocks are kept for lookups among so many recent rows."""
    return recent // BLOCK_ROWS + 2 + EXTRA_BLOCKS_KEPT
