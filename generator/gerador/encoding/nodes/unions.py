"""Nodes of unions: the plain nullable type, and any other; Avro's, and those that mark no branch.

Kernels know nothing of missing rows. The rows of a branch are gathered, the branch's node
measures and writes them as if there were no others, and their cursors are scattered back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from gerador.encoding import views
from gerador.encoding.kernels.values import measure_varint, write_varint
from gerador.encoding.measured import Part, in_turn
from gerador.encoding.nodes.node import Node

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gerador.encoding.kernels.signatures import I32, I64, U8
    from gerador.encoding.nodes.node import RowOf


class MaybeNode(Node):
    """A type with nulls among its values. Says how they are found, not how they are written."""

    def measure(self, column: pa.Array, lengths: I64, row_of: RowOf) -> Part:
        """Measure a column in which nulls may be."""
        if isinstance(column, pa.ExtensionArray):
            column = column.storage
        if isinstance(column, pa.DictionaryArray) and column.dictionary.null_count:
            column = column.dictionary_decode()  # a null entry is a null as good as any
        return self.measure_values(column, lengths, row_of)


class NullableNode(MaybeNode):
    """A union of null and one other type; its Arrow form is that type with nulls."""

    def __init__(self, path: str, value: Node, null_branch: int) -> None:
        super().__init__(path)
        self._value = value
        self._codes = np.array([null_branch, 1 - null_branch], np.int32)

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> Part:
        """Measure the branch of each row, then the values of the rows that have one."""
        valid = views.validity(column)
        codes = self._codes[valid.view(np.uint8)]
        np.add(lengths, 1, out=lengths)
        if valid.all():
            return _with_branch(codes, self._value.measure(column, lengths, row_of))
        rows = np.flatnonzero(valid)
        return _with_branch(
            codes, some_rows(rows, self._value, column.drop_null(), lengths, row_of)
        )


class OptionalNode(MaybeNode):
    """A value where there is one; where there is none, what `absent` writes, or nothing."""

    def __init__(self, path: str, value: Node, absent: Node | None = None) -> None:
        super().__init__(path)
        self._value = value
        self._absent = absent

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> Part:
        """Measure the rows that have a value, then those that have none."""
        valid = views.validity(column)
        if valid.all():
            return self._value.measure(column, lengths, row_of)
        rows = np.flatnonzero(valid)
        parts = [some_rows(rows, self._value, column.drop_null(), lengths, row_of)]
        if self._absent is not None:
            without = np.flatnonzero(~valid)
            nulls = pa.nulls(len(without))
            parts.append(some_rows(without, self._absent, nulls, lengths, row_of))
        return in_turn(parts)


class UnionNode(Node):
    """A union of any branches; its Arrow form is a dense union with children in branch order."""

    def __init__(self, path: str, branches: Sequence[Node]) -> None:
        super().__init__(path)
        self._branches = tuple(branches)

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> Part:
        """Measure the branch of each row, then branch by branch the values of its rows."""
        codes = self._codes(column, row_of)
        measure_varint(codes, lengths)
        return _with_branch(codes, self._branch_values(codes, column, lengths, row_of))

    def _branch_values(self, codes: I32, column: pa.Array, lengths: I64, row_of: RowOf) -> Part:
        places = views.union_places(column)
        parts = []
        for code in np.unique(codes):
            rows = np.flatnonzero(codes == code)
            values = column.field(int(code)).take(pa.array(places[rows]))
            parts.append(some_rows(rows, self._branches[code], values, lengths, row_of))
        return in_turn(parts)

    def _codes(self, column: pa.Array, row_of: RowOf) -> I32:
        """Return each row's branch, ``(rows,) int32``."""
        if not pa.types.is_union(column.type) or column.type.mode != "dense":
            raise self.wrong_type(column.type, "dense_union")
        if column.type.num_fields != len(self._branches):
            expected = f"dense_union of {len(self._branches)} children"
            raise self.wrong_type(column.type, expected)
        position_of = np.full(128, -1, np.int32)
        position_of[column.type.type_codes] = np.arange(column.type.num_fields)
        codes = position_of[views.union_type_codes(column)]
        if len(codes) and codes.min() < 0:
            raise self.refusal(row_of(int(np.argmin(codes))), "a type code that no child has")
        return codes


class BareUnionNode(UnionNode):
    """A union of which nothing is written but the value: each branch's node marks itself or not."""

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> Part:
        """Measure, branch by branch, the values of its rows."""
        return self._branch_values(self._codes(column, row_of), column, lengths, row_of)


def some_rows(rows: I64, node: Node, values: pa.Array, lengths: I64, row_of: RowOf) -> Part:
    """Measure `values` as a column of its own that belongs to some of the rows only."""
    own_lengths = np.zeros(len(rows), np.int64)
    part = node.measure(values, own_lengths, lambda i: row_of(int(rows[i])))
    lengths[rows] += own_lengths

    def write(out: U8, cursors: I64, slack: int) -> None:
        own = cursors[rows]
        part.write(out, own, slack)
        cursors[rows] = own

    return Part(0, write)


def _with_branch(codes: I32, value: Part) -> Part:
    def write(out: U8, cursors: I64, slack: int) -> None:
        write_varint(codes, value.bytes_min + slack, out, cursors)
        value.write(out, cursors, slack)

    return Part(1 + value.bytes_min, write)
