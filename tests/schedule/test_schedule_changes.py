"""Scripted and live changes: in order, reproducible, without effect on rows that are due."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gerador.errors import SettingError
from gerador.schedule import curves
from gerador.schedule.changes import Burst, Change, PauseChange, RateChange
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import MAX, PAUSED, constant_rate, curve_rate, generations_rate
from tests.schedule.generated_schedules import NS, START_NS, changes, schedules, scripted

PAUSE, RESUME = PauseChange.PAUSE, PauseChange.RESUME
at = st.integers(0, 200 * NS).map(lambda ns: START_NS + ns)


def plan(*script: tuple[int, Change], target_rate: object = None) -> Schedule:
    """Return 10 rows per second with a script by seconds."""
    in_ns = tuple((s * NS, change) for s, change in script)
    return Schedule.starting(START_NS, target_rate or constant_rate(10), script=in_ns)  # type: ignore[arg-type]


def due_s(schedule: Schedule, second: float) -> int:
    """Return the rows due before a second."""
    due = schedule.due_rows(START_NS + round(second * NS) - 1)
    assert due is not None
    return due


@settings(deadline=None)
@given(schedules, at)
def test_due_rows_and_due_times_agree(schedule: Schedule, now_ns: int):
    """With any changes, rows before `due_rows` are due and the next is not."""
    due = schedule.due_rows(now_ns)
    if due is None:
        return
    if due:
        last_ns = schedule.due_ns(due - 1)
        assert last_ns is not None
        assert last_ns <= now_ns
    next_ns = schedule.due_ns(due)
    assert next_ns is None or next_ns > now_ns


@settings(deadline=None)
@given(schedules, st.integers(0, 10**5), st.integers(0, 3_000), st.integers(0, 3_000))
def test_event_times_do_not_depend_on_the_range(schedule: Schedule, a: int, m: int, n: int):
    """With any changes, event times never decrease, for any split of a range."""
    whole = schedule.event_time_ms(a, a + m + n)
    cut = [schedule.event_time_ms(a, a + m), schedule.event_time_ms(a + m, a + m + n)]
    assert np.array_equal(np.concatenate(cut), whole)
    assert (np.diff(whole) >= 0).all()


@settings(deadline=None)
@given(schedules, at, changes)
def test_a_change_leaves_earlier_rows_alone(schedule: Schedule, now_ns: int, change: Change):
    """Rows that are due at a live change keep their times; the due count never decreases."""
    due = schedule.due_rows(now_ns)
    taken = schedule.at(now_ns).first_row + 500 if due is None else due
    try:
        row, changed = schedule.with_change(now_ns, taken, change)
    except SettingError as error:
        assert "rate max" in str(error)  # noqa: PT017
        return
    assert row == taken
    first = max(0, row - 1_000)
    before, after = schedule.event_time_ms(first, row), changed.event_time_ms(first, row)
    assert np.array_equal(before, after)
    still_due = changed.due_rows(now_ns)
    assert still_due is None or still_due >= taken


@settings(deadline=None)
@given(schedules, st.lists(st.integers(-5, 200_000), min_size=1, max_size=30))
def test_rows_by_is_the_inverse_of_event_time(schedule: Schedule, into_ms: list[int]):
    """Row r has an event time of at most e exactly when r < rows_by(e)."""
    event_ms = np.array(sorted(into_ms), np.int64) + START_NS // 1_000_000
    rows = schedule.rows_by(event_ms)
    assert (np.diff(rows) >= 0).all()
    for e, n in zip(event_ms.tolist(), rows.tolist(), strict=True):
        if n and n < 2**53:
            assert schedule.event_time_ms(n - 1, n)[0] <= e
        falls_due = n < 2**53 and schedule.due_ns(n) is not None
        assert not falls_due or schedule.event_time_ms(n, n + 1)[0] > e


def test_rows_by_at_full_speed():
    """At full speed rows are counted by the event time step, which may be a fraction."""
    start_ms = START_NS // 1_000_000
    event_ms = np.array([start_ms - 1, start_ms, start_ms + 9, start_ms + 10])
    whole = Schedule.starting(START_NS, MAX)
    assert whole.rows_by(event_ms).tolist() == [0, 1, 10, 11]
    third = Schedule.starting(START_NS, MAX, event_step_ns=Fraction(10**6, 3))
    assert third.rows_by(event_ms).tolist() == [0, 3, 30, 33]
    assert third.event_time_ms(28, 32).tolist() == [
        start_ms + 9,
        start_ms + 9,
        *[start_ms + 10] * 2,
    ]


def test_rows_by_after_full_speed():
    """Event time between the end of full speed and the next rate has no rows."""
    schedule = Schedule.starting(START_NS, MAX).with_rate_from(
        5, START_NS + 10 * NS, constant_rate(10)
    )
    event_ms = np.array([4, 5_000, 9_999, 10_000, 10_100]) + START_NS // 1_000_000
    assert schedule.rows_by(event_ms).tolist() == [5, 5, 5, 6, 7]


def test_a_script_is_known_from_the_start():
    """Burst, pause, resume and rate change take effect at their times."""
    schedule = plan(
        (5, Burst(1_000)),
        (10, PAUSE),
        (11, RESUME),
        (12, RateChange(constant_rate(100))),
    )
    due = [due_s(schedule, s) for s in (5, 5.0001, 10, 11, 12, 13)]
    assert due == [50, 1_051, 1_100, 1_100, 1_110, 1_210]
    start_ms = START_NS // 1_000_000
    times = schedule.event_time_ms(49, 1_102) - start_ms
    assert times[0] == 4_900
    assert set(times[1:1_002].tolist()) == {5_000}
    assert (times[1_002], times[1_051]) == (5_100, 11_000)


def test_a_burst_does_not_shift_later_rows():
    """After a burst the due times are the same as without it."""
    for target_rate in (
        constant_rate(7),
        generations_rate(30, 0.7),
        curve_rate(curves.sine(1, 50, 3 * NS)),
    ):
        plain = plan(target_rate=target_rate)
        burst = plan((2, Burst(500)), target_rate=target_rate)
        for second in (2.3, 4, 9.9):
            assert due_s(burst, second) == due_s(plain, second) + 500


def test_a_ramp_starts_at_the_current_rate():
    """`over` ramps from the current rate; in a pause it starts at the resume, from 0/s."""
    schedule = plan((10, RateChange(constant_rate(100), 10 * NS)))
    assert due_s(schedule, 20) == 100 + 550
    assert due_s(schedule, 21) == 100 + 550 + 100
    paused = plan(
        (1, PAUSE),
        (2, RateChange(constant_rate(100), 10 * NS)),
        (5, RESUME),
    )
    assert due_s(paused, 5) == 10
    assert due_s(paused, 15) == 10 + 500


def test_a_curve_continues_during_a_pause():
    """After a pause a curve is where it would be without the pause."""
    target_rate = curve_rate(curves.steps([(10, 10 * NS), (1_000, 10 * NS)], repeat=True))
    schedule = plan((5, PAUSE), (15, RESUME), target_rate=target_rate)
    assert [due_s(schedule, s) for s in (5, 15, 20)] == [50, 50, 5_050]


def test_a_burst_does_not_end_a_pause():
    """A paused stream stays paused after a burst."""
    schedule = plan((1, PAUSE), (2, Burst(5)), (3, Burst(6)), (4, RESUME))
    assert [due_s(schedule, s) for s in (2, 2.5, 3.5, 4, 5)] == [10, 15, 21, 21, 31]


def test_a_live_change_keeps_later_scripted_changes():
    """After a live change between two scripted ones, the second is still applied."""
    schedule = plan((1, Burst(100)), (10, RateChange(constant_rate(1_000))), (20, PAUSE))
    now_ns = START_NS + 5 * NS - 1
    row, changed = schedule.with_change(now_ns, 150, RateChange(constant_rate(20)))
    assert row == 150
    assert [due_s(changed, s) for s in (1.1, 10)] == [111, 251]  # 20/s from the change on
    assert due_s(changed, 20) == due_s(changed, 10) + 10_000
    assert due_s(changed, 99) == due_s(changed, 20)


def test_full_speed_suspends_a_script():
    """At live full speed no scripted change is applied; the next rate resumes the script."""
    schedule = plan((10, RateChange(constant_rate(1_000))), (20, PAUSE))
    _, fast = schedule.with_change(START_NS + NS, 11, RateChange(MAX))
    assert fast.due_rows(START_NS + 60 * NS) is None
    _, slow = fast.with_change(START_NS + 15 * NS, 5_000, RateChange(constant_rate(10)))
    assert due_s(slow, 20) == due_s(slow, 99) == 5_050


def test_changes_without_effect():
    """The current rate, a pause in a pause and a resume without one return the same schedule."""
    schedule = plan((10, PAUSE))
    for second, change in (
        (1, RateChange(constant_rate(10))),
        (1, RESUME),
        (11, PAUSE),
    ):
        assert schedule.with_change(START_NS + second * NS, 0, change)[1] is schedule


@pytest.mark.parametrize(
    ("target_rate", "script", "message"),
    [
        (MAX, [(1, PAUSE)], "at cannot be combined with rate max"),
        (constant_rate(10), [(1, RateChange(MAX))], "at cannot be combined with rate max"),
        (
            constant_rate(10),
            [(2, PAUSE), (1, RESUME)],
            "in ascending order of time",
        ),
        (constant_rate(10), [(-1, PAUSE)], "from 0s"),
    ],
)
def test_invalid_scripts_are_rejected(
    target_rate: object, script: list[tuple[int, Change]], message: str
):
    """Rate max in a script, and changes out of order, are errors."""
    with pytest.raises(SettingError, match=message):
        plan(*script, target_rate=target_rate)


def test_invalid_changes_are_rejected():
    """Bursts and ramps at rate max, ramps to another kind of rate, and empty bursts are errors."""
    fast = Schedule.starting(START_NS, MAX)
    with pytest.raises(SettingError, match="burst of 5 rows at rate max"):
        fast.with_change(START_NS, 0, Burst(5))
    with pytest.raises(SettingError, match="cannot start from rate max"):
        fast.with_change(START_NS, 0, RateChange(constant_rate(5), NS))
    with pytest.raises(SettingError, match="over requires a constant rate, not paused"):
        RateChange(PAUSED, NS)
    with pytest.raises(SettingError, match=r"burst of 0 rows is outside \[1, 10000000\]"):
        Burst(0)


@settings(deadline=None, max_examples=30)
@given(scripted(), at)
def test_a_truncated_schedule_has_the_same_due_rows(schedule: Schedule, now_ns: int):
    """Without later segments, the rows due now are the same."""
    assert schedule.truncated(now_ns).due_rows(now_ns) == schedule.due_rows(now_ns)
