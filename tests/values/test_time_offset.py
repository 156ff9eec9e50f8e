"""Time offsets: units, distributions, nulls and errors."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gerador.errors import DataError, SettingError
from gerador.values.date_time import EventTimeGenerator, RandomTimeGenerator
from gerador.values.distributions.normal import LognormalDistribution
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
def test_constant_offset_in_every_unit(by: float | str, kind: dict[str, str]):
    """The difference is exact, in all units."""
    declared = TimeOffsetGenerator(field="at", by=by)
    made = tables(spec("s", {"at": STAMP, "o": kind}, {"o": declared}))
    rows = columns(made, "s", 0, 100)
    pairs = zip(rows["o"], rows["at"], strict=True)
    apart = {o.replace(tzinfo=None) - a.replace(tzinfo=None) for o, a in pairs}
    assert apart == {timedelta(seconds=float(declared.by))}  # type: ignore[arg-type]


def test_offset_from_the_event_time():
    """`event_time` is the row's event time if no field has that name."""
    fields = {"o": TimeOffsetGenerator(field="event_time", by=1), "at": EventTimeGenerator()}
    rows = columns(tables(spec("s", {"o": STAMP, "at": STAMP}, fields)), "s", 0, 50)
    assert all(o - a == timedelta(seconds=1) for o, a in zip(rows["o"], rows["at"], strict=True))


def test_random_offsets_are_rounded_to_the_unit():
    """Offsets have their distribution: half of a uniform range is in its first half."""
    fields = {
        "o": TimeOffsetGenerator(field="at", by=UniformDistribution(min=0, max=10, decimals=3))
    }
    rows = columns(tables(spec("s", {"at": STAMP, "o": STAMP}, fields)), "s", 0, 5_000)
    apart = [(o - a).total_seconds() for o, a in zip(rows["o"], rows["at"], strict=True)]
    assert 0 <= min(apart) <= max(apart) <= 10
    assert_share(sum(a <= 5 for a in apart), len(apart), 5_001 / 10_001)


def test_durations_inside_a_distribution():
    """Parameters in seconds may be durations, to any depth; others are numbers."""
    declared = TimeOffsetGenerator(
        field="at",
        by={
            "lognormal": {
                "median": {"uniform": {"min": "-1m", "max": "2h"}},
                "sigma": 0,
                "max": "1d",
            }
        },
    )
    median = UniformDistribution(min=-60, max=7_200)
    assert declared.by == LognormalDistribution(median=median, sigma=0, max=86_400)
    assert TimeOffsetGenerator(field="at", by={"exponential": "1h"}).by.interval().low == 0
    histogram = {"histogram": {"edges": ["0s", "1m"], "weights": [1]}}
    assert TimeOffsetGenerator(field="at", by=histogram).by.interval().high == 60


def test_dates_move_by_whole_days():
    """A date is the day of the shifted timestamp."""
    fields = {"o": TimeOffsetGenerator(field="day", by="36h"), "day": RandomTimeGenerator()}
    rows = columns(tables(spec("s", {"day": DATE, "o": DATE}, fields)), "s", 0, 50)
    assert {o - d for o, d in zip(rows["o"], rows["day"], strict=True)} == {timedelta(days=1)}


def test_null_stays_null():
    """A null time has a null offset time."""
    fields = {
        "at": RandomTimeGenerator(null=0.5),
        "o": TimeOffsetGenerator(field="at", by=3600, null=0.0),
    }
    rows = columns(
        tables(spec("s", {"at": ["null", STAMP], "o": ["null", STAMP]}, fields)), "s", 0, 99
    )
    assert [o is None for o in rows["o"]] == [a is None for a in rows["at"]]
    assert None in rows["at"]


def test_nanosecond_overflow_is_an_error():
    """The error names the field and the row."""
    before = {"o": "event_time", "p": "o", "q": "p"}  # a hundred years each
    fields = {name: TimeOffsetGenerator(field=of, by=1e12) for name, of in before.items()}
    made = spec("s", {"o": MICROS, "p": NANOS, "q": NANOS}, fields)
    with pytest.raises(
        DataError, match=r"field 'q', row 0: the timestamp is outside the range of timestamp\[ns"
    ):
        tables(made).rows_of("s").rows(0, 1)


def test_offsets_do_not_depend_on_slices():
    """Any slices have the same timestamps."""
    fields = {"o": TimeOffsetGenerator(field="at", by=UniformDistribution(min=-5, max=5))}
    assert_any_cut(spec("s", {"o": STAMP, "at": STAMP}, fields), name="s")


@pytest.mark.parametrize(
    ("of", "message"),
    [
        ("att", "unknown field 'att'; did you mean 'at'?"),
        ("id", "field 'id' is 'string'; 'offset' accepts date, timestamp"),
    ],
)
def test_fields_that_are_not_times_are_rejected(of: str, message: str):
    """The referenced field must be a date or timestamp."""
    fields = {"o": TimeOffsetGenerator(field=of, by=1), "id": UuidGenerator()}
    with pytest.raises(SettingError) as error:
        spec("s", {"at": STAMP, "id": "string", "o": STAMP}, fields)
    assert message in str(error.value)


def test_circular_offsets_are_rejected():
    """The error names the fields of the cycle."""
    fields = {"a": TimeOffsetGenerator(field="b", by=1), "b": TimeOffsetGenerator(field="a", by=1)}
    match = r"fields reference each other in a cycle: \w+ -> \w+ -> \w+; remove one"
    with pytest.raises(SettingError, match=match):
        spec("s", {"a": STAMP, "b": STAMP}, fields)
