"""Remove credentials from addresses and URLs before they are shown."""

from __future__ import annotations

import re
from typing import Final

_CREDENTIALS: Final = re.compile(
    r"(?:(?<=//)|^(?=[^/@]+:[^/]))(?:(?!,\s*\w+://).)*@", flags=re.DOTALL
)
"""User and password of an address, with or without a scheme, up to the last "@" that could end
them: "/", "," and " " in passwords are often not escaped. It does not extend into the next
address of a list."""
_URL: Final = re.compile(r"(\w+://)([^/?#]*)([^?#]*)(.*)", flags=re.DOTALL)
"""Scheme, authority, path, query and fragment. Source: RFC 3986, appendix B."""


def redact_credentials(text: str) -> str:
    """Return a text with user and password of its addresses replaced by ``…@``.

    Removes too much rather than too little: an "@" in a path may be the end of a password.
    """
    return _CREDENTIALS.sub("…@", text)


def redact_url(url: str) -> str:
    """Return scheme, host, port and path of a URL, without credentials, query and fragment.

    Only the scheme if an "@" after the host makes password and path ambiguous; ``…`` if the text
    is not a URL.
    """
    match = _URL.fullmatch(url)
    if match is None:
        return "…"
    scheme, authority, path, rest = match.groups()
    if "@" in path + rest:
        return f"{scheme}…"
    return f"{scheme}{authority.rpartition('@')[2]}{path}"
