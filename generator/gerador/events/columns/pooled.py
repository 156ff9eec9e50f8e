"""Columns that index a table: Faker pools, patterns of few texts, an enum's symbols.

Texts come as dictionaries over the table; numbers and booleans are taken from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from gerador.events.columns.column import Leaf, Positions, from_numpy
from gerador.events.columns.weights import Weights
from gerador.events.pools import pool
from gerador.scenario.avro import Enum
from gerador.scenario.fields import FakerField, SymbolField

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gerador.events.block import Block
    from gerador.events.columns.making import Make, Making, Place
    from gerador.events.columns.permutation import Permutation

INT16_ROWS_MAX: Final = 1 << 15
ALIKE: Final = 1e-9
"""Weights that differ by less than this share of the largest are the same, but for rounding."""


@dataclass(frozen=True, slots=True)
class Pooled(Leaf):
    """Entries of `entries` as a dictionary array over that one table.

    They are equally likely, or have the shares of `weights`, or each row has another.
    """

    entries: pa.Array
    weights: Weights | None = None
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
        indices = from_numpy(narrow, self.type.index_type)
        # Every index is below the size by construction: no second look at each.
        return pa.DictionaryArray.from_arrays(indices, self.entries, safe=False)


@dataclass(frozen=True, slots=True)
class Picked(Leaf):
    """Entries of a table of numbers or booleans, equally likely, as plain values."""

    entries: pa.Array

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) values."""
        index = block.draws(self.path).index(len(at), len(self.entries))
        return self.entries.take(pa.array(index))


def pooled_column(
    path: str,
    entries: pa.StringArray,
    weights: Sequence[float] | None = None,
    permutation: Permutation | None = None,
) -> Pooled:
    """Return the column of a table of texts, by weights where they are not all the same."""
    index = pa.int16() if len(entries) <= INT16_ROWS_MAX else pa.int32()
    alike = weights is None or max(weights) - min(weights) <= ALIKE * max(weights)
    chosen = None if weights is None or alike else Weights.of(weights)
    return Pooled(path, pa.dictionary(index, pa.string()), entries, chosen, permutation)


def faker_column(making: Making, place: Place, declared: FakerField) -> Pooled | Picked:
    """Return the column of a Faker pool; the pool is drawn here and now.

    Raises SettingError: as `pools.pool`.
    """
    entries = pool(
        making.seeds,
        place.path,
        declared.provider,
        declared.locale,
        declared.pool_rows,
        declared.args,
        place.type,
    )
    if pa.types.is_string(place.type):
        return pooled_column(place.path, entries)
    return Picked(place.path, place.type, entries)


def symbol_column(path: str, enum: Enum, arrow_type: pa.DataType) -> Pooled:
    """Return the column of an enum: its symbols in the schema's order are the dictionary."""
    return Pooled(path, arrow_type, pa.array(enum.symbols, pa.string()))


def _symbols(_: Making, place: Place, __: SymbolField) -> Pooled:
    assert isinstance(place.avro_type, Enum)  # noqa: S101 - symbols suit enums alone
    return symbol_column(place.path, place.avro_type, place.type)


MAKERS: Final[Mapping[type, Make]] = {
    FakerField: faker_column,
    SymbolField: _symbols,
}
