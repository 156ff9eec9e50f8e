"""Column encoders of Avro's primitive types, fixed and enums.

Avro's binary form, and base classes of JSON's and Protobuf's encoders.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as at

from gerador.encoding import arrow_views
from gerador.encoding.column_encoder import PrefixedEncoder
from gerador.encoding.encoded_values import ColumnWriter
from gerador.encoding.kernels.byte_strings import measure_length_prefixed, write_length_prefixed
from gerador.encoding.kernels.fixed_and_varint import measure_varint, write_fixed, write_varint
from gerador.errors import did_you_mean

if TYPE_CHECKING:
    from gerador.encoding.column_encoder import RowOf
    from gerador.kernel_compiler import I32, I64, U8, IntArray


AcceptedTypes: TypeAlias = tuple[tuple[pa.DataType, ...], pa.DataType]
"""Arrow types that are read without a copy, and the view type that is cast to the first."""
TEXT_TYPES: Final[AcceptedTypes] = ((pa.string(), pa.large_string()), pa.string_view())
BYTES_TYPES: Final[AcceptedTypes] = ((pa.binary(), pa.large_binary()), pa.binary_view())

UNITS_PER_SECOND: Final = {"ms": 10**3, "us": 10**6, "ns": 10**9}
"""By Arrow's name of the unit of a time or timestamp."""


class NullEncoder(PrefixedEncoder):
    """Columns of nulls: no bytes."""

    def measure(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure a column that holds nulls only."""
        if column.null_count != len(column):
            raise self.type_error(column.type, pa.null())
        return self.measure_values(column, lengths, row_of)

    def measure_unprefixed(self, _column: pa.Array, _lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Write nothing."""
        return ColumnWriter(0, lambda _out, _cursors, _slack: None)


class TypedEncoder(PrefixedEncoder):
    """Columns of one Arrow type; timestamps may have another zone."""

    def __init__(self, path: str, expected: pa.DataType, prefix: bytes = b"") -> None:
        super().__init__(path, prefix)
        self.expected = expected

    def check_type(self, found: pa.DataType) -> None:
        """Raise DataError for another Arrow type."""
        if found != self.expected and not _same_timestamp_type(found, self.expected):
            raise self.type_error(found, self.expected)


def _same_timestamp_type(found: pa.DataType, expected: pa.DataType) -> bool:
    """Return whether both are timestamps of one unit, and both or none in UTC.

    A zone changes only how Arrow displays a timestamp.
    """
    both = at.is_timestamp(found) and at.is_timestamp(expected)
    return both and found.unit == expected.unit and bool(found.tz) == bool(expected.tz)


class BooleanEncoder(TypedEncoder):
    """One byte, 0 or 1."""

    def __init__(self, path: str, prefix: bytes = b"") -> None:
        super().__init__(path, pa.bool_(), prefix)

    def measure_unprefixed(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a boolean column."""
        self.check_type(column.type)
        values = arrow_views.booleans(column)
        np.add(lengths, 1, out=lengths)
        return ColumnWriter(1, lambda out, cursors, _slack: write_fixed(values, 1, out, cursors))


class FixedWidthEncoder(TypedEncoder):
    """Floats and fixed: the bytes of the Arrow value (little endian)."""

    def measure_unprefixed(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a column of floats or of fixed-size binary."""
        self.check_type(column.type)
        width = self.expected.byte_width
        values = arrow_views.raw_bytes(column, width)
        np.add(lengths, width, out=lengths)
        return ColumnWriter(
            width, lambda out, cursors, _slack: write_fixed(values, width, out, cursors)
        )


class VarintEncoder(TypedEncoder):
    """A zig-zag varint: int and long, and the dates, times and timestamps on them."""

    def measure_unprefixed(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a column of integers, dates, times or timestamps."""
        self.check_type(column.type)
        values = arrow_views.integers(column)
        measure_varint(values, lengths)
        return ColumnWriter(
            1, lambda out, cursors, slack: write_varint(values, slack, out, cursors)
        )


class StringOrBytesEncoder(PrefixedEncoder):
    """Text or bytes of variable length. Text is trusted to be UTF-8."""

    def __init__(
        self, path: str, prefix: bytes = b"", accepted_types: AcceptedTypes = TEXT_TYPES
    ) -> None:
        super().__init__(path, prefix)
        self._accepted_types = accepted_types

    def offsets_and_data(self, column: pa.Array) -> tuple[IntArray, U8]:
        """Return offsets and data of a column of an accepted type. Raises DataError: another."""
        plain_types, view_type = self._accepted_types
        if column.type == view_type:
            column = column.cast(plain_types[0])
        if column.type not in plain_types:
            raise self.type_error(column.type, plain_types[0])
        return arrow_views.offsets_and_data(column)


class LengthPrefixedEncoder(StringOrBytesEncoder):
    """Text or bytes after their length as a zig-zag varint."""

    def measure_unprefixed(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a column of text or bytes."""
        offsets, data = self.offsets_and_data(column)
        measure_length_prefixed(offsets, lengths)
        return ColumnWriter(
            1, lambda out, cursors, slack: write_length_prefixed(offsets, data, slack, out, cursors)
        )


class EnumEncoder(PrefixedEncoder):
    """The position of the symbol as a varint. Symbols are text, fastest as a dictionary."""

    def __init__(self, path: str, symbols: tuple[str, ...], prefix: bytes = b"") -> None:
        super().__init__(path, prefix)
        self._symbols = symbols
        self._symbol_set = pa.array(symbols, pa.string())

    def measure_unprefixed(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure a column of symbols."""
        codes = self.codes(column, row_of)
        measure_varint(codes, lengths)
        return ColumnWriter(1, lambda out, cursors, slack: write_varint(codes, slack, out, cursors))

    def codes(self, column: pa.Array, row_of: RowOf) -> I32:
        """Return each row's position in the schema, ``(rows,) int32``.

        Raises DataError: another Arrow type, a text that is not a symbol.
        """
        if column.type not in (*TEXT_TYPES[0], TEXT_TYPES[1]):
            raise self.type_error(column.type, "dictionary<values=string>")
        codes = pc.index_in(column.cast(pa.string()), value_set=self._symbol_set)
        if codes.null_count:
            row = int(np.argmin(arrow_views.validity(codes)))
            symbol = column[row].as_py()
            hint = did_you_mean(symbol, self._symbols)
            raise self.value_error(row_of(row), f"{symbol!r} is not a symbol of the enum{hint}")
        return arrow_views.fixed_width(codes, np.int32)
