"""Columns of values that are written out: one for all rows, or one of several by weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from gerador.events.columns.column import Leaf, Positions, from_numpy
from gerador.events.columns.literals import array_of
from gerador.events.columns.permutation import Permutation
from gerador.events.columns.weights import Weights
from gerador.scenario.fields import ChoiceField, ConstantField
from gerador.scenario.fields.listed import distinct, has_null, takes_null

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from gerador.events.block import Block
    from gerador.events.columns.making import Make, Making, Place
    from gerador.scenario.avro import AvroType

INT16_ROWS_MAX: Final = 1 << 15


@dataclass(frozen=True, slots=True)
class Chosen(Leaf):
    """Entries of a table: equally likely, by weight, or each row another.

    Text and bytes come as a dictionary over the table, whose entries are encoded once.
    """

    entries: pa.Array
    places: NDArray[np.int64] | None = None
    """Where among the entries each value is, -1 for null; None: one after another, none null."""
    weights: Weights | None = None
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
            return from_numpy(index.astype(dtype, copy=False), kind)
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


def entries_of(
    values: Sequence[Any], avro_type: AvroType
) -> tuple[pa.Array, NDArray[np.int64] | None]:
    """Return values as an array without null, and where each is in it: see `Chosen.places`."""
    if not has_null(values) or takes_null(avro_type):
        return array_of(values, avro_type), None
    there = np.array([value is not None for value in values])
    entries = array_of([value for value in values if value is not None], avro_type)
    return entries, np.where(there, np.cumsum(there) - 1, -1)


def column_type(entries: pa.Array) -> pa.DataType:
    """Return the type of the column: a dictionary of text or bytes, else that of the entries."""
    if not (pa.types.is_string(entries.type) or pa.types.is_binary(entries.type)):
        return entries.type
    index = pa.int16() if len(entries) <= INT16_ROWS_MAX else pa.int32()
    return pa.dictionary(index, entries.type)


def _choice(making: Making, place: Place, declared: ChoiceField) -> Chosen:
    values = distinct(declared.values, place.avro_type) if declared.unique else declared.values
    entries, places = entries_of(values, place.avro_type)
    weights = None if declared.weights is None else Weights.of(declared.weights)
    unique = Permutation.of(making.seeds, place.path, len(values)) if declared.unique else None
    return Chosen(place.path, column_type(entries), entries, places, weights, unique)


def _constant(_: Making, place: Place, declared: ConstantField) -> Chosen:
    entries = array_of([declared.value], place.avro_type)
    return Chosen(place.path, column_type(entries), entries)


MAKERS: Final[Mapping[type, Make]] = {ChoiceField: _choice, ConstantField: _constant}
