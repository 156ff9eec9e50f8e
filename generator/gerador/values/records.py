"""Records, unions, nullable values and null values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Strict

from gerador.avro.paths import child_types
from gerador.avro.schema import Record, Recursion, Union, branch_name, is_null, nested_types
from gerador.values.arrow_arrays import dense_union_array
from gerador.values.column import BaseColumn, Column, Positions
from gerador.values.declaration import ValueGenerator
from gerador.values.field_references import child_path, generation_order
from gerador.values.index_sampling import AliasTable, random_index, weight_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gerador.avro.schema import AvroType
    from gerador.values.column import Block, BuildContext, ColumnTarget


class CompositeGenerator(ValueGenerator):
    """A record, union or null, whose fields or branches have generators of their own.

    Scenario files declare it as `record` or `union`.
    """

    types: ClassVar[frozenset[str]] = frozenset({"record", "union", "null"})
    kind: Literal["record", "union", "null"] = "record"
    weights: Annotated[tuple[float, ...], Strict(False)] | None = None
    """Weights of the branches of a union, in their order, without the branch null if `null` is
    set. Default: equal weights."""

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield errors of weights."""
        branches = getattr(avro_type, "branches", ())
        if self.weights is None:
            return
        names = [branch_name(branches[i]) for i in self._drawn_branches(avro_type)]
        if len(self.weights) != len(names):
            listed = f"{len(names)} branches: {', '.join(names)}"
            yield "weights", f"{len(self.weights)} weights for {listed}"
        yield from (("weights", text) for text in weight_errors(self.weights))

    def _drawn_branches(self, avro_type: AvroType) -> list[int]:
        """Return the branches of a union to choose from: those that have values.

        With a share of nulls, `UnionNullsColumn` adds them to the other branches.
        """
        branches = nested_types(avro_type)
        drawn = [i for i, b in enumerate(branches) if not isinstance(b, Recursion)]
        if self.null is None:
            return drawn
        return [i for i in drawn if not is_null(branches[i])] or drawn

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
        numbers = np.array(self._drawn_branches(avro_type), np.int8)
        return UnionColumn(path, pa.dense_union(branches), children, numbers, weights)


@dataclass(frozen=True, slots=True)
class NullColumn(BaseColumn):
    """Nulls."""

    def generate(self, _block: Block, positions: Positions) -> pa.Array:
        """Return (items,) nulls."""
        return pa.nulls(len(positions), self.type)


@dataclass(frozen=True, slots=True)
class FieldColumns:
    """The columns of the fields of a record or row, and an order that satisfies dependencies."""

    paths: tuple[str, ...]
    columns: tuple[Column, ...]
    order: tuple[int, ...]

    def generate(self, block: Block, positions: Positions) -> list[pa.Array]:
        """Return the values of every field, (items,) each, in the order of the schema."""
        for _ in self.generate_in_order(block, positions):
            pass
        return [block.generated[path] for path in self.paths]

    def generate_in_order(self, block: Block, positions: Positions) -> Iterator[int]:
        """Generate the fields in order of dependency; yield the position of each in the schema.

        Values are available in `Block.generated` for fields that reference them.
        """
        for i in self.order:
            block.generated[self.paths[i]] = self.columns[i].generate(block, positions)
            yield i


@dataclass(frozen=True, slots=True)
class RecordColumn(BaseColumn):
    """Records as Arrow structs."""

    fields: FieldColumns

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) structs without nulls."""
        arrays = self.fields.generate(block, positions)
        return pa.Array.from_buffers(self.type, len(positions), [None], children=arrays)


@dataclass(frozen=True, slots=True)
class UnionColumn(BaseColumn):
    """Unions as Arrow dense unions."""

    branches: tuple[Column, ...]
    drawn: NDArray[np.int8]
    """The branches that are chosen from."""
    weights: AliasTable | None = None

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) union values."""
        rng = block.rng(self.path)
        chosen = self.drawn[random_index(rng, len(positions), len(self.drawn), self.weights)]
        children = [
            branch.generate(block, positions[np.flatnonzero(chosen == number)])
            for number, branch in enumerate(self.branches)
        ]
        return dense_union_array(self.type, chosen, children)


@dataclass(frozen=True, slots=True)
class NullableColumn(BaseColumn):
    """The values of another column with a share of nulls.

    Nulls have random numbers of their own (``path?``), so that a field keeps its values when its
    type becomes nullable.
    """

    null_share: float
    value: Column

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) values or nulls."""
        null = block.rng(f"{self.path}?").bernoulli(len(positions), self.null_share)
        return with_nulls(self.value.generate(block, positions), null)


@dataclass(frozen=True, slots=True)
class UnionNullsColumn(BaseColumn):
    """The values of a union column with a share of nulls, for unions of more than two branches.

    The random numbers are those of `NullableColumn`.
    """

    null_share: float
    null_branch: int
    value: Column

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) union values."""
        null = block.rng(f"{self.path}?").bernoulli(len(positions), self.null_share)
        values = self.value.generate(block, positions)
        codes = np.where(null, np.int8(self.null_branch), values.type_codes.to_numpy())
        offsets = values.offsets.to_numpy()
        children = [
            pa.nulls(int(np.count_nonzero(codes == number)))
            if number == self.null_branch
            else values.field(number).take(pa.array(offsets[codes == number]))
            for number in range(values.type.num_fields)
        ]
        return dense_union_array(self.type, codes, children)


def with_nulls(values: pa.Array, null: NDArray[np.bool_]) -> pa.Array:
    """Return `values` with nulls where `null` is true."""
    return values.take(pa.array(np.arange(len(values), dtype=np.int32), mask=null))


def field_columns(context: BuildContext, record: Record, path: str) -> FieldColumns:
    """Return the columns of the fields of the record at `path`, which is empty for the row."""
    paths = tuple(child_path(path, f.name) for f in record.fields)
    columns = tuple(context.column_at(f.type, p) for f, p in zip(record.fields, paths, strict=True))
    return FieldColumns(paths, columns, generation_order(record, path, context.dependencies))
