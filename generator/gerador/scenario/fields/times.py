"""Kinds of instants, dates, times and durations."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

from pydantic import BeforeValidator, Strict

from gerador.rates import NS_PER_S, parse_duration_ns
from gerador.scenario.fields.declared import Declared
from gerador.scenario.fields.numbers import Number
from gerador.scenario.fields.written import NUMBER_KINDS
from gerador.scenario.type_words import type_word

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from gerador.scenario.avro import AvroType

EVENT_TIME: Final = "event_time"
TIMESTAMP: dict[str, str] = {"type": "long", "logicalType": "timestamp-millis"}
DATE: dict[str, str] = {"type": "int", "logicalType": "date"}
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECONDS: Final = 1_000_000
SECONDS_PER_DAY: Final = 86_400
PER_SECOND: Final = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
DAY_BOUNDS: Final = (-(2**31), 2**31 - 1)
INSTANT_BOUNDS: Final = (-(2**63), 2**63 - 1)
"""What a date and a timestamp hold, in days and in units since the epoch."""
_UNITS: Final = {"millis": "ms", "micros": "us", "nanos": "ns"}


def read_span_s(value: Any) -> Any:
    """Read ``-2h`` as -7200.0 seconds; pass on what is no duration."""
    if not isinstance(value, str) or value in NUMBER_KINDS:
        return value
    back = value.strip().startswith("-")
    seconds = parse_duration_ns(value.strip().removeprefix("-")) / NS_PER_S
    return -seconds if back else seconds


class EventTimeField(Declared):
    """The row's event time, in the unit of the type."""

    suits: ClassVar[frozenset[str]] = frozenset({"timestamp", "date"})
    kind: Literal["event_time"] = "event_time"

    def natural_type(self) -> Any:
        """Return timestamp-millis."""
        return TIMESTAMP


class CalendarField(Declared):
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
        return TIMESTAMP

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield a range that is none, or that the type does not hold."""
        if (self.first, self.last) == (None, None):
            return
        word = type_word(avro_type)
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


class TimestampField(Declared):
    """Instants from `after` to before `before`, equally likely; UTC where no zone is said."""

    suits: ClassVar[frozenset[str]] = frozenset({"timestamp"})
    kind: Literal["timestamp"] = "timestamp"
    after: Annotated[datetime, Strict(False)]
    """The first instant, ISO 8601; UTC where no zone is said."""
    before: Annotated[datetime, Strict(False)]
    """The instant that is not reached any more, ISO 8601; UTC where no zone is said."""

    def natural_type(self) -> Any:
        """Return timestamp-millis."""
        return TIMESTAMP

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield a span without an instant of the type's unit in it, or beyond what it holds."""
        first, last = self.span(PER_SECOND[unit_of(avro_type)])
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
        first, last = self.span(PER_SECOND[unit_of(avro_type)])
        return last - first + 1

    def span(self, per_second: int) -> tuple[int, int]:
        """Return the first and the last instant as counts of a unit since the epoch."""
        ends = (_microseconds(self.after), _microseconds(self.before))
        first, end = (-(-us * per_second // MICROSECONDS) for us in ends)
        return first, end - 1


class DateField(Declared):
    """Days from `first` to `last`, both included, equally likely."""

    suits: ClassVar[frozenset[str]] = frozenset({"date"})
    kind: Literal["date"] = "date"
    first: Annotated[date, Strict(False)]
    """The first day: 2026-01-31."""
    last: Annotated[date, Strict(False)]
    """The last day, included: 2026-12-31."""

    def natural_type(self) -> Any:
        """Return date."""
        return DATE

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
    return _UNITS.get(name.rpartition("-")[2], "d")


def unit_bounds(avro_type: AvroType) -> tuple[int, int]:
    """Return the least and the most that a date, time or timestamp holds, in its unit."""
    if type_word(avro_type) == "time":
        return 0, SECONDS_PER_DAY * PER_SECOND[unit_of(avro_type)] - 1
    return DAY_BOUNDS if unit_of(avro_type) == "d" else INSTANT_BOUNDS


class OffsetField(Declared):
    """Another time field of the row, moved by a number of seconds (or a text such as ``2h``).

    Negative seconds move it back. ``{offset: event_time, by: {exponential: 30}}``; `of` is a
    field's name, or ``event_time`` for the row's own.
    """

    suits: ClassVar[frozenset[str]] = frozenset({"timestamp", "date"})
    main: ClassVar[str | None] = "of"
    kind: Literal["offset"] = "offset"
    reads: ClassVar[frozenset[str]] = frozenset({"timestamp", "date"})
    of: str
    """The time field that it counts from, or event_time for the row's own."""
    by: Annotated[Number, BeforeValidator(read_span_s)]
    """Seconds that are added, or a text such as 2h; negative ones, or -2h, go back."""

    def mentions(self, known: Collection[str]) -> Iterator[tuple[str, str]]:
        """Yield the field that it counts from."""
        if self.of != EVENT_TIME or EVENT_TIME in known:
            yield "of", self.of

    def natural_type(self) -> Any:
        """Return timestamp-millis."""
        return TIMESTAMP
