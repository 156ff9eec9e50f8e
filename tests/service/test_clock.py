"""Stream time: as the clock, or faster until it has caught up with the present."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gerador.errors import SettingError
from gerador.schedule.target_rate import MAX, constant_rate
from gerador.service.clock import StreamClock
from gerador.service.live_schedule import LiveSchedule
from gerador.service.stream_config import Recipe
from tests.service.fakes import NS, WALL, FakeClock

WALL_NS = round(WALL.timestamp()) * NS
HOUR_NS = 3_600 * NS


def late(hours: float, speed: float) -> tuple[FakeClock, StreamClock]:
    """Return a clock, and the time of a stream that started so long ago."""
    clock = FakeClock()
    return clock, StreamClock(clock, WALL_NS - round(hours * HOUR_NS), speed)


def test_at_speed_one_a_start_in_the_past_stays_there():
    """By default stream time runs as the clock, wherever it started."""
    clock, stream = late(1, 1.0)
    clock.now_s += 10
    assert stream.now_ns() == WALL_NS - HOUR_NS + 10 * NS
    assert (stream.factor, stream.starts_late) == (1.0, False)


def test_a_speed_catches_up_and_then_stays_with_the_present():
    """At 61x an hour is caught up in a minute; from then on it is the present."""
    clock, stream = late(1, 61.0)
    clock.now_s += 30
    assert stream.now_ns() == WALL_NS - HOUR_NS + 61 * 30 * NS
    assert stream.factor == 61
    clock.now_s += 30
    assert stream.now_ns() == WALL_NS + 60 * NS
    assert stream.factor == 1
    clock.now_s += 30
    assert stream.now_ns() == WALL_NS + 90 * NS


def test_the_highest_speed_is_there_at_once():
    """At infinite speed stream time is the present from the beginning."""
    clock, stream = late(1, math.inf)
    assert stream.now_ns() == WALL_NS
    clock.now_s += 5
    assert stream.now_ns() == WALL_NS + 5 * NS


def test_a_start_that_is_not_past_is_not_hurried():
    """With a start in the future there is nothing to catch up with."""
    clock, stream = late(-1, 60.0)
    clock.now_s += 5
    assert stream.now_ns() == WALL_NS + HOUR_NS + 5 * NS


speeds = st.floats(1, 1e6) | st.just(math.inf)


@given(st.floats(-1, 100), speeds, st.integers(0, 10**6), st.integers(0, 10**16))
def test_who_waits_wakes_when_it_is_time(hours: float, speed: float, gone_s: int, ahead_ns: int):
    """After `until_ns` stream time is at the instant, within what the speed makes of a few ns."""
    clock, stream = late(hours, speed)
    clock.now_s += gone_s
    instant_ns = stream.now_ns() + ahead_ns
    wait_ns = max(0, stream.until_ns(instant_ns))
    began_ns = clock.monotonic_ns()
    clock.monotonic_ns = lambda: began_ns + wait_ns  # type: ignore[method-assign]
    slack_ns = 10**4 if math.isinf(speed) else speed * 10 + 10**4
    assert abs(stream.now_ns() - instant_ns) <= slack_ns


def timeline(speed: float, rows_per_s: float = 1.0) -> tuple[FakeClock, LiveSchedule]:
    """Return a timeline that began an hour late."""
    clock = FakeClock()
    recipe = Recipe(
        seed=1, pace=constant_rate(rows_per_s), start=WALL - timedelta(hours=1), speed=speed
    )
    made = LiveSchedule(recipe, clock)
    made.begin()
    return clock, made


def test_a_backfill_is_due_at_its_speed():
    """Rows fall due 61 times as fast, and the status says so, until the present is reached."""
    clock, late_by_an_hour = timeline(61.0)
    clock.now_s += 30
    assert late_by_an_hour.due_rows(0) == 61 * 30 + 1
    assert late_by_an_hour.rate_asked(0) == 61
    assert late_by_an_hour.notices(0) == ("catches up: stream time runs 61x until the present",)
    assert late_by_an_hour.wait_s(61 * 31) == pytest.approx(1)
    assert late_by_an_hour.wait_s(3_660 + 60) == pytest.approx(30 + 60)
    clock.now_s += 31
    assert late_by_an_hour.rate_asked(0) == 1
    assert late_by_an_hour.notices(0) == ()


def test_a_backfill_at_once_is_behind_and_says_so():
    """At the highest speed all rows up to the present are due, and behind, from the beginning."""
    clock, at_once = timeline(math.inf)
    assert at_once.due_rows(0) == 3_601
    assert at_once.rate_asked(100) is None
    assert "full speed" in at_once.notices(100)[0]
    assert at_once.rate_asked(3_601) == 1
    assert at_once.notices(3_601) == ()
    clock.now_s += 2
    assert at_once.due_rows(0) == 3_603
    assert at_once.age_s(WALL_NS - HOUR_NS) == 2


def test_what_a_backfill_took_is_told_by_the_clock():
    """Minutes of stream time took seconds: rates are of these, also for a run that ends there."""
    clock, late_by_an_hour = timeline(60.0, rows_per_s=10.0)
    clock.now_s += 5
    assert late_by_an_hour.elapsed_ns() == 5 * 10**9
    assert late_by_an_hour.asked_ns(3_000) == 5 * 10**9
    assert late_by_an_hour.span_ns(3_000) == 5 * 10**9
    clock, at_once = timeline(math.inf)
    clock.now_s += 2
    assert (at_once.elapsed_ns(), at_once.asked_ns(1_000)) == (2 * 10**9, None)
    assert at_once.span_ns(1_000) == 2 * 10**9
    assert at_once.asked_ns(3_603) == 3 * 10**9


def test_a_speed_needs_a_start_in_the_past():
    """Without one it is refused; with one in the future a notice says that it does nothing."""
    with pytest.raises(SettingError, match="speed 60x: there is nothing to catch up with"):
        Recipe(seed=1, pace=MAX, speed=60.0)
    with pytest.raises(SettingError, match=r"speed 0\.5: give 1x to 1000000x, or max"):
        Recipe(seed=1, pace=MAX, start=WALL, speed=0.5)
    early = LiveSchedule(
        Recipe(seed=1, pace=constant_rate(1), start=WALL + timedelta(hours=1), speed=60.0),
        FakeClock(),
    )
    early.begin()
    assert early.notices(0) == ("speed 60x: nothing to catch up, the start was not past",)
