"""Where the schema registry is and who asks: reading the two settings. Pure; prints no secret."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit, urlunsplit

from generator.errors import SettingError

URL_SETTING: Final = "SCHEMA_REGISTRY_URL"
USER_INFO_SETTING: Final = "SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO"


def without_credentials(url: str) -> str:
    """Return `url`, or a comma-separated list of them, without user and password.

    Raises SettingError: one of them is no http or https address.
    """
    return ",".join(_checked(one.strip()) for one in url.split(","))


def checked_user_info(user_info: str, url: str) -> str:
    """Return `user_info` when it is ``user:password`` and `url` has no credentials of its own.

    Raises SettingError: otherwise, without repeating either.
    """
    if ":" not in user_info:
        raise SettingError(f"{USER_INFO_SETTING} is not user:password")
    if "@" in url:
        shown = without_credentials(url)
        msg = f"{URL_SETTING} {shown} has credentials, and so has {USER_INFO_SETTING}; use one"
        raise SettingError(msg)
    return user_info


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise SettingError(f"{URL_SETTING} is not an address: {error}") from error
    if parts.scheme not in ("http", "https") or not host:
        shown = url.rpartition("@")[2]
        raise SettingError(f"{URL_SETTING} {shown!r} is not an address like http://host:8081")
    place = f"[{host}]" if ":" in host else host
    place = place if port is None else f"{place}:{port}"
    return urlunsplit((parts.scheme, place, parts.path.rstrip("/"), "", ""))
