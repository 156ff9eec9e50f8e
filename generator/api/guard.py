"""Who may change something: the bearer token, and no page of somebody else.

Reading is free; only the verbs that steer ask. Without a token everybody who reaches the port may
steer, except a page from another site in the browser of somebody who can.
"""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request

if TYPE_CHECKING:
    from fastapi.params import Depends as DependsParameter

CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="gerador"'}
_SCHEME: Final = "bearer "


def allows(token: str | None, given: str) -> bool:
    """Tell whether a header's text is the token, in constant time; without a token all are."""
    return token is None or secrets.compare_digest(given.encode("latin-1"), token.encode())


def guarded(token: str | None) -> DependsParameter:
    """Return a dependency that lets through who knows `token` (None: everybody).

    401 without the token or with another; 403 for a request that a page of another site sends.
    """

    async def check(request: Request) -> None:
        _refuse_other_sites(request)
        given = request.headers.get("authorization", "")
        bearer = given[len(_SCHEME) :].strip() if given.lower().startswith(_SCHEME) else ""
        if not allows(token, bearer):
            detail = "this verb needs the header Authorization: Bearer and GERADOR_API_TOKEN"
            raise HTTPException(HTTPStatus.UNAUTHORIZED, detail, CHALLENGE)

    return Depends(check)


def _refuse_other_sites(request: Request) -> None:
    """Browsers say in Origin which page sends a request that changes something; others do not."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        detail = (
            "a page of another site may not steer; call from a program, or from this API's page"
        )
        raise HTTPException(HTTPStatus.FORBIDDEN, detail)
