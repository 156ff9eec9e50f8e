"""Generators of event time, timestamps, dates, times of day and durations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

import numpy as np
import pyarrow as pa
from pydantic import Strict

from gerador.avro.schema import type_category
from gerador.units import EPOCH
from gerador.values.arrow_arrays import fixed_width_array
from gerador.values.column import BaseColumn, Positions, take_rows
from gerador.values.declaration import ValueGenerator
from gerador.values.distributions.uniform import StepColumn
from gerador.values.index_sampling import unique_steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gerador.avro.schema import AvroType
    from gerador.values.column import Block, BuildContext, ColumnTarget


EVENT_TIME: Final = "event_time"
TIMESTAMP_TYPE: dict[str, str] = {"type": "long", "logicalType": "timestamp-millis"}
DATE_TYPE: dict[str, str] = {"type": "int", "logicalType": "date"}
MICROSECONDS_PER_SECOND: Final = 1_000_000
SECONDS_PER_DAY: Final = 86_400
UNITS_PER_SECOND: Final = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
DAY_BOUNDS: Final = (-(2**31), 2**31 - 1)
TIMESTAMP_BOUNDS: Final = (-(2**63), 2**63 - 1)
"""Ranges of dates and timestamps, in days and in units since the epoch."""
_UNIT_NAMES: Final = {"millis": "ms", "micros": "us", "nanos": "ns"}


class EventTimeGenerator(ValueGenerator):
    """The row's event time, in the unit of the type."""

    types: ClassVar[frozenset[str]] = frozenset({"timestamp", "date"})
    kind: Literal["event_time"] = "event_time"

    def default_type(self) -> Any:
        """Return timestamp-millis."""
        return TIMESTAMP_TYPE

    def depends_on_event_time(self) -> bool:
        """Return true."""
        return True

    def column(self, context: BuildContext, target: ColumnTarget) -> EventTimeColumn:  # noqa: ARG002
        """Return the column of the field."""
        return EventTimeColumn(target.path, target.type)


