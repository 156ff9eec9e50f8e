"""Number formatting and parsing by language: separators, decimals, units."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gerador.page.translations import translate

if TYPE_CHECKING:
    from gerador.page.translations import Language


NO_VALUE: Final = "—"
LOW_RATE: Final = 100.0
"""Rows per second below which a decimal is shown."""
_SWAP: Final = str.maketrans(",.", ".,")
_GROUPED: Final = re.compile(r"([1-9]\d{0,2}(?:,\d{3})+|\d+)(\.\d+)?(\D*)")
"""A number in English notation, with or without separators, and a unit."""
_MS_PER_S: Final = 1000.0
_SHORT_MS: Final = 10.0


def format_count(language: Language, rows: int | None) -> str:
    """Return a whole number with thousands separators."""
    return NO_VALUE if rows is None else _localize(language, f"{rows:,}")


def format_rate(language: Language, rows_per_s: float) -> str:
    """Return rows per second, with one decimal for low rates."""
    low = 0 < rows_per_s < LOW_RATE and rows_per_s != int(rows_per_s)
    return _localize(language, f"{rows_per_s:,.{1 if low else 0}f}")


def format_target_rate(language: Language, rows_per_s: float | None) -> str:
    """Return the target rate in rows per second; "max" in the language for None."""
    if rows_per_s is None:
        return translate(language, "max")
    return format_rate(language, rows_per_s)


def format_seconds(language: Language, value_s: float) -> str:
    """Return a duration in seconds."""
    return _localize(language, f"{value_s:,.1f}") + " s"


def format_milliseconds(language: Language, value_s: float | None) -> str:
    """Return a duration in milliseconds; a dash for None."""
    if value_s is None:
        return NO_VALUE
    value_ms = value_s * _MS_PER_S
    decimals = 1 if value_ms < _SHORT_MS else 0
    return _localize(language, f"{value_ms:,.{decimals}f}") + " ms"


def normalize_number(language: Language, text: str) -> str:
    """Convert a number with its unit from the notation of a language to that of the API.

    In Portuguese ``2.500`` and ``2,5k`` are 2500. Returns other text unchanged: ``max``, or
    ``2.5k`` in Portuguese.
    """
    found = _GROUPED.fullmatch(_localize(language, text.strip()))
    return (
        text if found is None else "".join(part or "" for part in found.groups()).replace(",", "")
    )


def _localize(language: Language, english: str) -> str:
    return english.translate(_SWAP) if language == "pt" else english
