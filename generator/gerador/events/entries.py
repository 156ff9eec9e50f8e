"""What other streams look up in a stream: some of its columns, kept in memory and shared.

Of a bounded stream a column is kept whole, with a few rows behind the last one for references
that shall miss; of an endless one the latest blocks that were looked at.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from fractions import Fraction
from threading import RLock
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from gerador.errors import SettingError
from gerador.events.limits import BLOCK_ROWS
from gerador.events.pace import MAX
from gerador.events.plain import plain
from gerador.events.schedule import Schedule
from gerador.scenario.timing import goes_by_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gerador.events.rows import StreamRows, Tile

SPARE_ROWS: Final = 4_096
"""Rows behind the last one of a bounded stream, which are never sent."""
ENTRIES_BYTES_MAX: Final = 256 * 1024 * 1024
"""What one column may take in memory. The values of ten million texts of 20 characters."""
BLOCKS_BESIDE: Final = 4
"""Blocks that are kept beyond those of the recent rows: for threads at different places."""
FAR_ROW: Final = 2**52
"""Begin of the rows of an endless stream that are never sent: at a million rows a second, 140
years off."""
FAR_ROW_INT: Final = 2**30
"""The same for whole numbers of 32 bits, which count no further."""


@dataclass
class _Kept:
    """What is kept of one column. `schedule` is None where values do not depend on it."""

    schedule: Schedule | None
    whole: pa.Array | None = None
    blocks: OrderedDict[int, pa.Array] = field(default_factory=OrderedDict)


class Entries:
    """Columns of `rows`, by the path of a field that leads through records alone.

    Safe to use from several threads. A column whose values depend on event time is let go of
    when its stream is rescheduled.
    """

    def __init__(self, rows: StreamRows) -> None:
        self._rows = rows
        self._lock = RLock()
        self._kept: dict[str, _Kept] = {}
        self._blocks_max = _blocks_of(0)

    def bytes_of(self, path: str, recent: int = 0) -> int:
        """Return about how many bytes of a column are kept, going by its first block.

        Of a bounded stream all of it is; of an endless one the blocks of the `recent` rows.
        """
        first = self._column(next(self._rows.tiles(0, BLOCK_ROWS)), path)
        if self._rows.spec.rows is None:
            return int(first.nbytes) * _blocks_of(recent)
        return int(first.nbytes * self._whole_rows / BLOCK_ROWS)

    def check(self, path: str) -> None:
        """Refuse a column of a bounded stream that takes more memory than ENTRIES_BYTES_MAX.

        Raises SettingError: says how much, and the way out.
        """
        needed = self.bytes_of(path)
        if needed > ENTRIES_BYTES_MAX:
            raise SettingError(
                f"stream {self._rows.spec.name!r}: to look up {path!r} in {self._rows.spec.rows:,} "
                f"rows takes about {needed >> 20:,} MiB of memory, over "
                f"{ENTRIES_BYTES_MAX >> 20} MiB; give it fewer rows, or look at recent: … of them"
            )

    def reserve(self, recent: int) -> None:
        """Keep as many blocks as `recent` rows lie in."""
        with self._lock:
            self._blocks_max = max(self._blocks_max, _blocks_of(recent))

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
                kept = _Kept(schedule)  # of this look alone
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
        return (self._rows.spec.rows or 0) + SPARE_ROWS

    def _of(self, path: str) -> _Kept:
        """Return what is kept of a column, nothing when its stream was rescheduled."""
        kept = self._kept.get(path)
        if kept is None:
            timed = goes_by_time(self._rows.spec, path.partition(".")[0])
            kept = _Kept(self._rows.schedule if timed else None)
        elif kept.schedule is not None and kept.schedule is not self._rows.schedule:
            kept = _Kept(self._rows.schedule)
        self._kept[path] = kept
        return kept

    def _block(self, kept: _Kept, path: str, index: int, schedule: Schedule) -> pa.Array:
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
        made = plain(values, self._rows.schema.field(top).type)
        return pc.struct_field(made, inside) if inside else made


def _blocks_of(recent: int) -> int:
    """Return how many blocks are kept for lookups among so many recent rows."""
    return recent // BLOCK_ROWS + 2 + BLOCKS_BESIDE
