"""Column encoders that write dates, times of day and timestamps as ISO 8601 text in JSON."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gerador.encoding import arrow_views
from gerador.encoding.column_encoder import PrefixedEncoder
from gerador.encoding.encoded_values import ColumnWriter
from gerador.encoding.json_text.scalar_types import StringEncoder
from gerador.encoding.kernels.date_time_text import (
    DATE_CHARACTERS,
    SECONDS_PER_DAY,
    TIME_CHARACTERS,
    write_dates,
    write_times,
    write_timestamps,
)

if TYPE_CHECKING:
    from gerador.encoding.column_encoder import RowOf
    from gerador.kernel_compiler import I64


FIRST_DAY: Final = -719_528
"""0000-01-01 in days since the epoch; years before it have no four digits."""
END_DAY: Final = 2_932_897
"""10000-01-01 likewise."""
UNITS_PER_SECOND: Final = {"ms": 10**3, "us": 10**6, "ns": 10**9}
FRACTION_DIGITS: Final = {"ms": 3, "us": 6, "ns": 9}
INT64_MAX: Final = 2**63 - 1


class DateTimeEncoder(PrefixedEncoder):
    """Whole numbers that are shown as calendar text of one width, within the years 0 to 9999.

    A column with a value beyond goes the long way: the text that Arrow has for it.
    """

    def __init__(self, path: str, expected: pa.DataType, before: bytes) -> None:
        super().__init__(path, before)
        self.expected = expected
        self._long_way = StringEncoder(path)

    def measure_bare(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure a column of dates, times of day or instants."""
        if column.type != self.expected and not self.fits(column.type):
            raise self.wrong_type(column.type, self.expected)
        wide = column.type.bit_width == 64
        values = arrow_views.fixed_width(column, np.int64 if wide else np.int32).astype(
            np.int64, copy=False
        )
        first, after, characters = self.extent()
        if len(values) and (values.min() < first or values.max() >= after):
            return self._long_way.measure(self.text(column), lengths, row_of)
        np.add(lengths, characters + 2, out=lengths)
        return self.part(values, characters + 2)

    def fits(self, _found: pa.DataType) -> bool:
        """Tell whether another Arrow type holds the same values."""
        return False

    def text(self, column: pa.Array) -> pa.Array:
        """Return Arrow's text for any values."""
        return column.cast(pa.string())

    @abstractmethod
    def extent(self) -> tuple[int, int, int]:
        """Return the first value of the quick way, the one after its last, and the characters."""

    @abstractmethod
    def part(self, values: I64, size: int) -> ColumnWriter:
        """Return what writes the values, `size` bytes each."""


class DateEncoder(DateTimeEncoder):
    """``"2026-01-31"``."""

    def extent(self) -> tuple[int, int, int]:
        """Return the days of four-digit years."""
        return FIRST_DAY, END_DAY, DATE_CHARACTERS

    def part(self, values: I64, size: int) -> ColumnWriter:
        """Return what writes dates."""
        return ColumnWriter(size, lambda out, cursors, _slack: write_dates(values, out, cursors))


class TimeEncoder(DateTimeEncoder):
    """``"12:00:00.123"``, with the digits of its unit."""

    def extent(self) -> tuple[int, int, int]:
        """Return one day."""
        unit = self.expected.unit
        return 0, SECONDS_PER_DAY * UNITS_PER_SECOND[unit], TIME_CHARACTERS + FRACTION_DIGITS[unit]

    def part(self, values: I64, size: int) -> ColumnWriter:
        """Return what writes times of day."""
        per_second, digits = (
            UNITS_PER_SECOND[self.expected.unit],
            FRACTION_DIGITS[self.expected.unit],
        )
        return ColumnWriter(
            size,
            lambda out, cursors, _slack: write_times(values, per_second, digits, out, cursors),
        )


class TimestampEncoder(DateTimeEncoder):
    """``"2026-01-31T12:00:00.123Z"``, with the digits of its unit; a local one without Z."""

    def fits(self, found: pa.DataType) -> bool:
        """Tell whether both are instants of one unit: the zone only says how they are shown."""
        if not pa.types.is_timestamp(found) or found.unit != self.expected.unit:
            return False
        return bool(found.tz) == bool(self.expected.tz)

    def text(self, column: pa.Array) -> pa.Array:
        """Return Arrow's text; by way of a zoneless type, which needs no zone database."""
        text = column.cast(pa.timestamp(self.expected.unit)).cast(pa.string())
        iso = pc.replace_substring(text, " ", "T", max_replacements=1)
        return pc.binary_join_element_wise(iso, "Z", "") if self.expected.tz else iso

    def extent(self) -> tuple[int, int, int]:
        """Return the instants of four-digit years that 64 bits hold."""
        unit = self.expected.unit
        per_day = SECONDS_PER_DAY * UNITS_PER_SECOND[unit]
        first, after = (
            max(FIRST_DAY * per_day, -INT64_MAX - 1),
            min(END_DAY * per_day, INT64_MAX + 1),
        )
        size = DATE_CHARACTERS + 1 + TIME_CHARACTERS + FRACTION_DIGITS[unit]
        return first, after, size + bool(self.expected.tz)

    def part(self, values: I64, size: int) -> ColumnWriter:
        """Return what writes instants."""
        unit, zone = self.expected.unit, int(bool(self.expected.tz))
        per_second, digits = UNITS_PER_SECOND[unit], FRACTION_DIGITS[unit]
        return ColumnWriter(
            size,
            lambda out, cursors, _slack: write_timestamps(
                values, per_second, digits, zone, out, cursors
            ),
        )
