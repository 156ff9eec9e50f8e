"""Schedules are exact, monotone, invertible and independent of ranges, across changes."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gerador.errors import DataError, SettingError
from gerador.limits import TIMESTAMP_MAX_NS
from gerador.schedule.schedule import SEGMENTS_MAX, Schedule
from gerador.schedule.target_rate import MAX, PAUSED, TargetRate, constant_rate, generations_rate

START_NS = 1_767_225_600_000_000_000
DAY_NS = 86_400_000_000_000

rates = st.one_of(
    st.integers(1, 999_999).map(lambda n: constant_rate(Fraction(n, 1_000).__float__())),
    st.integers(1_000, 10_000_000).map(constant_rate),
)
cadences = st.builds(
    generations_rate, st.integers(1, 5_000), st.integers(1, 100_000).map(lambda n: n / 1_000)
)
ticking = rates | cadences
target_rates = ticking | st.sampled_from([MAX, PAUSED])


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """Draw a schedule of one to five segments, changed at rows that were due."""
    schedule = Schedule.starting(START_NS + draw(st.integers(0, DAY_NS)), draw(target_rates))
    for target_rate in draw(st.lists(target_rates, max_size=4)):
        last = schedule.segments[-1]
        now_ns = last.start_ns + draw(st.integers(0, 20_000_000_000))
        due = schedule.due_rows(now_ns)
        most = last.first_row + 10_000 if due is None else due
        row = max(last.first_row, most - draw(st.integers(0, 3)))
        schedule = schedule.with_rate_from(row, now_ns, target_rate)
    return schedule


@given(schedules(), st.integers(0, 10**12))
def test_due_rows_is_the_inverse_of_due_ns(schedule: Schedule, row: int):
    """A row is due at its due time and not a nanosecond earlier."""
    due_ns = schedule.due_ns(row)
    if due_ns is None:
        assert schedule.due_rows(2**80) <= row
        return
    due = schedule.due_rows(due_ns)
    assert due is None or due > row
    before = schedule.due_rows(due_ns - 1)
    assert before is not None
    assert before <= row


@given(schedules(), st.integers(0, 10**6), st.integers(1, 2_000))
def test_due_times_and_event_times_never_decrease(schedule: Schedule, a: int, rows: int):
    """Due times and event times do not decrease from row to row, for any changes."""
    dues = [due for r in range(a, a + rows, 37) if (due := schedule.due_ns(r)) is not None]
    assert dues == sorted(dues)
    assert (np.diff(schedule.event_time_ms(a, a + rows)) >= 0).all()


@given(schedules(), st.integers(0, 10**6), st.integers(0, 3_000), st.integers(0, 3_000))
def test_event_times_do_not_depend_on_the_range(schedule: Schedule, a: int, m: int, n: int):
    """Event times are the same for any split of a range."""
    whole = schedule.event_time_ms(a, a + m + n)
    parts = [schedule.event_time_ms(a, a + m), schedule.event_time_ms(a + m, a + m + n)]
    assert np.array_equal(np.concatenate(parts), whole)


@given(ticking, st.integers(0, 10**6))
def test_event_time_is_due_time(target_rate: TargetRate, row: int):
    """With a timed rate from the start, event time is due time truncated to milliseconds."""
    schedule = Schedule.starting(START_NS, target_rate)
    due_ns = schedule.due_ns(row)
    assert due_ns is not None
    assert schedule.event_time_ms(row, row + 1)[0] == due_ns // 1_000_000


@given(schedules(), target_rates, st.integers(0, 10**10))
def test_a_change_leaves_earlier_rows_alone(
    schedule: Schedule, target_rate: TargetRate, later_ns: int
):
    """Rows before a change keep their event times."""
    now_ns = schedule.segments[-1].start_ns + later_ns
    due = schedule.due_rows(now_ns)
    row = schedule.segments[-1].first_row + 500 if due is None else due
    first = max(0, row - 1_000)
    changed = schedule.with_rate_from(row, now_ns, target_rate)
    assert np.array_equal(changed.event_time_ms(first, row), schedule.event_time_ms(first, row))


@given(st.integers(1, 999_999), st.integers(1, 10_000))
def test_a_rate_is_exact(thousandths: int, seconds: int):
    """After whole seconds exactly rate x seconds rows are due, for any rate of three decimals."""
    schedule = Schedule.starting(
        START_NS, constant_rate(str(Fraction(thousandths, 1_000).__float__()))
    )
    due = schedule.due_rows(START_NS + seconds * 1_000_000_000 - 1)
    assert due == -(-thousandths * seconds // 1_000)


def test_generations_are_due_together():
    """All rows of a generation share a due time, one interval after the previous generation."""
    schedule = Schedule.starting(START_NS, generations_rate(1_000, "0.25"))
    assert schedule.due_rows(START_NS) == 1_000
    assert schedule.due_ns(999) == START_NS
    assert schedule.due_ns(1_000) == START_NS + 250_000_000
    assert schedule.due_rows(START_NS + 249_999_999) == 1_000


def test_generations_keep_their_boundaries_after_a_change():
    """After a change in the middle of a generation, the first tick completes it."""
    schedule = Schedule.starting(START_NS, MAX).with_rate_from(
        1_500, START_NS + 5, generations_rate(1_000, 1)
    )
    assert schedule.due_rows(START_NS + 5) == 2_000
    assert schedule.due_ns(2_000) == START_NS + 5 + 1_000_000_000


def test_no_row_is_due_in_a_pause():
    """The due count is constant in a pause; later rows are due from the resume."""
    hour_ns = 3_600_000_000_000
    paused = Schedule.starting(START_NS, constant_rate(10)).with_rate_from(
        10, START_NS + 999_999_999, PAUSED
    )
    assert paused.due_rows(START_NS + hour_ns) == 10
    assert paused.due_ns(10) is None
    assert paused.target_rows_per_s(START_NS + hour_ns) == 0.0
    resumed = paused.with_rate_from(10, START_NS + hour_ns, constant_rate(10))
    assert resumed.due_ns(10) == START_NS + hour_ns
    assert resumed.due_rows(START_NS + hour_ns - 1) == 10


def test_full_speed_advances_event_time_by_the_step():
    """At full speed there is no due count, and event time advances a millisecond per row."""
    schedule = Schedule.starting(START_NS, MAX)
    assert schedule.due_rows(START_NS) is None
    assert schedule.due_rows(START_NS - 1) == 0
    assert schedule.target_rows_per_s(START_NS) is None
    start_ms = START_NS // 1_000_000
    assert schedule.event_time_ms(5, 8).tolist() == [start_ms + 5, start_ms + 6, start_ms + 7]


def test_event_time_continues_after_full_speed():
    """A rate after full speed continues from the event time reached, until the clock passes it."""
    fast = Schedule.starting(START_NS, MAX).with_rate_from(
        60_000, START_NS + 1_000_000_000, constant_rate(1_000)
    )
    start_ms = START_NS // 1_000_000
    assert fast.due_ns(60_000) == START_NS + 1_000_000_000
    assert fast.event_time_ms(59_999, 60_002).tolist() == [
        start_ms + 59_999, start_ms + 60_000, start_ms + 60_001,
    ]  # fmt: skip
    later_ns = START_NS + 3_600_000_000_000
    caught = fast.with_rate_from(60_001, later_ns, constant_rate(1_000))
    assert caught.event_time_ms(60_001, 60_002)[0] == later_ns // 1_000_000


def test_distant_rows_do_not_overflow():
    """The lowest rate is exact for centuries, and rows after 2262 are errors."""
    schedule = Schedule.starting(0, constant_rate("0.001"))
    assert schedule.event_time_ms(9_000_000, 9_000_001)[0] == 9_000_000_000_000
    with pytest.raises(DataError, match="row 9999999 would be due after 2262-04-11"):
        schedule.event_time_ms(9_999_000, 10_000_000)


def test_long_ranges_are_split():
    """A range that exceeds 64-bit arithmetic in one call has the same times as single rows."""
    schedule = Schedule.starting(START_NS, generations_rate(1, 86_400))
    times = schedule.event_time_ms(10, 60_010)
    assert times[-1] == START_NS // 1_000_000 + 60_009 * 86_400_000


@pytest.mark.parametrize(
    ("row", "start_ns", "message"),
    [
        (0, START_NS - 1, "precedes the last one"),
        (102, START_NS + 100_000_000, "only 101 rows are due"),
    ],
)
def test_invalid_changes_are_rejected(row: int, start_ns: int, message: str):
    """A change in the past, or at a row that is not due yet, is an error."""
    schedule = Schedule.starting(START_NS, constant_rate(1_000))
    with pytest.raises(SettingError, match=message):
        schedule.with_rate_from(row, start_ns, PAUSED)


def test_changes_are_bounded():
    """The number of segments is limited."""
    schedule = Schedule.starting(START_NS, MAX)
    full = Schedule(schedule.segments * SEGMENTS_MAX)
    with pytest.raises(SettingError, match="more than 65536 rate changes"):
        full.with_rate_from(1, START_NS, PAUSED)


@pytest.mark.parametrize("start_ns", [-1, TIMESTAMP_MAX_NS + 1])
def test_starts_out_of_range_are_rejected(start_ns: int):
    """A start that does not fit into 64-bit nanoseconds is an error."""
    with pytest.raises(SettingError, match=r"outside \[1970-01-01, 2262-04-11\]"):
        Schedule.starting(start_ns, MAX)
