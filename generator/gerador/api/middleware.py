"""ASGI middleware: request and body limits, HEAD as GET, trailing slashes, unexpected errors, access log."""

from __future__ import annotations

import asyncio
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import structlog
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from gerador.api.error_responses import problem, service_unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send


_log = structlog.stdlib.get_logger(__name__)
_HEAD: Final = "gerador.head"
ABORT_CONNECTION: Final = "gerador.hang_up"
"""Where the server puts, in a request's scope, what ends its connection at once."""
PROBES: Final = frozenset({"/livez", "/readyz"})
"""Paths that are answered however much is going on."""
BODY_TIMEOUT_S: Final = 30.0
"""Seconds that a request's body may take in all: even the largest needs only 35 kB/s."""
_INTERNAL_ERROR: Final = "this request failed inside the generator; its log says why"


def is_head(scope: Scope) -> bool:
    """Tell whether the client asked for the headers alone."""
    return bool(scope.get(_HEAD))


def connection_abort(scope: Scope) -> Callable[[], None] | None:
    """Return what ends the request's connection at once, unsent bytes and all; None without one."""
    found: Callable[[], None] | None = scope.get(ABORT_CONNECTION)
    return found


class RequestLimit:
    """Answers 503 to one request too many at a time, and refuses one websocket too many.

    Probes are always let through: a busy process must not be taken for a dead one.
    """

    def __init__(self, app: ASGIApp, requests_max: int, websockets_max: int) -> None:
        self._app = app
        self._most = {"http": requests_max, "websocket": websockets_max}
        self._now = {"http": 0, "websocket": 0}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or serve one websocket."""
        kind = scope["type"]
        if kind not in self._now or scope["path"] in PROBES:
            await self._app(scope, receive, send)
        elif self._now[kind] >= self._most[kind]:
            await self._refuse(scope, receive, send)
        else:
            self._now[kind] += 1
            try:
                await self._app(scope, receive, send)
            finally:
                self._now[kind] -= 1

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1013})
            return
        line = f"{self._most['http']} requests are being answered already; try again"
        await service_unavailable(line)(scope, receive, send)


class BodyLimit:
    """Refuses a request whose body is larger than `bytes_max`, told or streamed, with a 413.

    One whose body has not come to its end after BODY_S is answered 408, and no longer counts.
    FastAPI's own limit answers in plain text; every answer of this API is JSON.
    """

    def __init__(self, app: ASGIApp, bytes_max: int) -> None:
        self._app = app
        self._bytes_max = bytes_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _content_length(scope) > self._bytes_max:
            refusal = self._refusal()
            await problem(refusal.status_code, refusal.detail)(scope, receive, send)
            return
        received_bytes = 0
        due_s: float | None = asyncio.get_running_loop().time() + BODY_TIMEOUT_S

        async def counted() -> Message:
            nonlocal received_bytes, due_s
            message = await _receive_until(due_s, receive)
            # What is waited for after the body is the client's going away: there is no hurry.
            due_s = due_s if message.get("more_body") else None
            received_bytes += len(message.get("body", b""))
            if received_bytes > self._bytes_max:
                raise self._refusal()
            return message

        await self._app(scope, counted, send)

    def _refusal(self) -> HTTPException:
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return HTTPException(status, f"the request's body is over {self._bytes_max} bytes")


async def _receive_until(due_s: float | None, receive: Receive) -> Message:
    """Receive until `due_s` on the loop's clock, for ever when None."""
    try:
        async with asyncio.timeout_at(due_s):
            return await receive()
    except TimeoutError:
        # The connection cannot be used again: the rest of the body would be taken for a request.
        raise HTTPException(
            HTTPStatus.REQUEST_TIMEOUT,
            f"the request's body did not end within {BODY_TIMEOUT_S:g} s",
            {"Connection": "close"},
        ) from None


def _content_length(scope: Scope) -> int:
    """Return the Content-Length, 0 when there is none; the server has checked that it is one."""
    return int(Headers(scope=scope).get("content-length", "0"))


class HeadAsGet:
    """Answers HEAD as GET answers, without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET", _HEAD: True}, receive, without_body)


class TrailingSlash:
    """Answers an address with a slash at its end as the one without: /status/ as /status."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. A slash that is part of a name comes as %2F, and stays."""
        raw: bytes = scope.get("raw_path") or b""
        if scope["type"] == "http" and raw.endswith(b"/") and len(raw) > 1:
            scope = {**scope, "path": scope["path"][:-1], "raw_path": raw[:-1]}
        await self._app(scope, receive, send)


class InternalErrors:
    """Turns an unexpected exception into a 500 for the client and a traceback in the log.

    An answer that has begun cannot become a 500: the exception goes on, and the server breaks
    the connection off, so that the client does not take half an answer for a whole one.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            if begun or scope["type"] != "http":
                raise
            _log.exception("request failed", method=scope["method"], path=scope["path"])
            await problem(HTTPStatus.INTERNAL_SERVER_ERROR, _INTERNAL_ERROR)(scope, receive, send)


class AccessLog:
    """Logs every request at debug level, with its status and its duration in milliseconds."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, began_s = 0, time.perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            took_ms = round((time.perf_counter() - began_s) * 1000, 2)
            method, path = scope["method"], scope["path"]
            _log.debug("request", method=method, path=path, status=status, duration_ms=took_ms)
