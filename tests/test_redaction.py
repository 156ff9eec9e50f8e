"""Redacted addresses contain no password, even one that is not escaped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gerador.redaction import redact_credentials, redact_url


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://u:hunter2@h:8081/p", "https://…@h:8081/p"),
        ("https://u:pa/ss@h", "https://…@h"),
        ("https://u:p@ss@h", "https://…@h"),
        ("https://u:pa,ss@h", "https://…@h"),
        ("https://u:pa ss@h", "https://…@h"),
        ("https://hunter2@h", "https://…@h"),
        ("u:hunter2@h:8081", "…@h:8081"),
        ("http://a:b@h1,https://c:d@h2", "http://…@h1,https://…@h2"),
        ("http://h1, http://c:d@h2/x", "http://h1, http://…@h2/x"),
        ("http://h:8081/path", "http://h:8081/path"),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("a@b", "a@b"),
    ],
)
def test_credentials_are_removed_from_text(text: str, shown: str) -> None:
    """The host stays, and text without credentials is unchanged."""
    assert redact_credentials(text) == shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://u:hunter2@h:1/t?key=k#f", "https://h:1/t"),
        ("https://[::1]:8081/", "https://[::1]:8081/"),
        ("https://h?key=k", "https://h"),
        ("https://u:pa/ss@h", "https://…"),
        ("https://u:pa?ss@h", "https://…"),
        ("https://h/t?login=a@b&key=k", "https://…"),
        ("not a URL", "…"),
    ],
)
def test_urls_are_redacted(url: str, shown: str) -> None:
    """Scheme, host, port and path stay, unless they are ambiguous with a password."""
    assert redact_url(url) == shown


@given(st.text(st.characters(codec="utf-8"), max_size=12))
def test_no_password_is_shown(password: str) -> None:
    """No character of any password is left."""
    url = f"https://u:<{password}>@h"
    assert redact_credentials(url).rpartition("@")[2] == "h"
    assert "<" not in redact_url(url)
