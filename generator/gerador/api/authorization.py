"""Authorization of requests that change a stream: bearer token, CSRF and DNS rebinding checks."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request

if TYPE_CHECKING:
    from fastapi.params import Depends as DependsParameter


CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="gerador"'}
_SCHEME: Final = "bearer "
_CROSS_SITE: Final = (
    "cross-site requests may not change streams; send the request from a program or from the page "
    "of this API; a proxy must forward the Host header"
)
_HOST_NAME_HINT: Final = "; to use the page with a host name, set GERADOR_API_TOKEN"


def token_matches(token: str | None, given: str) -> bool:
    """Return whether `given` is the token, in constant time; True if no token is set.

    A token is ASCII, which its setting validates.
    """
    return token is None or (given.isascii() and secrets.compare_digest(given, token))


def is_cross_site(origin: str | None, host: str | None, *, token_set: bool) -> bool:
    """Return whether the headers Origin and Host are those of a page of another site.

    Browsers send Origin with requests that may change something; programs do not. A host name
    equal to Host does not prove the same site, because of DNS rebinding. With a token such a page
    lacks the token; without one, only IP addresses and localhost are accepted.
    """
    if origin is None:
        return False
    try:
        site = urlsplit(origin)
    except ValueError:
        return True
    if not site.netloc or site.netloc != host:
        return True
    return not (token_set or _is_rebinding_safe(site.hostname or ""))


def cross_site_message(*, token_set: bool) -> str:
    """Return the error message for a cross-site request."""
    return _CROSS_SITE if token_set else _CROSS_SITE + _HOST_NAME_HINT


def _is_rebinding_safe(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return name == "localhost"
    return True


def require_token(token: str | None) -> DependsParameter:
    """Return a dependency that requires `token` (None: no token is required).

    Raises HTTPException 401: no token or a wrong one; 403: a cross-site request.
    """

    async def check(request: Request) -> None:
        _reject_cross_site(request, token_set=token is not None)
        given = request.headers.get("authorization", "")
        bearer = given[len(_SCHEME) :].strip() if given.lower().startswith(_SCHEME) else ""
        if not token_matches(token, bearer):
            detail = (
                "missing or invalid token; send Authorization: Bearer with the value of "
                "GERADOR_API_TOKEN"
            )
            raise HTTPException(HTTPStatus.UNAUTHORIZED, detail, CHALLENGE)

    return Depends(check)


def _reject_cross_site(request: Request, *, token_set: bool) -> None:
    origin, host = request.headers.get("origin"), request.headers.get("host")
    if is_cross_site(origin, host, token_set=token_set):
        raise HTTPException(HTTPStatus.FORBIDDEN, cross_site_message(token_set=token_set))
