"""A block of rows: where it lies in the stream's table, and what all its columns share."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from gerador.events.limits import BLOCK_ROWS

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from gerador.events.schedule import Schedule
    from gerador.events.seeds import Draws, StreamSeeds

EVERY_ROW: Final = np.arange(BLOCK_ROWS, dtype=np.int64)
EVERY_ROW.setflags(write=False)


_Value = TypeVar("_Value", bound=np.generic)


class Block:
    """The rows [index * BLOCK_ROWS, (index + 1) * BLOCK_ROWS) while their columns are made.

    Columns get, for each of their items, the position in the block of the row it belongs to:
    `EVERY_ROW` for a field of the row itself, repeated positions for the items of a list.
    """

    def __init__(
        self, index: int, seeds: StreamSeeds, schedule: Schedule, generation_rows: int
    ) -> None:
        self.index = index
        self.first_row = index * BLOCK_ROWS
        self.generation_rows = generation_rows
        self.seeds = seeds
        self.drawn: dict[str, pa.Array] = {}
        """Fields that were drawn already, by path: what others may read (`making.Reference`)."""
        self.looked_at: dict[str, Schedule] = {}
        """The schedules of other streams that were looked at, by name: each is read once."""
        self._schedule = schedule

    @cached_property
    def event_time_ms(self) -> NDArray[np.int64]:
        """Event times of the block's rows, (BLOCK_ROWS,) int64 milliseconds."""
        return self._schedule.event_time_ms(self.first_row, self.first_row + BLOCK_ROWS)

    def draws(self, path: str) -> Draws:
        """Return the randomness of a field path in this block."""
        return self.seeds.draws(path, self.index)


def pick(per_row: NDArray[_Value], at: NDArray[np.int64]) -> NDArray[_Value]:
    """Return `per_row` at the rows that items belong to; no copy when that is every row."""
    return per_row if at is EVERY_ROW else per_row[at]
