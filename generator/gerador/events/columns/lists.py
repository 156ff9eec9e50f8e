"""Columns of arrays and maps: how long each is, and what is in it.

What makes them from declarations stands at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from gerador.events.columns.column import Column, Leaf, Positions, from_numpy, offsets_of
from gerador.events.columns.parameters import Parameter, parameter
from gerador.scenario.avro import Array
from gerador.scenario.fields import LengthField
from gerador.scenario.fields.random_texts import LENGTH_MAX
from gerador.scenario.paths import MAP_KEYS as MAP_KEYS_PATH
from gerador.scenario.paths import TEXT, child_types

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gerador.events.block import Block
    from gerador.events.columns.making import Make, Making, Place

KEY_WIDTH: Final = 4
MAP_KEYS: Final = pa.array([f"k{n:0{KEY_WIDTH}d}" for n in range(2_048)])
"""The keys of maps: k0000 to k2047; twice as many as a map may have entries."""


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long lists are: from `low` to `high`, equally likely, or as `drawn` says."""

    path: str
    low: int
    high: int
    drawn: Parameter | None = None

    def __call__(self, block: Block, at: Positions) -> NDArray[np.int64]:
        """Return (items,) int64."""
        if self.drawn is None:
            return block.draws(self.path).integers(len(at), self.low, self.high)
        lengths = np.clip(self.drawn(block, at), 0, LENGTH_MAX)
        return np.broadcast_to(lengths, len(at)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Listed(Leaf):
    """Arrays whose lengths are drawn."""

    lengths: Lengths
    items: Column

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) lists, none null."""
        lengths = self.lengths(block, at)
        values = self.items.draw(block, np.repeat(at, lengths))
        buffers = [None, pa.py_buffer(offsets_of(lengths, self.path))]
        return pa.Array.from_buffers(self.type, len(at), buffers, children=[values])


@dataclass(frozen=True, slots=True)
class Mapped(Leaf):
    """Maps whose numbers of entries are drawn.

    The keys of a map are distinct: consecutive ones of `MAP_KEYS` from a random place on, or
    those that `keys` draws, of which a key that comes again in a map makes no entry.
    """

    lengths: Lengths
    values: Column
    keys: Column | None = None

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) maps, none null."""
        lengths = self.lengths(block, at)
        if self.keys is None:
            keys = self._numbered(block, lengths)
        else:
            keys, lengths = distinct_keys(self.keys.draw(block, np.repeat(at, lengths)), lengths)
        offsets = offsets_of(lengths, self.path)
        values = self.values.draw(block, np.repeat(at, lengths))
        entry_type = pa.struct([self.type.key_field, self.type.item_field])
        entries = pa.Array.from_buffers(entry_type, len(keys), [None], children=[keys, values])
        buffers = [None, pa.py_buffer(offsets)]
        return pa.Array.from_buffers(self.type, len(at), buffers, children=[entries])

    def _numbered(self, block: Block, lengths: NDArray[np.int64]) -> pa.StringArray:
        offsets = offsets_of(lengths, self.path)
        draws = block.draws(f"{self.path}~key")
        starts = draws.index(len(lengths), len(MAP_KEYS)) - offsets[:-1]
        index = np.repeat(starts, lengths) + np.arange(offsets[-1])
        return MAP_KEYS.take(from_numpy(index % len(MAP_KEYS), pa.int64()))


def distinct_keys(
    keys: pa.Array, lengths: NDArray[np.int64]
) -> tuple[pa.StringArray, NDArray[np.int64]]:
    """Return keys without those that a map has already, and how many each map has then.

    Cost: a sort of the entries.
    """
    coded = keys if pa.types.is_dictionary(keys.type) else keys.dictionary_encode()
    owners = np.repeat(np.arange(len(lengths)), lengths)
    codes = np.asarray(coded.indices).astype(np.int64) + owners * max(len(coded.dictionary), 1)
    kept = np.sort(np.unique(codes, return_index=True)[1])
    texts = coded.dictionary.take(coded.indices.take(pa.array(kept)))
    return texts, np.bincount(owners[kept], minlength=len(lengths))


def _listed(making: Making, place: Place, declared: LengthField) -> Listed | Mapped:
    """Return the column of an array or a map."""
    lengths = Lengths(
        place.path, declared.length_min, declared.length_max, _drawn(making, place, declared)
    )
    ((path, inner),) = child_types(place.avro_type, place.path)
    child = making.column(inner, path)
    if isinstance(place.avro_type, Array):
        field = place.type.value_field.with_type(child.type)
        return Listed(place.path, pa.list_(field), lengths, child)
    field = place.type.item_field.with_type(child.type)
    return Mapped(place.path, pa.map_(pa.string(), field), lengths, child, _keys(making, place))


def _keys(making: Making, place: Place) -> Column | None:
    """Return the column of a map's keys where they are declared, at the path of the keys."""
    path = f"{place.path}{MAP_KEYS_PATH}"
    return making.column(TEXT, path) if path in making.fields else None


def _drawn(making: Making, place: Place, declared: LengthField) -> Parameter | None:
    if declared.length is None:
        return None
    return parameter(making, f"{place.path}~length", declared.length)


MAKERS: Final[Mapping[type, Make]] = {LengthField: _listed}
