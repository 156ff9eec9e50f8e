"""Columns that index a table of texts: Faker pools and an enum's symbols, as dictionaries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from generator.events.columns.column import Leaf, Positions, from_numpy
from generator.events.pools import pool

if TYPE_CHECKING:
    from generator.events.block import Block
    from generator.events.seeds import StreamSeeds
    from generator.scenario.avro import Enum
    from generator.scenario.fields import FakerField

INT16_ROWS_MAX: Final = 1 << 15


@dataclass(frozen=True, slots=True)
class Pooled(Leaf):
    """Entries of `entries`, equally likely, as a dictionary array over that one table."""

    entries: pa.StringArray

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return a dictionary array; every block shares the entries."""
        index = block.draws(self.path).index(len(at), len(self.entries))
        narrow = index.astype(np.int16 if self.type.index_type == pa.int16() else np.int32)
        indices = from_numpy(narrow, self.type.index_type)
        # Every index is below the size by construction: no second look at each.
        return pa.DictionaryArray.from_arrays(indices, self.entries, safe=False)


def faker_column(seeds: StreamSeeds, path: str, declared: FakerField) -> Pooled:
    """Return the column of a Faker pool; the pool is drawn here and now.

    Raises SettingError: as `pools.pool`.
    """
    entries = pool(seeds, path, declared.provider, declared.locale, declared.pool_rows)
    index = pa.int16() if len(entries) <= INT16_ROWS_MAX else pa.int32()
    return Pooled(path, pa.dictionary(index, pa.string()), entries)


def symbol_column(path: str, enum: Enum, arrow_type: pa.DataType) -> Pooled:
    """Return the column of an enum: its symbols in the schema's order are the dictionary."""
    return Pooled(path, arrow_type, pa.array(enum.symbols, pa.string()))
