"""Stream time, at clock speed or faster until it reaches the present."""

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


def started_ago(hours: float, speed: float) -> tuple[FakeClock, StreamClock]:
    """Return a clock, and the stream clock of a stream that started `hours` ago."""
    clock = FakeClock()
    return clock, StreamClock(clock, WALL_NS - round(hours * HOUR_NS), speed)


def test_at_speed_one_a_start_in_the_past_stays_there():
    """By default stream time runs at clock speed, from any start."""
    clock, stream = started_ago(1, 1.0)
    clock.now_s += 10
    assert stream.now_ns() == WALL_NS - HOUR_NS + 10 * NS
    assert (stream.current_speed, stream.has_backlog) == (1.0, False)


def test_a_speed_catches_up_with_the_present():
    """At 61x an hour takes a minute; after that stream time is the present."""
    clock, stream = started_ago(1, 61.0)
    clock.now_s += 30
    assert stream.now_ns() == WALL_NS - HOUR_NS + 61 * 30 * NS
    assert stream.current_speed == 61
    clock.now_s += 30
    assert stream.now_ns() == WALL_NS + 60 * NS
    assert stream.current_speed == 1
    clock.now_s += 30
    assert stream.now_ns() == WALL_NS + 90 * NS


def test_infinite_speed_starts_in_the_present():
    """At infinite speed stream time is the present from the start."""
    clock, stream = started_ago(1, math.inf)
    assert stream.now_ns() == WALL_NS
    clock.now_s += 5
    assert stream.now_ns() == WALL_NS + 5 * NS


def test_a_speed_has_no_effect_on_a_start_in_the_future():
    """With a start in the future stream time runs at clock speed."""
    clock, stream = started_ago(-1, 60.0)
    clock.now_s += 5
    assert stream.now_ns() == WALL_NS + HOUR_NS + 5 * NS


speeds = st.floats(1, 1e6) | st.just(math.inf)


@given(st.floats(-1, 100), speeds, st.integers(0, 10**6), st.integers(0, 10**16))
def test_remaining_time_leads_to_its_stream_time(
    hours: float, speed: float, elapsed_s: int, ahead_ns: int
):
    """After `remaining_ns`, stream time is the requested one, within a few ns times the speed."""
    clock, stream = started_ago(hours, speed)
    clock.now_s += elapsed_s
    until_ns = stream.now_ns() + ahead_ns
    wait_ns = max(0, stream.remaining_ns(until_ns))
    waited_from_ns = clock.monotonic_ns()
    clock.monotonic_ns = lambda: waited_from_ns + wait_ns  # type: ignore[method-assign]
    tolerance_ns = 10**4 if math.isinf(speed) else speed * 10 + 10**4
    assert abs(stream.now_ns() - until_ns) <= tolerance_ns


def schedule_from_an_hour_ago(
    speed: float, rows_per_s: float = 1.0
) -> tuple[FakeClock, LiveSchedule]:
    """Return a clock, and a schedule that started an hour ago."""
    clock = FakeClock()
    recipe = Recipe(
        seed=1,
        target_rate=constant_rate(rows_per_s),
        start=WALL - timedelta(hours=1),
        backfill_speed=speed,
    )
    schedule = LiveSchedule(recipe, clock)
    schedule.begin()
    return clock, schedule


def test_a_backfill_is_due_at_its_speed():
    """Rows are due 61 times as fast, and the target rate is too, until the present."""
    clock, schedule = schedule_from_an_hour_ago(61.0)
    clock.now_s += 30
    assert schedule.due_rows(0) == 61 * 30 + 1
    assert schedule.target_rows_per_s(0) == 61
    assert schedule.notices(0) == ("catching up: stream time runs at 61x until the present",)
    assert schedule.wait_s(61 * 31) == pytest.approx(1)
    assert schedule.wait_s(3_660 + 60) == pytest.approx(30 + 60)
    clock.now_s += 31
    assert schedule.target_rows_per_s(0) == 1
    assert schedule.notices(0) == ()


def test_a_backfill_at_infinite_speed_is_behind():
    """At infinite speed all rows up to the present are due, and behind, from the start."""
    clock, schedule = schedule_from_an_hour_ago(math.inf)
    assert schedule.due_rows(0) == 3_601
    assert schedule.target_rows_per_s(100) is None
    assert "as fast as possible" in schedule.notices(100)[0]
    assert schedule.target_rows_per_s(3_601) == 1
    assert schedule.notices(3_601) == ()
    clock.now_s += 2
    assert schedule.due_rows(0) == 3_603
    assert schedule.age_s(WALL_NS - HOUR_NS) == 2


def test_durations_of_a_backfill_are_clock_time():
    """Minutes of stream time take seconds, and the rates of a run are based on these."""
    clock, schedule = schedule_from_an_hour_ago(60.0, rows_per_s=10.0)
    clock.now_s += 5
    assert schedule.elapsed_ns() == 5 * 10**9
    assert schedule.scheduled_duration_ns(3_000) == 5 * 10**9
    assert schedule.duration_ns(3_000) == 5 * 10**9
    clock, schedule = schedule_from_an_hour_ago(math.inf)
    clock.now_s += 2
    assert (schedule.elapsed_ns(), schedule.scheduled_duration_ns(1_000)) == (2 * 10**9, None)
    assert schedule.duration_ns(1_000) == 2 * 10**9
    assert schedule.scheduled_duration_ns(3_603) == 3 * 10**9


def test_a_speed_needs_a_start_in_the_past():
    """Without a start it is rejected; with one in the future a notice reports no effect."""
    with pytest.raises(SettingError, match="backfill_speed 60x requires a start in the past"):
        Recipe(seed=1, target_rate=MAX, backfill_speed=60.0)
    with pytest.raises(
        SettingError, match=r"backfill_speed 0\.5 is outside \[1x, 1000000x\]; or use max"
    ):
        Recipe(seed=1, target_rate=MAX, start=WALL, backfill_speed=0.5)
    early = LiveSchedule(
        Recipe(
            seed=1,
            target_rate=constant_rate(1),
            start=WALL + timedelta(hours=1),
            backfill_speed=60.0,
        ),
        FakeClock(),
    )
    early.begin()
    notice = "backfill_speed 60x has no effect: the start was not in the past"
    assert early.notices(0) == (notice,)
