"""Column encoders of decimals, durations and UUIDs.

Avro's binary form, and the text form of JSON and Protobuf.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gerador.encoding import arrow_views
from gerador.encoding.column_encoder import ColumnEncoder, PrefixedEncoder
from gerador.encoding.encoded_values import ColumnWriter, concatenate, constant
from gerador.encoding.kernels.base64_and_uuid import UUID_BYTES, UUID_CHARACTERS, write_uuids
from gerador.encoding.kernels.byte_strings import NO_BAD_ROW
from gerador.encoding.kernels.decimals import (
    first_too_wide,
    measure_decimals,
    write_decimals,
    write_fixed_decimals,
)
from gerador.encoding.kernels.fixed_and_varint import write_fixed
from gerador.units import NS_PER_MS, NS_PER_S

if TYPE_CHECKING:
    from gerador.avro.schema import LogicalType
    from gerador.encoding.column_encoder import RowOf
    from gerador.errors import DataError
    from gerador.kernel_compiler import I64, U8


UINT32_MAX: Final = 2**32 - 1
DURATION_BYTES: Final = 12

_ARROW_DURATION: Final = np.dtype([("months", "<i4"), ("days", "<i4"), ("nanos", "<i8")])


class DecimalEncoder(ColumnEncoder):
    """Big-endian two's complement of the unscaled value, in `size` bytes, or as few as needed."""

    def __init__(self, path: str, logical: LogicalType, size: int | None) -> None:
        super().__init__(path)
        self._precision = logical.precision
        self._scale = logical.scale
        self._size = size

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure a column of decimal128 or decimal256 with the schema's scale."""
        width = column.type.byte_width
        words = self.check(column, row_of)
        if self._size is None:
            measure_decimals(words, width, lengths)
            return ColumnWriter(
                2, lambda out, cursors, _slack: write_decimals(words, width, out, cursors)
            )
        size = self._size
        np.add(lengths, size, out=lengths)
        return ColumnWriter(
            size,
            lambda out, cursors, _slack: write_fixed_decimals(words, width, size, out, cursors),
        )

    def check(self, column: pa.Array, row_of: RowOf) -> U8:
        """Return the bytes of the values, little endian.

        Raises DataError: another type, a value that is too wide for the fixed.
        """
        self._check_type(column.type)
        width = column.type.byte_width
        words = arrow_views.raw_bytes(column, width)
        bad = NO_BAD_ROW if self._size is None else first_too_wide(words, width, self._size)
        if bad != NO_BAD_ROW:
            message = f"{column[bad].as_py()} does not fit in the {self._size} bytes of the fixed"
            raise self.value_error(row_of(bad), message)
        return words

    def _check_type(self, found: pa.DataType) -> None:
        decimal = pa.types.is_decimal128(found) or pa.types.is_decimal256(found)
        if not decimal or found.scale != self._scale or found.precision > self._precision:
            raise self.type_error(found, f"decimal({self._precision}, {self._scale})")


class DurationEncoder(ColumnEncoder):
    """Months, days and milliseconds, each an unsigned 32-bit little-endian number."""

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure a month_day_nano_interval column."""
        months, days, nanos = self.parts(column, row_of)
        millis = nanos // NS_PER_MS
        values = np.stack([months, days, millis], axis=1).astype("<u4").view(np.uint8).reshape(-1)
        np.add(lengths, DURATION_BYTES, out=lengths)
        return ColumnWriter(
            DURATION_BYTES,
            lambda out, cursors, _slack: write_fixed(values, DURATION_BYTES, out, cursors),
        )

    def parts(self, column: pa.Array, row_of: RowOf) -> tuple[I64, I64, I64]:
        """Return months, days and nanoseconds, ``(rows,) int64`` each.

        Raises DataError: another type, a part outside [0, 2**32), a time that is not whole
        milliseconds.
        """
        if column.type != pa.month_day_nano_interval():
            raise self.type_error(column.type, pa.month_day_nano_interval())
        intervals = arrow_views.raw_bytes(column, _ARROW_DURATION.itemsize).view(_ARROW_DURATION)
        months, days, nanos = (intervals[n].astype(np.int64) for n in ("months", "days", "nanos"))
        millis, rest = np.divmod(nanos, NS_PER_MS)
        least = np.minimum(np.minimum(months, days), millis)
        bad = (least < 0) | (rest != 0) | (millis > UINT32_MAX)
        if bad.any():
            row = int(np.argmax(bad))
            raise self._out_of_range(row_of(row), *intervals[row].tolist())
        return months, days, nanos

    def _out_of_range(self, row: int, months: int, days: int, nanos: int) -> DataError:
        return self.value_error(
            row,
            f"duration of {months} months, {days} days, {nanos} ns is out of range; each part must "
            f"be in [0, {UINT32_MAX}], and the time whole milliseconds",
        )


class DecimalTextEncoder(DecimalEncoder):
    """The exact text of a decimal as Arrow writes it; `text` encodes the column of texts."""

    def __init__(
        self, path: str, logical: LogicalType, size: int | None, text: ColumnEncoder
    ) -> None:
        super().__init__(path, logical, size)
        self._text = text

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure a column of decimals."""
        self.check(column, row_of)
        return self._text.measure(column.cast(pa.string()), lengths, row_of)


class DurationTextEncoder(DurationEncoder):
    """An ISO 8601 duration, ``P1M2DT0.003S``; `text` encodes the column of texts."""

    def __init__(self, path: str, text: ColumnEncoder) -> None:
        super().__init__(path)
        self._text = text

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure a column of intervals."""
        months, days, nanos = self.parts(column, row_of)
        seconds, millis = np.divmod(nanos // NS_PER_MS, NS_PER_S // NS_PER_MS)
        numbers = [pa.array(n).cast(pa.string()) for n in (months, days, seconds, millis)]
        numbers[3] = pc.utf8_lpad(numbers[3], 3, "0")
        pieces = ["P", numbers[0], "M", numbers[1], "DT", numbers[2], ".", numbers[3], "S"]
        text = pc.binary_join_element_wise(*pieces, "")
        return self._text.measure(text, lengths, row_of)


class UuidTextEncoder(PrefixedEncoder):
    """The text of a UUID on a fixed: `prefix`, 36 characters, `suffix`."""

    def __init__(self, path: str, prefix: bytes, suffix: bytes = b"") -> None:
        super().__init__(path, prefix)
        self._suffix = suffix

    def measure_unprefixed(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a column of 16 bytes each."""
        if column.type != pa.binary(UUID_BYTES):
            raise self.type_error(column.type, pa.binary(UUID_BYTES))
        data = arrow_views.raw_bytes(column, UUID_BYTES)
        np.add(lengths, UUID_CHARACTERS + len(self._suffix), out=lengths)
        text = ColumnWriter(
            UUID_CHARACTERS, lambda out, cursors, _slack: write_uuids(data, out, cursors)
        )
        return concatenate([text, constant(self._suffix)]) if self._suffix else text
