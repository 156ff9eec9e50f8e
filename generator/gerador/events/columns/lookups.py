"""Columns of values that stand in rows of another stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.types as at_

from gerador.errors import SettingError, did_you_mean
from gerador.events.block import pick
from gerador.events.columns.column import Leaf, Positions
from gerador.events.columns.making import Reference
from gerador.events.columns.weights import zipf_weights
from gerador.events.entries import FAR_ROW, FAR_ROW_INT, SPARE_ROWS
from gerador.events.limits import BLOCK_ROWS
from gerador.scenario.fields import FromField
from gerador.scenario.lookups import is_nullable, sent_field, values_left
from gerador.scenario.paths import field_paths

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from numpy.typing import NDArray

    from gerador.events.block import Block
    from gerador.events.columns.making import Make, Making, Place
    from gerador.events.columns.weights import Weights
    from gerador.events.rows import StreamRows
    from gerador.events.schedule import Schedule
    from gerador.events.seeds import Draws
    from gerador.scenario.fields.related import Hot

    Picked: TypeAlias = NDArray[np.int64]
    """The row of the other stream for each item, (items,) int64; NO_ROW for none."""

NO_ROW: Final = -1
DICTIONARY_ROWS_MAX: Final = 65_536
"""Rows up to which texts come as a dictionary over all of them: encoders encode its entries once,
and those of a key once a block."""


@dataclass(frozen=True, slots=True)
class Whichever:
    """Any row of a bounded stream, equally likely or by `weights`; a share misses.

    What misses is one of `spare` rows behind the last.
    """

    path: str
    rows: int
    spare: int
    missing: float
    weights: Weights | None

    def __call__(self, block: Block, at: Positions) -> Picked:
        """Return the row of each item."""
        draws = block.draws(self.path)
        if self.weights is None:
            row = draws.integers(len(at), 0, self.rows - 1)
        else:
            row = self.weights.index(draws, len(at))
        return missed(row, self.rows, self.spare, self.missing, block.draws(f"{self.path}~missing"))


@dataclass(frozen=True, slots=True)
class Latest:
    """One of the `recent` rows that were due last by the row's event time; a share misses.

    A share is the `hot` row instead. `weights` are those of the ranks from the newest on; where
    fewer rows than `recent` are due, ranks begin anew. Before the first row: `before`.
    """

    path: str
    other: StreamRows
    recent: int
    missing: float
    weights: Weights | None
    hot: Hot | None
    before: int
    far_row: int
    far_rows: int

    def __call__(self, block: Block, at: Positions) -> Picked:
        """Return the row of each item."""
        due = seen_schedule(block, self.other).rows_by(block.event_time_ms)
        if self.other.spec.rows is not None:
            due = np.minimum(due, self.other.spec.rows)
        due = pick(due, at)
        row = due - 1 - self._rank(block.draws(self.path), np.clip(due, 1, self.recent))
        if self.hot is not None:
            is_hot = block.draws(f"{self.path}~hot").chance(len(at), self.hot.share)
            row = np.where(is_hot, (due - 1) // self.hot.every * self.hot.every, row)
        row[due == 0] = self.before
        draws = block.draws(f"{self.path}~missing")
        return missed(row, self.far_row, self.far_rows, self.missing, draws)

    def _rank(self, draws: Draws, size: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how far from the newest each row is, below `size`, as `Draws.index` does it."""
        if self.weights is not None:
            return self.weights.index(draws, len(size)) % size
        high = draws.words(len(size)) >> np.uint64(32)
        return ((high * size.view(np.uint64)) >> np.uint64(32)).view(np.int64)


def missed(row: Picked, first: int, rows: int, share: float, draws: Draws) -> Picked:
    """Return `row`, a share of it replaced by one of the `rows` rows from `first` on."""
    if not share:
        return row
    misses = draws.chance(len(row), share)
    return np.where(misses, draws.integers(len(row), first, first + rows - 1), row)


@dataclass(frozen=True, slots=True)
class SameRow:
    """The rows that another field of this stream picked."""

    picked: Reference

    def __call__(self, block: Block, at: Positions) -> Picked:
        """Return the row of each item."""
        return self.picked.values(block, at).to_numpy()


BLOCKS_AT_ONCE: Final = 32
"""Blocks of another stream that are held at a time to look values up."""


