from __future__ import annotations

from gerador.page.html_table import CELL_CHARACTERS_MAX, html_table


def test_values_are_escaped():
    """What a row holds is never markup."""
    made = html_table({"<b>": ["<script>alert(1)</script>", "a & b"]})
    assert "<script>" not in made
    assert "<b>" not in made
    assert "&lt;script&gt;" in made
    assert "a &amp; b" in made


def test_decimals_stand_below_decimals():
    """Numbers of a column are equally long behind the point, and on the right."""
    made = html_table({"x": [1.5, 2.25, 3]})
    assert made.count("<td class='n'>") == 3
    assert all(f">{said}<" in made for said in ("1.50", "2.25", "3.00"))


def test_what_is_no_number_is_written_as_json():
    """Nested values, truth values, null and NaN read as they are."""
    made = html_table({"x": [{"a": [1, "é"]}, True, None, float("nan"), 1e-9]})
    assert "class='n'" not in made
    assert all(said in made for said in ("é", "true", "null", "NaN", "1e-09"))


def test_long_values_are_cut():
    """A value is cut at a limit, visibly."""
    made = html_table({"x": ["y" * 1000]})
    assert "y" * CELL_CHARACTERS_MAX + "…" in made
    assert "y" * (CELL_CHARACTERS_MAX + 1) not in made
