"""Column encoders of records, arrays, maps, nullable types and unions: Avro's, and the base classes of JSON's and Protobuf's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from gerador.encoding import arrow_views
from gerador.encoding.column_encoder import ColumnEncoder
from gerador.encoding.encoded_values import ColumnWriter, concatenate
from gerador.encoding.kernels.fixed_and_varint import measure_varint, write_varint
from gerador.encoding.kernels.lists import measure_avro_blocks, write_avro_blocks
from gerador.errors import DataError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gerador.encoding.column_encoder import RowOf
    from gerador.kernel_compiler import I32, I64, U8


class RecordEncoder(ColumnEncoder):
    """The fields' values one after another; fields are found by name."""

    def __init__(self, path: str, fields: Sequence[tuple[str, ColumnEncoder]]) -> None:
        super().__init__(path)
        self._fields = tuple(fields)

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure a struct column."""
        if not pa.types.is_struct(column.type):
            raise self.wrong_type(column.type, "struct")
        names = [f.name for f in column.type]
        return self.measure_columns(names, arrow_views.children(column), lengths, row_of)

    def measure_columns(
        self, names: Sequence[str], columns: Sequence[pa.Array], lengths: I64, row_of: RowOf
    ) -> ColumnWriter:
        """Measure the fields, each from the column of its name; other columns are left out."""
        found = dict(zip(names, columns, strict=True))
        parts = []
        for name, node in self._fields:
            if name not in found or names.count(name) > 1:
                raise self._wrong_columns(name, names)
            parts.append(node.measure(found[name], lengths, row_of))
        return concatenate(parts)

    def _wrong_columns(self, name: str, names: Sequence[str]) -> DataError:
        problem = "more than one column" if name in names else "no column"
        near = did_you_mean(name, names) if name not in names else ""
        return DataError(f"record {self.path!r}: {problem} named {name!r}{near}")


class ListEncoder(ColumnEncoder):
    """Any number of items: an Avro array, or a map whose items are records of key and value."""

    def __init__(self, path: str, item: ColumnEncoder, *, is_map: bool) -> None:
        super().__init__(path)
        self._item = item
        self._expected = "map" if is_map else "list"
        self._accepts = pa.types.is_map if is_map else _is_list

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure a list or map column."""
        offsets, item_lengths, part = self.measure_items(column, row_of)
        measure_avro_blocks(offsets, item_lengths, lengths)

        def write(out: U8, cursors: I64, _slack: int) -> None:
            item_cursors = np.empty(len(item_lengths), np.int64)
            write_avro_blocks(offsets, item_lengths, out, cursors, item_cursors)
            part.write(out, item_cursors, 0)  # what follows an item is written by then

        return ColumnWriter(1, write)

    def measure_items(self, column: pa.Array, row_of: RowOf) -> tuple[I64, I64, ColumnWriter]:
        """Return offsets ``(rows + 1,)`` from 0 on, the items' lengths, and what writes them."""
        if not self._accepts(column.type):
            raise self.wrong_type(column.type, self._expected)
        offsets = np.asarray(column.offsets).astype(np.int64)
        items = column.values.slice(offsets[0], offsets[-1] - offsets[0])
        offsets -= offsets[0]
        item_lengths = np.zeros(len(items), np.int64)
        part = self._item.measure(items, item_lengths, _row_of_item(offsets, row_of))
        return offsets, item_lengths, part


class MapEntryEncoder(ColumnEncoder):
    """A map's item: the key as text, then the value."""

    def __init__(self, path: str, key: ColumnEncoder, value: ColumnEncoder) -> None:
        super().__init__(path)
        self._nodes = (key, value)

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure a struct column of two children, whatever these are called."""
        pairs = zip(self._nodes, arrow_views.children(column), strict=True)
        return concatenate([node.measure(child, lengths, row_of) for node, child in pairs])


def _row_of_item(offsets: I64, row_of: RowOf) -> RowOf:
    return lambda item: row_of(int(np.searchsorted(offsets, item, "right")) - 1)


def _is_list(arrow_type: pa.DataType) -> bool:
    return pa.types.is_list(arrow_type) or pa.types.is_large_list(arrow_type)


class NullAwareEncoder(ColumnEncoder):
    """A type with nulls among its values. Says how they are found, not how they are written."""

    def measure(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure a column in which nulls may be."""
        if isinstance(column, pa.ExtensionArray):
            column = column.storage
        if isinstance(column, pa.DictionaryArray) and column.dictionary.null_count:
            column = column.dictionary_decode()  # a null entry is a null as good as any
        return self.measure_values(column, lengths, row_of)


