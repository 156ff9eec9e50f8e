"""The schedule of a running stream under any sequence of changes, time and progress."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gerador.errors import ControlError, SettingError
from gerador.randomness import StreamSeeds
from gerador.schedule.changes import Burst, PauseChange, RateChange
from gerador.schedule.curves import ramp, sine
from gerador.schedule.target_rate import (
    MAX,
    constant_rate,
    curve_rate,
    generations_rate,
    with_poisson_arrivals,
)
from gerador.service.live_schedule import LiveSchedule
from gerador.service.stream_config import Recipe
from tests.service.fakes import FakeClock

if TYPE_CHECKING:
    from gerador.schedule.changes import Change
    from gerador.schedule.target_rate import TargetRate

WAVE = curve_rate(sine(20, 2_000, 3 * 10**9))
TIMED = [
    constant_rate(10),
    constant_rate(1000),
    generations_rate(100, 0.5),
    WAVE,
    with_poisson_arrivals(constant_rate(500)),
    with_poisson_arrivals(WAVE),
]
TARGET_RATES = st.sampled_from([*TIMED, MAX])
STEPS = st.one_of(
    st.tuples(st.just("wait"), st.floats(0, 5)),
    st.tuples(st.just("take"), st.integers(1, 5000)),
    st.tuples(st.just("rate"), TARGET_RATES),
    st.tuples(st.just("pause"), st.none()),
    st.tuples(st.just("resume"), st.none()),
    st.tuples(st.just("burst"), st.integers(1, 2_000)),
    st.tuples(st.just("ramp"), st.integers(10**6, 5 * 10**9)),
)
SCRIPTS = st.lists(
    st.tuples(
        st.integers(0, 20 * 10**9),
        st.one_of(
            st.builds(Burst, st.integers(1, 2_000)),
            st.sampled_from(PauseChange),
            st.sampled_from(TIMED).map(RateChange),
            st.just(RateChange(constant_rate(300), 2 * 10**9)),
        ),
    ),
    max_size=4,
).map(lambda script: tuple(sorted(script, key=lambda entry: entry[0])))


class ScheduleHarness:
    """A schedule, its clock, and the number of rows taken."""

    def __init__(self, target_rate: TargetRate, **recipe: Any) -> None:
        self.clock = FakeClock()
        self.schedule = LiveSchedule(
            Recipe(seed=1, target_rate=target_rate, **recipe), self.clock, StreamSeeds(1, "s")
        )
        self.schedule.begin()
        self.taken = 0

    def take(self, rows_max: int) -> None:
        """Take the due rows, as the produce loop does."""
        if not self.schedule.is_finished(self.taken):
            self.taken = max(self.taken, self.schedule.due_up_to(self.taken, rows_max))

    def step(self, what: str, value: object) -> None:
        """Apply one step."""
        match what:
            case "wait":
                self.clock.now_s += value  # type: ignore[operator]
            case "take":
                self.take(value)  # type: ignore[arg-type]
            case "rate":
                self.schedule.apply(RateChange(value), self.taken)  # type: ignore[arg-type]
            case "pause":
                self.schedule.apply(PauseChange.PAUSE, self.taken)
            case "resume":
                self.schedule.apply(PauseChange.RESUME, self.taken)
            case "burst":
                self.apply_if_paced(Burst(value))  # type: ignore[arg-type]
            case _:
                self.apply_if_paced(RateChange(constant_rate(700), value))  # type: ignore[arg-type]

    def apply_if_paced(self, change: Change) -> None:
        """Apply a change, which an unpaced stream must reject."""
        if self.schedule.is_unpaced:
            with pytest.raises(SettingError, match="set a rate first"):
                self.schedule.apply(change, self.taken)
        else:
            self.schedule.apply(change, self.taken)

    @property
    def due(self) -> int:
        """Rows due now."""
        return self.schedule.due_rows(self.taken)


@settings(deadline=None)
@given(target_rate=TARGET_RATES, script=SCRIPTS, steps=st.lists(STEPS, max_size=30))
def test_due_never_decreases_and_changes_are_accepted(
    target_rate: TargetRate, script: tuple[tuple[int, Change], ...], steps: list[tuple[str, object]]
):
    """With any scheduled and live changes, due never decreases and includes all taken rows.

    Only bursts and ramps of an unpaced stream are rejected.
    """
    harness = ScheduleHarness(target_rate, script=() if target_rate == MAX else script)
    due = 0
    for what, value in steps:
        harness.step(what, value)
        assert harness.due >= max(due, harness.taken)
        due = harness.due


@settings(deadline=None)
@given(
    target_rate=TARGET_RATES,
    script=SCRIPTS,
    steps=st.lists(STEPS, max_size=20),
    for_s=st.floats(0.1, 8),
)
def test_a_run_is_not_finished_while_due_rows_wait(
    target_rate: TargetRate,
    script: tuple[tuple[int, Change], ...],
    steps: list[tuple[str, object]],
    for_s: float,
):
    """A run bounded in time delivers every due row, with any live changes."""
    harness = ScheduleHarness(target_rate, for_s=for_s, script=() if target_rate == MAX else script)
    for what, value in steps:
        harness.step(what, value)
    harness.clock.now_s += 60
    due = harness.due
    for _ in range(200):
        harness.take(5000)
    assert harness.schedule.is_finished(harness.taken)
    assert harness.taken >= due


def test_live_changes_work_with_a_backlog():
    """While rows wait the rate is set to max, then the stream is paused and resumed."""
    harness = ScheduleHarness(constant_rate(1000))
    harness.clock.now_s += 10
    harness.take(500)
    assert harness.schedule.apply(RateChange(MAX), harness.taken) == 10_001
    assert harness.due == 10_001
    assert harness.schedule.apply(PauseChange.PAUSE, harness.taken) == 10_001
    assert harness.due == 10_001
    assert harness.schedule.apply(PauseChange.RESUME, harness.taken) == 10_001


def test_a_rate_change_does_not_end_a_pause():
    """A paused stream stays paused, and resumes at the new rate."""
    harness = ScheduleHarness(constant_rate(10))
    harness.clock.now_s += 1
    harness.schedule.apply(PauseChange.PAUSE, harness.taken)
    due = harness.due
    harness.schedule.apply(RateChange(constant_rate(1000)), harness.taken)
    harness.clock.now_s += 10
    assert harness.schedule.is_paused
    assert harness.due == due
    harness.schedule.apply(PauseChange.RESUME, harness.taken)
    harness.clock.now_s += 1
    assert harness.due - due == pytest.approx(1000, abs=1)


def test_changes_are_rejected_once_the_last_row_is_taken():
    """While a bounded run drains, changes are rejected."""
    harness = ScheduleHarness(constant_rate(10), rows=5)
    harness.schedule.end()
    with pytest.raises(ControlError, match="is stopping or finished"):
        harness.schedule.apply(PauseChange.PAUSE, 5)


def test_the_last_change_is_reserved_for_the_end_of_a_pause(monkeypatch: pytest.MonkeyPatch):
    """A stream can always be resumed, even at the limit of changes."""
    monkeypatch.setattr("gerador.service.live_schedule.RATE_CHANGES_MAX", 8)
    harness = ScheduleHarness(constant_rate(1000))
    for _ in range(4):
        harness.schedule.apply(PauseChange.PAUSE, 0)
        harness.schedule.apply(PauseChange.RESUME, 0)
    with pytest.raises(SettingError, match="more than 8 rate changes"):
        harness.schedule.apply(PauseChange.PAUSE, 0)
    assert harness.schedule.schedule is not None
    assert harness.schedule.schedule.segments[-1].target_rate == constant_rate(1000)
    assert harness.schedule.changes <= 8


def test_setting_the_current_rate_is_not_a_change():
    """Setting the current target rate again adds nothing to the schedule."""
    harness = ScheduleHarness(constant_rate(1000))
    harness.schedule.apply(RateChange(constant_rate(1000)), 0)
    assert harness.schedule.changes == 0


def test_a_burst_leaves_a_change_for_the_end_of_a_pause(monkeypatch: pytest.MonkeyPatch):
    """At the limit of changes a burst is rejected, and a resume is not."""
    monkeypatch.setattr("gerador.service.live_schedule.RATE_CHANGES_MAX", 4)
    harness = ScheduleHarness(constant_rate(1000))
    harness.schedule.apply(PauseChange.PAUSE, 0)
    harness.schedule.apply(Burst(5), 0)
    with pytest.raises(SettingError, match="more than 4 rate changes"):
        harness.schedule.apply(Burst(5), 0)
    harness.schedule.apply(PauseChange.RESUME, 0)
    assert harness.schedule.changes == 3


def test_scheduled_changes_are_not_counted_as_live_changes():
    """`changes` counts live changes only: scripted changes are part of the scenario."""
    harness = ScheduleHarness(
        constant_rate(10), script=((10**9, PauseChange.PAUSE), (2 * 10**9, Burst(5)))
    )
    harness.clock.now_s += 5
    assert harness.due == 15
    assert harness.schedule.is_paused
    assert harness.schedule.changes == 0
    assert harness.schedule.target_rate == constant_rate(10)


def test_a_run_with_scheduled_changes_finishes_after_its_last_row():
    """The end row of a run bounded in time includes the rows of scripted changes."""
    harness = ScheduleHarness(
        constant_rate(10), for_s=3, script=((10**9, Burst(100)), (2 * 10**9, PauseChange.PAUSE))
    )
    assert harness.schedule.end_row == 120
    harness.clock.now_s += 2.5
    harness.take(1000)
    assert harness.taken == 120
    assert not harness.schedule.is_finished(120)  # it may be resumed before the end
    harness.clock.now_s += 0.5
    assert harness.schedule.is_finished(120)
    assert harness.schedule.duration_ns(120) == 3 * 10**9


def test_scheduled_changes_after_the_end_do_not_delay_it():
    """A run ends with its last row, also when changes are scheduled for later."""
    harness = ScheduleHarness(constant_rate(10), for_s=1, script=((5 * 10**9, PauseChange.PAUSE),))
    harness.clock.now_s += 0.95
    harness.take(1000)
    assert harness.taken == 10
    assert harness.schedule.is_finished(10)


def test_a_live_change_replaces_later_recorded_changes():
    """Later recorded changes are dropped with a notice; earlier ones are kept."""
    first = ScheduleHarness(constant_rate(10))
    for change in (Burst(5), PauseChange.PAUSE, PauseChange.RESUME):
        first.clock.now_s += 10
        first.schedule.apply(change, 0)
    again = ScheduleHarness(constant_rate(10), live_changes=first.schedule.live_changes)
    assert again.schedule.notices(0) == ()
    again.clock.now_s += 15
    again.schedule.apply(RateChange(constant_rate(20)), 0)
    notice = "a live change replaced 2 later recorded changes of the recipe"
    assert again.schedule.notices(0) == (notice,)
    changes = [one.change for one in again.schedule.live_changes]
    assert changes == [Burst(5), RateChange(constant_rate(20))]
    third = ScheduleHarness(constant_rate(10), live_changes=again.schedule.live_changes)
    assert third.schedule.schedule == again.schedule.schedule


@pytest.mark.parametrize("resumes", [(), ((3_600 * 10**9, PauseChange.RESUME),)])
def test_a_pause_until_the_end_is_part_of_the_scheduled_duration(resumes: Any):
    """50 rows and a pause in ten seconds have a scheduled duration of ten seconds."""
    harness = ScheduleHarness(
        constant_rate(10), for_s=10.0, script=((5 * 10**9, PauseChange.PAUSE), *resumes)
    )
    harness.clock.now_s += 10
    assert harness.schedule.is_finished(50)
    assert harness.schedule.scheduled_duration_ns(50) == 10 * 10**9
    assert harness.schedule.duration_ns(50) == 10 * 10**9
    assert harness.schedule.scheduled_duration_ns(20) == 2 * 10**9
    down = ScheduleHarness(curve_rate(ramp(10, 0, 4 * 10**9)), for_s=10.0)
    down.clock.now_s += 10
    assert down.schedule.scheduled_duration_ns(down.schedule.end_row or 0) == 10 * 10**9


def test_scheduled_changes_wait_while_a_stream_is_unpaced():
    """A notice reports that scripted changes wait while the rate is max."""
    harness = ScheduleHarness(constant_rate(10), script=((10**9, PauseChange.PAUSE),))
    harness.schedule.apply(RateChange(MAX), 0)
    assert "at: scripted changes wait" in harness.schedule.notices(0)[0]
    harness.clock.now_s += 5
    assert harness.schedule.is_unpaced
