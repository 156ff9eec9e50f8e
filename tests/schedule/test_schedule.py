"""The schedule: exact, monotone, invertible, the same in any cut, continuous over changes."""

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
paces = ticking | st.sampled_from([MAX, PAUSED])


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """Schedules of one to five segments, changed at rows that were due or at fewer."""
    made = Schedule.starting(START_NS + draw(st.integers(0, DAY_NS)), draw(paces))
    for pace in draw(st.lists(paces, max_size=4)):
        last = made.segments[-1]
        now_ns = last.instant_ns + draw(st.integers(0, 20_000_000_000))
        due = made.due_rows(now_ns)
        most = last.first_row + 10_000 if due is None else due
        row = max(last.first_row, most - draw(st.integers(0, 3)))
        made = made.then(row, now_ns, pace)
    return made


@given(schedules(), st.integers(0, 10**12))
def test_the_inverse_agrees(schedule: Schedule, row: int):
    """A row is due from its instant on and not a nanosecond before."""
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
def test_due_times_and_event_times_never_step_back(schedule: Schedule, a: int, rows: int):
    """Neither instants nor event times decrease from row to row, over any changes of pace."""
    dues = [due for r in range(a, a + rows, 37) if (due := schedule.due_ns(r)) is not None]
    assert dues == sorted(dues)
    assert (np.diff(schedule.event_time_ms(a, a + rows)) >= 0).all()


@given(schedules(), st.integers(0, 10**6), st.integers(0, 3_000), st.integers(0, 3_000))
def test_any_cut_gives_the_same_event_times(schedule: Schedule, a: int, m: int, n: int):
    """Event times of a range do not depend on where it is cut."""
    whole = schedule.event_time_ms(a, a + m + n)
    parts = [schedule.event_time_ms(a, a + m), schedule.event_time_ms(a + m, a + m + n)]
    assert np.array_equal(np.concatenate(parts), whole)


@given(ticking, st.integers(0, 10**6))
def test_event_time_is_due_time(pace: TargetRate, row: int):
    """Under a clocked pace from the start, event time is due time cut to milliseconds."""
    schedule = Schedule.starting(START_NS, pace)
    due_ns = schedule.due_ns(row)
    assert due_ns is not None
    assert schedule.event_time_ms(row, row + 1)[0] == due_ns // 1_000_000


@given(schedules(), paces, st.integers(0, 10**10))
def test_a_change_leaves_earlier_rows_alone(schedule: Schedule, pace: TargetRate, later_ns: int):
    """Rows before a change keep their event times."""
    now_ns = schedule.segments[-1].instant_ns + later_ns
    due = schedule.due_rows(now_ns)
    row = schedule.segments[-1].first_row + 500 if due is None else due
    first = max(0, row - 1_000)
    changed = schedule.then(row, now_ns, pace)
    assert np.array_equal(changed.event_time_ms(first, row), schedule.event_time_ms(first, row))


