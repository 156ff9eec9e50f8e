"""Columns made of columns: records, arrays, maps, unions, nullable values, and nothing at all.

What makes them from declarations stands at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from generator.events.columns.column import Column, Leaf, Positions, from_numpy, offsets_of
from generator.events.columns.parameters import Parameter, parameter
from generator.events.columns.weights import Weights
from generator.scenario.avro import Array, Record, Union
from generator.scenario.fields import LengthField, WholeField
from generator.scenario.fields.random_texts import LENGTH_MAX
from generator.scenario.mentions import below, order_of
from generator.scenario.paths import MAP_KEYS as MAP_KEYS_PATH
from generator.scenario.paths import TEXT, child_types

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from generator.events.block import Block
    from generator.events.columns.making import Make, Making, Place

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
class Fields:
    """The fields of a record or of the row, side by side, made in the order of their needs."""

    paths: tuple[str, ...]
    columns: tuple[Column, ...]
    order: tuple[int, ...]

    def draw(self, block: Block, at: Positions) -> list[pa.Array]:
        """Return the (items,) values of every field, in the schema's order."""
        arrays: list[pa.Array] = [None] * len(self.columns)
        for i in self.steps(block, at):
            arrays[i] = block.drawn[self.paths[i]]
        return arrays

    def steps(self, block: Block, at: Positions) -> Iterator[int]:
        """Make field after field; yield the place in the schema of each as it is made.

        From then on it can be read by the fields that come after (`Reference`).
        """
        for i in self.order:
            block.drawn[self.paths[i]] = self.columns[i].draw(block, at)
            yield i


@dataclass(frozen=True, slots=True)
class Struct(Leaf):
    """A record of fields."""

    fields: Fields

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) structs, none null."""
        arrays = self.fields.draw(block, at)
        return pa.Array.from_buffers(self.type, len(at), [None], children=arrays)


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


@dataclass(frozen=True, slots=True)
class OneOf(Leaf):
    """A union of several types as an Arrow dense union."""

    branches: tuple[Column, ...]
    weights: Weights | None = None

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) union values."""
        draws = block.draws(self.path)
        if self.weights is None:
            index = draws.index(len(at), len(self.branches))
        else:
            index = self.weights.index(draws, len(at))
        chosen = index.astype(np.int8)
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


def fields_of(making: Making, record: Record, path: str) -> Fields:
    """Return the columns of a record's fields; `path` is where it stands, empty for the row."""
    paths = tuple(below(path, f.name) for f in record.fields)
    columns = tuple(making.column(f.type, p) for f, p in zip(record.fields, paths, strict=True))
    return Fields(paths, columns, order_of(record, path, making.needs))


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


def _whole(making: Making, place: Place, declared: WholeField) -> Column:
    """Return the column of a record, a union or null."""
    path, avro_type = place.path, place.avro_type
    if isinstance(avro_type, Record):
        fields = fields_of(making, avro_type, path)
        kinds = zip(place.type, fields.columns, strict=True)
        return Struct(path, pa.struct([f.with_type(c.type) for f, c in kinds]), fields)
    if not isinstance(avro_type, Union):
        return Nothing(path, pa.null())
    children = tuple(making.column(t, p) for p, t in child_types(avro_type, path))
    branches = [place.type.field(i).with_type(c.type) for i, c in enumerate(children)]
    weights = None if declared.weights is None else Weights.of(declared.weights)
    return OneOf(path, pa.dense_union(branches), children, weights)


MAKERS: Final[Mapping[type, Make]] = {LengthField: _listed, WholeField: _whole}
