"""Paces: which rates and intervals there are, exactly, and how others are refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from generator.errors import SettingError
from generator.events.pace import MAX, PAUSED, PaceKind, generations, rate


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
    pace = rate(asked)
    assert (pace.rows_per_tick, pace.tick_ns_num, pace.tick_ns_den) == (1, num, den)
    assert pace.rows_per_s == pytest.approx(float(asked), rel=1e-12)


@pytest.mark.parametrize("asked", [0, -1, "0.0001", "0.0015", 1_000.5, 10_000_001, "inf", "ten"])
def test_other_rates_are_refused_by_name(asked: float | str):
    """A rate outside the range, too fine, or no number: one line with the value."""
    with pytest.raises(SettingError, match="rate") as refused:
        rate(asked)
    assert str(asked) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("size", "interval"), [(0, 1), (10_000_001, 1), (10, -1), (10, "0.0001"), (10, "nan"),
                           (10, 86_401), (10, "1.0000000001"), (10, "soon")],
)  # fmt: skip
def test_other_generations_are_refused(size: int, interval: float | str):
    """A size or interval that makes no sense is refused in one line."""
    with pytest.raises(SettingError, match=r"generation|interval"):
        generations(size, interval)


def test_no_interval_is_full_speed():
    """Generations every 0 seconds are as fast as possible."""
    assert generations(1_000, 0) is MAX
    assert generations(1_000, "0.0") is MAX


def test_the_rate_of_generations():
    """Generations have the mean rate of their rows."""
    assert generations(1_000, 0.5).rows_per_s == 2_000.0
    assert generations(1_000, 0.5).kind is PaceKind.GENERATIONS
    assert MAX.rows_per_s is None
    assert PAUSED.rows_per_s == 0.0