@given(st.integers(1, 999_999), st.integers(1, 10_000))
def test_a_rate_is_exact(thousandths: int, seconds: int):
    """After whole seconds exactly rate x seconds rows were due, for any of three decimals."""
    schedule = Schedule.starting(
        START_NS, constant_rate(str(Fraction(thousandths, 1_000).__float__()))
    )
    due = schedule.due_rows(START_NS + seconds * 1_000_000_000 - 1)
    assert due == -(-thousandths * seconds // 1_000)


def test_generations_fall_due_together():
    """All rows of a generation share an instant, an interval after the one before."""
    schedule = Schedule.starting(START_NS, generations_rate(1_000, "0.25"))
    assert schedule.due_rows(START_NS) == 1_000
    assert schedule.due_ns(999) == START_NS
    assert schedule.due_ns(1_000) == START_NS + 250_000_000
    assert schedule.due_rows(START_NS + 249_999_999) == 1_000


def test_generations_keep_their_bounds_after_a_change():
    """A change in the middle of a generation finishes it with the first tick."""
    schedule = Schedule.starting(START_NS, MAX).then(
        1_500, START_NS + 5, generations_rate(1_000, 1)
    )
    assert schedule.due_rows(START_NS + 5) == 2_000
    assert schedule.due_ns(2_000) == START_NS + 5 + 1_000_000_000


def test_a_pause_makes_nothing_due_until_it_ends():
    """While paused the count stands still; rows after it are due from the resumption on."""
    hour_ns = 3_600_000_000_000
    paused = Schedule.starting(START_NS, constant_rate(10)).then(10, START_NS + 999_999_999, PAUSED)
    assert paused.due_rows(START_NS + hour_ns) == 10
    assert paused.due_ns(10) is None
    assert paused.rate_asked(START_NS + hour_ns) == 0.0
    resumed = paused.then(10, START_NS + hour_ns, constant_rate(10))
    assert resumed.due_ns(10) == START_NS + hour_ns
    assert resumed.due_rows(START_NS + hour_ns - 1) == 10


def test_full_speed_advances_event_time_by_the_step():
    """As fast as possible nothing is waited for and event time goes a millisecond a row."""
    schedule = Schedule.starting(START_NS, MAX)
    assert schedule.due_rows(START_NS) is None
    assert schedule.due_rows(START_NS - 1) == 0
    assert schedule.rate_asked(START_NS) is None
    start_ms = START_NS // 1_000_000
    assert schedule.event_time_ms(5, 8).tolist() == [start_ms + 5, start_ms + 6, start_ms + 7]


def test_event_time_stays_ahead_after_full_speed_until_the_clock_has_caught_up():
    """A rate after full speed continues from the event time that was reached."""
    fast = Schedule.starting(START_NS, MAX).then(
        60_000, START_NS + 1_000_000_000, constant_rate(1_000)
    )
    start_ms = START_NS // 1_000_000
    assert fast.due_ns(60_000) == START_NS + 1_000_000_000
    assert fast.event_time_ms(59_999, 60_002).tolist() == [
        start_ms + 59_999, start_ms + 60_000, start_ms + 60_001,
    ]  # fmt: skip
    later_ns = START_NS + 3_600_000_000_000
    caught = fast.then(60_001, later_ns, constant_rate(1_000))
    assert caught.event_time_ms(60_001, 60_002)[0] == later_ns // 1_000_000


def test_slow_and_far_rows_do_not_overflow():
    """The slowest rate is exact for centuries, and rows after 2262 are refused by name."""
    schedule = Schedule.starting(0, constant_rate("0.001"))
    assert schedule.event_time_ms(9_000_000, 9_000_001)[0] == 9_000_000_000_000
    with pytest.raises(DataError, match="row 9999999 would be due after 2262-04-11"):
        schedule.event_time_ms(9_999_000, 10_000_000)


def test_many_rows_of_one_call_equal_single_ones():
    """A call over more rows than one stretch of 64-bit arithmetic agrees with single rows."""
    schedule = Schedule.starting(START_NS, generations_rate(1, 86_400))
    times = schedule.event_time_ms(10, 60_010)
    assert times[-1] == START_NS // 1_000_000 + 60_009 * 86_400_000


@pytest.mark.parametrize(
    ("row", "instant_ns", "told"),
    [
        (0, START_NS - 1, "changes go forward only"),
        (102, START_NS + 100_000_000, "only 101 rows are due"),
    ],
)
def test_impossible_changes_are_refused(row: int, instant_ns: int, told: str):
    """A change in the past, or at a row that is not due yet, says what is possible."""
    schedule = Schedule.starting(START_NS, constant_rate(1_000))
    with pytest.raises(SettingError, match=told):
        schedule.then(row, instant_ns, PAUSED)


def test_changes_are_bounded():
    """A schedule remembers so many changes and no more."""
    schedule = Schedule.starting(START_NS, MAX)
    full = Schedule(schedule.segments * SEGMENTS_MAX)
    with pytest.raises(SettingError, match="changes of pace"):
        full.then(1, START_NS, PAUSED)


@pytest.mark.parametrize("start_ns", [-1, TIMESTAMP_MAX_NS + 1])
def test_starts_outside_the_calendar_are_refused(start_ns: int):
    """A start that 64-bit nanoseconds cannot hold is refused."""
    with pytest.raises(SettingError, match="1970 to 2262"):
        Schedule.starting(start_ns, MAX)
