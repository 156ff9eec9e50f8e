"""Offsets: times that lie behind or before another one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gerador.errors import DataError, SettingError
from gerador.values.date_time import CalendarGenerator, EventTimeGenerator
from gerador.values.distributions.uniform import UniformDistribution
from gerador.values.time_offset import TimeOffsetGenerator
from gerador.values.uuids import UuidGenerator
from tests.values.generated_rows import assert_share
from tests.values.generated_streams import DATE, STAMP, assert_any_cut, columns, spec, tables

MICROS = {"type": "long", "logicalType": "timestamp-micros"}
NANOS = {"type": "long", "logicalType": "timestamp-nanos"}
LOCAL = {"type": "long", "logicalType": "local-timestamp-millis"}


@pytest.mark.parametrize("by", [90, -90, 0.25, "2h", "-1d"])
@pytest.mark.parametrize("kind", [STAMP, MICROS, LOCAL])
def test_a_constant_offset_is_kept_in_every_unit(by: float | str, kind: dict[str, str]):
    """Each instant lies exactly so many seconds from the other, whatever the units."""
    declared = TimeOffsetGenerator(of="at", by=by)
    made = tables(spec("s", {"at": STAMP, "o": kind}, {"o": declared}))
    rows = columns(made, "s", 0, 100)
    pairs = zip(rows["o"], rows["at"], strict=True)
    apart = {o.replace(tzinfo=None) - a.replace(tzinfo=None) for o, a in pairs}
    assert apart == {timedelta(seconds=float(declared.by))}  # type: ignore[arg-type]


def test_the_row_s_event_time_is_there_without_a_field():
    """`event_time` means the row's own, where no field has that name."""
    fields = {"o": TimeOffsetGenerator(of="event_time", by=1), "at": EventTimeGenerator()}
    rows = columns(tables(spec("s", {"o": STAMP, "at": STAMP}, fields)), "s", 0, 50)
    assert all(o - a == timedelta(seconds=1) for o, a in zip(rows["o"], rows["at"], strict=True))


def test_drawn_offsets_are_rounded_to_the_unit_and_spread():
    """Drawn seconds have their law: half of an uniform span lies in its first half."""
    fields = {"o": TimeOffsetGenerator(of="at", by=UniformDistribution(min=0, max=10, decimals=3))}
    rows = columns(tables(spec("s", {"at": STAMP, "o": STAMP}, fields)), "s", 0, 5_000)
    apart = [(o - a).total_seconds() for o, a in zip(rows["o"], rows["at"], strict=True)]
    assert 0 <= min(apart) <= max(apart) <= 10
    assert_share(sum(a <= 5 for a in apart), len(apart), 5_001 / 10_001)


def test_dates_move_by_whole_days():
    """A date is cut to the day that the moved instant lies in."""
    fields = {"o": TimeOffsetGenerator(of="day", by="36h"), "day": CalendarGenerator()}
    rows = columns(tables(spec("s", {"day": DATE, "o": DATE}, fields)), "s", 0, 50)
    assert {o - d for o, d in zip(rows["o"], rows["day"], strict=True)} == {timedelta(days=1)}


def test_null_stays_null():
    """What has no time has none an hour later."""
    fields = {
        "at": CalendarGenerator(null=0.5),
        "o": TimeOffsetGenerator(of="at", by=3600, null=0.0),
    }
    rows = columns(
        tables(spec("s", {"at": ["null", STAMP], "o": ["null", STAMP]}, fields)), "s", 0, 99
    )
    assert [o is None for o in rows["o"]] == [a is None for a in rows["at"]]
    assert None in rows["at"]


def test_nanoseconds_after_their_end_are_refused():
    """An instant that 64 bits of nanoseconds do not reach names the field and the row."""
    before = {"o": "event_time", "p": "o", "q": "p"}  # a hundred years each
    fields = {name: TimeOffsetGenerator(of=of, by=1e12) for name, of in before.items()}
    made = spec("s", {"o": MICROS, "p": NANOS, "q": NANOS}, fields)
    with pytest.raises(DataError, match=r"field 'q', row 0: the timestamp is outside the range of timestamp\[ns"):
        tables(made).get("s").rows(0, 1)


def test_offsets_are_the_same_in_any_cut():
    """Any cut gives the same instants."""
    fields = {"o": TimeOffsetGenerator(of="at", by=UniformDistribution(min=-5, max=5))}
    assert_any_cut(spec("s", {"o": STAMP, "at": STAMP}, fields), name="s")


@pytest.mark.parametrize(
    ("of", "said"),
    [
        ("att", "no field 'att'; did you mean 'at'?"),
        ("id", "field 'id' is 'string'; 'offset' reads date, timestamp"),
    ],
)
def test_other_fields_are_refused(of: str, said: str):
    """Only times can be counted from."""
    fields = {"o": TimeOffsetGenerator(of=of, by=1), "id": UuidGenerator()}
    with pytest.raises(SettingError) as refused:
        spec("s", {"at": STAMP, "id": "string", "o": STAMP}, fields)
    assert said in str(refused.value)


def test_offsets_that_need_each_other_are_refused():
    """A circle of fields is named."""
    fields = {"a": TimeOffsetGenerator(of="b", by=1), "b": TimeOffsetGenerator(of="a", by=1)}
    with pytest.raises(SettingError, match=r"needs .* needs .*: fields in a circle"):
        spec("s", {"a": STAMP, "b": STAMP}, fields)
