"""Column encoders of records, lists, nullable types and unions.

Avro's binary form, and base classes of JSON's and Protobuf's encoders.
"""

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
    from collections.abc import Callable, Sequence

    from gerador.encoding.column_encoder import RowOf
    from gerador.kernel_compiler import I32, I64, U8


class RecordColumnEncoder(ColumnEncoder):
    """The values of the fields in order. Columns are matched by name; others are ignored."""

    def __init__(self, path: str, fields: Sequence[tuple[str, ColumnEncoder]]) -> None:
        super().__init__(path)
        self._fields = tuple(fields)

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure a struct column."""
        if not pa.types.is_struct(column.type):
            raise self.type_error(column.type, "struct")
        names = [f.name for f in column.type]
        return self.measure_columns(names, arrow_views.children(column), lengths, row_of)

    def measure_columns(
        self, names: Sequence[str], columns: Sequence[pa.Array], lengths: I64, row_of: RowOf
    ) -> ColumnWriter:
        """Measure each field from the column of its name."""
        by_name = dict(zip(names, columns, strict=True))
        writers = []
        for name, encoder in self._fields:
            if name not in by_name or names.count(name) > 1:
                raise self._column_error(name, names)
            writers.append(encoder.measure(by_name[name], lengths, row_of))
        return concatenate(writers)

    def _column_error(self, name: str, names: Sequence[str]) -> DataError:
        problem = "more than one column" if name in names else "no column"
        hint = did_you_mean(name, names) if name not in names else ""
        return DataError(f"record {self.path!r}: {problem} named {name!r}{hint}")


class ListEncoder(ColumnEncoder):
    """An Avro array, or a map, whose items are pairs of key and value."""

    def __init__(self, path: str, item: ColumnEncoder, *, is_map: bool) -> None:
        super().__init__(path)
        self._item = item
        self._expected = "map" if is_map else "list"
        self._accepts = pa.types.is_map if is_map else _is_list

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure a list or map column."""
        offsets, item_lengths, items = self.measure_items(column, row_of)
        measure_avro_blocks(offsets, item_lengths, lengths)

        def write_blocks(out: U8, cursors: I64, item_cursors: I64) -> None:
            write_avro_blocks(offsets, item_lengths, out, cursors, item_cursors)

        return list_writer(1, write_blocks, item_lengths, items)

    def measure_items(self, column: pa.Array, row_of: RowOf) -> tuple[I64, I64, ColumnWriter]:
        """Return offsets ``(rows + 1,)``, which start at 0, and lengths and writer of the items."""
        if not self._accepts(column.type):
            raise self.type_error(column.type, self._expected)
        offsets = np.asarray(column.offsets).astype(np.int64)
        items = column.values.slice(offsets[0], offsets[-1] - offsets[0])
        offsets -= offsets[0]
        item_lengths = np.zeros(len(items), np.int64)
        writer = self._item.measure(items, item_lengths, _row_of_item(offsets, row_of))
        return offsets, item_lengths, writer


def list_writer(
    bytes_min: int,
    write_layout: Callable[[U8, I64, I64], None],
    item_lengths: I64,
    items: ColumnWriter,
) -> ColumnWriter:
    """Return the writer of lists.

    ``write_layout(out, cursors, item_cursors)`` writes the bytes around the items, advances the
    rows' cursors and sets the items' cursors. Items have no slack: the bytes after an item may be
    written before it.
    """

    def write(out: U8, cursors: I64, _slack: int) -> None:
        item_cursors = np.empty(len(item_lengths), np.int64)
        write_layout(out, cursors, item_cursors)
        items.write(out, item_cursors, 0)

    return ColumnWriter(bytes_min, write)


def _row_of_item(offsets: I64, row_of: RowOf) -> RowOf:
    return lambda item: row_of(int(np.searchsorted(offsets, item, "right")) - 1)


class MapEntryEncoder(ColumnEncoder):
    """An item of a map: the key, then the value."""

    def __init__(self, path: str, key: ColumnEncoder, value: ColumnEncoder) -> None:
        super().__init__(path)
        self._encoders = (key, value)

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure a struct column of two children of any names."""
        pairs = zip(self._encoders, arrow_views.children(column), strict=True)
        return concatenate([encoder.measure(child, lengths, row_of) for encoder, child in pairs])


def _is_list(arrow_type: pa.DataType) -> bool:
    return pa.types.is_list(arrow_type) or pa.types.is_large_list(arrow_type)


class NullAwareEncoder(ColumnEncoder):
    """Columns that may contain nulls; the subclass decides how a null is written."""

    def measure(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure a column that may contain nulls."""
        if isinstance(column, pa.ExtensionArray):
            column = column.storage
        if isinstance(column, pa.DictionaryArray) and column.dictionary.null_count:
            column = column.dictionary_decode()  # is_valid() ignores entries that are null
        return self.measure_values(column, lengths, row_of)


