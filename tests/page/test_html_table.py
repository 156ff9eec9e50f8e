from __future__ import annotations

from gerador.page.html_table import CELL_CHARACTERS_MAX, html_table


def test_values_are_escaped():
    """Values are never interpreted as markup."""
    table = html_table({"<b>": ["<script>alert(1)</script>", "a & b"]})
    assert "<script>" not in table
    assert "<b>" not in table
    assert "&lt;script&gt;" in table
    assert "a &amp; b" in table


def test_numbers_have_equally_many_decimals():
    """Numbers of a column have equally many decimals and are aligned to the right."""
    table = html_table({"x": [1.5, 2.25, 3]})
    assert table.count("<td class='n'>") == 3
    assert all(f">{text}<" in table for text in ("1.50", "2.25", "3.00"))


def test_other_values_are_json():
    """Nested values, booleans, null and NaN are written as JSON."""
    table = html_table({"x": [{"a": [1, "é"]}, True, None, float("nan"), 1e-9]})
    assert "class='n'" not in table
    assert all(text in table for text in ("é", "true", "null", "NaN", "1e-09"))


def test_long_values_are_cut():
    """A cut value ends with an ellipsis."""
    table = html_table({"x": ["y" * 1000]})
    assert "y" * CELL_CHARACTERS_MAX + "…" in table
    assert "y" * (CELL_CHARACTERS_MAX + 1) not in table
