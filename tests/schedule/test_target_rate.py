"""Target rates: exact fractions, valid ranges, and errors."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest

from gerador.errors import SettingError
from gerador.schedule.target_rate import (
    MAX,
    PAUSED,
    RateKind,
    constant_rate,
    generations_rate,
    parse_target_rate,
    target_rate_or_generations,
)

NOT_A_RATE = (
    "is not a number of rows per second; "
    "expected, for example, 500, 10k/s, 3000/min or 50/h, or max"
)
OUTSIDE = "is outside [1/h, 10000000/s]; use max for as fast as possible"


@pytest.mark.parametrize(
    ("rate", "num", "den"),
    [
        ("0.001", 10**12, 1),
        (1, 10**9, 1),
        (2.5, 400_000_000, 1),
        ("999.999", 10**12, 999_999),
        (3_000_000, 1_000, 3),
        (Decimal(10_000_000), 100, 1),
        (50 / 3_600, 72 * 10**9, 1),
        (7 / 60, 60 * 10**9, 7),
    ],
)
def test_a_rate_is_a_reduced_fraction(rate: float | str | Decimal, num: int, den: int):
    """The time between two rows is 1/rate as a fraction, never rounded."""
    target_rate = constant_rate(rate)
    assert (target_rate.rows_per_tick, target_rate.tick_ns_num, target_rate.tick_ns_den) == (
        1,
        num,
        den,
    )
    assert target_rate.rows_per_s == pytest.approx(float(rate), rel=1e-12)


@pytest.mark.parametrize(
    "rate", [0, -1, "0.0001", "0.0015", 0.12345678, "9999.999", 10_000_001, "inf", "ten"]
)
def test_invalid_rates_are_rejected(rate: float | str):
    """A rate out of range, with too many decimals, or not a number: one line with the value."""
    with pytest.raises(SettingError, match="rate") as caught:
        constant_rate(rate)
    assert str(rate) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("size", "interval"), [(0, 1), (10_000_001, 1), (10, -1), (10, "0.0001"), (10, "nan"),
                           (10, 86_401), (10, "1.0000000001"), (10, "soon")],
)  # fmt: skip
def test_invalid_generations_are_rejected(size: int, interval: float | str):
    """An invalid size or interval is an error."""
    with pytest.raises(SettingError, match=r"generation|interval"):
        generations_rate(size, interval)


def test_interval_zero_is_max():
    """Generations every 0 seconds are as fast as possible."""
    assert generations_rate(1_000, 0) is MAX
    assert generations_rate(1_000, "0.0") is MAX


def test_the_rate_of_generations():
    """Generations have a mean rate in rows per second."""
    assert generations_rate(1_000, 0.5).rows_per_s == 2_000.0
    assert generations_rate(1_000, 0.5).kind is RateKind.GENERATIONS
    assert MAX.rows_per_s is None
    assert PAUSED.rows_per_s == 0.0


@pytest.mark.parametrize(
    ("rate", "rows_per_s"),
    [
        (500, 500),
        ("500", 500),
        ("10k", 10_000),
        (" 1.5M/s ", 1_500_000),
        (Decimal("0.001"), "0.001"),
        ("3000/min", 50),
        ("1.5k/min", 25),
        ("3.6/h", "0.001"),
        ("50/h", 50 / 3_600),
    ],
)
def test_rates_are_parsed(rate: float | str | Decimal, rows_per_s: float | str):
    """Numbers and texts with the suffixes k, M, /s, /min and /h are rates."""
    assert parse_target_rate(rate) == constant_rate(rows_per_s)


@pytest.mark.parametrize("rate", ["max", " max ", math.inf])
def test_max_is_a_text_or_infinity(rate: float | str):
    """`max` and infinity are as fast as possible."""
    assert parse_target_rate(rate) is MAX


@pytest.mark.parametrize(
    ("rate", "message"),
    [
        ("fast", f"rate 'fast' {NOT_A_RATE}"),
        ("11M", f"rate '11M' {OUTSIDE}"),
        ("9" * 400, f"rate '{'9' * 400}' {OUTSIDE}"),
        (math.nan, "rate nan is not a finite number"),
        (0, f"rate 0 {OUTSIDE}"),
    ],
)
def test_error_messages_of_rates(rate: float | str, message: str):
    """The message names the rate as given and the valid range."""
    with pytest.raises(SettingError) as caught:
        parse_target_rate(rate)
    assert str(caught.value) == message


def test_generations_are_the_default():
    """Without a rate, whole generations are due together."""
    assert target_rate_or_generations(None, generation_rows=10, interval_s=0.5) == generations_rate(
        10, 0.5
    )
    assert target_rate_or_generations("2k", generation_rows=10, interval_s=0.5) == constant_rate(
        2_000
    )
