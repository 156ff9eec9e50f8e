"""Authorization of requests that change something: the bearer token, and rejection of requests from other sites (CSRF, DNS rebinding)."""

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
    "a page of another site may not steer; call from a program, or from this API's page; "
    "behind a proxy, pass Host on"
)
_HOST_NAME_HINT: Final = "; to use the page by a name other than localhost, set GERADOR_API_TOKEN"


def token_matches(token: str | None, given: str) -> bool:
    """Tell whether a header's text is the token, in constant time; without a token all are.

    A token is ASCII, as its setting sees to.
    """
    return token is None or (given.isascii() and secrets.compare_digest(given, token))


def is_cross_site(origin: str | None, host: str | None, *, token_set: bool) -> bool:
    """Tell whether a page of another site asks, by the headers Origin and Host.

    Browsers say in Origin which page sends what may change something; programs do not. A page that
    is this host's own by its name may still be another's by DNS rebinding: with a token it lacks
    that; without one, only an IP address and localhost are names that nobody else can hold.
    """
    if origin is None:
        return False
    try:
        asks = urlsplit(origin)
    except ValueError:
        return True
    if not asks.netloc or asks.netloc != host:
        return True
    return not (token_set or _is_rebinding_safe(asks.hostname or ""))


def cross_site_message(*, token_set: bool) -> str:
    """Return what to tell a page of another site, or one that only seems to be."""
    return _CROSS_SITE if token_set else _CROSS_SITE + _HOST_NAME_HINT


def _is_rebinding_safe(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return name == "localhost"
    return True


def require_token(token: str | None) -> DependsParameter:
    """Return a dependency that lets through who knows `token` (None: everybody).

    401 without the token or with another; 403 for a request that a page of another site sends.
    """

    async def check(request: Request) -> None:
        _reject_cross_site(request, token_set=token is not None)
        given = request.headers.get("authorization", "")
        bearer = given[len(_SCHEME) :].strip() if given.lower().startswith(_SCHEME) else ""
        if not token_matches(token, bearer):
            detail = "this verb needs the header Authorization: Bearer and GERADOR_API_TOKEN"
            raise HTTPException(HTTPStatus.UNAUTHORIZED, detail, CHALLENGE)

    return Depends(check)


def _reject_cross_site(request: Request, *, token_set: bool) -> None:
    origin, host = request.headers.get("origin"), request.headers.get("host")
    if is_cross_site(origin, host, token_set=token_set):
        raise HTTPException(HTTPStatus.FORBIDDEN, cross_site_message(token_set=token_set))
