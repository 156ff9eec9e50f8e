"""Event time, timestamps, dates, times of day and durations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

import numpy as np
import pyarrow as pa
from pydantic import Strict

from gerador.avro.schema import type_category
from gerador.values.arrow_arrays import fixed_width_array
from gerador.values.column import BaseColumn, Positions, take_rows
from gerador.values.declaration import ValueGenerator
from gerador.values.distributions.uniform import IntegerColumn, SteppedColumn
from gerador.values.sampling import PERMUTATION_SIZE_MAX, Permutation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gerador.avro.schema import AvroType
    from gerador.values.column import Block, BuildContext, ColumnTarget


EVENT_TIME: Final = "event_time"
TIMESTAMP_TYPE: dict[str, str] = {"type": "long", "logicalType": "timestamp-millis"}
DATE_TYPE: dict[str, str] = {"type": "int", "logicalType": "date"}
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECONDS_PER_SECOND: Final = 1_000_000
SECONDS_PER_DAY: Final = 86_400
UNITS_PER_SECOND: Final = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
DAY_BOUNDS: Final = (-(2**31), 2**31 - 1)
TIMESTAMP_BOUNDS: Final = (-(2**63), 2**63 - 1)
"""What a date and a timestamp hold, in days and in units since the epoch."""
_UNIT_NAMES: Final = {"millis": "ms", "micros": "us", "nanos": "ns"}


class EventTimeGenerator(ValueGenerator):
    """The row's event time, in the unit of the type."""

    suits: ClassVar[frozenset[str]] = frozenset({"timestamp", "date"})
    kind: Literal["event_time"] = "event_time"

    def natural_type(self) -> Any:
        """Return timestamp-millis."""
        return TIMESTAMP_TYPE


