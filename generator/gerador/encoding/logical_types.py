"""Column encoders of decimals, durations and UUIDs: Avro's binary form, and the text form that JSON and Protobuf use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gerador.encoding import arrow_views
from gerador.encoding.column_encoder import ColumnEncoder, PrefixedEncoder
from gerador.encoding.encoded_values import ColumnWriter, concatenate, constant
from gerador.encoding.kernels.base64_and_uuid import UUID_BYTES, UUID_CHARACTERS, write_uuids
from gerador.encoding.kernels.decimals import (
    NO_BAD_ROW,
    first_too_wide,
    measure_decimals,
    write_decimals,
    write_fixed_decimals,
)
from gerador.encoding.kernels.fixed_and_varint import write_fixed

if TYPE_CHECKING:
    from gerador.avro.schema import LogicalType
    from gerador.encoding.column_encoder import RowOf
    from gerador.kernel_compiler import I64, U8


NANOS_PER_MILLI: Final = 1_000_000
UINT32_MAX: Final = 2**32 - 1
DURATION_BYTES: Final = 12

_ARROW_DURATION: Final = np.dtype([("months", "<i4"), ("days", "<i4"), ("nanos", "<i8")])


class DecimalEncoder(ColumnEncoder):
    """Big-endian two's complement of the unscaled value: `size` bytes, or as few as needed."""

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
        """Refuse another type and what the fixed cannot hold; return the values' bytes."""
        self._check_type(column.type)
        width = column.type.byte_width
        words = arrow_views.raw_bytes(column, width)
        wide = NO_BAD_ROW if self._size is None else first_too_wide(words, width, self._size)
        if wide != NO_BAD_ROW:
            what = f"{column[wide].as_py()} does not fit the {self._size} bytes of the fixed"
            raise self.refusal(row_of(wide), what)
        return words

    def _check_type(self, found: pa.DataType) -> None:
        decimal = pa.types.is_decimal128(found) or pa.types.is_decimal256(found)
        if not decimal or found.scale != self._scale or found.precision > self._precision:
            raise self.wrong_type(found, f"decimal({self._precision}, {self._scale})")


class DurationEncoder(ColumnEncoder):
    """Months, days and milliseconds, each an unsigned 32-bit little-endian number."""

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure a month_day_nano_interval column."""
        months, days, nanos = self.parts(column, row_of)
        millis = nanos // NANOS_PER_MILLI
        values = np.stack([months, days, millis], axis=1).astype("<u4").view(np.uint8).reshape(-1)
        np.add(lengths, DURATION_BYTES, out=lengths)
        return ColumnWriter(
            DURATION_BYTES,
            lambda out, cursors, _slack: write_fixed(values, DURATION_BYTES, out, cursors),
        )

    def parts(self, column: pa.Array, row_of: RowOf) -> tuple[I64, I64, I64]:
        """Return months, days and nanoseconds, ``(rows,) int64`` each; refuses what Avro has not.

        Raises DataError: another type, a part that is negative or over 32 bits, a time that is
        not whole milliseconds.
        """
        if column.type != pa.month_day_nano_interval():
            raise self.wrong_type(column.type, pa.month_day_nano_interval())
        intervals = arrow_views.raw_bytes(column, _ARROW_DURATION.itemsize).view(_ARROW_DURATION)
        months, days, nanos = (intervals[n].astype(np.int64) for n in ("months", "days", "nanos"))
        millis, rest = np.divmod(nanos, NANOS_PER_MILLI)
        least = np.minimum(np.minimum(months, days), millis)
        bad = (least < 0) | (rest != 0) | (millis > UINT32_MAX)
        if bad.any():
            self._refuse(intervals, int(np.argmax(bad)), row_of)
        return months, days, nanos

    def _refuse(self, intervals: np.ndarray, row: int, row_of: RowOf) -> None:
        months, days, nanos = intervals[row].tolist()
        what = (
            f"duration of {months} months, {days} days, {nanos} ns: each part must be "
            f"0 to {UINT32_MAX}, and the time whole milliseconds"
        )
        raise self.refusal(row_of(row), what)


MILLIS_PER_S: Final = 1000


class DecimalTextEncoder(DecimalEncoder):
    """A decimal's text as Arrow writes it, no digit lost; `text` writes the column of it."""

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
    """A duration as ISO 8601 has it, ``P1M2DT0.003S``; `text` writes the column of it."""

    def __init__(self, path: str, text: ColumnEncoder) -> None:
        super().__init__(path)
        self._text = text

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure a column of intervals."""
        months, days, nanos = self.parts(column, row_of)
        seconds, millis = np.divmod(nanos // NANOS_PER_MILLI, MILLIS_PER_S)
        numbers = [pa.array(n).cast(pa.string()) for n in (months, days, seconds, millis)]
        numbers[3] = pc.utf8_lpad(numbers[3], 3, "0")
        pieces = ["P", numbers[0], "M", numbers[1], "DT", numbers[2], ".", numbers[3], "S"]
        text = pc.binary_join_element_wise(*pieces, "")
        return self._text.measure(text, lengths, row_of)


class UuidTextEncoder(PrefixedEncoder):
    """The text of a uuid on a fixed: 36 characters, with `around` on both sides."""

    def __init__(self, path: str, before: bytes, around: bytes = b'"') -> None:
        super().__init__(path, before)
        self._around = around

    def measure_bare(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a column of 16 bytes each."""
        if column.type != pa.binary(UUID_BYTES):
            raise self.wrong_type(column.type, pa.binary(UUID_BYTES))
        data = arrow_views.raw_bytes(column, UUID_BYTES)
        np.add(lengths, UUID_CHARACTERS + 2 * len(self._around), out=lengths)
        text = ColumnWriter(
            UUID_CHARACTERS, lambda out, cursors, _slack: write_uuids(data, out, cursors)
        )
        return (
            concatenate([constant(self._around), text, constant(self._around)])
            if self._around
            else text
        )