class NullableEncoder(NullAwareEncoder):
    """A union of null and one other type; the Arrow type is the other type."""

    def __init__(self, path: str, value: ColumnEncoder, null_branch: int) -> None:
        super().__init__(path)
        self._value = value
        self._codes = np.array([null_branch, 1 - null_branch], np.int32)

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure the branch index of each row, and the values that are not null."""
        valid = arrow_views.validity(column)
        codes = self._codes[valid.view(np.uint8)]
        np.add(lengths, 1, out=lengths)
        if valid.all():
            return _with_branch_index(codes, self._value.measure(column, lengths, row_of))
        rows = np.flatnonzero(valid)
        return _with_branch_index(
            codes, _measure_row_subset(rows, self._value, column.drop_null(), lengths, row_of)
        )


class OptionalEncoder(NullAwareEncoder):
    """A value without a branch index; nulls are written by `null`, or take no bytes."""

    def __init__(self, path: str, value: ColumnEncoder, null: ColumnEncoder | None = None) -> None:
        super().__init__(path)
        self._value = value
        self._null = null

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure the values that are not null, then the nulls."""
        valid = arrow_views.validity(column)
        if valid.all():
            return self._value.measure(column, lengths, row_of)
        rows = np.flatnonzero(valid)
        writers = [_measure_row_subset(rows, self._value, column.drop_null(), lengths, row_of)]
        if self._null is not None:
            rows = np.flatnonzero(~valid)
            nulls = pa.nulls(len(rows))
            writers.append(_measure_row_subset(rows, self._null, nulls, lengths, row_of))
        return concatenate(writers)


class UnionEncoder(ColumnEncoder):
    """A union of any branches; the Arrow type is a dense union with children in branch order."""

    def __init__(self, path: str, branches: Sequence[ColumnEncoder]) -> None:
        super().__init__(path)
        self._branches = tuple(branches)

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure the branch index of each row, then the values of each branch."""
        codes = self.codes(column, row_of)
        measure_varint(codes, lengths)
        return _with_branch_index(codes, self.measure_branches(codes, column, lengths, row_of))

    def measure_branches(
        self, codes: I32, column: pa.Array, lengths: I64, row_of: RowOf
    ) -> ColumnWriter:
        """Measure the values of each branch as a separate column."""
        positions = arrow_views.union_offsets(column)
        writers = []
        for code in np.unique(codes):
            rows = np.flatnonzero(codes == code)
            values = column.field(int(code)).take(pa.array(positions[rows]))
            writers.append(_measure_row_subset(rows, self._branches[code], values, lengths, row_of))
        return concatenate(writers)

    def codes(self, column: pa.Array, row_of: RowOf) -> I32:
        """Return each row's branch, ``(rows,) int32``. Raises DataError: another Arrow type."""
        if not pa.types.is_union(column.type) or column.type.mode != "dense":
            raise self.type_error(column.type, "dense_union")
        if column.type.num_fields != len(self._branches):
            expected = f"dense_union of {len(self._branches)} children"
            raise self.type_error(column.type, expected)
        child_of = np.full(128, -1, np.int32)
        child_of[column.type.type_codes] = np.arange(column.type.num_fields)
        type_codes = arrow_views.union_type_codes(column)
        codes = child_of[type_codes]
        if len(codes) and codes.min() < 0:
            row = int(np.argmin(codes))
            raise self.value_error(row_of(row), f"unknown type code {type_codes[row]} of the union")
        return codes


class UntaggedUnionEncoder(UnionEncoder):
    """A union without a branch index; the encoder of a branch may write a tag."""

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure the values of each branch."""
        return self.measure_branches(self.codes(column, row_of), column, lengths, row_of)


def _measure_row_subset(
    rows: I64, encoder: ColumnEncoder, values: pa.Array, lengths: I64, row_of: RowOf
) -> ColumnWriter:
    """Measure `values`, which are the values of `rows`, as a separate column."""
    subset_lengths = np.zeros(len(rows), np.int64)
    writer = encoder.measure(values, subset_lengths, lambda i: row_of(int(rows[i])))
    lengths[rows] += subset_lengths

    def write(out: U8, cursors: I64, slack: int) -> None:
        subset_cursors = cursors[rows]
        writer.write(out, subset_cursors, slack)
        cursors[rows] = subset_cursors

    return ColumnWriter(0, write)


def _with_branch_index(codes: I32, value: ColumnWriter) -> ColumnWriter:
    def write(out: U8, cursors: I64, slack: int) -> None:
        write_varint(codes, value.bytes_min + slack, out, cursors)
        value.write(out, cursors, slack)

    return ColumnWriter(1 + value.bytes_min, write)
