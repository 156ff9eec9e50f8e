"""Validates the schema registry URL and its basic-auth credentials. No message contains a secret."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from gerador.errors import SettingError
from gerador.redaction import redact_credentials, redact_url

URL_SETTING: Final = "SCHEMA_REGISTRY_URL"
USER_INFO_SETTING: Final = "SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO"
_ESCAPE: Final = "; in a password, write '/' as %2F, '?' as %3F, '#' as %23, ',' as %2C, '@' as %40"


def redact_and_check_urls(url: str) -> str:
    """Return `url`, or a comma-separated list of them, without user, password and query.

    Raises SettingError: one of them is no http or https address.
    """
    places = [one.strip() for one in url.split(",")]
    if not all(map(_is_http_url, places)):
        # All of it is shown, not the wrong one alone: a "," in a password parts it in two.
        shown = redact_credentials(url)
        escape = _ESCAPE if "@" in url else ""
        raise SettingError(
            f"{URL_SETTING} {shown!r} is not an address like http://host:8081{escape}"
        )
    return ",".join(redact_url(place).rstrip("/") for place in places)


def check_user_info(user_info: str, url: str) -> str:
    """Return `user_info` when it is ``user:password`` and `url` has no credentials of its own.

    Raises SettingError: otherwise, without repeating either.
    """
    if ":" not in user_info:
        raise SettingError(f"{USER_INFO_SETTING} is not user:password")
    if "@" in url:
        shown = redact_and_check_urls(url)
        msg = f"{URL_SETTING} {shown} has credentials, and so has {USER_INFO_SETTING}; use one"
        raise SettingError(msg)
    return user_info


def _is_http_url(url: str) -> bool:
    """Tell whether it is an http address of one meaning: no "@" behind the host."""
    try:
        parts = urlsplit(url)
        # Reading the port is what checks it.
        known = parts.scheme in ("http", "https") and parts.port != 0
    except ValueError:
        return False
    behind = parts.path + parts.query + parts.fragment
    return known and bool(parts.hostname) and "@" not in behind
