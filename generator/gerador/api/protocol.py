"""HTTP/1.1 on one connection: uvicorn's h11 protocol, with an end for the idle and JSON for all.

uvicorn counts connections against its limit, idle ones too, so that whoever opens enough of them
locks out everybody. Here an idle connection is the first to go when a new one comes, and requests
are counted instead (`asgi.RequestLimit`).
"""

from __future__ import annotations

import json
from functools import partial
from http import HTTPStatus
from math import inf
from typing import TYPE_CHECKING, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from gerador.api.asgi import HANG_UP

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

CONNECTIONS_MAX: Final = 512
"""Open connections, about half of the 1,024 files that a process may open by default."""
_NOT_HTTP: Final = "these bytes are no HTTP/1.1 request"


class HttpProtocol(H11Protocol):
    """One connection. It is idle while no request of it is being answered."""

    _idle_since_s: float = inf
    _upgraded = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Note a new connection; close the longest idle one where it is one too many."""
        super().connection_made(transport)
        self.app = partial(_with_hang_up, self.app, transport.abort)
        self._idle_since_s = self.loop.time()
        self._expect_request()
        if len(self.connections) > CONNECTIONS_MAX:
            idle = [c for c in self.connections if isinstance(c, HttpProtocol) and c.idle]
            min(idle, key=lambda c: c._idle_since_s).timeout_keep_alive_handler()  # noqa: SLF001

    @property
    def idle(self) -> bool:
        """Tell whether no request is being answered, which half a request's head is not."""
        answered = self.cycle is None or self.cycle.response_complete
        return answered and not self._upgraded and not self.transport.is_closing()

    def data_received(self, data: bytes) -> None:
        """Take what came; it must grow to a whole request's head before the idle time is over."""
        super().data_received(data)
        if self.idle and self.timeout_keep_alive_task is None:
            self._expect_request()

    def on_response_complete(self) -> None:
        """Begin to be idle."""
        self._idle_since_s = self.loop.time()
        super().on_response_complete()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Leave the connection to another protocol."""
        self._upgraded = True
        super().handle_websocket_upgrade(event)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP the way the API answers everything: as JSON."""
        del msg
        body = json.dumps({"detail": _NOT_HTTP}).encode()
        status = HTTPStatus.BAD_REQUEST
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        head = h11.Response(status_code=status, headers=headers, reason=status.phrase.encode())
        for part in (head, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(part) or b"")
        self.transport.close()

    def _expect_request(self) -> None:
        due_s = self._idle_since_s + self.timeout_keep_alive
        handle = self.loop.call_at(due_s, self.timeout_keep_alive_handler)
        self.timeout_keep_alive_task = handle


async def _with_hang_up(
    app: ASGIApp, abort: Callable[[], None], scope: Scope, receive: Receive, send: Send
) -> None:
    """Answer one request; who answers may end the connection of a client that takes nothing."""
    await app({**scope, HANG_UP: abort}, receive, send)
