from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gerador.api.content_negotiation import preferred_media_type

OFFERED = ("application/json", "application/x-ndjson", "text/csv")


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("text/*", "text/csv"),
        ("TEXT/CSV", "text/csv"),
        ("text/csv; charset=utf-8", "text/csv"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("application/json;q=0.5, text/csv;q=0.9", "text/csv"),
        ("text/csv;q=0.1, */*;q=0.2", "application/json"),
        ("*/*, application/json;q=0", "application/x-ndjson"),
        ("application/json;q=0", None),
        ("image/png", None),
        ("text/csv;q=2", None),
        ("text/csv;q=x, application/x-ndjson;q=0.001", "application/x-ndjson"),
        (";,/,a/,q=1", None),
    ],
)
def test_the_preferred_format_is_selected(accept: str, chosen: str | None):
    """Quality values and specificity decide; invalid ranges are ignored."""
    assert preferred_media_type(accept, OFFERED) == chosen


@given(st.text(max_size=200))
def test_any_header_is_accepted(accept: str):
    """For any header the result is an offered format or None."""
    assert preferred_media_type(accept, OFFERED) in (*OFFERED, None)
