"""Nodes of decimal and duration, whose Arrow form is laid out differently from Avro's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from generator.encoding import views
from generator.encoding.kernels.decimals import (
    ALL_GOOD,
    first_too_wide,
    measure_decimals,
    write_decimals,
    write_fixed_decimals,
)
from generator.encoding.kernels.values import write_fixed
from generator.encoding.measured import Part
from generator.encoding.nodes.node import Node

if TYPE_CHECKING:
    from generator.encoding.kernels.signatures import I64, U8
    from generator.encoding.nodes.node import RowOf
    from generator.scenario.avro import Logical

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
        self._check(column.type)
        width = column.type.byte_width
        words = views.raw_bytes(column, width)
        if self._size is None:
            measure_decimals(words, width, lengths)
            return Part(2, lambda out, cursors, _slack: write_decimals(words, width, out, cursors))
        size = self._size
        wide = first_too_wide(words, width, size)
        if wide != ALL_GOOD:
            what = f"{column[wide].as_py()} does not fit the {size} bytes of the fixed"
            raise self.refusal(row_of(wide), what)
        np.add(lengths, size, out=lengths)
        return Part(
            size,
            lambda out, cursors, _slack: write_fixed_decimals(words, width, size, out, cursors),
        )

    def _check(self, found: pa.DataType) -> None:
        decimal = pa.types.is_decimal128(found) or pa.types.is_decimal256(found)
        if not decimal or found.scale != self._scale or found.precision > self._precision:
            raise self.wrong_type(found, f"decimal({self._precision}, {self._scale})")


class DurationNode(Node):
    """Months, days and milliseconds, each an unsigned 32-bit little-endian number."""

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> Part:
        """Measure a month_day_nano_interval column."""
        if column.type != pa.month_day_nano_interval():
            raise self.wrong_type(column.type, pa.month_day_nano_interval())
        intervals = views.raw_bytes(column, _ARROW_DURATION.itemsize).view(_ARROW_DURATION)
        values = self._values(intervals, row_of)
        np.add(lengths, DURATION_BYTES, out=lengths)
        return Part(
            DURATION_BYTES,
            lambda out, cursors, _slack: write_fixed(values, DURATION_BYTES, out, cursors),
        )

    def _values(self, intervals: np.ndarray, row_of: RowOf) -> U8:
        millis, rest = np.divmod(intervals["nanos"], NANOS_PER_MILLI)
        parts = np.stack([intervals["months"], intervals["days"], millis], axis=1)
        bad = (parts < 0).any(axis=1) | (rest != 0) | (millis > UINT32_MAX)
        if bad.any():
            row = int(np.argmax(bad))
            months, days, nanos = intervals[row].tolist()
            what = (
                f"duration of {months} months, {days} days, {nanos} ns: each part must be "
                f"0 to {UINT32_MAX}, and the time whole milliseconds"
            )
            raise self.refusal(row_of(row), what)
        return parts.astype("<u4").view(np.uint8).reshape(-1)
