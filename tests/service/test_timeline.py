"""A stream's timeline under any order of verbs, time and progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import SettingError, SteeringError
from generator.events.pace import MAX, generations, rate
from generator.service.recipe import Recipe
from generator.service.timeline import Timeline
from tests.service.fakes import FakeClock

if TYPE_CHECKING:
    from generator.events.pace import Pace

PACES = st.sampled_from([rate(10), rate(1000), generations(100, 0.5), MAX])
STEPS = st.one_of(
    st.tuples(st.just("wait"), st.floats(0, 5)),
    st.tuples(st.just("take"), st.integers(1, 5000)),
    st.tuples(st.just("pace"), PACES),
    st.tuples(st.just("pause"), st.none()),
    st.tuples(st.just("resume"), st.none()),
)


class Course:
    """A timeline, the clock that it reads, and how many rows were taken."""

    def __init__(self, pace: Pace, **bounds: float) -> None:
        self.clock = FakeClock()
        self.timeline = Timeline(Recipe(seed=1, pace=pace, **bounds), self.clock)
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
                self.timeline.change_pace(value, self.taken)  # type: ignore[arg-type]
            case "pause":
                self.timeline.pause(self.taken)
            case _:
                self.timeline.resume(self.taken)

    @property
    def due(self) -> int:
        """Rows that are due now."""
        return self.timeline.due_rows(self.taken)


@given(pace=PACES, steps=st.lists(STEPS, max_size=30))
def test_due_never_falls_and_no_verb_is_refused(pace: Pace, steps: list[tuple[str, object]]):
    """Whatever is steered while rows wait: due only grows, and covers what was taken."""
    course = Course(pace)
    due = 0
    for what, value in steps:
        course.step(what, value)
        assert course.due >= max(due, course.taken)
        due = course.due


@given(pace=PACES, steps=st.lists(STEPS, max_size=20), for_s=st.floats(0.1, 8))
def test_a_run_is_not_over_while_rows_that_are_due_wait(
    pace: Pace, steps: list[tuple[str, object]], for_s: float
):
    """A run that is bounded in time delivers every row that was due, however it was steered."""
    course = Course(pace, for_s=for_s)
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
    course = Course(rate(1000))
    course.clock.now_s += 10
    course.take(500)
    assert course.timeline.change_pace(MAX, course.taken) == 10_001
    assert course.due == 10_001
    assert course.timeline.pause(course.taken) == 10_001
    assert course.due == 10_001
    assert course.timeline.resume(course.taken) == 10_001


def test_nothing_is_steered_once_the_last_row_is_taken():
    """While a bounded run drains, its verbs are refused."""
    course = Course(rate(10), rows=5)
    course.timeline.end()
    with pytest.raises(SteeringError, match="is ending"):
        course.timeline.pause(5)


def test_the_last_change_is_kept_for_the_end_of_a_pause(monkeypatch: pytest.MonkeyPatch):
    """However often it was steered, a stream never stays paused for want of changes."""
    monkeypatch.setattr("generator.service.timeline.CHANGES_MAX", 8)
    course = Course(rate(1000))
    for _ in range(4):
        course.timeline.pause(0)
        course.timeline.resume(0)
    with pytest.raises(SettingError, match="over 8 changes"):
        course.timeline.pause(0)
    assert course.timeline.schedule is not None
    assert course.timeline.schedule.segments[-1].pace == rate(1000)
    assert course.timeline.changes <= 8


def test_the_pace_that_holds_already_is_no_change():
    """Asking again for what flows adds nothing to the schedule."""
    course = Course(rate(1000))
    course.timeline.change_pace(rate(1000), 0)
    assert course.timeline.changes == 0
