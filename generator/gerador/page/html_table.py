"""Values of rows as an escaped HTML table. Does not import NiceGUI."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


CELL_CHARACTERS_MAX: Final = 80
"""Maximum characters of a value; GET /dados has the whole value."""
DECIMALS_MAX: Final = 6
"""Decimals up to which the numbers of a column get equally many."""


def html_table(columns: Mapping[str, Sequence[Any]], classes: str = "") -> str:
    """Return an HTML table of `columns` of equal length; numbers are aligned to the right.

    The values are JSON values.
    """
    texts = [_column_texts(values) for values in columns.values()]
    sides = [" class='n'" if _all_numbers(values) else "" for values in columns.values()]
    heads = zip(columns, sides, strict=True)
    titles = "".join(f"<th scope='col'{side}>{escape(name)}</th>" for name, side in heads)
    body = "".join(f"<tr>{_row_cells(row, sides)}</tr>" for row in zip(*texts, strict=True))
    return f"<table class='{classes}'><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"


def _row_cells(row: Sequence[str], sides: Sequence[str]) -> str:
    return "".join(f"<td{side}>{escape(text)}</td>" for text, side in zip(row, sides, strict=True))


def _column_texts(values: Sequence[Any]) -> list[str]:
    """Return the values of a column as text, with equally many decimals."""
    texts = [_cell_text(value) for value in values]
    if not _all_numbers(values):
        return texts
    decimals = max((len(text.partition(".")[2]) for text in texts), default=0)
    if not 0 < decimals <= DECIMALS_MAX or any("e" in text for text in texts):
        return texts
    return [f"{value:.{decimals}f}" for value in values]


def _all_numbers(values: Sequence[Any]) -> bool:
    """Return whether all values are finite numbers; booleans are not."""
    return all(type(v) is int or (type(v) is float and abs(v) < float("inf")) for v in values)


def _cell_text(value: Any) -> str:
    """Return a value as one line of text."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    cut = text[:CELL_CHARACTERS_MAX]
    return cut if cut == text else f"{cut}…"