class NullableEncoder(NullAwareEncoder):
    """A union of null and one other type; its Arrow form is that type with nulls."""

    def __init__(self, path: str, value: ColumnEncoder, null_branch: int) -> None:
        super().__init__(path)
        self._value = value
        self._codes = np.array([null_branch, 1 - null_branch], np.int32)

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure the branch of each row, then the values of the rows that have one."""
        valid = arrow_views.validity(column)
        codes = self._codes[valid.view(np.uint8)]
        np.add(lengths, 1, out=lengths)
        if valid.all():
            return _with_branch_index(codes, self._value.measure(column, lengths, row_of))
        rows = np.flatnonzero(valid)
        return _with_branch_index(
            codes, measure_row_subset(rows, self._value, column.drop_null(), lengths, row_of)
        )


class OptionalEncoder(NullAwareEncoder):
    """A value where there is one; where there is none, what `absent` writes, or nothing."""

    def __init__(
        self, path: str, value: ColumnEncoder, absent: ColumnEncoder | None = None
    ) -> None:
        super().__init__(path)
        self._value = value
        self._absent = absent

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure the rows that have a value, then those that have none."""
        valid = arrow_views.validity(column)
        if valid.all():
            return self._value.measure(column, lengths, row_of)
        rows = np.flatnonzero(valid)
        parts = [measure_row_subset(rows, self._value, column.drop_null(), lengths, row_of)]
        if self._absent is not None:
            without = np.flatnonzero(~valid)
            nulls = pa.nulls(len(without))
            parts.append(measure_row_subset(without, self._absent, nulls, lengths, row_of))
        return concatenate(parts)


class UnionEncoder(ColumnEncoder):
    """A union of any branches; its Arrow form is a dense union with children in branch order."""

    def __init__(self, path: str, branches: Sequence[ColumnEncoder]) -> None:
        super().__init__(path)
        self._branches = tuple(branches)

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure the branch of each row, then branch by branch the values of its rows."""
        codes = self._codes(column, row_of)
        measure_varint(codes, lengths)
        return _with_branch_index(codes, self._branch_values(codes, column, lengths, row_of))

    def _branch_values(
        self, codes: I32, column: pa.Array, lengths: I64, row_of: RowOf
    ) -> ColumnWriter:
        places = arrow_views.union_offsets(column)
        parts = []
        for code in np.unique(codes):
            rows = np.flatnonzero(codes == code)
            values = column.field(int(code)).take(pa.array(places[rows]))
            parts.append(measure_row_subset(rows, self._branches[code], values, lengths, row_of))
        return concatenate(parts)

    def _codes(self, column: pa.Array, row_of: RowOf) -> I32:
        """Return each row's branch, ``(rows,) int32``."""
        if not pa.types.is_union(column.type) or column.type.mode != "dense":
            raise self.wrong_type(column.type, "dense_union")
        if column.type.num_fields != len(self._branches):
            expected = f"dense_union of {len(self._branches)} children"
            raise self.wrong_type(column.type, expected)
        position_of = np.full(128, -1, np.int32)
        position_of[column.type.type_codes] = np.arange(column.type.num_fields)
        codes = position_of[arrow_views.union_type_codes(column)]
        if len(codes) and codes.min() < 0:
            raise self.refusal(row_of(int(np.argmin(codes))), "a type code that no child has")
        return codes


class UntaggedUnionEncoder(UnionEncoder):
    """A union of which nothing is written but the value: each branch's node marks itself or not."""

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure, branch by branch, the values of its rows."""
        return self._branch_values(self._codes(column, row_of), column, lengths, row_of)


def measure_row_subset(
    rows: I64, node: ColumnEncoder, values: pa.Array, lengths: I64, row_of: RowOf
) -> ColumnWriter:
    """Measure `values` as a column of its own that belongs to some of the rows only."""
    own_lengths = np.zeros(len(rows), np.int64)
    part = node.measure(values, own_lengths, lambda i: row_of(int(rows[i])))
    lengths[rows] += own_lengths

    def write(out: U8, cursors: I64, slack: int) -> None:
        own = cursors[rows]
        part.write(out, own, slack)
        cursors[rows] = own

    return ColumnWriter(0, write)


def _with_branch_index(codes: I32, value: ColumnWriter) -> ColumnWriter:
    def write(out: U8, cursors: I64, slack: int) -> None:
        write_varint(codes, value.bytes_min + slack, out, cursors)
        value.write(out, cursors, slack)

    return ColumnWriter(1 + value.bytes_min, write)
