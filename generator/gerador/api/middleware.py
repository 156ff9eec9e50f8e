"""ASGI middleware: limits, HEAD as GET, trailing slashes, unexpected errors, access log.

Pure ASGI: Starlette's request and response objects cost more than most responses.
"""

from __future__ import annotations

import asyncio
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import structlog
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from gerador.api.error_responses import error_response, service_unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send


log = structlog.stdlib.get_logger(__name__)
_HEAD: Final = "gerador.head"
ABORT_CONNECTION: Final = "gerador.abort_connection"
"""Key in a request's scope of the function that aborts its connection."""
PROBES: Final = frozenset({"/livez", "/readyz"})
"""Paths that the request limit does not apply to."""
BODY_TIMEOUT_S: Final = 30.0
"""Seconds to receive a request body: 35 kB/s for the largest."""
_INTERNAL_ERROR: Final = "internal error; see the log of the generator"


def is_head(scope: Scope) -> bool:
    """Return whether the request is a HEAD request."""
    return bool(scope.get(_HEAD))


def connection_abort(scope: Scope) -> Callable[[], None] | None:
    """Return the function that aborts the request's connection, discarding unsent bytes."""
    abort: Callable[[], None] | None = scope.get(ABORT_CONNECTION)
    return abort


class RequestLimit:
    """Limits concurrent requests (503 above `requests_max`) and websockets (closed).

    Probes are always answered: a busy process must not be restarted.
    """

    def __init__(self, app: ASGIApp, requests_max: int, websockets_max: int) -> None:
        self._app = app
        self._max = {"http": requests_max, "websocket": websockets_max}
        self._open = {"http": 0, "websocket": 0}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or one websocket."""
        protocol = scope["type"]
        if protocol not in self._open or scope["path"] in PROBES:
            await self._app(scope, receive, send)
        elif self._open[protocol] >= self._max[protocol]:
            await self._reject(scope, receive, send)
        else:
            self._open[protocol] += 1
            try:
                await self._app(scope, receive, send)
            finally:
                self._open[protocol] -= 1

    async def _reject(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1013})
            return
        detail = f"{self._max['http']} requests are already in progress; try again"
        await service_unavailable(detail)(scope, receive, send)


class BodyLimit:
    """Rejects a request body larger than `bytes_max`, announced or streamed, with a 413.

    A body that is not complete after BODY_TIMEOUT_S is answered with a 408. FastAPI's own limit
    answers in plain text; every error of this API is JSON.
    """

    def __init__(self, app: ASGIApp, bytes_max: int) -> None:
        self._app = app
        self._bytes_max = bytes_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _content_length(scope) > self._bytes_max:
            error = self._too_large()
            await error_response(error.status_code, error.detail)(scope, receive, send)
            return
        received_bytes = 0
        deadline_s: float | None = asyncio.get_running_loop().time() + BODY_TIMEOUT_S

        async def receive_limited() -> Message:
            nonlocal received_bytes, deadline_s
            message = await _receive_until(deadline_s, receive)
            # After the body, `receive` waits for the client to disconnect: without a timeout.
            deadline_s = deadline_s if message.get("more_body") else None
            received_bytes += len(message.get("body", b""))
            if received_bytes > self._bytes_max:
                raise self._too_large()
            return message

        await self._app(scope, receive_limited, send)

    def _too_large(self) -> HTTPException:
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return HTTPException(status, f"the request body exceeds {self._bytes_max} bytes")


async def _receive_until(deadline_s: float | None, receive: Receive) -> Message:
    """Receive a message until `deadline_s` on the loop's clock; None: without a timeout."""
    try:
        async with asyncio.timeout_at(deadline_s):
            return await receive()
    except TimeoutError:
        # The rest of the body would be parsed as the next request: close the connection.
        raise HTTPException(
            HTTPStatus.REQUEST_TIMEOUT,
            f"the request body is incomplete after {BODY_TIMEOUT_S:g} s",
            {"Connection": "close"},
        ) from None


def _content_length(scope: Scope) -> int:
    """Return the Content-Length, which the server has validated; 0 if it is absent."""
    return int(Headers(scope=scope).get("content-length", "0"))


class HeadAsGet:
    """Handles HEAD as GET, without the response body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET", _HEAD: True}, receive, without_body)


class TrailingSlash:
    """Handles a path with a trailing slash as the one without: /status/ as /status."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request. A slash that is part of a name is sent as %2F and kept."""
        raw: bytes = scope.get("raw_path") or b""
        if scope["type"] == "http" and raw.endswith(b"/") and len(raw) > 1:
            scope = {**scope, "path": scope["path"][:-1], "raw_path": raw[:-1]}
        await self._app(scope, receive, send)


class InternalErrors:
    """Returns a 500 for an unexpected exception, and logs the traceback.

    If the response has started, the exception is raised again, and the server closes the
    connection, so that the client detects the incomplete response.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        has_started = False

        async def send_observed(message: Message) -> None:
            nonlocal has_started
            has_started = has_started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_observed)
        except Exception:
            if has_started or scope["type"] != "http":
                raise
            log.exception("request failed", method=scope["method"], path=scope["path"])
            await error_response(HTTPStatus.INTERNAL_SERVER_ERROR, _INTERNAL_ERROR)(
                scope, receive, send
            )


class AccessLog:
    """Logs every request at debug level, with its status and its duration in milliseconds."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, started_s = 0, time.perf_counter()

        async def send_observed(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, send_observed)
        finally:
            duration_ms = round((time.perf_counter() - started_s) * 1000, 2)
            method, path = scope["method"], scope["path"]
            log.debug("request", method=method, path=path, status=status, duration_ms=duration_ms)
