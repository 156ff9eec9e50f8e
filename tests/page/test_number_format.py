from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gerador.page import number_format

if TYPE_CHECKING:
    from gerador.page.translations import Language


def test_separators_are_those_of_the_language():
    """Thousands and decimals are written as each language writes them."""
    assert number_format.format_count("en", 1234567) == "1,234,567"
    assert number_format.format_count("pt", 1234567) == "1.234.567"
    assert number_format.format_seconds("pt", 1234.56) == "1.234,6 s"
    assert number_format.format_milliseconds("en", 0.00123) == "1.2 ms"
    assert number_format.format_milliseconds("pt", 1.5) == "1.500 ms"


@pytest.mark.parametrize(
    ("rows_per_s", "said"),
    [(0.0, "0"), (0.5, "0.5"), (3.0, "3"), (99.94, "99.9"), (999.6, "1,000")],
)
def test_low_rates_have_a_decimal(rows_per_s: float, said: str):
    """A decimal is shown only where it says something."""
    assert number_format.format_rate("en", rows_per_s) == said


def test_what_is_not_known_is_a_dash():
    """A missing number is a dash, never a zero."""
    assert (
        number_format.format_count("pt", None)
        == number_format.format_milliseconds("en", None)
        == "—"
    )


@pytest.mark.parametrize(
    ("language", "given", "meant"),
    [
        ("pt", "2.500", "2500"),
        ("pt", " 1.234.567 ", "1234567"),
        ("pt", "2,5k", "2.5k"),
        ("pt", "1.500,25/s", "1500.25/s"),
        ("pt", "2.5k", "2.5k"),
        ("pt", "2,5m", "2.5m"),
        ("pt", "0,125", "0.125"),
        ("pt", "0.125", "0.125"),
        ("pt", "500", "500"),
        ("en", "2,500", "2500"),
        ("en", "2.500", "2.500"),
        ("en", "20k", "20k"),
        ("en", "1,50", "1,50"),
        ("en", "max", "max"),
        ("pt", "", ""),
    ],
)
def test_numbers_are_read_as_they_are_written(language: Language, given: str, meant: str):
    """What is typed means what the page itself would mean by it; what is no number stays."""
    assert number_format.normalize_number(language, given) == meant


@pytest.mark.parametrize("language", ["pt", "en"])
@pytest.mark.parametrize("rows", [0, 7, 999, 1_000, 10_000_000])
def test_a_number_that_is_shown_may_be_typed(language: Language, rows: int):
    """Copied from the page, a number is read as itself."""
    assert number_format.normalize_number(
        language, number_format.format_count(language, rows)
    ) == str(rows)
