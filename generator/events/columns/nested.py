"""Columns made of columns: records, arrays, maps, unions, nullable values, and nothing at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from generator.events.columns.column import Column, Leaf, Positions, from_numpy, offsets_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from generator.events.block import Block

KEY_WIDTH: Final = 4
MAP_KEYS: Final = pa.array([f"k{n:0{KEY_WIDTH}d}" for n in range(2_048)])
"""The keys of maps: k0000 to k2047; twice as many as a map may have entries."""


@dataclass(frozen=True, slots=True)
class Nothing(Leaf):
    """Avro's null."""

    def draw(self, _block: Block, at: Positions) -> pa.Array:
        """Return (items,) nulls."""
        return pa.nulls(len(at), self.type)


@dataclass(frozen=True, slots=True)
class Struct(Leaf):
    """The fields of a record, side by side."""

    children: tuple[Column, ...]

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) structs, none null."""
        arrays = [child.draw(block, at) for child in self.children]
        return pa.Array.from_buffers(self.type, len(at), [None], children=arrays)


@dataclass(frozen=True, slots=True)
class Listed(Leaf):
    """Arrays of `length_min` to `length_max` items, each length equally likely."""

    length_min: int
    length_max: int
    items: Column

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) lists, none null."""
        lengths = block.draws(self.path).integers(len(at), self.length_min, self.length_max)
        values = self.items.draw(block, np.repeat(at, lengths))
        buffers = [None, pa.py_buffer(offsets_of(lengths, self.path))]
        return pa.Array.from_buffers(self.type, len(at), buffers, children=[values])


@dataclass(frozen=True, slots=True)
class Mapped(Leaf):
    """Maps of `length_min` to `length_max` entries, each length equally likely.

    The keys of a map are distinct: consecutive ones of `MAP_KEYS` from a random place on.
    """

    length_min: int
    length_max: int
    values: Column

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) maps, none null."""
        draws = block.draws(self.path)
        lengths = draws.integers(len(at), self.length_min, self.length_max)
        offsets = offsets_of(lengths, self.path)
        starts = draws.index(len(at), len(MAP_KEYS)) - offsets[:-1]
        index = np.repeat(starts, lengths) + np.arange(offsets[-1])
        keys = MAP_KEYS.take(from_numpy(index % len(MAP_KEYS), pa.int64()))
        values = self.values.draw(block, np.repeat(at, lengths))
        entry_type = pa.struct([self.type.key_field, self.type.item_field])
        entries = pa.Array.from_buffers(entry_type, len(keys), [None], children=[keys, values])
        buffers = [None, pa.py_buffer(offsets)]
        return pa.Array.from_buffers(self.type, len(at), buffers, children=[entries])


@dataclass(frozen=True, slots=True)
class OneOf(Leaf):
    """A union of several types: each branch equally likely, as an Arrow dense union."""

    branches: tuple[Column, ...]

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) union values."""
        chosen = block.draws(self.path).index(len(at), len(self.branches)).astype(np.int8)
        offsets = np.empty(len(at), np.int32)
        children = []
        for number, branch in enumerate(self.branches):
            mine = np.flatnonzero(chosen == number)
            offsets[mine] = np.arange(len(mine), dtype=np.int32)
            children.append(branch.draw(block, at[mine]))
        buffers = [None, pa.py_buffer(chosen), pa.py_buffer(offsets)]
        return pa.Array.from_buffers(self.type, len(at), buffers, children=children)


@dataclass(frozen=True, slots=True)
class Nullable(Leaf):
    """Another column's values, of which a share is null.

    Whether an item is null has an address of its own (``path?``), so that making a field
    nullable leaves its values as they were.
    """

    null_share: float
    value: Column

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) values or nulls."""
        null = block.draws(f"{self.path}?").chance(len(at), self.null_share)
        return with_nulls(self.value.draw(block, at), null)


def with_nulls(values: pa.Array, null: NDArray[np.bool_]) -> pa.Array:
    """Return `values` with nulls where `null` says; what stood there is dropped."""
    positions = pa.array(np.arange(len(values), dtype=np.int32), mask=null)
    return values.take(positions)
