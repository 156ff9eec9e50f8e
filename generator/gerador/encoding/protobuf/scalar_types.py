"""Column encoders of scalars, enums and google.protobuf.Timestamp in Protobuf's wire format."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gerador.encoding import arrow_views, scalar_types
from gerador.encoding.encoded_values import ColumnWriter
from gerador.encoding.kernels.protobuf_wire import (
    measure_length_delimited,
    measure_timestamps,
    measure_unsigned,
    write_length_delimited,
    write_timestamps,
    write_unsigned,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from gerador.encoding.column_encoder import RowOf
    from gerador.kernel_compiler import I64, IntArray


class VarintEncoder(scalar_types.TypedEncoder):
    """An unsigned varint of the 64 bits: int32 and int64, and the dates and times on them."""

    def measure_unprefixed(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a column of integers, dates, times or local timestamps."""
        self.check_type(column.type)
        return _measure_varints(arrow_views.integers(column), lengths)


class EnumNumberEncoder(scalar_types.EnumEncoder):
    """The number of a symbol, which is its position."""

    def measure_unprefixed(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure a column of symbols."""
        return _measure_varints(self.codes(column, row_of), lengths)


def _measure_varints(values: IntArray, lengths: I64) -> ColumnWriter:
    measure_unsigned(values, lengths)
    return ColumnWriter(1, lambda out, cursors, _slack: write_unsigned(values, out, cursors))


class LengthDelimitedEncoder(scalar_types.StringOrBytesEncoder):
    """Text or bytes after their length as an unsigned varint."""

    def measure_unprefixed(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a column of text or bytes."""
        offsets, data = self.offsets_and_data(column)
        measure_length_delimited(offsets, lengths)
        return ColumnWriter(
            1, lambda out, cursors, _slack: write_length_delimited(offsets, data, out, cursors)
        )


class TimestampEncoder(scalar_types.TypedEncoder):
    """A google.protobuf.Timestamp: seconds, and nanoseconds in [0, 999,999,999]."""

    def measure_unprefixed(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a column of timestamps."""
        self.check_type(column.type)
        values = arrow_views.fixed_width(column, np.int64)
        per_second = scalar_types.UNITS_PER_SECOND[self.expected.unit]
        measure_timestamps(values, per_second, lengths)
        return ColumnWriter(
            5, lambda out, cursors, _slack: write_timestamps(values, per_second, out, cursors)
        )
