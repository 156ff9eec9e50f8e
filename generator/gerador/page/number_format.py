"""Number formatting and parsing for each language: separators, decimals, units."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from gerador.page.translations import Language


NO_VALUE: Final = "—"
LOW_RATE: Final = 100.0
"""Rows per second below which a decimal is worth showing."""
_SWAP: Final = str.maketrans(",.", ".,")
_GROUPED: Final = re.compile(r"([1-9]\d{0,2}(?:,\d{3})+|\d+)(\.\d+)?(\D*)")
"""A number with or without separators, as English has it, and a unit."""
_MS_PER_S: Final = 1000.0
_SHORT_MS: Final = 10.0


def format_count(language: Language, rows: int | None) -> str:
    """Return a whole number with thousands separators."""
    return NO_VALUE if rows is None else _localize(language, f"{rows:,}")


def format_rate(language: Language, rows_per_s: float) -> str:
    """Return rows per second, with a decimal only where it says something."""
    low = 0 < rows_per_s < LOW_RATE and rows_per_s != int(rows_per_s)
    return _localize(language, f"{rows_per_s:,.{1 if low else 0}f}")


def format_seconds(language: Language, value_s: float) -> str:
    """Return a duration in seconds."""
    return _localize(language, f"{value_s:,.1f}") + " s"


def format_milliseconds(language: Language, value_s: float | None) -> str:
    """Return a duration in milliseconds; a dash when there is none."""
    if value_s is None:
        return NO_VALUE
    value_ms = value_s * _MS_PER_S
    decimals = 1 if value_ms < _SHORT_MS else 0
    return _localize(language, f"{value_ms:,.{decimals}f}") + " ms"


def normalize_number(language: Language, given: str) -> str:
    """Return a number and its unit, as people of a language type them, in the API's words.

    So ``2.500`` is two and a half thousand in Portuguese, as everywhere on the page, and ``2,5k``
    is that too. What is no such number is left as it is: ``max``, or ``2.5k`` in Portuguese.
    """
    found = _GROUPED.fullmatch(_localize(language, given.strip()))
    return (
        given if found is None else "".join(part or "" for part in found.groups()).replace(",", "")
    )


def _localize(language: Language, english: str) -> str:
    return english.translate(_SWAP) if language == "pt" else english
