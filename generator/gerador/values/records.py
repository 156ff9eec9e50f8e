"""Records, unions, nullable values and null."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Strict

from gerador.avro.paths import child_types
from gerador.avro.schema import Record, Union
from gerador.values.column import BaseColumn, Column, Positions
from gerador.values.declaration import ValueGenerator
from gerador.values.field_references import child_path, generation_order
from gerador.values.sampling import AliasTable, are_weights, random_index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gerador.avro.schema import AvroType
    from gerador.values.column import Block, BuildContext, ColumnTarget


class CompositeGenerator(ValueGenerator):
    """A record, union or null: values are declared at the paths inside; here only nulls are.

    `weights` are those of a union's branches, in their order; equal ones when there are none.
    """

    types: ClassVar[frozenset[str]] = frozenset({"record", "union", "null"})
    kind: Literal["whole"] = "whole"
    weights: Annotated[tuple[float, ...], Strict(False)] | None = None
    """Weights of a union's branches, in their order; equal ones when not said."""

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield weights that are not those of the type's branches."""
        branches = getattr(avro_type, "branches", ())
        if self.weights is None:
            return
        if len(self.weights) != len(branches):
            yield "weights", f"{len(self.weights)} weights for {len(branches)} branches"
        elif not are_weights(self.weights):
            yield "weights", "weights must be finite and 0 or more, at least one above 0"

    def column(self, context: BuildContext, target: ColumnTarget) -> Column:
        """Return the column of a record, a union or null."""
        path, avro_type = target.path, target.avro_type
        if isinstance(avro_type, Record):
            fields = field_columns(context, avro_type, path)
            kinds = zip(target.type, fields.columns, strict=True)
            return RecordColumn(path, pa.struct([f.with_type(c.type) for f, c in kinds]), fields)
        if not isinstance(avro_type, Union):
            return NullColumn(path, pa.null())
        children = tuple(context.column_at(t, p) for p, t in child_types(avro_type, path))
        branches = [target.type.field(i).with_type(c.type) for i, c in enumerate(children)]
        weights = None if self.weights is None else AliasTable.of(self.weights)
        return UnionColumn(path, pa.dense_union(branches), children, weights)


@dataclass(frozen=True, slots=True)
class NullColumn(BaseColumn):
    """Avro's null."""

    def generate(self, _block: Block, positions: Positions) -> pa.Array:
        """Return (items,) nulls."""
        return pa.nulls(len(positions), self.type)


@dataclass(frozen=True, slots=True)
class FieldColumns:
    """The fields of a record or of the row, side by side, made in the order of their needs."""

    paths: tuple[str, ...]
    columns: tuple[Column, ...]
    order: tuple[int, ...]

    def generate(self, block: Block, positions: Positions) -> list[pa.Array]:
        """Return the (items,) values of every field, in the schema's order."""
        arrays: list[pa.Array] = [None] * len(self.columns)
        for i in self.steps(block, positions):
            arrays[i] = block.generated[self.paths[i]]
        return arrays

    def steps(self, block: Block, positions: Positions) -> Iterator[int]:
        """Make field after field; yield the place in the schema of each as it is made.

        From then on it can be read by the fields that come after (`Reference`).
        """
        for i in self.order:
            block.generated[self.paths[i]] = self.columns[i].generate(block, positions)
            yield i


@dataclass(frozen=True, slots=True)
class RecordColumn(BaseColumn):
    """A record of fields."""

    fields: FieldColumns

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) structs, none null."""
        arrays = self.fields.generate(block, positions)
        return pa.Array.from_buffers(self.type, len(positions), [None], children=arrays)


@dataclass(frozen=True, slots=True)
class UnionColumn(BaseColumn):
    """A union of several types as an Arrow dense union."""

    branches: tuple[Column, ...]
    weights: AliasTable | None = None

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) union values."""
        rng, size = block.rng(self.path), len(self.branches)
        chosen = random_index(rng, len(positions), size, self.weights).astype(np.int8)
        offsets = np.empty(len(positions), np.int32)
        children = []
        for number, branch in enumerate(self.branches):
            mine = np.flatnonzero(chosen == number)
            offsets[mine] = np.arange(len(mine), dtype=np.int32)
            children.append(branch.generate(block, positions[mine]))
        buffers = [None, pa.py_buffer(chosen), pa.py_buffer(offsets)]
        return pa.Array.from_buffers(self.type, len(positions), buffers, children=children)


@dataclass(frozen=True, slots=True)
class NullableColumn(BaseColumn):
    """Another column's values, of which a share is null.

    Whether an item is null has an address of its own (``path?``), so that making a field
    nullable leaves its values as they were.
    """

    null_share: float
    value: Column

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) values or nulls."""
        null = block.rng(f"{self.path}?").bernoulli(len(positions), self.null_share)
        return with_nulls(self.value.generate(block, positions), null)


def with_nulls(values: pa.Array, null: NDArray[np.bool_]) -> pa.Array:
    """Return `values` with nulls where `null` says; what stood there is dropped."""
    positions = pa.array(np.arange(len(values), dtype=np.int32), mask=null)
    return values.take(positions)


def field_columns(making: BuildContext, record: Record, path: str) -> FieldColumns:
    """Return the columns of a record's fields; `path` is where it stands, empty for the row."""
    paths = tuple(child_path(path, f.name) for f in record.fields)
    columns = tuple(making.column_at(f.type, p) for f, p in zip(record.fields, paths, strict=True))
    return FieldColumns(paths, columns, generation_order(record, path, making.dependencies))
