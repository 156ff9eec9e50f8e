"""Columns that pick entries of a small table, mostly as Arrow dictionary arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from gerador.values.arrow_arrays import fixed_width_array
from gerador.values.column import BaseColumn, Positions
from gerador.values.sampling import AliasTable, Permutation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gerador.values.column import Block


INT16_ROWS_MAX: Final = 1 << 15


@dataclass(frozen=True, slots=True)
class ChoiceColumn(BaseColumn):
    """Entries of a table: equally likely, by weight, or each row another.

    Text and bytes come as a dictionary over the table, whose entries are encoded once.
    """

    entries: pa.Array
    places: NDArray[np.int64] | None = None
    """Where among the entries each value is, -1 for null; None: one after another, none null."""
    weights: AliasTable | None = None
    permutation: Permutation | None = None

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) values."""
        index = self._index(block, at)
        if self.type == self.entries.type:  # an enum's is a dictionary already, of its symbols
            return self.entries.take(self._placed(index, pa.int64()))
        narrow = self._placed(index, self.type.index_type)
        # Every index is below the size by construction: no second look at each.
        return pa.DictionaryArray.from_arrays(narrow, self.entries, safe=False)

    def _placed(self, index: NDArray[np.int64], kind: pa.DataType) -> pa.Array:
        """Return where among the entries values are, null where they are."""
        dtype = kind.to_pandas_dtype()
        if self.places is None:
            return fixed_width_array(index.astype(dtype, copy=False), kind)
        places = self.places[index]
        return pa.array(places.astype(dtype), kind, mask=places < 0)

    def _index(self, block: Block, at: Positions) -> NDArray[np.int64]:
        size = len(self.entries) if self.places is None else len(self.places)
        if size == 1:
            return np.zeros(len(at), np.int64)
        if self.permutation is not None:
            return self.permutation(block.first_row + at)
        draws = block.draws(self.path)
        if self.weights is not None:
            return self.weights.index(draws, len(at))
        return draws.index(len(at), size)


def entry_column_type(entries: pa.Array) -> pa.DataType:
    """Return the type of the column: a dictionary of text or bytes, else that of the entries."""
    if not (pa.types.is_string(entries.type) or pa.types.is_binary(entries.type)):
        return entries.type
    index = pa.int16() if len(entries) <= INT16_ROWS_MAX else pa.int32()
    return pa.dictionary(index, entries.type)


_POOL_INT16_ROWS_MAX: Final = 1 << 15
WEIGHT_TOLERANCE: Final = 1e-9
"""Weights that differ by less than this share of the largest are the same, but for rounding."""


@dataclass(frozen=True, slots=True)
class PoolColumn(BaseColumn):
    """Entries of `entries` as a dictionary array over that one table.

    They are equally likely, or have the shares of `weights`, or each row has another.
    """

    entries: pa.Array
    weights: AliasTable | None = None
    permutation: Permutation | None = None

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return a dictionary array; every block shares the entries."""
        draws = block.draws(self.path)
        if self.permutation is not None:
            index = self.permutation(block.first_row + at)
        elif self.weights is None:
            index = draws.index(len(at), len(self.entries))
        else:
            index = self.weights.index(draws, len(at))
        narrow = index.astype(np.int16 if self.type.index_type == pa.int16() else np.int32)
        indices = fixed_width_array(narrow, self.type.index_type)
        # Every index is below the size by construction: no second look at each.
        return pa.DictionaryArray.from_arrays(indices, self.entries, safe=False)


@dataclass(frozen=True, slots=True)
class PlainPoolColumn(BaseColumn):
    """Entries of a table of numbers or booleans, equally likely, as plain values."""

    entries: pa.Array

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) values."""
        index = block.draws(self.path).index(len(at), len(self.entries))
        return self.entries.take(pa.array(index))


def pool_column(
    path: str,
    entries: pa.StringArray,
    weights: Sequence[float] | None = None,
    permutation: Permutation | None = None,
) -> PoolColumn:
    """Return the column of a table of texts, by weights where they are not all the same."""
    index = pa.int16() if len(entries) <= _POOL_INT16_ROWS_MAX else pa.int32()
    alike = weights is None or max(weights) - min(weights) <= WEIGHT_TOLERANCE * max(weights)
    chosen = None if weights is None or alike else AliasTable.of(weights)
    return PoolColumn(path, pa.dictionary(index, pa.string()), entries, chosen, permutation)
