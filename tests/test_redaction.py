"""What is shown of an address holds no password, however carelessly it was written."""

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
def test_user_and_password_are_left_out_of_a_text(text: str, shown: str) -> None:
    """The host stays, and what is no address stays as it is."""
    assert redact_credentials(text) == shown


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://u:hunter2@h:1/t?key=k#f", "https://h:1/t"),
        ("https://[::1]:8081/", "https://[::1]:8081/"),
        ("https://h?key=k", "https://h"),
        ("https://u:pa/ss@h", "https://…"),
        ("https://u:pa?ss@h", "https://…"),
        ("https://h/t?login=a@b&key=k", "https://…"),
        ("no address", "…"),
    ],
)
def test_the_place_is_what_is_safe_to_show(url: str, place: str) -> None:
    """Scheme, host, port and path; less where they cannot be told from a password."""
    assert redact_url(url) == place


@given(st.text(st.characters(codec="utf-8"), max_size=12))
def test_no_password_is_shown(password: str) -> None:
    """Whatever a password is made of, nothing of it is left."""
    url = f"https://u:<{password}>@h"
    assert redact_credentials(url).rpartition("@")[2] == "h"
    assert "<" not in redact_url(url)
