"""Column encoders that write scalars, enums and google.protobuf.Timestamp in the Protocol Buffers wire format."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from gerador.encoding import arrow_views
from gerador.encoding.column_encoder import PrefixedEncoder
from gerador.encoding.encoded_values import ColumnWriter
from gerador.encoding.kernels.fixed_and_varint import write_fixed
from gerador.encoding.kernels.protobuf_wire import (
    measure_length_delimited,
    measure_timestamps,
    measure_unsigned,
    write_length_delimited,
    write_timestamps,
    write_unsigned,
)
from gerador.encoding.scalar_types import EnumEncoder

if TYPE_CHECKING:
    import numpy.typing as npt

    from gerador.encoding.column_encoder import RowOf
    from gerador.kernel_compiler import I64


UNITS_PER_SECOND = {"ms": 10**3, "us": 10**6, "ns": 10**9}


class EmptyEncoder(PrefixedEncoder):
    """No bytes: a field of Avro's null, or a message with nothing in it."""

    def measure(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Accept nulls, and nothing else."""
        if column.null_count != len(column):
            raise self.wrong_type(column.type, pa.null())
        return self.measure_values(column, lengths, row_of)

    def measure_bare(self, _column: pa.Array, _lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Write nothing."""
        return ColumnWriter(0, lambda _out, _cursors, _slack: None)


class BooleanEncoder(PrefixedEncoder):
    """One byte, 0 or 1."""

    def measure_bare(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a boolean column."""
        if column.type != pa.bool_():
            raise self.wrong_type(column.type, pa.bool_())
        values = arrow_views.booleans(column)
        np.add(lengths, 1, out=lengths)
        return ColumnWriter(1, lambda out, cursors, _slack: write_fixed(values, 1, out, cursors))


class VarintEncoder(PrefixedEncoder):
    """A plain varint: int32 or int64, and the dates and times on them."""

    def __init__(
        self, path: str, before: bytes, expected: pa.DataType, dtype: npt.DTypeLike
    ) -> None:
        super().__init__(path, before)
        self._expected = expected
        self._dtype = dtype

    def measure_bare(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a column of integers, dates, times or local timestamps."""
        if column.type != self._expected:
            raise self.wrong_type(column.type, self._expected)
        values = arrow_views.fixed_width(column, self._dtype)
        measure_unsigned(values, lengths)
        return ColumnWriter(1, lambda out, cursors, _slack: write_unsigned(values, out, cursors))


class FixedWidthEncoder(PrefixedEncoder):
    """The same number of bytes in every row: float, double, and a fixed behind its length."""

    def __init__(self, path: str, before: bytes, expected: pa.DataType, width: int) -> None:
        super().__init__(path, before)
        self._expected = expected
        self._width = width

    def measure_bare(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a column of floats or of fixed-size binary."""
        if column.type != self._expected:
            raise self.wrong_type(column.type, self._expected)
        width, values = self._width, arrow_views.raw_bytes(column, self._width)
        np.add(lengths, width, out=lengths)
        return ColumnWriter(
            width, lambda out, cursors, _slack: write_fixed(values, width, out, cursors)
        )


class LengthDelimitedEncoder(PrefixedEncoder):
    """Text or bytes, with their length before them. Text is trusted to be UTF-8."""

    def __init__(
        self, path: str, before: bytes, kinds: tuple[pa.DataType, ...], view: pa.DataType
    ) -> None:
        super().__init__(path, before)
        self._kinds = kinds
        self._view = view

    def measure_bare(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a column of text or bytes; a view type is gathered into its plain form."""
        if column.type == self._view:
            column = column.cast(self._kinds[0])
        if column.type not in self._kinds:
            raise self.wrong_type(column.type, self._kinds[0])
        offsets, data = arrow_views.offsets_and_data(column)
        measure_length_delimited(offsets, lengths)
        return ColumnWriter(
            1, lambda out, cursors, _slack: write_length_delimited(offsets, data, out, cursors)
        )


class TimestampEncoder(PrefixedEncoder):
    """A google.protobuf.Timestamp: seconds, and nanoseconds from 0 to 999,999,999."""

    def __init__(self, path: str, before: bytes, expected: pa.DataType) -> None:
        super().__init__(path, before)
        self._expected = expected

    def measure_bare(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a column of instants."""
        found, expected = column.type, self._expected
        if not pa.types.is_timestamp(found) or found.unit != expected.unit or not found.tz:
            raise self.wrong_type(found, expected)
        values, per_second = (
            arrow_views.fixed_width(column, np.int64),
            UNITS_PER_SECOND[expected.unit],
        )
        measure_timestamps(values, per_second, lengths)
        return ColumnWriter(
            5, lambda out, cursors, _slack: write_timestamps(values, per_second, out, cursors)
        )


class EnumNumberEncoder(EnumEncoder):
    """A symbol's number, which is its position."""

    def __init__(self, path: str, before: bytes, symbols: tuple[str, ...]) -> None:
        super().__init__(path, symbols)
        self._number = VarintEncoder(path, before, pa.int32(), np.int32)

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure a column of symbols' names."""
        return self._number.measure(pa.array(self.codes(column, row_of)), lengths, row_of)
