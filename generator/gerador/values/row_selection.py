"""Select the row of another stream that a reference points to: any row, a recent row, or the row of another reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

import numpy as np
from pydantic import Field

from gerador.values.column import FieldReference, Positions, take_rows
from gerador.values.declaration import DeclarationPart, Share

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import NDArray

    from gerador.randomness import Rng
    from gerador.schedule.schedule import Schedule
    from gerador.values.column import Block, LookupStream
    from gerador.values.sampling import AliasTable

    SelectedRows: TypeAlias = NDArray[np.int64]
    """The row of the other stream for each item, (items,) int64; NO_ROW for none."""


class RowSkew(DeclarationPart):
    """Which rows are preferred: the one of rank k (from 1) has a weight of k ** -zipf."""

    zipf: Annotated[float, Field(ge=0, le=20)]
    """Exponent: 0 prefers none, 1 and more few rows by far."""


class HotRows(DeclarationPart):
    """A share of values that all refer to the hot row of the moment.

    That is the newest row whose index is a multiple of `every`: as in Nexmark's hot auctions.
    """

    share: Share
    """Share of values that refer to the hot row, as 0.5 or 50%."""
    every: Annotated[int, Field(ge=1, le=1_000_000)] = 100
    """Rows between one hot row and the next."""


NO_ROW: Final = -1


@dataclass(frozen=True, slots=True)
class AnyRow:
    """Any row of a bounded stream, equally likely or by `weights`; a share misses.

    What misses is one of `spare` rows behind the last.
    """

    path: str
    rows: int
    spare: int
    missing: float
    weights: AliasTable | None

    def __call__(self, block: Block, positions: Positions) -> SelectedRows:
        """Return the row of each item."""
        rng = block.rng(self.path)
        if self.weights is None:
            row = rng.integers(len(positions), 0, self.rows - 1)
        else:
            row = self.weights.index(rng, len(positions))
        return with_misses(
            row, self.rows, self.spare, self.missing, block.rng(f"{self.path}~missing")
        )


@dataclass(frozen=True, slots=True)
class RecentRow:
    """One of the `recent` rows that were due last by the row's event time; a share misses.

    A share is the `hot` row instead. `weights` are those of the ranks from the newest on; where
    fewer rows than `recent` are due, ranks begin anew. Before the first row: `before`.
    """

    path: str
    other: LookupStream
    recent: int
    missing: float
    weights: AliasTable | None
    hot: HotRows | None
    before: int
    far_row: int
    far_rows: int

    def __call__(self, block: Block, positions: Positions) -> SelectedRows:
        """Return the row of each item."""
        due = schedule_seen_by(block, self.other).rows_by(block.event_time_ms)
        if self.other.spec.rows is not None:
            due = np.minimum(due, self.other.spec.rows)
        due = take_rows(due, positions)
        row = due - 1 - self._rank(block.rng(self.path), np.clip(due, 1, self.recent))
        if self.hot is not None:
            is_hot = block.rng(f"{self.path}~hot").bernoulli(len(positions), self.hot.share)
            row = np.where(is_hot, (due - 1) // self.hot.every * self.hot.every, row)
        row[due == 0] = self.before
        rng = block.rng(f"{self.path}~missing")
        return with_misses(row, self.far_row, self.far_rows, self.missing, rng)

    def _rank(self, rng: Rng, size: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how far from the newest each row is, below `size`, as `Draws.index` does it."""
        if self.weights is not None:
            return self.weights.index(rng, len(size)) % size
        high = rng.words(len(size)) >> np.uint64(32)
        return ((high * size.view(np.uint64)) >> np.uint64(32)).view(np.int64)


def with_misses(row: SelectedRows, first: int, rows: int, share: float, rng: Rng) -> SelectedRows:
    """Return `row`, a share of it replaced by one of the `rows` rows from `first` on."""
    if not share:
        return row
    misses = rng.bernoulli(len(row), share)
    return np.where(misses, rng.integers(len(row), first, first + rows - 1), row)


@dataclass(frozen=True, slots=True)
class SameRow:
    """The rows that another field of this stream picked."""

    picked: FieldReference

    def __call__(self, block: Block, positions: Positions) -> SelectedRows:
        """Return the row of each item."""
        return self.picked.values(block, positions).to_numpy()


def schedule_seen_by(block: Block, other: LookupStream) -> Schedule:
    """Return the other stream's schedule as this block sees it, however it is steered meanwhile."""
    return block.schedules_seen.setdefault(other.spec.name, other.schedule)


def selected_rows_path(path: str) -> str:
    """Return under which name the rows that a field picked are noted in a block."""
    return f"{path}~row"
