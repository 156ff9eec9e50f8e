"""Durations, rates and speeds as people write them, there and back."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gerador.units import (
    DURATION_NS_MAX,
    duration_text,
    parse_duration_ns,
    parse_rate,
    parse_speed,
    rate_text,
    speed_text,
)


@given(st.integers(0, DURATION_NS_MAX))
def test_a_duration_reads_as_it_was_written(ns: int):
    """Any whole nanoseconds come back."""
    assert parse_duration_ns(duration_text(ns)) == ns


@given(st.integers(1, 9_999_999).map(lambda n: n if n >= 1_000 else n / 1_000))
def test_a_rate_reads_as_it_was_written(rate: float):
    """Any rate that there is comes back."""
    assert parse_rate(rate_text(rate)) == rate


@pytest.mark.parametrize(
    ("text", "ns"),
    [("2m", 120 * 10**9), ("1.5s", 15 * 10**8), (" 500ms ", 5 * 10**8), (30, 30 * 10**9), (0, 0)],
)
def test_a_duration_has_units(text: str | float, ns: int):
    """Milliseconds to days, and bare seconds."""
    assert parse_duration_ns(text) == ns


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("soon", "'soon' is no duration; it looks like 30s, 5m, 1h or 500ms"),
        (-1, "-1 is no duration"),
        (True, "True is no duration"),
        (math.inf, "inf is no duration"),
        ("0.0000000001s", "finer than a nanosecond"),
        ("400d", "longer than a year"),
    ],
)
def test_other_durations_are_refused(text: str | float, told: str):
    """One line names the value and what is right."""
    with pytest.raises(ValueError, match=told):
        parse_duration_ns(text)


@pytest.mark.parametrize(
    ("text", "speed"), [("60x", 60), ("1.5x", 1.5), (10, 10), ("1kx", 1_000), ("max", math.inf)]
)
def test_a_speed_is_a_factor(text: str | float, speed: float):
    """So many times as fast as the clock, or `max`; what is written reads as the same."""
    assert parse_speed(text) == speed
    assert parse_speed(speed_text(speed)) == speed


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("fast", "'fast' is no speed; it looks like 60x or max"),
        ("0.5x", "give 1x to 1000000x"),
        ("2Mx", "give 1x to 1000000x"),
        (True, "no speed"),
    ],
)
def test_other_speeds_are_refused(text: str | float, told: str):
    """Slow motion never catches up; the line says what there is."""
    with pytest.raises(ValueError, match=told):
        parse_speed(text)
