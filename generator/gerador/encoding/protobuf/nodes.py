"""Nodes of Protocol Buffers: a field's tag and its single value, measured and written by columns.

A field that holds its type's zero is written all the same: readers take it, and no row needs a
branch. A missing value has no bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from gerador.encoding import views
from gerador.encoding.kernels.sized import (
    measure_sized_spans,
    measure_timestamps,
    measure_unsigned,
    write_sized_spans,
    write_timestamps,
    write_unsigned,
)
from gerador.encoding.kernels.values import write_fixed
from gerador.encoding.measured import Part
from gerador.encoding.nodes.prefixed import PrefixedNode
from gerador.encoding.nodes.symbols import EnumNode

if TYPE_CHECKING:
    import numpy.typing as npt

    from gerador.encoding.kernels.signatures import I64
    from gerador.encoding.nodes.node import RowOf

PER_SECOND = {"ms": 10**3, "us": 10**6, "ns": 10**9}


class NothingNode(PrefixedNode):
    """No bytes: a field of Avro's null, or a message with nothing in it."""

    def measure(self, column: pa.Array, lengths: I64, row_of: RowOf) -> Part:
        """Accept nulls, and nothing else."""
        if column.null_count != len(column):
            raise self.wrong_type(column.type, pa.null())
        return self.measure_values(column, lengths, row_of)

    def measure_bare(self, _column: pa.Array, _lengths: I64, _row_of: RowOf) -> Part:
        """Write nothing."""
        return Part(0, lambda _out, _cursors, _slack: None)


class BooleanNode(PrefixedNode):
    """One byte, 0 or 1."""

    def measure_bare(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> Part:
        """Measure a boolean column."""
        if column.type != pa.bool_():
            raise self.wrong_type(column.type, pa.bool_())
        values = views.booleans(column)
        np.add(lengths, 1, out=lengths)
        return Part(1, lambda out, cursors, _slack: write_fixed(values, 1, out, cursors))


class NumberNode(PrefixedNode):
    """A plain varint: int32 or int64, and the dates and times on them."""

    def __init__(
        self, path: str, before: bytes, expected: pa.DataType, dtype: npt.DTypeLike
    ) -> None:
        super().__init__(path, before)
        self._expected = expected
        self._dtype = dtype

    def measure_bare(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> Part:
        """Measure a column of integers, dates, times or local timestamps."""
        if column.type != self._expected:
            raise self.wrong_type(column.type, self._expected)
        values = views.fixed_width(column, self._dtype)
        measure_unsigned(values, lengths)
        return Part(1, lambda out, cursors, _slack: write_unsigned(values, out, cursors))


class WidthNode(PrefixedNode):
    """The same number of bytes in every row: float, double, and a fixed behind its length."""

    def __init__(self, path: str, before: bytes, expected: pa.DataType, width: int) -> None:
        super().__init__(path, before)
        self._expected = expected
        self._width = width

    def measure_bare(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> Part:
        """Measure a column of floats or of fixed-size binary."""
        if column.type != self._expected:
            raise self.wrong_type(column.type, self._expected)
        width, values = self._width, views.raw_bytes(column, self._width)
        np.add(lengths, width, out=lengths)
        return Part(width, lambda out, cursors, _slack: write_fixed(values, width, out, cursors))


class SpanNode(PrefixedNode):
    """Text or bytes, with their length before them. Text is trusted to be UTF-8."""

    def __init__(
        self, path: str, before: bytes, kinds: tuple[pa.DataType, ...], view: pa.DataType
    ) -> None:
        super().__init__(path, before)
        self._kinds = kinds
        self._view = view

    def measure_bare(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> Part:
        """Measure a column of text or bytes; a view type is gathered into its plain form."""
        if column.type == self._view:
            column = column.cast(self._kinds[0])
        if column.type not in self._kinds:
            raise self.wrong_type(column.type, self._kinds[0])
        offsets, data = views.spans(column)
        measure_sized_spans(offsets, lengths)
        return Part(1, lambda out, cursors, _slack: write_sized_spans(offsets, data, out, cursors))


class TimestampNode(PrefixedNode):
    """A google.protobuf.Timestamp: seconds, and nanoseconds from 0 to 999,999,999."""

    def __init__(self, path: str, before: bytes, expected: pa.DataType) -> None:
        super().__init__(path, before)
        self._expected = expected

    def measure_bare(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> Part:
        """Measure a column of instants."""
        found, expected = column.type, self._expected
        if not pa.types.is_timestamp(found) or found.unit != expected.unit or not found.tz:
            raise self.wrong_type(found, expected)
        values, per_second = views.fixed_width(column, np.int64), PER_SECOND[expected.unit]
        measure_timestamps(values, per_second, lengths)
        return Part(
            5, lambda out, cursors, _slack: write_timestamps(values, per_second, out, cursors)
        )


class SymbolNode(EnumNode):
    """A symbol's number, which is its position."""

    def __init__(self, path: str, before: bytes, symbols: tuple[str, ...]) -> None:
        super().__init__(path, symbols)
        self._number = NumberNode(path, before, pa.int32(), np.int32)

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> Part:
        """Measure a column of symbols' names."""
        return self._number.measure(pa.array(self.codes(column, row_of)), lengths, row_of)
