"""Validates the schema registry URL and its credentials. No message contains a password."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from gerador.errors import SettingError
from gerador.redaction import redact_credentials, redact_url

URL_SETTING: Final = "SCHEMA_REGISTRY_URL"
USER_INFO_SETTING: Final = "SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO"
_ESCAPE_HINT: Final = (
    "; in a password, write '/' as %2F, '?' as %3F, '#' as %23, ',' as %2C, '@' as %40"
)


def check_url(url: str) -> None:
    """Check that `url` is one http(s) URL, or several separated by commas.

    Raises SettingError: one of them is not.
    """
    if not all(_is_http_url(part.strip()) for part in url.split(",")):
        # The message shows the whole setting: a "," in a password would split it.
        hint = _ESCAPE_HINT if "@" in url else ""
        raise SettingError(
            f"{URL_SETTING} {redact_credentials(url)!r} is not a URL; "
            f"expected, for example, http://host:8081{hint}"
        )


def display_url(url: str) -> str:
    """Return a checked URL, or several, without user, password and query, for messages."""
    return ",".join(redact_url(part.strip()).rstrip("/") for part in url.split(","))


def check_user_info(user_info: str, url: str) -> None:
    """Check that `user_info` is ``user:password`` and that `url` has no credentials as well.

    Raises SettingError: otherwise. The message repeats neither.
    """
    if ":" not in user_info:
        raise SettingError(f"{USER_INFO_SETTING} is not in the form user:password")
    if "@" in url:
        raise SettingError(
            f"credentials are set in both {URL_SETTING} {display_url(url)} and "
            f"{USER_INFO_SETTING}; remove one of them"
        )


def _is_http_url(url: str) -> bool:
    """Return whether `url` is an unambiguous http(s) URL: no "@" after the host."""
    try:
        parts = urlsplit(url)
        # Reading the port checks it.
        is_http = parts.scheme in ("http", "https") and parts.port != 0
    except ValueError:
        return False
    after_host = parts.path + parts.query + parts.fragment
    return is_http and bool(parts.hostname) and "@" not in after_host
