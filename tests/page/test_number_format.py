from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gerador.page import number_format

if TYPE_CHECKING:
    from gerador.page.translations import Language


def test_separators_are_those_of_the_language():
    """Thousands and decimal separators depend on the language."""
    assert number_format.format_count("en", 1234567) == "1,234,567"
    assert number_format.format_count("pt", 1234567) == "1.234.567"
    assert number_format.format_seconds("pt", 1234.56) == "1.234,6 s"
    assert number_format.format_milliseconds("en", 0.00123) == "1.2 ms"
    assert number_format.format_milliseconds("pt", 1.5) == "1.500 ms"


@pytest.mark.parametrize(
    ("rows_per_s", "text"),
    [(0.0, "0"), (0.5, "0.5"), (3.0, "3"), (99.94, "99.9"), (999.6, "1,000")],
)
def test_low_rates_have_a_decimal(rows_per_s: float, text: str):
    """Only rates below 100 that are not whole have a decimal."""
    assert number_format.format_rate("en", rows_per_s) == text


def test_none_is_a_dash():
    """An unknown number is a dash, not zero."""
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
def test_numbers_are_normalized(language: Language, given: str, meant: str):
    """The notation of the language is converted to that of the API; other text is unchanged."""
    assert number_format.normalize_number(language, given) == meant


@pytest.mark.parametrize("language", ["pt", "en"])
@pytest.mark.parametrize("rows", [0, 7, 999, 1_000, 10_000_000])
def test_displayed_numbers_can_be_entered(language: Language, rows: int):
    """A number copied from the page has the same value."""
    assert number_format.normalize_number(
        language, number_format.format_count(language, rows)
    ) == str(rows)
