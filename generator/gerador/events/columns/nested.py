"""Columns made of columns: records, unions, nullable values, and nothing at all.

What makes them from declarations stands at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from gerador.events.columns.column import Column, Leaf, Positions
from gerador.events.columns.weights import Weights
from gerador.scenario.avro import Record, Union
from gerador.scenario.fields import WholeField
from gerador.scenario.mentions import below, order_of
from gerador.scenario.paths import child_types

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from gerador.events.block import Block
    from gerador.events.columns.making import Make, Making, Place


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


MAKERS: Final[Mapping[type, Make]] = {WholeField: _whole}
