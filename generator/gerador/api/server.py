"""The HTTP server, inside the event loop of the run: uvicorn, without its signal handlers.

The socket is bound here rather than by uvicorn, which ends the process when it cannot.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from contextlib import asynccontextmanager, contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, NamedTuple

import uvicorn

from gerador.api.asgi import RequestLimit
from gerador.api.protocol import HttpProtocol
from gerador.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from starlette.types import ASGIApp

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
GRACE_S: Final = 1
"""Seconds that answers under way get at shutdown before they are broken off."""
CANCEL_S: Final = 0.5
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
    listening = await _bound(host, port)
    server = _Server(_config(app))
    serving = asyncio.create_task(server.serve(sockets=[listening]), name="http server")
    try:
        await _started(server, serving)
        yield Address(host, listening.getsockname()[1])
    finally:
        server.should_exit = True
        with _unlogged():
            await serving
            await _ended(server.server_state.tasks)
        listening.close()


async def _ended(answers: set[asyncio.Task[None]]) -> None:
    """Let the answers that were cancelled come to their end; uvicorn does not wait for it."""
    if answers:
        await asyncio.wait(set(answers), timeout=CANCEL_S)


@contextmanager
def _unlogged() -> Iterator[None]:
    """Keep uvicorn from logging a traceback for every answer that its shutdown breaks off."""
    log = logging.getLogger("uvicorn.error")
    log.addFilter(_nothing)
    try:
        yield
    finally:
        log.removeFilter(_nothing)


def _nothing(_record: logging.LogRecord) -> bool:
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
        timeout_graceful_shutdown=GRACE_S,
    )


class _Server(uvicorn.Server):
    """Leaves signals to the command line, which ends the whole run and not only the server."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def _started(server: uvicorn.Server, serving: asyncio.Task[None]) -> None:
    while not server.started:
        if serving.done():
            await serving
        await asyncio.sleep(POLL_S)


async def _bound(host: str, port: int) -> socket.socket:
    """Return a socket that is bound to the first address that `host` stands for."""
    if not 0 <= port <= PORT_MAX:
        msg = f"port {port} is not a whole number from 0 (any free one) to {PORT_MAX}; see --port"
        raise SettingError(msg)
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise _refusal(host, port, error) from error
    family, kind, protocol, _, address = found[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        raise _refusal(host, port, error) from error
    return listening


def _refusal(host: str, port: int, error: Exception) -> SettingError:
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
