"""Arrays and maps: their lengths, items and keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Literal

import numpy as np
import pyarrow as pa

from gerador.avro.paths import MAP_KEY_TYPE, child_types
from gerador.avro.paths import MAP_KEYS as MAP_KEYS_PATH
from gerador.avro.schema import Array
from gerador.values.arrow_arrays import fixed_width_array, offsets_from_lengths
from gerador.values.column import BaseColumn, Column, Positions
from gerador.values.declaration import LENGTH_MAX, LengthRange
from gerador.values.parameters import Number, Parameter, bind_parameter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gerador.avro.schema import AvroType
    from gerador.values.column import Block, BuildContext, ColumnTarget


class LengthGenerator(LengthRange):
    """`length_min` to `length_max` items of an array, or entries of a map with distinct keys.

    `length`, where it is said, is drawn instead: its whole part, cut to 0 to `LENGTH_MAX`.
    """

    types: ClassVar[frozenset[str]] = frozenset({"array", "map"})
    main_parameter: ClassVar[str | None] = "length"
    kind: Literal["length"] = "length"
    length_min: int = 0
    """The fewest items, 0 to 1,024."""
    length_max: int = 4
    """The most items, included, 0 to 1,024."""
    length: Number | None = None
    """A number of items, or a distribution of it, instead of the other two; cut to 0 to 1,024."""

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield invalid lengths."""
        yield from super().errors(avro_type)
        if isinstance(self.length, int | float) and not 0 <= self.length <= LENGTH_MAX:
            yield "length", f"length {self.length}; give 0 to {LENGTH_MAX}"

    def mean_length(self) -> float:
        """Return the mean length, approximate for some distributions."""
        if self.length is None:
            return (self.length_min + self.length_max) / 2
        if isinstance(self.length, int | float):
            return float(self.length)
        return self.length.approximate_mean()

    def column(self, context: BuildContext, target: ColumnTarget) -> ArrayColumn | MapColumn:
        """Return the column of the field."""
        lengths = LengthSampler(
            target.path, self.length_min, self.length_max, self._length_parameter(context, target)
        )
        ((path, inner),) = child_types(target.avro_type, target.path)
        child = context.column_at(inner, path)
        if isinstance(target.avro_type, Array):
            field = target.type.value_field.with_type(child.type)
            return ArrayColumn(target.path, pa.list_(field), lengths, child)
        field = target.type.item_field.with_type(child.type)
        kind = pa.map_(pa.string(), field)
        return MapColumn(target.path, kind, lengths, child, _key_column(context, target))

    def _length_parameter(self, context: BuildContext, target: ColumnTarget) -> Parameter | None:
        if self.length is None:
            return None
        return bind_parameter(context, f"{target.path}~length", self.length)


KEY_WIDTH: Final = 4
DEFAULT_MAP_KEYS: Final = pa.array([f"k{n:0{KEY_WIDTH}d}" for n in range(2_048)])
"""The keys of maps: k0000 to k2047; twice as many as a map may have entries."""


@dataclass(frozen=True, slots=True)
class LengthSampler:
    """How long lists are: from `low` to `high`, equally likely, or as `drawn` says."""

    path: str
    low: int
    high: int
    drawn: Parameter | None = None

    def __call__(self, block: Block, positions: Positions) -> NDArray[np.int64]:
        """Return (items,) int64."""
        if self.drawn is None:
            return block.rng(self.path).integers(len(positions), self.low, self.high)
        lengths = np.clip(self.drawn(block, positions), 0, LENGTH_MAX)
        return np.broadcast_to(lengths, len(positions)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class ArrayColumn(BaseColumn):
    """Arrays whose lengths are drawn."""

    lengths: LengthSampler
    items: Column

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) lists, none null."""
        lengths = self.lengths(block, positions)
        values = self.items.generate(block, np.repeat(positions, lengths))
        buffers = [None, pa.py_buffer(offsets_from_lengths(lengths, self.path))]
        return pa.Array.from_buffers(self.type, len(positions), buffers, children=[values])


@dataclass(frozen=True, slots=True)
class MapColumn(BaseColumn):
    """Maps whose numbers of entries are drawn.

    The keys of a map are distinct: consecutive ones of `DEFAULT_MAP_KEYS` from a random place on, or
    those that `keys` draws, of which a key that comes again in a map makes no entry.
    """

    lengths: LengthSampler
    values: Column
    keys: Column | None = None

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) maps, none null."""
        lengths = self.lengths(block, positions)
        if self.keys is None:
            keys = self._numbered(block, lengths)
        else:
            keys, lengths = drop_duplicate_keys(
                self.keys.generate(block, np.repeat(positions, lengths)), lengths
            )
        offsets = offsets_from_lengths(lengths, self.path)
        values = self.values.generate(block, np.repeat(positions, lengths))
        entry_type = pa.struct([self.type.key_field, self.type.item_field])
        entries = pa.Array.from_buffers(entry_type, len(keys), [None], children=[keys, values])
        buffers = [None, pa.py_buffer(offsets)]
        return pa.Array.from_buffers(self.type, len(positions), buffers, children=[entries])

    def _numbered(self, block: Block, lengths: NDArray[np.int64]) -> pa.StringArray:
        offsets = offsets_from_lengths(lengths, self.path)
        rng = block.rng(f"{self.path}~key")
        starts = rng.index(len(lengths), len(DEFAULT_MAP_KEYS)) - offsets[:-1]
        index = np.repeat(starts, lengths) + np.arange(offsets[-1])
        return DEFAULT_MAP_KEYS.take(fixed_width_array(index % len(DEFAULT_MAP_KEYS), pa.int64()))


def drop_duplicate_keys(
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


def _key_column(context: BuildContext, target: ColumnTarget) -> Column | None:
    """Return the column of a map's keys if they are declared, at the path of the keys."""
    path = f"{target.path}{MAP_KEYS_PATH}"
    return context.column_at(MAP_KEY_TYPE, path) if path in context.fields else None
