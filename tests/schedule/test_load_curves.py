"""Arrival processes: exact, monotone, invertible, and with the rows of their target rate."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gerador.errors import SettingError
from gerador.schedule import curves
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import (
    MAX,
    TargetRate,
    constant_rate,
    curve_rate,
    generations_rate,
    with_poisson_arrivals,
)
from tests.schedule.generated_schedules import NS, SEEDS, START_NS, clocked

instants = st.integers(0, 1_000 * NS)


def schedule_of(target_rate: TargetRate, start_ns: int = START_NS) -> Schedule:
    """Return the schedule of a target rate."""
    return Schedule.starting(start_ns, target_rate, seeds=SEEDS)


@settings(deadline=None)
@given(clocked, instants)
def test_a_row_is_due_from_its_due_time(target_rate: TargetRate, into_ns: int):
    """Rows before `due_rows` are due and the next is not, to the nanosecond."""
    schedule = schedule_of(target_rate)
    now_ns = START_NS + into_ns
    due = schedule.due_rows(now_ns)
    assert due is not None
    if due:
        last_ns = schedule.due_ns(due - 1)
        assert last_ns is not None
        assert last_ns <= now_ns
    next_ns = schedule.due_ns(due)
    assert next_ns is None or next_ns > now_ns


@settings(deadline=None)
@given(clocked, st.integers(0, 10**7))
def test_due_times_are_inverted_exactly(target_rate: TargetRate, row: int):
    """A row is due at its due time and not a nanosecond earlier."""
    schedule = schedule_of(target_rate)
    due_ns = schedule.due_ns(row)
    if due_ns is None:
        assert schedule.due_rows(2**62) <= row  # type: ignore[operator]
        return
    assert schedule.due_rows(due_ns) > row  # type: ignore[operator]
    assert schedule.due_rows(due_ns - 1) <= row  # type: ignore[operator]
    assert schedule.event_time_ms(row, row + 1)[0] == due_ns // 1_000_000


@settings(deadline=None)
@given(clocked, st.integers(0, 10**7), st.integers(1, 3_000), st.integers(1, 3_000))
def test_times_do_not_depend_on_the_range(target_rate: TargetRate, a: int, m: int, n: int):
    """Event times never decrease, and are the same for any split of a range."""
    schedule = schedule_of(target_rate)
    whole = schedule.event_time_ms(a, a + m + n)
    cut = [schedule.event_time_ms(a, a + m), schedule.event_time_ms(a + m, a + m + n)]
    assert np.array_equal(np.concatenate(cut), whole)
    assert (np.diff(whole) >= 0).all()


@settings(deadline=None)
@given(clocked, st.lists(instants | st.integers(-5, 5), min_size=1, max_size=40))
def test_arrays_equal_single_calls(target_rate: TargetRate, at: list[int]):
    """The array methods return what the scalar methods return for each item."""
    arrivals = schedule_of(target_rate).segments[0].arrivals
    assert arrivals is not None
    elapsed = np.array(sorted(at), np.int64)
    assert arrivals.due_rows_many(elapsed).tolist() == [arrivals.due_rows(int(e)) for e in elapsed]
    rows = range(3, 40)
    assert arrivals.elapsed_ns_range(3, 40).tolist() == [arrivals.elapsed_ns(r) for r in rows]


TWENTY_S = 20
LEVELS = [100, 200_000]


def expected(level: float, name: str) -> tuple[TargetRate, float]:
    """Return a target rate around `level` rows/s, and its integral over 20 s."""
    low, high = level / 2, level * 2
    s = TWENTY_S
    match name:
        case "constant":
            return constant_rate(level), level * s
        case "generations":
            return generations_rate(int(level), 1), level * s
        case "ramp":
            return curve_rate(curves.ramp(low, high, 10 * NS)), (low + high) / 2 * 10 + high * 10
        case "ramp from nothing":
            return curve_rate(curves.ramp(0, level, 20 * NS)), level * s / 2
        case "sine":
            mean, amplitude = (low + high) / 2, (high - low) / 2
            angular = 2 * math.pi / 7
            return curve_rate(curves.sine(low, high, 7 * NS)), mean * s - amplitude * math.sin(
                angular * s
            ) / angular
        case "steps":
            each = [(low, 3 * NS), (high, 2 * NS)]
            return curve_rate(curves.steps(each, repeat=True)), (low * 3 + high * 2) * 4
        case _:
            each = [(low, 3 * NS), (high, 2 * NS)]
            return curve_rate(curves.steps(each, repeat=False)), low * 3 + high * 17


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    "name", ["constant", "generations", "ramp", "ramp from nothing", "sine", "steps", "held steps"]
)
def test_rows_are_the_integral_of_the_rate(level: float, name: str):
    """Over 20 s each profile has the integral of its rate in rows, within 1 % and a row."""
    target_rate, integral = expected(level, name)
    due = schedule_of(target_rate).due_rows(START_NS + TWENTY_S * NS - 1)
    assert due == pytest.approx(integral, rel=0.01, abs=1)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", ["constant", "generations", "ramp", "sine", "steps"])
def test_poisson_arrivals_keep_the_integral(level: float, name: str):
    """Poisson arrivals differ from the integral by less than the spread of a cell, or 1 %."""
    target_rate, integral = expected(level, name)
    due = schedule_of(with_poisson_arrivals(target_rate)).due_rows(START_NS + TWENTY_S * NS - 1)
    assert due is not None
    # A cell has exactly 1,024 arrivals, so only the spread within one cell remains.
    assert abs(due - integral) <= max(4 * math.sqrt(1_024) / 2, 0.01 * integral)


def test_diurnal_peaks_at_its_hour():
    """A diurnal curve follows the time of day for any start."""
    target_rate = curve_rate(curves.diurnal(100, 2_000, 20 * 3_600 * NS))
    for start_h in (0, 7, 23):
        schedule = schedule_of(target_rate, START_NS + start_h * 3_600 * NS)
        rates = [schedule.target_rows_per_s(START_NS + (24 + h) * 3_600 * NS) for h in range(24)]
        assert rates.index(max(rates)) == 20  # type: ignore[type-var]
        assert rates[20] == pytest.approx(2_000, rel=0.01)
        assert rates[8] == pytest.approx(100, rel=0.01)


def test_a_phase_starts_within_the_period():
    """A sine with a phase is the same sine from a later position."""
    whole = schedule_of(curve_rate(curves.sine(10, 1_000, 60 * NS)))
    later = schedule_of(curve_rate(curves.sine(10, 1_000, 60 * NS, 15 * NS)))
    before = whole.due_rows(START_NS + 15 * NS - 1)
    assert before is not None
    for s in (1, 20, 70):
        due = whole.due_rows(START_NS + (15 + s) * NS)
        assert later.due_rows(START_NS + s * NS) == due - before  # type: ignore[operator]


def test_fractions_of_a_row_do_not_accumulate():
    """A period of one and a half rows has three rows in two periods, without drift."""
    target_rate = curve_rate(curves.sine(1, 2, 1 * NS))
    assert schedule_of(target_rate).due_rows(START_NS + 10_000 * NS - 1) == 15_000


def test_a_ramp_to_zero_ends():
    """After a ramp to 0/s no row is due, and event time is constant."""
    schedule = schedule_of(curve_rate(curves.ramp(10, 0, 10 * NS)))
    assert schedule.due_rows(2**62) == 50
    assert schedule.due_ns(50) is None
    assert schedule.target_rows_per_s(START_NS + 11 * NS) == 0.0
    assert len(set(schedule.event_time_ms(50, 16_384).tolist())) == 1


def test_the_target_rate_follows_the_curve():
    """A ramp is at half the rate at half time; steps have the rate of the step."""
    ramp = schedule_of(curve_rate(curves.ramp(0, 1_000, 100 * NS)))
    assert ramp.target_rows_per_s(START_NS + 50 * NS) == pytest.approx(500, rel=0.01)
    assert ramp.target_rows_per_s(START_NS + 500 * NS) == 1_000
    steps = schedule_of(curve_rate(curves.steps([(10, NS), (30, NS)], repeat=True)))
    assert [steps.target_rows_per_s(START_NS + n * NS) for n in range(4)] == [10, 30, 10, 30]


@pytest.mark.parametrize(
    ("target_rate", "text"),
    [
        (constant_rate(500), "500/s"),
        (with_poisson_arrivals(constant_rate(500)), "500/s, poisson"),
        (with_poisson_arrivals(generations_rate(1_000, 0.5)), "2000/s, poisson"),
        (curve_rate(curves.ramp(0, 5_000, 120 * NS)), "0/s to 5000/s over 2m, then held"),
        (curve_rate(curves.sine(5, 10, 60 * NS)), "sine 5/s to 10/s, period 1m"),
    ],
)
def test_target_rates_as_text(target_rate: TargetRate, text: str):
    """A target rate has a one-line description."""
    assert str(target_rate) == text


def test_impossible_arrivals_are_rejected():
    """Poisson arrivals at rate max or without seeds, and periods without a row, are errors."""
    with pytest.raises(SettingError, match="rate max cannot have poisson"):
        with_poisson_arrivals(MAX)
    with pytest.raises(SettingError, match="require the stream's seeds"):
        Schedule.starting(START_NS, with_poisson_arrivals(constant_rate(5)))
    with pytest.raises(SettingError, match="less than one row per period"):
        curves.sine(0.1, 0.1, NS)


def test_the_portable_sine_is_a_sine():
    """The sine that is the same on every machine equals the library's."""
    periods = np.linspace(-2, 3, 1_001)
    assert np.allclose(curves._portable_sin(periods), np.sin(2 * np.pi * periods), atol=2e-15)
