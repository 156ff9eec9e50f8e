"""Durations, rates and speeds as text: parsing, formatting and errors."""

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
def test_durations_round_trip(ns: int):
    """Formatted nanoseconds are parsed as the same number."""
    assert parse_duration_ns(duration_text(ns)) == ns


@given(st.integers(1, 9_999_999).map(lambda n: n if n >= 1_000 else n / 1_000))
def test_rates_round_trip(rate: float):
    """A formatted rate is parsed as the same rate."""
    assert parse_rate(rate_text(rate)) == rate


@pytest.mark.parametrize(
    ("text", "ns"),
    [("2m", 120 * 10**9), ("1.5s", 15 * 10**8), (" 500ms ", 5 * 10**8), (30, 30 * 10**9), (0, 0)],
)
def test_durations_have_units(text: str | float, ns: int):
    """Milliseconds to days; seconds without a unit."""
    assert parse_duration_ns(text) == ns


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("soon", "'soon' is not a duration; expected, for example, 30s, 5m, 1h or 500ms"),
        (-1, "-1 is not a duration"),
        (True, "True is not a duration"),
        (math.inf, "inf is not a duration"),
        ("0.0000000001s", "finer than a nanosecond"),
        ("400d", "longer than a year"),
    ],
)
def test_invalid_durations_are_rejected(text: str | float, message: str):
    """The message names the value and the valid form."""
    with pytest.raises(ValueError, match=message):
        parse_duration_ns(text)


@pytest.mark.parametrize(
    ("text", "speed"), [("60x", 60), ("1.5x", 1.5), (10, 10), ("1kx", 1_000), ("max", math.inf)]
)
def test_speeds_round_trip(text: str | float, speed: float):
    """A speed is a factor or `max`; a formatted speed is parsed as the same speed."""
    assert parse_speed(text) == speed
    assert parse_speed(speed_text(speed)) == speed


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fast", "'fast' is not a speed; expected, for example, 60x, or max"),
        ("0.5x", r"is outside \[1x, 1000000x\]"),
        ("2Mx", r"is outside \[1x, 1000000x\]"),
        (True, "True is not a speed"),
    ],
)
def test_invalid_speeds_are_rejected(text: str | float, message: str):
    """A speed below 1 would never catch up; the message names the valid range."""
    with pytest.raises(ValueError, match=message):
        parse_speed(text)
