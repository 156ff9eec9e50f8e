"""Paces: which rates and intervals there are, exactly, and how others are refused."""

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


@pytest.mark.parametrize(
    ("asked", "num", "den"),
    [
        ("0.001", 10**12, 1),
        (1, 10**9, 1),
        (2.5, 400_000_000, 1),
        ("999.999", 10**12, 999_999),
        (3_000_000, 1_000, 3),
        (Decimal(10_000_000), 100, 1),
    ],
)
def test_a_rate_is_a_reduced_fraction(asked: float | str | Decimal, num: int, den: int):
    """The time between two rows is 1/rate as a fraction, never rounded."""
    pace = constant_rate(asked)
    assert (pace.rows_per_tick, pace.tick_ns_num, pace.tick_ns_den) == (1, num, den)
    assert pace.rows_per_s == pytest.approx(float(asked), rel=1e-12)


@pytest.mark.parametrize("asked", [0, -1, "0.0001", "0.0015", 1_000.5, 10_000_001, "inf", "ten"])
def test_other_rates_are_refused_by_name(asked: float | str):
    """A rate outside the range, too fine, or no number: one line with the value."""
    with pytest.raises(SettingError, match="rate") as refused:
        constant_rate(asked)
    assert str(asked) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("size", "interval"), [(0, 1), (10_000_001, 1), (10, -1), (10, "0.0001"), (10, "nan"),
                           (10, 86_401), (10, "1.0000000001"), (10, "soon")],
)  # fmt: skip
def test_other_generations_are_refused(size: int, interval: float | str):
    """A size or interval that makes no sense is refused in one line."""
    with pytest.raises(SettingError, match=r"generation|interval"):
        generations_rate(size, interval)


def test_no_interval_is_full_speed():
    """Generations every 0 seconds are as fast as possible."""
    assert generations_rate(1_000, 0) is MAX
    assert generations_rate(1_000, "0.0") is MAX


def test_the_rate_of_generations():
    """Generations have the mean rate of their rows."""
    assert generations_rate(1_000, 0.5).rows_per_s == 2_000.0
    assert generations_rate(1_000, 0.5).kind is RateKind.GENERATIONS
    assert MAX.rows_per_s is None
    assert PAUSED.rows_per_s == 0.0


@pytest.mark.parametrize(
    ("asked", "rows_per_s"),
    [
        (500, 500),
        ("500", 500),
        ("10k", 10_000),
        (" 1.5M/s ", 1_500_000),
        (Decimal("0.001"), "0.001"),
    ],
)
def test_a_rate_as_people_write_it(asked: float | str | Decimal, rows_per_s: float | str):
    """Texts in ones, thousands and millions are the pace of the number that they mean."""
    assert parse_target_rate(asked) == constant_rate(rows_per_s)


@pytest.mark.parametrize("asked", ["max", " max ", math.inf])
def test_full_speed_is_a_word_or_infinity(asked: float | str):
    """As fast as possible is asked for by its word, or by the number that it stands for."""
    assert parse_target_rate(asked) is MAX


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("fast", "rate 'fast': a rate looks like 500, 10k, 1.5M or max, in rows per second"),
        ("11M", "rate '11M': must be 0.001 to 10000000 rows per second, or max"),
        ("9" * 400, f"rate '{'9' * 400}': must be 0.001 to 10000000 rows per second, or max"),
        (math.nan, "rate nan: not a finite number; give rows per second"),
        (0, 'rate 0: give 0.001 to 10000000 rows per second, or "max" for as fast as possible'),
    ],
)
def test_a_rate_that_makes_no_sense_is_one_line(asked: float | str, told: str):
    """The line names the rate as it was given, and what is right."""
    with pytest.raises(SettingError) as refused:
        parse_target_rate(asked)
    assert str(refused.value) == told


def test_no_rate_is_generations():
    """Without a rate, whole generations fall due together."""
    assert target_rate_or_generations(None, generation_rows=10, interval_s=0.5) == generations_rate(
        10, 0.5
    )
    assert target_rate_or_generations("2k", generation_rows=10, interval_s=0.5) == constant_rate(
        2_000
    )
