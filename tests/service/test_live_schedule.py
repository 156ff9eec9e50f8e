"""A stream's timeline under any order of verbs, time and progress."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gerador.errors import ControlError, SettingError
from gerador.randomness import StreamSeeds
from gerador.schedule.changes import Burst, Halt, RateChange
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
    from collections.abc import Callable

    from gerador.schedule.changes import Change
    from gerador.schedule.target_rate import TargetRate

WAVE = curve_rate(sine(20, 2_000, 3 * 10**9))
CLOCKED = [
    constant_rate(10),
    constant_rate(1000),
    generations_rate(100, 0.5),
    WAVE,
    with_poisson_arrivals(constant_rate(500)),
    with_poisson_arrivals(WAVE),
]
PACES = st.sampled_from([*CLOCKED, MAX])
STEPS = st.one_of(
    st.tuples(st.just("wait"), st.floats(0, 5)),
    st.tuples(st.just("take"), st.integers(1, 5000)),
    st.tuples(st.just("pace"), PACES),
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
            st.sampled_from(Halt),
            st.sampled_from(CLOCKED).map(RateChange),
            st.just(RateChange(constant_rate(300), 2 * 10**9)),
        ),
    ),
    max_size=4,
).map(lambda script: tuple(sorted(script, key=lambda entry: entry[0])))


class Course:
    """A timeline, the clock that it reads, and how many rows were taken."""

    def __init__(self, pace: TargetRate, **recipe: Any) -> None:
        self.clock = FakeClock()
        made = Recipe(seed=1, pace=pace, **recipe)
        self.timeline = LiveSchedule(made, self.clock, StreamSeeds(1, "s"))
        self.timeline.begin()
        self.taken = 0

    def take(self, at_once: int) -> None:
        """Take what may be taken, as the loop does."""
        if not self.timeline.over(self.taken):
            self.taken = max(self.taken, self.timeline.reachable(self.taken, at_once))

    def step(self, what: str, value: object) -> None:
        """Do one thing."""
        match what:
            case "wait":
                self.clock.now_s += value  # type: ignore[operator]
            case "take":
                self.take(value)  # type: ignore[arg-type]
            case "pace":
                self.timeline.change(RateChange(value), self.taken)  # type: ignore[arg-type]
            case "pause":
                self.timeline.change(Halt.PAUSE, self.taken)
            case "resume":
                self.timeline.change(Halt.RESUME, self.taken)
            case "burst":
                self.unless_fast(lambda: self.timeline.change(Burst(value), self.taken))  # type: ignore[arg-type]
            case _:
                way = RateChange(constant_rate(700), value)  # type: ignore[arg-type]
                self.unless_fast(lambda: self.timeline.change(way, self.taken))

    def unless_fast(self, steer: Callable[[], int]) -> None:
        """Steer; at full speed, see that it is refused for that."""
        if self.timeline.at_full_speed:
            with pytest.raises(SettingError, match="as fast as possible"):
                steer()
        else:
            steer()

    @property
    def due(self) -> int:
        """Rows that are due now."""
        return self.timeline.due_rows(self.taken)


@settings(deadline=None)
@given(pace=PACES, script=SCRIPTS, steps=st.lists(STEPS, max_size=30))
def test_due_never_falls_and_no_verb_is_refused(
    pace: TargetRate, script: tuple[tuple[int, Change], ...], steps: list[tuple[str, object]]
):
    """Whatever is scripted and steered while rows wait: due only grows, and covers what was taken.

    Only bursts and ramps at full speed have no meaning.
    """
    course = Course(pace, script=() if pace == MAX else script)
    due = 0
    for what, value in steps:
        course.step(what, value)
        assert course.due >= max(due, course.taken)
        due = course.due


@settings(deadline=None)
@given(pace=PACES, script=SCRIPTS, steps=st.lists(STEPS, max_size=20), for_s=st.floats(0.1, 8))
def test_a_run_is_not_over_while_rows_that_are_due_wait(
    pace: TargetRate,
    script: tuple[tuple[int, Change], ...],
    steps: list[tuple[str, object]],
    for_s: float,
):
    """A run that is bounded in time delivers every row that was due, however it was steered."""
    course = Course(pace, for_s=for_s, script=() if pace == MAX else script)
    for what, value in steps:
        course.step(what, value)
    course.clock.now_s += 60
    due = course.due
    for _ in range(200):
        course.take(5000)
    assert course.timeline.over(course.taken)
    assert course.taken >= due


def test_a_backlog_does_not_stand_in_the_way_of_steering():
    """Rows wait, the rate is set to max, then the stream is paused and resumed: all is taken."""
    course = Course(constant_rate(1000))
    course.clock.now_s += 10
    course.take(500)
    assert course.timeline.change(RateChange(MAX), course.taken) == 10_001
    assert course.due == 10_001
    assert course.timeline.change(Halt.PAUSE, course.taken) == 10_001
    assert course.due == 10_001
    assert course.timeline.change(Halt.RESUME, course.taken) == 10_001


def test_nothing_is_steered_once_the_last_row_is_taken():
    """While a bounded run drains, its verbs are refused."""
    course = Course(constant_rate(10), rows=5)
    course.timeline.end()
    with pytest.raises(ControlError, match="is ending"):
        course.timeline.change(Halt.PAUSE, 5)


def test_the_last_change_is_kept_for_the_end_of_a_pause(monkeypatch: pytest.MonkeyPatch):
    """However often it was steered, a stream never stays paused for want of changes."""
    monkeypatch.setattr("gerador.service.live_schedule.RATE_CHANGES_MAX", 8)
    course = Course(constant_rate(1000))
    for _ in range(4):
        course.timeline.change(Halt.PAUSE, 0)
        course.timeline.change(Halt.RESUME, 0)
    with pytest.raises(SettingError, match="over 8 changes"):
        course.timeline.change(Halt.PAUSE, 0)
    assert course.timeline.schedule is not None
    assert course.timeline.schedule.segments[-1].pace == constant_rate(1000)
    assert course.timeline.changes <= 8


def test_the_pace_that_holds_already_is_no_change():
    """Asking again for what flows adds nothing to the schedule."""
    course = Course(constant_rate(1000))
    course.timeline.change(RateChange(constant_rate(1000)), 0)
    assert course.timeline.changes == 0


def test_a_burst_in_the_last_change_is_refused(monkeypatch: pytest.MonkeyPatch):
    """A burst, too, leaves room for the end of a pause."""
    monkeypatch.setattr("gerador.service.live_schedule.RATE_CHANGES_MAX", 4)
    course = Course(constant_rate(1000))
    course.timeline.change(Halt.PAUSE, 0)
    course.timeline.change(Burst(5), 0)
    with pytest.raises(SettingError, match="over 4 changes"):
        course.timeline.change(Burst(5), 0)
    course.timeline.change(Halt.RESUME, 0)
    assert course.timeline.changes == 3


def test_scripted_changes_are_not_live_ones():
    """What was known in advance repeats with the run, so it is no change that was steered."""
    course = Course(constant_rate(10), script=((10**9, Halt.PAUSE), (2 * 10**9, Burst(5))))
    course.clock.now_s += 5
    assert course.due == 15
    assert course.timeline.paused
    assert course.timeline.changes == 0
    assert course.timeline.pace == constant_rate(10)


def test_a_run_with_a_script_is_over_after_its_last_row():
    """A bound in time counts what the script makes due until then."""
    course = Course(
        constant_rate(10), for_s=3, script=((10**9, Burst(100)), (2 * 10**9, Halt.PAUSE))
    )
    assert course.timeline.end_row == 120
    course.clock.now_s += 2.5
    course.take(1000)
    assert course.taken == 120
    assert not course.timeline.over(120)  # it might be resumed until then
    course.clock.now_s += 0.5
    assert course.timeline.over(120)
    assert course.timeline.span_ns(120) == 3 * 10**9


def test_what_is_scripted_beyond_the_end_holds_no_run_up():
    """A run ends with its last row, whatever a script has for later."""
    course = Course(constant_rate(10), for_s=1, script=((5 * 10**9, Halt.PAUSE),))
    course.clock.now_s += 0.95
    course.take(1000)
    assert course.taken == 10
    assert course.timeline.over(10)


def test_who_steers_a_repeated_run_takes_over():
    """What was recorded for later is let go of, said, and in no recipe; what was before stays."""
    first = Course(constant_rate(10))
    for change in (Burst(5), Halt.PAUSE, Halt.RESUME):
        first.clock.now_s += 10
        first.timeline.change(change, 0)
    again = Course(constant_rate(10), steered=first.timeline.steered)
    assert again.timeline.notices(0) == ()
    again.clock.now_s += 15
    again.timeline.change(RateChange(constant_rate(20)), 0)
    told = "steered anew: 2 recorded changes to come of the repeated run will not be made"
    assert again.timeline.notices(0) == (told,)
    changes = [one.change for one in again.timeline.steered]
    assert changes == [Burst(5), RateChange(constant_rate(20))]
    third = Course(constant_rate(10), steered=again.timeline.steered)
    assert third.timeline.schedule == again.timeline.schedule


@pytest.mark.parametrize("resumes", [(), ((3_600 * 10**9, Halt.RESUME),)])
def test_a_pause_to_the_end_is_part_of_the_time_that_was_asked(resumes: Any):
    """50 rows and a pause in ten seconds are asked in ten seconds, not as fast as possible."""
    course = Course(constant_rate(10), for_s=10.0, script=((5 * 10**9, Halt.PAUSE), *resumes))
    course.clock.now_s += 10
    assert course.timeline.over(50)
    assert course.timeline.asked_ns(50) == course.timeline.span_ns(50) == 10 * 10**9
    assert course.timeline.asked_ns(20) == 2 * 10**9
    down = Course(curve_rate(ramp(10, 0, 4 * 10**9)), for_s=10.0)
    down.clock.now_s += 10
    assert down.timeline.asked_ns(down.timeline.end_row or 0) == 10 * 10**9


def test_a_script_waits_while_a_stream_goes_as_fast_as_possible():
    """Full speed that is set live is told as what holds the script up."""
    course = Course(constant_rate(10), script=((10**9, Halt.PAUSE),))
    course.timeline.change(RateChange(MAX), 0)
    assert "no change comes" in course.timeline.notices(0)[0]
    course.clock.now_s += 5
    assert course.timeline.at_full_speed
