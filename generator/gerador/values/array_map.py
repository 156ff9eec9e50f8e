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
from gerador.values.declaration import LENGTH_MAX, ValueGenerator
from gerador.values.distributions import Number
from gerador.values.parameters import Parameter, bind_parameter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gerador.avro.schema import AvroType
    from gerador.values.column import Block, BuildContext, ColumnTarget


class LengthGenerator(ValueGenerator):
    """`length_min` to `length_max` items of an array, or entries of a map with distinct keys.

    `length`, where it is said, is drawn instead: its whole part, cut to 0 to `LENGTH_MAX`.
    """

    suits: ClassVar[frozenset[str]] = frozenset({"array", "map"})
    main: ClassVar[str | None] = "length"
    kind: Literal["length"] = "length"
    length_min: int = 0
    """The fewest items, 0 to 1,024."""
    length_max: int = 4
    """The most items, included, 0 to 1,024."""
    length: Number | None = None
    """A number of items, or a distribution of it, instead of the other two; cut to 0 to 1,024."""

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield lengths that make no sense."""
        if not 0 <= self.length_min <= self.length_max <= LENGTH_MAX:
            yield (
                "length_min",
                (
                    f"lengths {self.length_min} to {self.length_max}; "
                    f"give 0 to {LENGTH_MAX}, the smaller first"
                ),
            )
        if isinstance(self.length, int | float) and not 0 <= self.length <= LENGTH_MAX:
            yield "length", f"length {self.length}; give 0 to {LENGTH_MAX}"


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

    def __call__(self, block: Block, at: Positions) -> NDArray[np.int64]:
        """Return (items,) int64."""
        if self.drawn is None:
            return block.draws(self.path).integers(len(at), self.low, self.high)
        lengths = np.clip(self.drawn(block, at), 0, LENGTH_MAX)
        return np.broadcast_to(lengths, len(at)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class ArrayColumn(BaseColumn):
    """Arrays whose lengths are drawn."""

    lengths: LengthSampler
    items: Column

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) lists, none null."""
        lengths = self.lengths(block, at)
        values = self.items.draw(block, np.repeat(at, lengths))
        buffers = [None, pa.py_buffer(offsets_from_lengths(lengths, self.path))]
        return pa.Array.from_buffers(self.type, len(at), buffers, children=[values])


@dataclass(frozen=True, slots=True)
class MapColumn(BaseColumn):
    """Maps whose numbers of entries are drawn.

    The keys of a map are distinct: consecutive ones of `DEFAULT_MAP_KEYS` from a random place on, or
    those that `keys` draws, of which a key that comes again in a map makes no entry.
    """

    lengths: LengthSampler
    values: Column
    keys: Column | None = None

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) maps, none null."""
        lengths = self.lengths(block, at)
        if self.keys is None:
            keys = self._numbered(block, lengths)
        else:
            keys, lengths = drop_duplicate_keys(
                self.keys.draw(block, np.repeat(at, lengths)), lengths
            )
        offsets = offsets_from_lengths(lengths, self.path)
        values = self.values.draw(block, np.repeat(at, lengths))
        entry_type = pa.struct([self.type.key_field, self.type.item_field])
        entries = pa.Array.from_buffers(entry_type, len(keys), [None], children=[keys, values])
        buffers = [None, pa.py_buffer(offsets)]
        return pa.Array.from_buffers(self.type, len(at), buffers, children=[entries])

    def _numbered(self, block: Block, lengths: NDArray[np.int64]) -> pa.StringArray:
        offsets = offsets_from_lengths(lengths, self.path)
        draws = block.draws(f"{self.path}~key")
        starts = draws.index(len(lengths), len(DEFAULT_MAP_KEYS)) - offsets[:-1]
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


def array_or_map_column(
    making: BuildContext, place: ColumnTarget, declared: LengthGenerator
) -> ArrayColumn | MapColumn:
    """Return the column of an array or a map."""
    lengths = LengthSampler(
        place.path,
        declared.length_min,
        declared.length_max,
        _length_parameter(making, place, declared),
    )
    ((path, inner),) = child_types(place.avro_type, place.path)
    child = making.column(inner, path)
    if isinstance(place.avro_type, Array):
        field = place.type.value_field.with_type(child.type)
        return ArrayColumn(place.path, pa.list_(field), lengths, child)
    field = place.type.item_field.with_type(child.type)
    return MapColumn(
        place.path, pa.map_(pa.string(), field), lengths, child, _key_column(making, place)
    )


def _key_column(making: BuildContext, place: ColumnTarget) -> Column | None:
    """Return the column of a map's keys where they are declared, at the path of the keys."""
    path = f"{place.path}{MAP_KEYS_PATH}"
    return making.column(MAP_KEY_TYPE, path) if path in making.fields else None


def _length_parameter(
    making: BuildContext, place: ColumnTarget, declared: LengthGenerator
) -> Parameter | None:
    if declared.length is None:
        return None
    return bind_parameter(making, f"{place.path}~length", declared.length)
