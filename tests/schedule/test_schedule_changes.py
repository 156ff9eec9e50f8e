"""Scripts and live changes: known in advance, in order, and never touching rows that are due."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gerador.errors import SettingError
from gerador.schedule import curves
from gerador.schedule.changes import Burst, Change, Halt, RateChange
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import MAX, PAUSED, constant_rate, curve_rate, generations_rate
from tests.schedule.generated_schedules import NS, START_NS, changes, schedules, scripted

at = st.integers(0, 200 * NS).map(lambda ns: START_NS + ns)


def plan(*script: tuple[int, Change], pace: object = None) -> Schedule:
    """Return 10 rows per second with a script by seconds."""
    in_ns = tuple((s * NS, change) for s, change in script)
    return Schedule.starting(START_NS, pace or constant_rate(10), script=in_ns)  # type: ignore[arg-type]


def due_s(schedule: Schedule, second: float) -> int:
    """Return the rows due before a second."""
    due = schedule.due_rows(START_NS + round(second * NS) - 1)
    assert due is not None
    return due


@settings(deadline=None)
@given(schedules, at)
def test_due_rows_and_due_times_agree(schedule: Schedule, now_ns: int):
    """With any script and any steering, rows before `due_rows` are due and the next is not."""
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
def test_any_cut_gives_the_same_event_times(schedule: Schedule, a: int, m: int, n: int):
    """Event times never step back, over any changes, and do not depend on cuts."""
    whole = schedule.event_time_ms(a, a + m + n)
    cut = [schedule.event_time_ms(a, a + m), schedule.event_time_ms(a + m, a + m + n)]
    assert np.array_equal(np.concatenate(cut), whole)
    assert (np.diff(whole) >= 0).all()


@settings(deadline=None)
@given(schedules, at, changes)
def test_a_change_leaves_earlier_rows_alone(schedule: Schedule, now_ns: int, change: Change):
    """Rows that are due when a stream is steered keep their times; due never falls."""
    due = schedule.due_rows(now_ns)
    taken = schedule.at(now_ns).first_row + 500 if due is None else due
    try:
        row, changed = schedule.changed(now_ns, taken, change)
    except SettingError as refused:
        assert "as fast as possible" in str(refused)  # noqa: PT017
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


def test_rows_by_counts_rows_as_fast_as_possible():
    """At full speed rows are counted by the step of event time, which may be a fraction."""
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


def test_rows_by_knows_where_full_speed_ended():
    """Event time that full speed did not reach before the next rate holds no rows."""
    schedule = Schedule.starting(START_NS, MAX).then(5, START_NS + 10 * NS, constant_rate(10))
    event_ms = np.array([4, 5_000, 9_999, 10_000, 10_100]) + START_NS // 1_000_000
    assert schedule.rows_by(event_ms).tolist() == [5, 5, 5, 6, 7]


def test_a_script_is_known_from_the_start():
    """Burst, pause, resume and another rate stand at their instants, in rows and in times."""
    schedule = plan(
        (5, Burst(1_000)), (10, Halt.PAUSE), (11, Halt.RESUME), (12, RateChange(constant_rate(100)))
    )
    due = [due_s(schedule, s) for s in (5, 5.0001, 10, 11, 12, 13)]
    assert due == [50, 1_051, 1_100, 1_100, 1_110, 1_210]
    start_ms = START_NS // 1_000_000
    times = schedule.event_time_ms(49, 1_102) - start_ms
    assert times[0] == 4_900
    assert set(times[1:1_002].tolist()) == {5_000}
    assert (times[1_002], times[1_051]) == (5_100, 11_000)


def test_a_burst_does_not_shift_what_flows():
    """After a burst the same instants follow as without it."""
    for pace in (
        constant_rate(7),
        generations_rate(30, 0.7),
        curve_rate(curves.sine(1, 50, 3 * NS)),
    ):
        plain = plan(pace=pace)
        burst = plan((2, Burst(500)), pace=pace)
        for second in (2.3, 4, 9.9):
            assert due_s(burst, second) == due_s(plain, second) + 500


def test_a_ramp_goes_from_the_rate_of_its_moment():
    """`over` ramps from what flows then; from a pause it begins with the end, from nothing."""
    schedule = plan((10, RateChange(constant_rate(100), 10 * NS)))
    assert due_s(schedule, 20) == 100 + 550
    assert due_s(schedule, 21) == 100 + 550 + 100
    paused = plan((1, Halt.PAUSE), (2, RateChange(constant_rate(100), 10 * NS)), (5, Halt.RESUME))
    assert due_s(paused, 5) == 10
    assert due_s(paused, 15) == 10 + 500


def test_a_shape_goes_by_the_clock_in_a_pause():
    """After a pause a shape stands where it would have stood without."""
    pace = curve_rate(curves.steps([(10, 10 * NS), (1_000, 10 * NS)], repeat=True))
    schedule = plan((5, Halt.PAUSE), (15, Halt.RESUME), pace=pace)
    assert [due_s(schedule, s) for s in (5, 15, 20)] == [50, 50, 5_050]


def test_bursts_in_a_pause_stand_alone():
    """A paused stream stays so after a burst."""
    schedule = plan((1, Halt.PAUSE), (2, Burst(5)), (3, Burst(6)), (4, Halt.RESUME))
    assert [due_s(schedule, s) for s in (2, 2.5, 3.5, 4, 5)] == [10, 15, 21, 21, 31]


def test_a_live_change_keeps_what_is_scripted_for_later():
    """Steered between two changes, the first stays as it was and the second still comes."""
    schedule = plan((1, Burst(100)), (10, RateChange(constant_rate(1_000))), (20, Halt.PAUSE))
    now_ns = START_NS + 5 * NS - 1
    row, changed = schedule.changed(now_ns, 150, RateChange(constant_rate(20)))
    assert row == 150
    assert [due_s(changed, s) for s in (1.1, 10)] == [111, 251]  # 20/s from the change on
    assert due_s(changed, 20) == due_s(changed, 10) + 10_000
    assert due_s(changed, 99) == due_s(changed, 20)


def test_full_speed_holds_a_script_up():
    """Live full speed leaves later changes out; the next rate takes up those still to come."""
    schedule = plan((10, RateChange(constant_rate(1_000))), (20, Halt.PAUSE))
    _, fast = schedule.changed(START_NS + NS, 11, RateChange(MAX))
    assert fast.due_rows(START_NS + 60 * NS) is None
    _, slow = fast.changed(START_NS + 15 * NS, 5_000, RateChange(constant_rate(10)))
    assert due_s(slow, 20) == due_s(slow, 99) == 5_050


def test_what_changes_nothing_is_no_change():
    """The rate that flows, a pause in a pause, and a resume without one leave the schedule be."""
    schedule = plan((10, Halt.PAUSE))
    for second, change in ((1, RateChange(constant_rate(10))), (1, Halt.RESUME), (11, Halt.PAUSE)):
        assert schedule.changed(START_NS + second * NS, 0, change)[1] is schedule


@pytest.mark.parametrize(
    ("pace", "script", "told"),
    [
        (MAX, [(1, Halt.PAUSE)], "at with rate max"),
        (constant_rate(10), [(1, RateChange(MAX))], "at with rate max"),
        (constant_rate(10), [(2, Halt.PAUSE), (1, Halt.RESUME)], "in the order of time"),
        (constant_rate(10), [(-1, Halt.PAUSE)], "from 0s on"),
    ],
)
def test_scripts_that_cannot_be_known_are_refused(
    pace: object, script: list[tuple[int, Change]], told: str
):
    """Full speed in a script, and changes out of order, get one line."""
    with pytest.raises(SettingError, match=told):
        plan(*script, pace=pace)


def test_changes_that_cannot_be_are_refused():
    """Bursts and ramps at full speed, ramps to a shape, and bursts without rows say why."""
    fast = Schedule.starting(START_NS, MAX)
    with pytest.raises(SettingError, match="as fast as possible already"):
        fast.changed(START_NS, 0, Burst(5))
    with pytest.raises(SettingError, match="no rate to begin from"):
        fast.changed(START_NS, 0, RateChange(constant_rate(5), NS))
    with pytest.raises(SettingError, match="only a rate per second is ramped to"):
        RateChange(PAUSED, NS)
    with pytest.raises(SettingError, match="burst of 0 rows: give 1 to 10000000 rows"):
        Burst(0)


@settings(deadline=None, max_examples=30)
@given(scripted(), at)
def test_a_schedule_until_now_agrees_with_the_whole(schedule: Schedule, now_ns: int):
    """Without what is still to come, what is due now is the same."""
    assert schedule.until(now_ns).due_rows(now_ns) == schedule.due_rows(now_ns)
