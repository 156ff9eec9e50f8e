"""Select the rows of another stream that references point to."""

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
    from gerador.values.index_sampling import AliasTable

    SelectedRows: TypeAlias = NDArray[np.int64]
    """The row of the other stream for each item, (items,) int64; NO_ROW for none."""


class RowSkew(DeclarationPart):
    """Preferred rows: the row of rank k (from 1) has the weight k ** -zipf."""

    zipf: Annotated[float, Field(ge=0, le=20)]
    """Exponent: with 0 all rows are equally likely, from 1 on a few rows dominate."""


class HotRows(DeclarationPart):
    """A share of references to the hot row, as to hot auctions in Nexmark.

    It is the latest row whose index is a multiple of `every`.
    """

    share: Share
    """Share of references to the hot row, such as 0.5 or 50%."""
    every: Annotated[int, Field(ge=1, le=1_000_000)] = 100
    """Rows between one hot row and the next."""


NO_ROW: Final = -1


@dataclass(frozen=True, slots=True)
class AnyRow:
    """Selects any row of a bounded stream, equally likely or by `weights`.

    A share `missing` is one of the `unsent_rows` after the last row.
    """

    path: str
    rows: int
    unsent_rows: int
    missing: float
    weights: AliasTable | None

    def __call__(self, block: Block, positions: Positions) -> SelectedRows:
        """Return the row of each item."""
        rng = block.rng(self.path)
        if self.weights is None:
            rows = rng.integers(len(positions), 0, self.rows - 1)
        else:
            rows = self.weights.index(rng, len(positions))
        missing_rng = block.rng(f"{self.path}~missing")
        return with_unsent_rows(rows, self.rows, self.unsent_rows, self.missing, missing_rng)


@dataclass(frozen=True, slots=True)
class RecentRow:
    """Selects one of the `recent` rows that were due last at the event time of the row.

    `weights` are those of the ranks from the latest row on; if fewer than `recent` rows are due,
    ranks wrap around. A share is the hot row, and a share `missing` one of the `unsent_rows` from
    `first_unsent` on. If no row is due yet: `row_before_first`.
    """

    path: str
    other: LookupStream
    recent: int
    missing: float
    weights: AliasTable | None
    hot: HotRows | None
    row_before_first: int
    first_unsent: int
    unsent_rows: int

    def __call__(self, block: Block, positions: Positions) -> SelectedRows:
        """Return the row of each item."""
        due = schedule_seen_by(block, self.other).rows_by(block.event_time_ms)
        if self.other.spec.rows is not None:
            due = np.minimum(due, self.other.spec.rows)
        due = take_rows(due, positions)
        rows = due - 1 - self._ranks(block.rng(self.path), np.clip(due, 1, self.recent))
        if self.hot is not None:
            is_hot = block.rng(f"{self.path}~hot").bernoulli(len(positions), self.hot.share)
            rows = np.where(is_hot, (due - 1) // self.hot.every * self.hot.every, rows)
        rows[due == 0] = self.row_before_first
        rng = block.rng(f"{self.path}~missing")
        return with_unsent_rows(rows, self.first_unsent, self.unsent_rows, self.missing, rng)

    def _ranks(self, rng: Rng, sizes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rank of each item in [0, size); 0 is the latest row."""
        if self.weights is not None:
            return self.weights.index(rng, len(sizes)) % sizes
        high = rng.words(len(sizes)) >> np.uint64(32)
        return ((high * sizes.view(np.uint64)) >> np.uint64(32)).view(np.int64)


def with_unsent_rows(
    rows: SelectedRows, first_unsent: int, count: int, share: float, rng: Rng
) -> SelectedRows:
    """Return `rows` with a share replaced by one of `count` rows from `first_unsent` on."""
    if not share:
        return rows
    is_missing = rng.bernoulli(len(rows), share)
    last = first_unsent + count - 1
    return np.where(is_missing, rng.integers(len(rows), first_unsent, last), rows)


@dataclass(frozen=True, slots=True)
class SameRow:
    """Selects the rows that another reference of this stream has selected."""

    selected: FieldReference

    def __call__(self, block: Block, positions: Positions) -> SelectedRows:
        """Return the row of each item."""
        return self.selected.values(block, positions).to_numpy()


def schedule_seen_by(block: Block, other: LookupStream) -> Schedule:
    """Return the schedule of another stream, the same for the whole block despite live changes."""
    return block.schedules_seen.setdefault(other.spec.name, other.schedule)


def selected_rows_path(path: str) -> str:
    """Return the key of the rows that a reference has selected in `Block.generated`."""
    return f"{path}~row"