class RandomTimeGenerator(ValueGenerator):
    """A date, time of day, timestamp or duration, uniform over a default range of its type.

    `first` and `last`, both included, set another range: integers in the type's unit since the
    epoch (days, milliseconds, …). Durations have only the default range.
    """

    types: ClassVar[frozenset[str]] = frozenset({"date", "time", "timestamp", "duration"})
    equally_likely: ClassVar[bool] = True
    kind: Literal["random_time"] = "random_time"
    first: int | None = None
    """Minimum, in the type's unit since the epoch (days, milliseconds, …); requires last."""
    last: int | None = None
    """Maximum, in the type's unit since the epoch; requires first."""

    def default_type(self) -> Any:
        """Return timestamp-millis."""
        return TIMESTAMP_TYPE

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield an error if the range is invalid or the type does not hold it."""
        if (self.first, self.last) == (None, None):
            return
        category = type_category(avro_type)
        if self.first is None or self.last is None or category == "duration":
            yield "first", "give first and last together, for a date, time or timestamp"
            return
        low, high = unit_bounds(avro_type)
        if self.first > self.last:
            yield "first", f"first {self.first} is above last {self.last}"
        elif self.first < low or self.last > high:
            chosen = f"[{self.first}, {self.last}]"
            yield "first", f"{chosen} is outside the range of {category!r}, [{low}, {high}]"

    def distinct_values(self, avro_type: AvroType) -> int | None:  # noqa: ARG002
        """Return the number of values in [first, last], if set."""
        return None if self.first is None or self.last is None else self.last - self.first + 1

    def column(self, context: BuildContext, target: ColumnTarget) -> StepColumn | DurationColumn:
        """Return the column of the field."""
        column = random_time_column(target.path, target.type, self)
        if not (self.unique and isinstance(column, StepColumn)):
            return column
        return _range_column(context, target, (column.low, column.high), unique=True)


class TimestampGenerator(ValueGenerator):
    """Timestamps in [`after`, `before`), equally likely."""

    types: ClassVar[frozenset[str]] = frozenset({"timestamp"})
    equally_likely: ClassVar[bool] = True
    kind: Literal["timestamp"] = "timestamp"
    after: Annotated[datetime, Strict(False)]
    """The first timestamp, ISO 8601. Without a UTC offset: UTC."""
    before: Annotated[datetime, Strict(False)]
    """The exclusive end, ISO 8601. Without a UTC offset: UTC."""

    def default_type(self) -> Any:
        """Return timestamp-millis."""
        return TIMESTAMP_TYPE

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield an error if the range has no timestamp, or the type does not hold it."""
        first, last = self.bounds(UNITS_PER_SECOND[unit_of(avro_type)])
        low, high = unit_bounds(avro_type)
        if first > last:
            yield (
                "after",
                f"no timestamp in [{self.after}, {self.before}); after must be earlier",
            )
        elif first < low or last > high:
            yield "before", f"{self.after} to {self.before} is outside the range of the type"

    def distinct_values(self, avro_type: AvroType) -> int:
        """Return the number of timestamps in the type's unit."""
        first, last = self.bounds(UNITS_PER_SECOND[unit_of(avro_type)])
        return last - first + 1

    def bounds(self, per_second: int) -> tuple[int, int]:
        """Return the first and the last timestamp, in a unit since the epoch."""
        ends = (_microseconds(self.after), _microseconds(self.before))
        first, end = (-(-us * per_second // MICROSECONDS_PER_SECOND) for us in ends)
        return first, end - 1

    def column(self, context: BuildContext, target: ColumnTarget) -> StepColumn:
        """Return the column of the field."""
        bounds = self.bounds(UNITS_PER_SECOND[target.type.unit])
        return _range_column(context, target, bounds, unique=self.unique)


class DateGenerator(ValueGenerator):
    """Dates in [`first`, `last`], equally likely."""

    types: ClassVar[frozenset[str]] = frozenset({"date"})
    equally_likely: ClassVar[bool] = True
    kind: Literal["date"] = "date"
    first: Annotated[date, Strict(False)]
    """The first date, such as 2026-01-31."""
    last: Annotated[date, Strict(False)]
    """The last date, included, such as 2026-12-31."""

    def default_type(self) -> Any:
        """Return date."""
        return DATE_TYPE

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield an error if `first` is after `last`."""
        if self.first > self.last:
            yield "first", f"first {self.first} is after last {self.last}"

    def distinct_values(self, avro_type: AvroType) -> int:  # noqa: ARG002
        """Return the number of dates."""
        return self.bounds[1] - self.bounds[0] + 1

    @property
    def bounds(self) -> tuple[int, int]:
        """The first and the last date, in days since the epoch."""
        return (self.first - EPOCH.date()).days, (self.last - EPOCH.date()).days

    def column(self, context: BuildContext, target: ColumnTarget) -> StepColumn:
        """Return the column of the field."""
        return _range_column(context, target, self.bounds, unique=self.unique)


def _microseconds(instant: datetime) -> int:
    """Return the microseconds since the epoch; UTC without a UTC offset."""
    zoned = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return (zoned - EPOCH) // timedelta(microseconds=1)


def unit_of(avro_type: AvroType) -> str:
    """Return the unit of a date, time or timestamp: ``d``, ``ms``, ``us`` or ``ns``."""
    name = getattr(getattr(avro_type, "logical", None), "name", "")
    return _UNIT_NAMES.get(name.rpartition("-")[2], "d")


def unit_bounds(avro_type: AvroType) -> tuple[int, int]:
    """Return the minimum and maximum of a date, time or timestamp, in its unit."""
    if type_category(avro_type) == "time":
        return 0, SECONDS_PER_DAY * UNITS_PER_SECOND[unit_of(avro_type)] - 1
    return DAY_BOUNDS if unit_of(avro_type) == "d" else TIMESTAMP_BOUNDS


MS_PER_DAY: Final = 86_400_000
DATE_FIRST_DEFAULT: Final = 0
DATE_LAST_DEFAULT: Final = 21_914
"""Default range of dates: 1970-01-01 to 2029-12-31, in days since the epoch."""
SECOND_FIRST_DEFAULT: Final = 1_577_836_800
SECOND_AFTER_DEFAULT: Final = 1_893_456_000
"""Default range of timestamps: [2020-01-01, 2030-01-01), in seconds since the epoch."""
DURATION_MAX_DEFAULT: Final = (11, 27, MS_PER_DAY - 1)
"""Maximum months, days and milliseconds of a duration; the minimum is 0."""
_RANDOM_TIME_DEFAULT: Final = RandomTimeGenerator()


@dataclass(frozen=True, slots=True)
class EventTimeColumn(BaseColumn):
    """The event time of the row, in whole milliseconds, converted to the unit of the type."""

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) timestamps, or dates of the UTC day."""
        ms = take_rows(block.event_time_ms, positions)
        if self.type == pa.date32():
            return fixed_width_array((ms // MS_PER_DAY).astype(np.int32), self.type)
        factor = UNITS_PER_SECOND[self.type.unit] // 1_000
        return fixed_width_array(ms if factor == 1 else ms * factor, self.type)


@dataclass(frozen=True, slots=True)
class DurationColumn(BaseColumn):
    """Months, days and milliseconds, each uniform from 0 to `DURATION_MAX_DEFAULT`."""

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) Arrow month_day_nano intervals, not negative."""
        rng = block.rng(self.path)
        months, days, ms = (rng.integers(len(positions), 0, most) for most in DURATION_MAX_DEFAULT)
        layout = [("months", "<i4"), ("days", "<i4"), ("ns", "<i8")]
        values = np.empty(len(positions), layout)
        values["months"], values["days"], values["ns"] = months, days, ms * 1_000_000
        return fixed_width_array(values, self.type)


def random_time_column(
    path: str, arrow_type: pa.DataType, generator: RandomTimeGenerator = _RANDOM_TIME_DEFAULT
) -> StepColumn | DurationColumn:
    """Return the column of a date, time, timestamp or duration, by default over its own range."""
    if arrow_type == pa.month_day_nano_interval():
        return DurationColumn(path, arrow_type)
    if generator.first is not None and generator.last is not None:
        return StepColumn(path, arrow_type, generator.first, generator.last)
    if arrow_type == pa.date32():
        return StepColumn(path, arrow_type, DATE_FIRST_DEFAULT, DATE_LAST_DEFAULT)
    per_second = UNITS_PER_SECOND[arrow_type.unit]
    if pa.types.is_time(arrow_type):
        return StepColumn(path, arrow_type, 0, MS_PER_DAY // 1_000 * per_second - 1)
    return StepColumn(
        path, arrow_type, SECOND_FIRST_DEFAULT * per_second, SECOND_AFTER_DEFAULT * per_second - 1
    )


def _range_column(
    context: BuildContext, target: ColumnTarget, ends: tuple[int, int], *, unique: bool
) -> StepColumn:
    """Return the column of whole units from the first to the last of `ends`."""
    if not unique:
        return StepColumn(target.path, target.type, *ends)
    stride, permutation = unique_steps(context.seeds, target.path, ends[1] - ends[0] + 1)
    return StepColumn(target.path, target.type, *ends, 0, stride, permutation)
