"""Column encoders that write dates, times of day and timestamps as ISO 8601 text in JSON."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gerador.encoding import arrow_views
from gerador.encoding.encoded_values import ColumnWriter
from gerador.encoding.json_text.scalar_types import StringEncoder
from gerador.encoding.kernels.date_time_text import (
    DATE_CHARACTERS,
    DAYS_FROM_0000,
    SECONDS_PER_DAY,
    TIME_CHARACTERS,
    write_dates,
    write_times,
    write_timestamps,
)
from gerador.encoding.scalar_types import UNITS_PER_SECOND, TypedEncoder

if TYPE_CHECKING:
    from gerador.encoding.column_encoder import RowOf
    from gerador.kernel_compiler import I64


FIRST_DAY: Final = -DAYS_FROM_0000
"""0000-01-01 in days since the epoch. Earlier years do not have four digits."""
END_DAY: Final = 2_932_897
"""10000-01-01 in days since the epoch. Years from there on have five digits or more."""
FRACTION_DIGITS: Final = {"ms": 3, "us": 6, "ns": 9}
INT64_MAX: Final = 2**63 - 1


class DateTimeEncoder(TypedEncoder):
    """Dates, times or timestamps as quoted ISO 8601 text of one width, for the years 0 to 9999.

    A column with another year is written as Arrow's text, which is slower.
    """

    def __init__(self, path: str, expected: pa.DataType, prefix: bytes) -> None:
        super().__init__(path, expected, prefix)
        self._text_encoder = StringEncoder(path)

    def measure_unprefixed(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure a column of dates, times of day or timestamps."""
        self.check_type(column.type)
        values = arrow_views.integers(column).astype(np.int64, copy=False)
        first, end, characters = self.value_range()
        if len(values) and (values.min() < first or values.max() >= end):
            return self._text_encoder.measure(self.text(column), lengths, row_of)
        np.add(lengths, characters + 2, out=lengths)
        return self.writer(values, characters + 2)

    def text(self, column: pa.Array) -> pa.Array:
        """Return the text of any values, as Arrow writes it."""
        return column.cast(pa.string())

    @abstractmethod
    def value_range(self) -> tuple[int, int, int]:
        """Return the first value and the end of the range that has one width, and that width."""

    @abstractmethod
    def writer(self, values: I64, size: int) -> ColumnWriter:
        """Return the writer of values within the range, of `size` bytes each."""


class DateEncoder(DateTimeEncoder):
    """``"2026-01-31"``."""

    def value_range(self) -> tuple[int, int, int]:
        """Return the days of years of four digits."""
        return FIRST_DAY, END_DAY, DATE_CHARACTERS

    def writer(self, values: I64, size: int) -> ColumnWriter:
        """Return the writer of dates."""
        return ColumnWriter(size, lambda out, cursors, _slack: write_dates(values, out, cursors))


class TimeEncoder(DateTimeEncoder):
    """``"12:00:00.123"``, with the digits of its unit."""

    def value_range(self) -> tuple[int, int, int]:
        """Return one day."""
        unit = self.expected.unit
        return 0, SECONDS_PER_DAY * UNITS_PER_SECOND[unit], TIME_CHARACTERS + FRACTION_DIGITS[unit]

    def writer(self, values: I64, size: int) -> ColumnWriter:
        """Return the writer of times of day."""
        unit = self.expected.unit
        per_second, digits = UNITS_PER_SECOND[unit], FRACTION_DIGITS[unit]
        return ColumnWriter(
            size,
            lambda out, cursors, _slack: write_times(values, per_second, digits, out, cursors),
        )


class TimestampEncoder(DateTimeEncoder):
    """``"2026-01-31T12:00:00.123Z"``, with the digits of its unit; a local one without Z."""

    def text(self, column: pa.Array) -> pa.Array:
        """Return Arrow's text, through a type without a zone, which needs no zone database."""
        text = column.cast(pa.timestamp(self.expected.unit)).cast(pa.string())
        iso = pc.replace_substring(text, " ", "T", max_replacements=1)
        return pc.binary_join_element_wise(iso, "Z", "") if self.expected.tz else iso

    def value_range(self) -> tuple[int, int, int]:
        """Return the timestamps of years of four digits that fit in 64 bits."""
        unit = self.expected.unit
        per_day = SECONDS_PER_DAY * UNITS_PER_SECOND[unit]
        first, end = max(FIRST_DAY * per_day, -INT64_MAX - 1), min(END_DAY * per_day, INT64_MAX + 1)
        characters = DATE_CHARACTERS + 1 + TIME_CHARACTERS + FRACTION_DIGITS[unit]
        return first, end, characters + bool(self.expected.tz)

    def writer(self, values: I64, size: int) -> ColumnWriter:
        """Return the writer of timestamps."""
        unit, zone = self.expected.unit, int(bool(self.expected.tz))
        per_second, digits = UNITS_PER_SECOND[unit], FRACTION_DIGITS[unit]
        return ColumnWriter(
            size,
            lambda out, cursors, _slack: write_timestamps(
                values, per_second, digits, zone, out, cursors
            ),
        )
