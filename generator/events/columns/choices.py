"""Columns of values that are written out: one for all rows, or one of several by weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from generator.events.columns.column import Leaf, Positions, from_numpy
from generator.events.columns.literals import array_of
from generator.events.columns.permutation import Permutation
from generator.events.columns.weights import Weights
from generator.scenario.fields import ChoiceField, ConstantField
from generator.scenario.fields.listed import distinct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from generator.events.block import Block
    from generator.events.columns.making import Make, Making, Place

INT16_ROWS_MAX: Final = 1 << 15


@dataclass(frozen=True, slots=True)
class Chosen(Leaf):
    """Entries of a table: equally likely, by weight, or each row another.

    Text and bytes come as a dictionary over the table, whose entries are encoded once.
    """

    entries: pa.Array
    weights: Weights | None = None
    permutation: Permutation | None = None

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) values."""
        index = self._index(block, at)
        if self.type == self.entries.type:  # an enum's is a dictionary already, of its symbols
            return self.entries.take(from_numpy(index, pa.int64()))
        narrow = from_numpy(
            index.astype(self.type.index_type.to_pandas_dtype()), self.type.index_type
        )
        # Every index is below the size by construction: no second look at each.
        return pa.DictionaryArray.from_arrays(narrow, self.entries, safe=False)

    def _index(self, block: Block, at: Positions) -> NDArray[np.int64]:
        if len(self.entries) == 1:
            return np.zeros(len(at), np.int64)
        if self.permutation is not None:
            return self.permutation(block.first_row + at)
        draws = block.draws(self.path)
        if self.weights is not None:
            return self.weights.index(draws, len(at))
        return draws.index(len(at), len(self.entries))


def column_type(entries: pa.Array) -> pa.DataType:
    """Return the type of the column: a dictionary of text or bytes, else that of the entries."""
    if not (pa.types.is_string(entries.type) or pa.types.is_binary(entries.type)):
        return entries.type
    index = pa.int16() if len(entries) <= INT16_ROWS_MAX else pa.int32()
    return pa.dictionary(index, entries.type)


def _choice(making: Making, place: Place, declared: ChoiceField) -> Chosen:
    values = distinct(declared.values, place.avro_type) if declared.unique else declared.values
    entries = array_of(values, place.avro_type)
    weights = None if declared.weights is None else Weights.of(declared.weights)
    unique = Permutation.of(making.seeds, place.path, len(values)) if declared.unique else None
    return Chosen(place.path, column_type(entries), entries, weights, unique)


def _constant(_: Making, place: Place, declared: ConstantField) -> Chosen:
    entries = array_of([declared.value], place.avro_type)
    return Chosen(place.path, column_type(entries), entries)


MAKERS: Final[Mapping[type, Make]] = {ChoiceField: _choice, ConstantField: _constant}