@dataclass(frozen=True, slots=True)
class Looked(Leaf):
    """The values at `source` in picked rows of another stream."""

    other: StreamRows
    source: str
    picks: Callable[[Block, Positions], Picked]
    far_row: int

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) values, null where there is no row; the rows stay readable."""
        schedule = seen_schedule(block, self.other)
        rows = self.picks(block, at)
        block.drawn[picked_path(self.path)] = pa.array(rows)
        none = rows == NO_ROW
        if self.other.spec.rows is not None:
            entries, place = self.other.entries.whole(self.source), rows
        else:
            entries, place = self._near(rows, none, schedule)
        where = pa.array(place, mask=none if none.any() else None)
        if at_.is_dictionary(self.type) and not at_.is_dictionary(entries.type):
            return pa.DictionaryArray.from_arrays(where.cast(pa.int32()), entries, safe=False)
        taken = entries.take(where)
        return taken.combine_chunks() if isinstance(taken, pa.ChunkedArray) else taken

    def _near(
        self, rows: Picked, none: NDArray[np.bool_], schedule: Schedule
    ) -> tuple[pa.ChunkedArray, Picked]:
        """Return the blocks that hold rows of an endless stream, and the rows' places in them."""
        far = rows >= self.far_row
        near = np.flatnonzero(~(far | none))
        chunks, place = self._gathered(rows[near], schedule)
        places = np.zeros_like(rows)
        places[near] = place
        if far.any() or not chunks:
            places[far] = rows[far] - self.far_row + sum(map(len, chunks))
            chunks.append(self.other.entries.far(self.source, self.far_row))
        return pa.chunked_array(chunks), places

    def _gathered(self, rows: Picked, schedule: Schedule) -> tuple[list[pa.Array], Picked]:
        """Return arrays that hold rows of an endless stream, and the rows' places in them.

        Rows that lie in many blocks, since the other stream is much faster, are taken out of some
        blocks at a time: memory does not grow with how far apart they lie.
        """
        indices, which = np.unique(rows // BLOCK_ROWS, return_inverse=True)
        place = which * BLOCK_ROWS + rows % BLOCK_ROWS
        if len(indices) <= BLOCKS_AT_ONCE:
            return self.other.entries.blocks(self.source, indices.tolist(), schedule), place
        chunks, order = [], np.argsort(which, kind="stable")
        cuts = np.searchsorted(which[order], np.arange(0, len(indices), BLOCKS_AT_ONCE))
        for first, group in zip(
            range(0, len(indices), BLOCKS_AT_ONCE), np.split(order, cuts[1:]), strict=True
        ):
            some = indices[first : first + BLOCKS_AT_ONCE].tolist()
            made = self.other.entries.blocks(self.source, some, schedule)
            blocks = pa.chunked_array(made)
            chunks += blocks.take(pa.array(place[group] - first * BLOCK_ROWS)).chunks
        place[order] = np.arange(len(rows))
        return chunks, place


def seen_schedule(block: Block, other: StreamRows) -> Schedule:
    """Return the other stream's schedule as this block sees it, however it is steered meanwhile."""
    return block.looked_at.setdefault(other.spec.name, other.schedule)


def picked_path(path: str) -> str:
    """Return under which name the rows that a field picked are noted in a block."""
    return f"{path}~row"


def _looked(making: Making, place: Place, declared: FromField) -> Looked:
    other = making.other(declared.stream)
    found = sent_field(other.spec, declared.path)
    if found is None:
        hint = did_you_mean(declared.path, other.schema.names)
        raise SettingError(
            f"field {place.path!r}: stream {declared.stream!r} has no field {declared.path!r}{hint}"
        )
    bounded = other.spec.rows is not None
    if bounded:
        other.entries.check(declared.path)
    elif declared.recent is None and declared.row_of is None:
        raise SettingError(
            f"field {place.path!r}: stream {declared.stream!r} is endless; add recent: 1000, "
            "or give it rows"
        )
    far_row = _far_row(other)
    picks = _picks(making, place, declared, other, far_row)
    kind = _column_type(place.type, (other.spec.rows or 0) + SPARE_ROWS if bounded else 0)
    return Looked(place.path, kind, other, declared.path, picks, far_row)


def _far_row(other: StreamRows) -> int:
    """Return where the rows of an endless stream begin that are never sent."""
    return FAR_ROW_INT if any(map(_holds_int, other.schema.types)) else FAR_ROW


def _holds_int(kind: pa.DataType) -> bool:
    """Tell whether a type is that of 32-bit whole numbers, or a record that has one."""
    if at_.is_struct(kind):
        return any(_holds_int(field.type) for field in kind)
    return bool(at_.is_int32(kind))


def _column_type(plain: pa.DataType, rows: int) -> pa.DataType:
    """Return the type of the column: a dictionary over texts of a small table."""
    long = at_.is_string(plain) or at_.is_binary(plain) or at_.is_decimal(plain)
    if long and 0 < rows <= DICTIONARY_ROWS_MAX:
        return pa.dictionary(pa.int32(), plain)
    return plain


def _picks(
    making: Making, place: Place, declared: FromField, other: StreamRows, far_row: int
) -> Whichever | Latest | SameRow:
    if declared.row_of is not None:
        same = making.reference(place.path, declared.row_of)
        return SameRow(Reference(picked_path(same.path), same.beside))
    rows, recent = other.spec.rows, declared.recent
    weights = None
    if declared.skew is not None:
        weights = zipf_weights(declared.skew.zipf, recent or rows or 1)
    spare = min(left for left in (SPARE_ROWS, values_left(other.spec, declared.path)) if left)
    if recent is None:
        assert rows is not None  # noqa: S101 - endless streams were refused
        return Whichever(place.path, rows, spare, declared.missing, weights)
    other.entries.reserve(recent)
    nullable = is_nullable(dict(field_paths(making.root))[place.path])
    before = NO_ROW if nullable else 0
    far = (far_row, BLOCK_ROWS) if rows is None else (rows, spare)
    return Latest(place.path, other, recent, declared.missing, weights, declared.hot, before, *far)


MAKERS: Final[Mapping[type, Make]] = {FromField: _looked}
