"""Columns of instants and calendar values: event time, and uniform dates, times, durations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from gerador.events.block import pick
from gerador.events.columns.column import Leaf, Positions, from_numpy
from gerador.events.columns.numbers import Stepped, Whole
from gerador.events.columns.permutation import PERMUTED_MAX, Permutation
from gerador.scenario.fields import CalendarField, DateField, EventTimeField, TimestampField
from gerador.scenario.fields.times import PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.events.block import Block
    from gerador.events.columns.making import Make, Making, Place
    from gerador.scenario.fields import Declared

MS_PER_DAY: Final = 86_400_000
DATE_FIRST: Final = 0
DATE_LAST: Final = 21_914
"""Dates by default: 1970-01-01 to 2029-12-31, in days since the epoch."""
SECOND_FIRST: Final = 1_577_836_800
SECOND_AFTER: Final = 1_893_456_000
"""Timestamps by default: from 2020-01-01 to before 2030-01-01, in seconds since the epoch."""
DURATION_MAX: Final = (11, 27, MS_PER_DAY - 1)
"""The largest months, days and milliseconds of a duration by default; the least are 0."""
CALENDAR: Final = CalendarField()


@dataclass(frozen=True, slots=True)
class EventTime(Leaf):
    """The event time of the row, which is whole milliseconds, in the unit of the type."""

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) timestamps, or dates of the UTC day."""
        ms = pick(block.event_time_ms, at)
        if self.type == pa.date32():
            return from_numpy((ms // MS_PER_DAY).astype(np.int32), self.type)
        factor = PER_SECOND[self.type.unit] // 1_000
        return from_numpy(ms if factor == 1 else ms * factor, self.type)


@dataclass(frozen=True, slots=True)
class Durations(Leaf):
    """Months, days and milliseconds, each uniform up to `DURATION_MAX`."""

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) Arrow month_day_nano intervals, none negative."""
        draws = block.draws(self.path)
        months, days, ms = (draws.integers(len(at), 0, most) for most in DURATION_MAX)
        layout = [("months", "<i4"), ("days", "<i4"), ("ns", "<i8")]
        values = np.empty(len(at), layout)
        values["months"], values["days"], values["ns"] = months, days, ms * 1_000_000
        return from_numpy(values, self.type)


def calendar_column(
    path: str, arrow_type: pa.DataType, declared: CalendarField = CALENDAR
) -> Whole | Durations:
    """Return the column of a date, time, timestamp or duration, by default over its own range."""
    if arrow_type == pa.month_day_nano_interval():
        return Durations(path, arrow_type)
    if declared.first is not None and declared.last is not None:
        return Whole(path, arrow_type, declared.first, declared.last)
    if arrow_type == pa.date32():
        return Whole(path, arrow_type, DATE_FIRST, DATE_LAST)
    per_second = PER_SECOND[arrow_type.unit]
    if pa.types.is_time(arrow_type):
        return Whole(path, arrow_type, 0, MS_PER_DAY // 1_000 * per_second - 1)
    return Whole(path, arrow_type, SECOND_FIRST * per_second, SECOND_AFTER * per_second - 1)


def _calendar(making: Making, place: Place, declared: CalendarField) -> Whole | Stepped | Durations:
    column = calendar_column(place.path, place.type, declared)
    if not (declared.unique and isinstance(column, Whole)):
        return column
    return _between(making, place, declared, (column.low, column.high))


def _timestamps(making: Making, place: Place, declared: TimestampField) -> Whole | Stepped:
    return _between(making, place, declared, declared.span(PER_SECOND[place.type.unit]))


def _dates(making: Making, place: Place, declared: DateField) -> Whole | Stepped:
    return _between(making, place, declared, declared.span)


def _between(
    making: Making, place: Place, declared: Declared, ends: tuple[int, int]
) -> Whole | Stepped:
    """Return the column of counts of a unit from the first to the last of `ends`."""
    if not declared.unique:
        return Whole(place.path, place.type, *ends)
    size = ends[1] - ends[0] + 1
    apart = -(-size // PERMUTED_MAX)  # of more than can be permuted, every second or third
    permutation = Permutation.of(making.seeds, place.path, size // apart)
    return Stepped(place.path, place.type, *ends, 1, apart, permutation)


MAKERS: Final[Mapping[type, Make]] = {
    EventTimeField: lambda _, place, __: EventTime(place.path, place.type),
    CalendarField: _calendar,
    TimestampField: _timestamps,
    DateField: _dates,
}
