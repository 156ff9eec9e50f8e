"""A column that chooses entries of a small table, mostly as Arrow dictionary arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from gerador.avro.arrow_types import number_dtype
from gerador.values.arrow_arrays import fixed_width_array
from gerador.values.column import BaseColumn, Positions
from gerador.values.index_sampling import random_index

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gerador.values.column import Block
    from gerador.values.index_sampling import AliasTable, Permutation


INT16_ROWS_MAX: Final = 1 << 15


@dataclass(frozen=True, slots=True)
class ChoiceColumn(BaseColumn):
    """Entries of a table: equally likely, by weight, or a distinct one for each row.

    Text and bytes are a dictionary of the table, whose entries are encoded once.
    """

    entries: pa.Array
    indices: NDArray[np.int64] | None = None
    """The entry of each value, -1 for null; None: the values are the entries."""
    weights: AliasTable | None = None
    permutation: Permutation | None = None

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) values; all blocks share the entries."""
        chosen = self._choose(block, positions)
        if self.type == self.entries.type:  # also a dictionary of the symbols of an enum
            return self.entries.take(self._entry_indices(chosen, pa.int64()))
        indices = self._entry_indices(chosen, self.type.index_type)
        # Without bounds checks: every index is below the number of entries.
        return pa.DictionaryArray.from_arrays(indices, self.entries, safe=False)

    def _entry_indices(self, chosen: NDArray[np.int64], index_type: pa.DataType) -> pa.Array:
        dtype = number_dtype(index_type)
        if self.indices is None:
            return fixed_width_array(chosen.astype(dtype, copy=False), index_type)
        indices = self.indices[chosen]
        return pa.array(indices.astype(dtype), index_type, mask=indices < 0)

    def _choose(self, block: Block, positions: Positions) -> NDArray[np.int64]:
        size = len(self.entries) if self.indices is None else len(self.indices)
        if size == 1:
            return np.zeros(len(positions), np.int64)
        if self.permutation is not None:
            return self.permutation(block.first_row + positions)
        return random_index(block.rng(self.path), len(positions), size, self.weights)


def choice_column(
    path: str,
    entries: pa.Array,
    *,
    indices: NDArray[np.int64] | None = None,
    weights: AliasTable | None = None,
    permutation: Permutation | None = None,
) -> ChoiceColumn:
    """Return the column of a table; text and bytes become a dictionary."""
    data_type = entries.type
    if pa.types.is_string(data_type) or pa.types.is_binary(data_type):
        index_type = pa.int16() if len(entries) <= INT16_ROWS_MAX else pa.int32()
        data_type = pa.dictionary(index_type, data_type)
    return ChoiceColumn(path, data_type, entries, indices, weights, permutation)
