"""Remove credentials from addresses and URLs before they are shown."""

from __future__ import annotations

import re
from typing import Final

_CREDENTIALS: Final = re.compile(
    r"(?:(?<=//)|^(?=[^/@]+:[^/]))(?:(?!,\s*\w+://).)*@", flags=re.DOTALL
)
"""User and password of an address, with a scheme or without, up to the last "@" that could end
them: people do not escape the "/", "," or " " of a password. The next address of a list begins
anew."""
_URL: Final = re.compile(r"(\w+://)([^/?#]*)([^?#]*)(.*)", flags=re.DOTALL)
"""Scheme, authority, path, query and fragment. Source: RFC 3986, appendix B."""


def redact_credentials(text: str) -> str:
    """Return a text with the user and password of the addresses in it left out, as ``…@``.

    Rather too much is left out than too little: "@" in a path may be a password's end.
    """
    return _CREDENTIALS.sub("…@", text)


def redact_url(url: str) -> str:
    """Return scheme, host, port and path of an address: no credentials, query or fragment.

    Where an "@" behind the host leaves open what is password and what is path, and for what is
    no address at all, there is no more to show than the scheme.
    """
    match = _URL.fullmatch(url)
    if match is None:
        return "…"
    scheme, authority, path, rest = match.groups()
    if "@" in path + rest:
        return f"{scheme}…"
    return f"{scheme}{authority.rpartition('@')[2]}{path}"
