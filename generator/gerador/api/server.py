"""The HTTP server in the event loop of the run: uvicorn, the listening socket, and connections with limits and idle timeouts."""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import socket
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from http import HTTPStatus
from importlib.util import find_spec
from math import inf
from typing import TYPE_CHECKING, Final, NamedTuple

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from gerador.api.middleware import ABORT_CONNECTION, RequestLimit
from gerador.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from starlette.types import ASGIApp, Receive, Scope, Send


PORT_MAX: Final = 65535
REQUESTS_MAX: Final = 256
"""Requests that are answered at once; one more gets 503, and probes count for none."""
WEBSOCKETS_MAX: Final = 64
"""Open pages, twice: a page that comes back may be there before its old websocket is gone."""
WEBSOCKET_MESSAGE_BYTES_MAX: Final = 64 * 1024
"""Bytes of one message from a page, which sends little more than clicks."""
BACKLOG: Final = 128
"""Connections that the kernel holds before they are accepted."""
KEEP_ALIVE_S: Final = 60
"""Seconds that an idle connection is kept: Prometheus' default gap between two scrapes."""
SHUTDOWN_GRACE_S: Final = 1
"""Seconds that answers under way get at shutdown before they are broken off."""
CANCEL_TIMEOUT_S: Final = 0.5
"""Seconds that a cancelled answer gets to clean up."""
POLL_S: Final = 0.01
"""Seconds between two looks whether the server has started."""


class Address(NamedTuple):
    """Where the server listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """Return the address as a URL, with the host as it was asked for."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


@asynccontextmanager
async def serve(app: ASGIApp, host: str, port: int) -> AsyncIterator[Address]:
    """Serve `app` on `host` and `port` (0: any free one) until the block is left.

    Yields the address once requests are answered. Leaving takes two seconds at most, with
    connections open or not; a cancelled block is left in the same way.

    Raises SettingError: the port is in use or not allowed, or the host is not this machine's.
    """
    listening = await _bound_socket(host, port)
    server = _Server(_config(app))
    serving = asyncio.create_task(server.serve(sockets=[listening]), name="http server")
    try:
        await _wait_until_started(server, serving)
        yield Address(host, listening.getsockname()[1])
    finally:
        server.should_exit = True
        with _without_error_log():
            await serving
            await _wait_for_tasks(server.server_state.tasks)
        listening.close()


async def _wait_for_tasks(answers: set[asyncio.Task[None]]) -> None:
    """Let the answers that were cancelled come to their end; uvicorn does not wait for it."""
    if answers:
        await asyncio.wait(set(answers), timeout=CANCEL_TIMEOUT_S)


@contextmanager
def _without_error_log() -> Iterator[None]:
    """Keep uvicorn from logging a traceback for every answer that its shutdown breaks off."""
    log = logging.getLogger("uvicorn.error")
    log.addFilter(_drop_record)
    try:
        yield
    finally:
        log.removeFilter(_drop_record)


def _drop_record(_record: logging.LogRecord) -> bool:
    return False


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        RequestLimit(app, REQUESTS_MAX, WEBSOCKETS_MAX),
        loop="none",
        lifespan="off",
        # Named, for uvicorn would choose by what happens to be installed.
        http=HttpProtocol,
        ws="websockets-sansio" if find_spec("websockets") else "none",
        ws_max_size=WEBSOCKET_MESSAGE_BYTES_MAX,
        ws_per_message_deflate=False,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=SHUTDOWN_GRACE_S,
    )


class _Server(uvicorn.Server):
    """Leaves signals to the command line, which ends the whole run and not only the server."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def _wait_until_started(server: uvicorn.Server, serving: asyncio.Task[None]) -> None:
    while not server.started:
        if serving.done():
            await serving
        await asyncio.sleep(POLL_S)


async def _bound_socket(host: str, port: int) -> socket.socket:
    """Return a socket that is bound to the first address that `host` stands for."""
    if not 0 <= port <= PORT_MAX:
        msg = f"port {port} is not a whole number from 0 (any free one) to {PORT_MAX}; see --port"
        raise SettingError(msg)
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise _bind_error(host, port, error) from error
    family, kind, protocol, _, address = found[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        raise _bind_error(host, port, error) from error
    return listening


def _bind_error(host: str, port: int, error: Exception) -> SettingError:
    if isinstance(error, socket.gaierror | UnicodeError):
        return SettingError(f"host {host!r} is not known here; choose another with --host")
    match getattr(error, "errno", None):
        case errno.EADDRINUSE:
            return SettingError(
                f"port {port} on {host} is in use; choose another with --port (0: any free one)"
            )
        case errno.EACCES:
            return SettingError(
                f"port {port} is not allowed for this user; choose one from 1024 with --port"
            )
        case errno.EADDRNOTAVAIL:
            return SettingError(f"host {host!r} is not this machine's; choose another with --host")
        case _:
            return SettingError(f"port {port} on {host} cannot be had: {error}; see --port")


CONNECTIONS_MAX: Final = 512
"""Open connections, about half of the 1,024 files that a process may open by default."""
_INVALID_REQUEST: Final = "these bytes are no HTTP/1.1 request"


class HttpProtocol(H11Protocol):
    """One connection. It is idle while no request of it is being answered."""

    _idle_since_s: float = inf
    _upgraded = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Note a new connection; close the longest idle one where it is one too many."""
        super().connection_made(transport)
        self.app = partial(_with_abort, self.app, transport.abort)
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
        body = json.dumps({"detail": _INVALID_REQUEST}).encode()
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


async def _with_abort(
    app: ASGIApp, abort: Callable[[], None], scope: Scope, receive: Receive, send: Send
) -> None:
    """Answer one request; who answers may end the connection of a client that takes nothing."""
    await app({**scope, ABORT_CONNECTION: abort}, receive, send)
