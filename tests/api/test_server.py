from __future__ import annotations

import asyncio
import json
import signal
import socket
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import httpx
import pytest
from starlette.responses import JSONResponse

from gerador.api.app import create_app
from gerador.api.server import SHUTDOWN_GRACE_S, serve
from gerador.errors import SettingError
from tests.api.fake_service import FakeService, people

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

STREAMED_ROWS = 500_000
"""More than the sockets of both sides hold."""


async def test_a_free_port_is_found_and_told(service: FakeService):
    """Port 0 listens on any free port, and the address says which."""
    async with (
        serve(create_app(service), "127.0.0.1", 0) as address,
        httpx.AsyncClient(base_url=address.url) as client,
    ):
        answer = await client.get("/status")
    assert address.port > 0
    assert answer.status_code == 200
    assert "server" not in answer.headers


async def test_after_the_block_nobody_listens(service: FakeService):
    """Once the block is left, connections are refused and the port can be bound again."""
    async with serve(create_app(service), "127.0.0.1", 0) as address:
        pass
    async with serve(create_app(service), "127.0.0.1", address.port) as again:
        assert again.port == address.port


async def test_a_port_in_use_is_named(service: FakeService):
    """A taken port is one line that names it and the option."""
    app = create_app(service)
    async with serve(app, "127.0.0.1", 0) as address:
        with pytest.raises(SettingError, match=rf"port {address.port} .* in use.*--port"):
            await serve(app, "127.0.0.1", address.port).__aenter__()


@pytest.mark.parametrize(
    ("host", "port", "message"),
    [
        ("127.0.0.1", 70000, "port 70000 is not a whole number from 0"),
        ("127.0.0.1", -1, "port -1 is not a whole number from 0"),
        ("nowhere.invalid", 0, "host 'nowhere.invalid' is not known here"),
        ("x" * 70, 0, "is not known here"),
        ("192.0.2.1", 0, "is not this machine's"),
    ],
)
async def test_an_address_that_cannot_be_is_named(
    service: FakeService, host: str, port: int, message: str
):
    """A host or port that makes no sense is one line with the option."""
    with pytest.raises(SettingError, match=message):
        await serve(create_app(service), host, port).__aenter__()


async def test_an_open_download_does_not_hold_the_end(caplog: pytest.LogCaptureFixture):
    """Leaving breaks off an answer that nobody reads, and logs no traceback for it."""
    service = FakeService(people(STREAMED_ROWS), buffer_rows=STREAMED_ROWS)
    async with serve(create_app(service), "127.0.0.1", 0) as address:
        reader, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(b"GET /dados HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readline()
        leaving = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - leaving < 2 * SHUTDOWN_GRACE_S
    assert caplog.records == []
    writer.close()


async def test_signals_stay_with_the_caller(service: FakeService):
    """While it serves, the handlers of SIGINT and SIGTERM are the caller's."""
    before = [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)]
    async with serve(create_app(service), "127.0.0.1", 0):
        assert [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)] == before


async def test_ipv6_is_written_in_brackets(service: FakeService):
    """An IPv6 host makes a URL that clients understand."""
    if not socket.has_ipv6:  # the only host without it is one built without it
        return
    async with (
        serve(create_app(service), "::1", 0) as address,
        httpx.AsyncClient(base_url=address.url) as client,
    ):
        assert (await client.get("/livez")).status_code == 200


async def test_garbage_is_refused(service: FakeService):
    """Bytes that are no HTTP get 400 with a JSON detail, and do no harm."""
    async with serve(create_app(service), "127.0.0.1", 0) as address:
        reader, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(b"\x00\x01\x02\r\n\r\n")
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 ")
        assert b"content-type: application/json" in head
        assert json.loads(body) == {"detail": "these bytes are no HTTP/1.1 request"}
        writer.close()
        async with httpx.AsyncClient(base_url=address.url) as client:
            assert (await client.get("/livez")).status_code == 200


@pytest.mark.parametrize("begun", [b"", b"GET /sta"])
async def test_idle_connections_lock_out_nobody(service: FakeService, begun: bytes):
    """A probe is answered while 300 connections do nothing, or never end their request."""
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(serve(create_app(service), "127.0.0.1", 0))
        for _ in range(300):
            _, writer = await asyncio.open_connection(address.host, address.port)
            stack.callback(writer.close)
            writer.write(begun)
        async with httpx.AsyncClient(base_url=address.url) as client:
            assert (await client.get("/livez")).status_code == 200
            assert (await client.get("/status")).status_code == 200


async def test_one_connection_too_many_ends_the_longest_idle_one(
    service: FakeService, monkeypatch: pytest.MonkeyPatch
):
    """At the limit a new connection is served, and the one that is idle longest is closed."""
    monkeypatch.setattr("gerador.api.server.CONNECTIONS_MAX", 2)
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(serve(create_app(service), "127.0.0.1", 0))
        readers = []
        for _ in range(3):
            reader, writer = await asyncio.open_connection(address.host, address.port)
            stack.callback(writer.close)
            readers.append(reader)
        assert await readers[0].read() == b""
        assert not readers[1].at_eof()
        writer.write(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b" 200 " in await readers[2].readline()


async def test_an_idle_connection_ends(service: FakeService, monkeypatch: pytest.MonkeyPatch):
    """A connection that never sends a whole request's head is closed after the idle time."""
    monkeypatch.setattr("gerador.api.server.KEEP_ALIVE_S", 0.05)
    async with serve(create_app(service), "127.0.0.1", 0) as address:
        reader, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(b"GET /livez HTTP/1.1\r\n")
        async with asyncio.timeout(10):
            assert await reader.read() == b""
        writer.close()


async def test_one_request_too_many_is_told_and_probes_are_not(monkeypatch: pytest.MonkeyPatch):
    """At the limit of requests one more gets a JSON 503 with Retry-After; a probe its answer."""
    monkeypatch.setattr("gerador.api.server.REQUESTS_MAX", 1)
    begun, release = asyncio.Event(), asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/slow":
            begun.set()
            await release.wait()
        await JSONResponse({})(scope, receive, send)

    async with (
        serve(app, "127.0.0.1", 0) as address,
        httpx.AsyncClient(base_url=address.url) as client,
    ):
        slow = asyncio.create_task(client.get("/slow"))
        await begun.wait()
        refused = await client.get("/status")
        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "1"
        assert refused.json() == {"detail": "1 requests are being answered already; try again"}
        assert (await client.get("/livez")).status_code == 200
        release.set()
        assert (await slow).status_code == 200
        assert (await client.get("/status")).status_code == 200


async def test_a_cancelled_run_frees_the_port():
    """Cancelling whoever serves closes the server too."""
    ports: asyncio.Queue[int] = asyncio.Queue()

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        return

    async def run() -> None:
        async with serve(app, "127.0.0.1", 0) as address:
            ports.put_nowait(address.port)
            await asyncio.Event().wait()

    task = asyncio.create_task(run())
    port = await ports.get()
    task.cancel()
    await asyncio.wait([task])
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)
