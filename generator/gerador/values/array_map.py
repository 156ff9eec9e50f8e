"""Arrays and maps: lengths, items and keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal, TypeAlias

import numpy as np
import pyarrow as pa
from pydantic import Field, Strict

from gerador.avro.paths import MAP_KEY_TYPE, MAP_KEYS, child_types
from gerador.avro.schema import Array, Recursion, nested_types
from gerador.values.arrow_arrays import fixed_width_array, offsets_from_lengths
from gerador.values.column import BaseColumn, Column, Positions
from gerador.values.declaration import LENGTH_MAX, LengthRange
from gerador.values.number_parameters import Number, Parameter, bind_parameter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gerador.avro.schema import AvroType
    from gerador.values.column import Block, BuildContext, ColumnTarget


MapKeys: TypeAlias = Annotated[
    tuple[str, ...], Strict(False), Field(min_length=1, max_length=LENGTH_MAX)
]
"""Keys of a map, which must be different."""


class LengthGenerator(LengthRange):
    """The number of items of an array, or of entries of a map, which has distinct keys.

    Uniform from `length_min` to `length_max`, or the integer part of `length`. Scenario files
    declare it as `array` or `map`.
    """

    types: ClassVar[frozenset[str]] = frozenset({"array", "map"})
    main_parameter: ClassVar[str | None] = "length"
    kind: Literal["array", "map"] = "array"
    length_min: int = 0
    """Minimum items, 0 to 1,024."""
    length_max: int = 4
    """Maximum items, inclusive, 0 to 1,024."""
    length: Number | None = None
    """Items, a number or a distribution, instead of the other two; clipped to 0 to 1,024."""
    keys: MapKeys | None = None
    """Keys of a map: `length` consecutive ones from a random one on. Default: random text."""

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield invalid lengths."""
        yield from super().errors(avro_type)
        if isinstance(self.length, int | float) and not 0 <= self.length <= LENGTH_MAX:
            yield "length", f"length {self.length} is outside [0, {LENGTH_MAX}]"
        if self.keys is not None:
            yield from self._key_errors(self.keys)
        for inner in nested_types(avro_type):
            if isinstance(inner, Recursion) and self.length != 0 and self.length_max:
                yield "length", f"always empty, at the depth where {inner.record!r} ends; remove it"

    def _key_errors(self, keys: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        duplicates = [key for n, key in enumerate(keys) if key in keys[:n]]
        if duplicates:
            yield "keys", f"duplicate key {duplicates[0]!r}; keep one"
        if isinstance(self.length, int | float) and self.length > len(keys):
            yield "length", f"length {self.length} is more than the number of keys, {len(keys)}"

    def mean_length(self) -> float:
        """Return the mean length; approximate for some distributions."""
        if self.length is None:
            return (self.length_min + self.length_max) / 2
        if isinstance(self.length, int | float):
            return float(self.length)
        return self.length.approximate_mean()

    def column(self, context: BuildContext, target: ColumnTarget) -> ArrayColumn | MapColumn:
        """Return the column of an array or a map."""
        parameter = None
        if self.length is not None:
            parameter = bind_parameter(context, f"{target.path}~length", self.length)
        lengths = LengthSampler(target.path, self.length_min, self.length_max, parameter)
        ((path, inner),) = child_types(target.avro_type, target.path)
        child = context.column_at(inner, path)
        if isinstance(target.avro_type, Array):
            field = target.type.value_field.with_type(child.type)
            return ArrayColumn(target.path, pa.list_(field), lengths, child)
        field = target.type.item_field.with_type(child.type)
        keys_path = f"{target.path}{MAP_KEYS}"
        key_list, keys = DEFAULT_MAP_KEYS, None
        if self.keys is not None:
            key_list = pa.array(self.keys, pa.string())
        elif keys_path in context.fields:
            keys = context.column_at(MAP_KEY_TYPE, keys_path)
        map_type = pa.map_(pa.string(), field)
        return MapColumn(target.path, map_type, lengths, child, key_list, keys)


KEY_WIDTH: Final = 4
DEFAULT_MAP_KEYS: Final = pa.array([f"k{n:0{KEY_WIDTH}d}" for n in range(2_048)])
"""Default keys of maps, k0000 to k2047: twice as many as the maximum entries."""


@dataclass(frozen=True, slots=True)
class LengthSampler:
    """Random lengths: uniform in [low, high], or a parameter."""

    path: str
    low: int
    high: int
    parameter: Parameter | None = None

    def __call__(self, block: Block, positions: Positions) -> NDArray[np.int64]:
        """Return (items,) int64."""
        if self.parameter is None:
            return block.rng(self.path).integers(len(positions), self.low, self.high)
        lengths = np.clip(self.parameter(block, positions), 0, LENGTH_MAX)
        return np.broadcast_to(lengths, len(positions)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class ArrayColumn(BaseColumn):
    """Arrays as Arrow lists."""

    lengths: LengthSampler
    items: Column

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) lists without nulls."""
        lengths = self.lengths(block, positions)
        values = self.items.generate(block, np.repeat(positions, lengths))
        buffers = [None, pa.py_buffer(offsets_from_lengths(lengths, self.path))]
        return pa.Array.from_buffers(self.type, len(positions), buffers, children=[values])


@dataclass(frozen=True, slots=True)
class MapColumn(BaseColumn):
    """Maps with distinct keys.

    Keys are consecutive ones of `key_list` from a random one on, in order if all are used, or
    values of `keys`: an entry with a duplicate key is dropped.
    """

    lengths: LengthSampler
    values: Column
    key_list: pa.StringArray
    keys: Column | None = None

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) maps without nulls."""
        lengths = self.lengths(block, positions)
        if self.keys is None:
            lengths = np.minimum(lengths, len(self.key_list))
            keys = self._listed_keys(block, lengths)
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

    def _listed_keys(self, block: Block, lengths: NDArray[np.int64]) -> pa.StringArray:
        offsets = offsets_from_lengths(lengths, self.path)
        rng = block.rng(f"{self.path}~key")
        size = len(self.key_list)
        starts = np.where(lengths == size, 0, rng.index(len(lengths), size)) - offsets[:-1]
        index = np.repeat(starts, lengths) + np.arange(offsets[-1])
        return self.key_list.take(fixed_width_array(index % size, pa.int64()))


def drop_duplicate_keys(
    keys: pa.Array, lengths: NDArray[np.int64]
) -> tuple[pa.StringArray, NDArray[np.int64]]:
    """Return keys without duplicates within a map, and the new lengths of the maps.

    Cost: a sort of the entries.
    """
    encoded = keys if pa.types.is_dictionary(keys.type) else keys.dictionary_encode()
    size = max(len(encoded.dictionary), 1)
    maps = np.repeat(np.arange(len(lengths)), lengths)
    codes = np.asarray(encoded.indices).astype(np.int64) + maps * size
    first = np.sort(np.unique(codes, return_index=True)[1])
    texts = encoded.dictionary.take(encoded.indices.take(pa.array(first)))
    return texts, np.bincount(maps[first], minlength=len(lengths))
