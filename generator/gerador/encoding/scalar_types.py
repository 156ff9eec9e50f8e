"""Column encoders of Avro's primitive types, fixed and enums in Avro's binary encoding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as at

from gerador.encoding import arrow_views
from gerador.encoding.column_encoder import ColumnEncoder
from gerador.encoding.encoded_values import ColumnWriter
from gerador.encoding.kernels.byte_strings import measure_length_prefixed, write_length_prefixed
from gerador.encoding.kernels.fixed_and_varint import measure_varint, write_fixed, write_varint
from gerador.errors import did_you_mean

if TYPE_CHECKING:
    import numpy.typing as npt

    from gerador.encoding.column_encoder import RowOf
    from gerador.kernel_compiler import I32, I64


class NullEncoder(ColumnEncoder):
    """Avro's null: no bytes at all."""

    def measure(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Accept nulls, and nothing else."""
        if column.null_count != len(column):
            raise self.wrong_type(column.type, pa.null())
        return self.measure_values(column, lengths, row_of)

    def measure_values(self, _column: pa.Array, _lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Write nothing."""
        return ColumnWriter(0, lambda _out, _cursors, _slack: None)


class BooleanEncoder(ColumnEncoder):
    """One byte, 0 or 1."""

    def measure_values(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a boolean column."""
        if not at.is_boolean(column.type):
            raise self.wrong_type(column.type, pa.bool_())
        values = arrow_views.booleans(column)
        np.add(lengths, 1, out=lengths)
        return ColumnWriter(1, lambda out, cursors, _slack: write_fixed(values, 1, out, cursors))


class FixedWidthEncoder(ColumnEncoder):
    """The same number of bytes in every row, as Arrow holds them (little endian)."""

    def __init__(self, path: str, expected: pa.DataType, width: int) -> None:
        super().__init__(path)
        self._expected = expected
        self._width = width

    def measure_values(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a column of floats or of fixed-size binary."""
        if column.type != self._expected:
            raise self.wrong_type(column.type, self._expected)
        width = self._width
        values = arrow_views.raw_bytes(column, width)
        np.add(lengths, width, out=lengths)
        return ColumnWriter(
            width, lambda out, cursors, _slack: write_fixed(values, width, out, cursors)
        )


class VarintEncoder(ColumnEncoder):
    """A zig-zag varint: int, long, and the dates, times and timestamps on them."""

    def __init__(self, path: str, expected: pa.DataType, dtype: npt.DTypeLike) -> None:
        super().__init__(path)
        self._expected = expected
        self._dtype = dtype

    def measure_values(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a column of integers, dates, times or timestamps."""
        if column.type != self._expected and not _same_timestamp_type(column.type, self._expected):
            raise self.wrong_type(column.type, self._expected)
        values = arrow_views.fixed_width(column, self._dtype)
        measure_varint(values, lengths)
        return ColumnWriter(
            1, lambda out, cursors, slack: write_varint(values, slack, out, cursors)
        )


class LengthPrefixedEncoder(ColumnEncoder):
    """Text or bytes, with their length before them. Text is trusted to be UTF-8."""

    def __init__(self, path: str, kinds: tuple[pa.DataType, ...], views_kind: pa.DataType) -> None:
        super().__init__(path)
        self._kinds = kinds
        self._views_kind = views_kind

    def measure_values(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a column of text or bytes; a view type is gathered into its plain form."""
        if column.type == self._views_kind:
            column = column.cast(self._kinds[0])
        if column.type not in self._kinds:
            raise self.wrong_type(column.type, self._kinds[0])
        offsets, data = arrow_views.offsets_and_data(column)
        measure_length_prefixed(offsets, lengths)
        return ColumnWriter(
            1, lambda out, cursors, slack: write_length_prefixed(offsets, data, slack, out, cursors)
        )


TEXT_TYPES: Final = ((pa.string(), pa.large_string()), pa.string_view())
BYTES_TYPES: Final = ((pa.binary(), pa.large_binary()), pa.binary_view())


def _same_timestamp_type(found: pa.DataType, expected: pa.DataType) -> bool:
    """Tell whether both are instants of the same unit: the zone only says how they are shown."""
    both = at.is_timestamp(found) and at.is_timestamp(expected)
    return both and found.unit == expected.unit and bool(found.tz) == bool(expected.tz)


class EnumEncoder(ColumnEncoder):
    """A varint: the position of the symbol. Symbols come as text, best as a dictionary of it."""

    def __init__(self, path: str, symbols: tuple[str, ...]) -> None:
        super().__init__(path)
        self._symbols = symbols
        self._set = pa.array(symbols, pa.string())

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure a column of symbols' names."""
        codes = self.codes(column, row_of)
        measure_varint(codes, lengths)
        return ColumnWriter(1, lambda out, cursors, slack: write_varint(codes, slack, out, cursors))

    def codes(self, column: pa.Array, row_of: RowOf) -> I32:
        """Return each row's position in the schema, ``(rows,) int32``; refuses other names."""
        if column.type not in (*TEXT_TYPES[0], TEXT_TYPES[1]):
            raise self.wrong_type(column.type, "dictionary<values=string>")
        found = pc.index_in(column.cast(pa.string()), value_set=self._set)
        if found.null_count:
            self._refuse_symbol(column, int(np.argmin(arrow_views.validity(found))), row_of)
        return arrow_views.fixed_width(found, np.int32)

    def _refuse_symbol(self, column: pa.Array, at: int, row_of: RowOf) -> None:
        symbol = column[at].as_py()
        near = did_you_mean(symbol, self._symbols)
        raise self.refusal(row_of(at), f"{symbol!r} is not a symbol of the enum{near}")
