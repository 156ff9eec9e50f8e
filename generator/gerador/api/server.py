"""The HTTP server, in the event loop of the run: uvicorn, its socket, and connection limits.

The socket is bound here because uvicorn exits the process when it cannot bind.
"""

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
from gerador.limits import PORT_MAX

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from starlette.types import ASGIApp, Receive, Scope, Send


REQUESTS_MAX: Final = 256
"""Concurrent requests; further ones get a 503. Probes do not count."""
WEBSOCKETS_MAX: Final = 64
"""Twice the number of open pages: a page may reconnect before its old websocket is closed."""
WEBSOCKET_MESSAGE_BYTES_MAX: Final = 64 * 1024
"""Bytes of a message from a page, which sends little more than clicks."""
BACKLOG: Final = 128
"""Connections that the kernel queues before they are accepted."""
KEEP_ALIVE_S: Final = 60
"""Idle timeout of a connection in seconds: Prometheus' default scrape interval."""
SHUTDOWN_GRACE_S: Final = 1
"""Seconds for open requests at shutdown before they are cancelled."""
CANCEL_TIMEOUT_S: Final = 0.5
"""Seconds for a cancelled request to clean up."""
POLL_INTERVAL_S: Final = 0.01
"""Seconds between two checks whether the server has started."""
CONNECTIONS_MAX: Final = 512
"""Open connections: half of the 1,024 files that a process may open by default."""
_INVALID_REQUEST: Final = "the request is not valid HTTP/1.1"


class Address(NamedTuple):
    """Address on which the server listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """URL of the server, with the host as it was configured."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


@asynccontextmanager
async def serve(app: ASGIApp, host: str, port: int) -> AsyncIterator[Address]:
    """Serve `app` on `host` and `port` (0: any free port) during the block.

    Yields the address when the server is ready. Exit takes at most two seconds, with or without
    open connections, also when the block is cancelled.

    Raises SettingError: the port is in use or not permitted, or the host is not local.
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


async def _wait_for_tasks(tasks: set[asyncio.Task[None]]) -> None:
    """Wait for cancelled requests, which uvicorn does not do."""
    if tasks:
        await asyncio.wait(set(tasks), timeout=CANCEL_TIMEOUT_S)


@contextmanager
def _without_error_log() -> Iterator[None]:
    """Suppress uvicorn's traceback for every request that its shutdown cancels."""
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
        # Explicit: uvicorn's default depends on the installed packages.
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
    """A server that leaves signals to the command line, which stops the whole run."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do not capture signals."""
        yield


async def _wait_until_started(server: uvicorn.Server, serving: asyncio.Task[None]) -> None:
    while not server.started:
        if serving.done():
            await serving
        await asyncio.sleep(POLL_INTERVAL_S)


async def _bound_socket(host: str, port: int) -> socket.socket:
    """Return a socket that is bound to the first address of `host`."""
    if not 0 <= port <= PORT_MAX:
        raise SettingError(f"port {port} is outside [0, {PORT_MAX}]; 0 is any free port")
    loop = asyncio.get_running_loop()
    try:
        infos = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise _bind_error(host, port, error) from error
    family, socket_type, protocol, _, address = infos[0]
    listening = socket.socket(family, socket_type, protocol)
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
        return SettingError(f"host {host!r} cannot be resolved; choose another with --host")
    match getattr(error, "errno", None):
        case errno.EADDRINUSE:
            return SettingError(
                f"port {port} on {host} is in use; choose another with --port (0: any free port)"
            )
        case errno.EACCES:
            return SettingError(
                f"port {port} is not permitted for this user; choose one from 1024 with --port"
            )
        case errno.EADDRNOTAVAIL:
            return SettingError(f"host {host!r} is not local; choose another with --host")
        case _:
            return SettingError(f"cannot listen on port {port} of {host}: {error}; see --port")


class HttpProtocol(H11Protocol):
    """uvicorn's h11 protocol for one connection, with an idle timeout, a limit, and JSON errors.

    uvicorn's own limit includes idle connections, so that they could block all others. Here a new
    connection above CONNECTIONS_MAX closes the one that is idle for the longest time, and
    `RequestLimit` counts requests.
    """

    _idle_since_s: float = inf
    _upgraded = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Register a new connection; above the limit, close the one idle for the longest time."""
        super().connection_made(transport)
        self.app = partial(_with_abort, self.app, transport.abort)
        self._idle_since_s = self.loop.time()
        self._expect_request()
        if len(self.connections) > CONNECTIONS_MAX:
            idle = [c for c in self.connections if isinstance(c, HttpProtocol) and c.idle]
            min(idle, key=lambda c: c._idle_since_s).timeout_keep_alive_handler()  # noqa: SLF001

    @property
    def idle(self) -> bool:
        """Whether no request is in progress; incomplete request headers do not count."""
        is_complete = self.cycle is None or self.cycle.response_complete
        return is_complete and not self._upgraded and not self.transport.is_closing()

    def data_received(self, data: bytes) -> None:
        """Process bytes; the request headers must be complete before the idle timeout."""
        super().data_received(data)
        if self.idle and self.timeout_keep_alive_task is None:
            self._expect_request()

    def on_response_complete(self) -> None:
        """Start the idle timeout."""
        self._idle_since_s = self.loop.time()
        super().on_response_complete()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Switch the connection to the websocket protocol."""
        self._upgraded = True
        super().handle_websocket_upgrade(event)

    def send_400_response(self, msg: str) -> None:
        """Send the response to an invalid request, as JSON like all errors of the API."""
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
    """Handle one request; adds the function that aborts its connection to the scope."""
    await app({**scope, ABORT_CONNECTION: abort}, receive, send)
