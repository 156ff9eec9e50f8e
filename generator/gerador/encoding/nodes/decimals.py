"""Nodes of decimal and duration, whose Arrow form is laid out differently from Avro's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from gerador.encoding import views
from gerador.encoding.kernels.decimals import (
    ALL_GOOD,
    first_too_wide,
    measure_decimals,
    write_decimals,
    write_fixed_decimals,
)
from gerador.encoding.kernels.values import write_fixed
from gerador.encoding.measured import Part
from gerador.encoding.nodes.node import Node

if TYPE_CHECKING:
    from gerador.encoding.kernels.signatures import I64, U8
    from gerador.encoding.nodes.node import RowOf
    from gerador.scenario.avro import Logical

NANOS_PER_MILLI: Final = 1_000_000
UINT32_MAX: Final = 2**32 - 1
DURATION_BYTES: Final = 12

_ARROW_DURATION: Final = np.dtype([("months", "<i4"), ("days", "<i4"), ("nanos", "<i8")])


class DecimalNode(Node):
    """Big-endian two's complement of the unscaled value: `size` bytes, or as few as needed."""

    def __init__(self, path: str, logical: Logical, size: int | None) -> None:
        super().__init__(path)
        self._precision = logical.precision
        self._scale = logical.scale
        self._size = size

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> Part:
        """Measure a column of decimal128 or decimal256 with the schema's scale."""
        width = column.type.byte_width
        words = self.check(column, row_of)
        if self._size is None:
            measure_decimals(words, width, lengths)
            return Part(2, lambda out, cursors, _slack: write_decimals(words, width, out, cursors))
        size = self._size
        np.add(lengths, size, out=lengths)
        return Part(
            size,
            lambda out, cursors, _slack: write_fixed_decimals(words, width, size, out, cursors),
        )

    def check(self, column: pa.Array, row_of: RowOf) -> U8:
        """Refuse another type and what the fixed cannot hold; return the values' bytes."""
        self._check_type(column.type)
        width = column.type.byte_width
        words = views.raw_bytes(column, width)
        wide = ALL_GOOD if self._size is None else first_too_wide(words, width, self._size)
        if wide != ALL_GOOD:
            what = f"{column[wide].as_py()} does not fit the {self._size} bytes of the fixed"
            raise self.refusal(row_of(wide), what)
        return words

    def _check_type(self, found: pa.DataType) -> None:
        decimal = pa.types.is_decimal128(found) or pa.types.is_decimal256(found)
        if not decimal or found.scale != self._scale or found.precision > self._precision:
            raise self.wrong_type(found, f"decimal({self._precision}, {self._scale})")


class DurationNode(Node):
    """Months, days and milliseconds, each an unsigned 32-bit little-endian number."""

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> Part:
        """Measure a month_day_nano_interval column."""
        months, days, nanos = self.parts(column, row_of)
        millis = nanos // NANOS_PER_MILLI
        values = np.stack([months, days, millis], axis=1).astype("<u4").view(np.uint8).reshape(-1)
        np.add(lengths, DURATION_BYTES, out=lengths)
        return Part(
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
        intervals = views.raw_bytes(column, _ARROW_DURATION.itemsize).view(_ARROW_DURATION)
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
