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

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) values."""
        index = self._index(block, positions)
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

    def _index(self, block: Block, positions: Positions) -> NDArray[np.int64]:
        size = len(self.entries) if self.places is None else len(self.places)
        if size == 1:
            return np.zeros(len(positions), np.int64)
        if self.permutation is not None:
            return self.permutation(block.first_row + positions)
        rng = block.rng(self.path)
        if self.weights is not None:
            return self.weights.index(rng, len(positions))
        return rng.index(len(positions), size)


def entry_column_type(entries: pa.Array) -> pa.DataType:
    """Return the type of the column: a dictionary of text or bytes, else that of the entries."""
    if not (pa.types.is_string(entries.type) or pa.types.is_binary(entries.type)):
        return entries.type
    index = pa.int16() if len(entries) <= INT16_ROWS_MAX else pa.int32()
    return pa.dictionary(index, entries.type)


WEIGHT_TOLERANCE: Final = 1e-9
"""Weights that differ by less than this share of the largest count as equal."""


def pool_column(
    path: str,
    entries: pa.Array,
    weights: Sequence[float] | None = None,
    permutation: Permutation | None = None,
) -> ChoiceColumn:
    """Return the column of a table without nulls, by weights where they are not all the same."""
    alike = weights is None or max(weights) - min(weights) <= WEIGHT_TOLERANCE * max(weights)
    chosen = None if weights is None or alike else AliasTable.of(weights)
    kind = entry_column_type(entries)
    return ChoiceColumn(path, kind, entries, None, chosen, permutation)
