"""Durations, rates and speeds as text: parsing, formatting and errors."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gerador.units import (
    DURATION_NS_MAX,
    duration_text,
    exact_rate,
    nearest_rate,
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


@given(st.integers(1, 1_000_000), st.sampled_from(["min", "h"]))
def test_rates_per_minute_and_hour_round_trip(number: int, unit: str):
    """They are exact, as text, as a number, and as the fraction of the schedule."""
    rate = parse_rate(f"{number}/{unit}")
    assert parse_rate(rate_text(rate)) == rate
    assert exact_rate(rate, "") == Fraction(number, {"min": 60, "h": 3_600}[unit])


@pytest.mark.parametrize(
    ("rate", "text"),
    [("120/min", "2/s"), ("7/min", "7/min"), ("50/h", "50/h"), ("30/h", "0.5/min"), ("1/h", "1/h")],
)
def test_a_rate_has_the_shortest_unit(rate: str, text: str):
    """A rate is written per second if it has at most three decimals there."""
    assert rate_text(parse_rate(rate)) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0.5/h", r"rate '0.5/h' is outside \[1/h, 10000000/s\]; use max for"),
        ("700M/min", "outside"),
        ("5/m", "rate '5/m' is not a number of rows per second; expected, for example, 500, 10k/s"),
        ("1.0001/h", "rate '1.0001/h' has too many decimals; use at most three"),
        ("98765431/h", "rate '98765431/h' has too many digits; round it"),
    ],
)
def test_invalid_rates_are_rejected(text: str, message: str):
    """Rates out of range, of another unit, and finer than the schedule."""
    with pytest.raises(ValueError, match=message):
        parse_rate(text)


@pytest.mark.parametrize(
    ("computed", "nearest"),
    [(1e9, 1e7), (12_345.678, 12_346), (12.3456, 12.346), (1e-9, 1 / 3_600), (1 / 3, 1 / 3)],
)
def test_nearest_rates(computed: float, nearest: float):
    """Computed rates are rounded to valid ones."""
    assert nearest_rate(computed) == nearest
    assert parse_rate(rate_text(nearest)) == nearest


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