class CalendarGenerator(ValueGenerator):
    """A date, time of day, timestamp or duration, uniform over the built-in range of its type.

    `first` and `last`, both included, are another range: whole numbers in the type's own unit
    since the epoch (days, milliseconds, …). A duration has no other.
    """

    suits: ClassVar[frozenset[str]] = frozenset({"date", "time", "timestamp", "duration"})
    kind: Literal["calendar"] = "calendar"
    first: int | None = None
    """The least value, in the type's unit since the epoch (days, milliseconds, …); with last."""
    last: int | None = None
    """The largest value, in the type's unit since the epoch; with first."""

    def natural_type(self) -> Any:
        """Return timestamp-millis."""
        return TIMESTAMP_TYPE

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield a range that is none, or that the type does not hold."""
        if (self.first, self.last) == (None, None):
            return
        word = type_category(avro_type)
        if self.first is None or self.last is None or word == "duration":
            yield "first", "give first and last together, on a date, a time or a timestamp"
            return
        least, most = unit_bounds(avro_type)
        if self.first > self.last:
            yield "first", f"range {self.first} to {self.last}; give the smaller first"
        elif self.first < least or self.last > most:
            yield (
                "first",
                f"range {self.first} to {self.last} does not fit {word!r}: {least} to {most}",
            )

    def space(self, avro_type: AvroType) -> int | None:  # noqa: ARG002
        """Return how many values there are where first and last are said."""
        return None if self.first is None or self.last is None else self.last - self.first + 1


class TimestampGenerator(ValueGenerator):
    """Instants from `after` to before `before`, equally likely; UTC where no zone is said."""

    suits: ClassVar[frozenset[str]] = frozenset({"timestamp"})
    kind: Literal["timestamp"] = "timestamp"
    after: Annotated[datetime, Strict(False)]
    """The first instant, ISO 8601; UTC where no zone is said."""
    before: Annotated[datetime, Strict(False)]
    """The instant that is not reached any more, ISO 8601; UTC where no zone is said."""

    def natural_type(self) -> Any:
        """Return timestamp-millis."""
        return TIMESTAMP_TYPE

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield a span without an instant of the type's unit in it, or beyond what it holds."""
        first, last = self.span(UNITS_PER_SECOND[unit_of(avro_type)])
        least, most = unit_bounds(avro_type)
        if first > last:
            yield (
                "after",
                f"no instant from {self.after} to before {self.before}; give the earlier first",
            )
        elif first < least or last > most:
            yield "before", f"{self.after} to {self.before} does not fit the type; narrow it"

    def space(self, avro_type: AvroType) -> int:
        """Return how many instants of the type's unit there are."""
        first, last = self.span(UNITS_PER_SECOND[unit_of(avro_type)])
        return last - first + 1

    def span(self, per_second: int) -> tuple[int, int]:
        """Return the first and the last instant as counts of a unit since the epoch."""
        ends = (_microseconds(self.after), _microseconds(self.before))
        first, end = (-(-us * per_second // MICROSECONDS_PER_SECOND) for us in ends)
        return first, end - 1


class DateGenerator(ValueGenerator):
    """Days from `first` to `last`, both included, equally likely."""

    suits: ClassVar[frozenset[str]] = frozenset({"date"})
    kind: Literal["date"] = "date"
    first: Annotated[date, Strict(False)]
    """The first day: 2026-01-31."""
    last: Annotated[date, Strict(False)]
    """The last day, included: 2026-12-31."""

    def natural_type(self) -> Any:
        """Return date."""
        return DATE_TYPE

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield days the wrong way round."""
        if self.first > self.last:
            yield "first", f"days {self.first} to {self.last}; give the earlier first"

    def space(self, avro_type: AvroType) -> int:  # noqa: ARG002
        """Return how many days there are."""
        return self.span[1] - self.span[0] + 1

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last day, since the epoch."""
        return (self.first - EPOCH.date()).days, (self.last - EPOCH.date()).days


def _microseconds(instant: datetime) -> int:
    """Return the microseconds since the epoch; UTC where no zone is said."""
    zoned = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return (zoned - EPOCH) // timedelta(microseconds=1)


def unit_of(avro_type: AvroType) -> str:
    """Return the unit of a date, time or timestamp: ``d``, ``ms``, ``us`` or ``ns``."""
    name = getattr(getattr(avro_type, "logical", None), "name", "")
    return _UNIT_NAMES.get(name.rpartition("-")[2], "d")


def unit_bounds(avro_type: AvroType) -> tuple[int, int]:
    """Return the least and the most that a date, time or timestamp holds, in its unit."""
    if type_category(avro_type) == "time":
        return 0, SECONDS_PER_DAY * UNITS_PER_SECOND[unit_of(avro_type)] - 1
    return DAY_BOUNDS if unit_of(avro_type) == "d" else TIMESTAMP_BOUNDS


MS_PER_DAY: Final = 86_400_000
DATE_FIRST_DEFAULT: Final = 0
DATE_LAST_DEFAULT: Final = 21_914
"""Dates by default: 1970-01-01 to 2029-12-31, in days since the epoch."""
SECOND_FIRST_DEFAULT: Final = 1_577_836_800
SECOND_AFTER_DEFAULT: Final = 1_893_456_000
"""Timestamps by default: from 2020-01-01 to before 2030-01-01, in seconds since the epoch."""
DURATION_MAX_DEFAULT: Final = (11, 27, MS_PER_DAY - 1)
"""The largest months, days and milliseconds of a duration by default; the least are 0."""
_CALENDAR_DEFAULT: Final = CalendarGenerator()


@dataclass(frozen=True, slots=True)
class EventTimeColumn(BaseColumn):
    """The event time of the row, which is whole milliseconds, in the unit of the type."""

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) timestamps, or dates of the UTC day."""
        ms = take_rows(block.event_time_ms, at)
        if self.type == pa.date32():
            return fixed_width_array((ms // MS_PER_DAY).astype(np.int32), self.type)
        factor = UNITS_PER_SECOND[self.type.unit] // 1_000
        return fixed_width_array(ms if factor == 1 else ms * factor, self.type)


@dataclass(frozen=True, slots=True)
class DurationColumn(BaseColumn):
    """Months, days and milliseconds, each uniform up to `DURATION_MAX_DEFAULT`."""

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) Arrow month_day_nano intervals, none negative."""
        draws = block.draws(self.path)
        months, days, ms = (draws.integers(len(at), 0, most) for most in DURATION_MAX_DEFAULT)
        layout = [("months", "<i4"), ("days", "<i4"), ("ns", "<i8")]
        values = np.empty(len(at), layout)
        values["months"], values["days"], values["ns"] = months, days, ms * 1_000_000
        return fixed_width_array(values, self.type)


def calendar_column(
    path: str, arrow_type: pa.DataType, declared: CalendarGenerator = _CALENDAR_DEFAULT
) -> IntegerColumn | DurationColumn:
    """Return the column of a date, time, timestamp or duration, by default over its own range."""
    if arrow_type == pa.month_day_nano_interval():
        return DurationColumn(path, arrow_type)
    if declared.first is not None and declared.last is not None:
        return IntegerColumn(path, arrow_type, declared.first, declared.last)
    if arrow_type == pa.date32():
        return IntegerColumn(path, arrow_type, DATE_FIRST_DEFAULT, DATE_LAST_DEFAULT)
    per_second = UNITS_PER_SECOND[arrow_type.unit]
    if pa.types.is_time(arrow_type):
        return IntegerColumn(path, arrow_type, 0, MS_PER_DAY // 1_000 * per_second - 1)
    return IntegerColumn(
        path, arrow_type, SECOND_FIRST_DEFAULT * per_second, SECOND_AFTER_DEFAULT * per_second - 1
    )


def unique_calendar_column(
    making: BuildContext, place: ColumnTarget, declared: CalendarGenerator
) -> IntegerColumn | SteppedColumn | DurationColumn:
    column = calendar_column(place.path, place.type, declared)
    if not (declared.unique and isinstance(column, IntegerColumn)):
        return column
    return _range_column(making, place, declared, (column.low, column.high))


def timestamp_column(
    making: BuildContext, place: ColumnTarget, declared: TimestampGenerator
) -> IntegerColumn | SteppedColumn:
    return _range_column(making, place, declared, declared.span(UNITS_PER_SECOND[place.type.unit]))


def date_column(
    making: BuildContext, place: ColumnTarget, declared: DateGenerator
) -> IntegerColumn | SteppedColumn:
    return _range_column(making, place, declared, declared.span)


def _range_column(
    making: BuildContext, place: ColumnTarget, declared: ValueGenerator, ends: tuple[int, int]
) -> IntegerColumn | SteppedColumn:
    """Return the column of counts of a unit from the first to the last of `ends`."""
    if not declared.unique:
        return IntegerColumn(place.path, place.type, *ends)
    size = ends[1] - ends[0] + 1
    apart = -(-size // PERMUTATION_SIZE_MAX)  # of more than can be permuted, every second or third
    permutation = Permutation.of(making.seeds, place.path, size // apart)
    return SteppedColumn(place.path, place.type, *ends, 1, apart, permutation)
