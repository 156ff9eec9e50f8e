from __future__ import annotations

import pytest

from generator.page import numbers


def test_separators_are_those_of_the_language():
    """Thousands and decimals are written as each language writes them."""
    assert numbers.count("en", 1234567) == "1,234,567"
    assert numbers.count("pt", 1234567) == "1.234.567"
    assert numbers.seconds("pt", 1234.56) == "1.234,6 s"
    assert numbers.milliseconds("en", 0.00123) == "1.2 ms"
    assert numbers.milliseconds("pt", 1.5) == "1.500 ms"


@pytest.mark.parametrize(
    ("rows_per_s", "said"),
    [(0.0, "0"), (0.5, "0.5"), (3.0, "3"), (99.94, "99.9"), (999.6, "1,000")],
)
def test_low_rates_have_a_decimal(rows_per_s: float, said: str):
    """A decimal is shown only where it says something."""
    assert numbers.rate("en", rows_per_s) == said


def test_what_is_not_known_is_a_dash():
    """A missing number is a dash, never a zero."""
    assert numbers.count("pt", None) == numbers.milliseconds("en", None) == "—"
