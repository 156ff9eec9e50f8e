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
"""More than the socket buffers of both sides hold."""


async def test_port_0_is_a_free_port(service: FakeService):
    """Port 0 listens on any free port, which the address contains."""
    async with (
        serve(create_app(service), "127.0.0.1", 0) as address,
        httpx.AsyncClient(base_url=address.url) as client,
    ):
        answer = await client.get("/status")
    assert address.port > 0
    assert answer.status_code == 200
    assert "server" not in answer.headers


async def test_after_the_block_the_port_is_free(service: FakeService):
    """After the block the port can be bound again."""
    async with serve(create_app(service), "127.0.0.1", 0) as address:
        pass
    async with serve(create_app(service), "127.0.0.1", address.port) as again:
        assert again.port == address.port


async def test_a_port_in_use_is_an_error(service: FakeService):
    """The error of a port in use names the port and the option."""
    app = create_app(service)
    async with serve(app, "127.0.0.1", 0) as address:
        with pytest.raises(SettingError, match=rf"port {address.port} .* in use.*--port"):
            await serve(app, "127.0.0.1", address.port).__aenter__()


@pytest.mark.parametrize(
    ("host", "port", "message"),
    [
        ("127.0.0.1", 70000, r"port 70000 is outside \[0, 65535\]"),
        ("127.0.0.1", -1, r"port -1 is outside \[0, 65535\]"),
        ("nowhere.invalid", 0, "host 'nowhere.invalid' cannot be resolved"),
        ("x" * 70, 0, "cannot be resolved"),
        ("192.0.2.1", 0, "is not local"),
    ],
)
async def test_an_invalid_address_is_an_error(
    service: FakeService, host: str, port: int, message: str
):
    """The error of an invalid host or port names it."""
    with pytest.raises(SettingError, match=message):
        await serve(create_app(service), host, port).__aenter__()


async def test_an_open_download_does_not_delay_the_shutdown(caplog: pytest.LogCaptureFixture):
    """Shutdown cancels a response that the client does not read, and logs no traceback."""
    service = FakeService(people(STREAMED_ROWS), default_buffer_rows=STREAMED_ROWS)
    async with serve(create_app(service), "127.0.0.1", 0) as address:
        reader, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(b"GET /dados HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readline()
        leaving = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - leaving < 2 * SHUTDOWN_GRACE_S
    assert caplog.records == []
    writer.close()


async def test_signal_handlers_are_unchanged(service: FakeService):
    """The server does not replace the handlers of SIGINT and SIGTERM."""
    before = [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)]
    async with serve(create_app(service), "127.0.0.1", 0):
        assert [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)] == before


async def test_ipv6_is_written_in_brackets(service: FakeService):
    """The URL of an IPv6 host has brackets."""
    if not socket.has_ipv6:
        return
    async with (
        serve(create_app(service), "::1", 0) as address,
        httpx.AsyncClient(base_url=address.url) as client,
    ):
        assert (await client.get("/livez")).status_code == 200


async def test_an_invalid_request_is_rejected(service: FakeService):
    """Bytes that are not HTTP get a 400 with a JSON detail."""
    async with serve(create_app(service), "127.0.0.1", 0) as address:
        reader, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(b"\x00\x01\x02\r\n\r\n")
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 ")
        assert b"content-type: application/json" in head
        assert json.loads(body) == {"detail": "the request is not valid HTTP/1.1"}
        writer.close()
        async with httpx.AsyncClient(base_url=address.url) as client:
            assert (await client.get("/livez")).status_code == 200


@pytest.mark.parametrize("sent", [b"", b"GET /sta"])
async def test_idle_connections_do_not_block_requests(service: FakeService, sent: bytes):
    """Requests are answered while 300 connections are idle or send incomplete requests."""
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(serve(create_app(service), "127.0.0.1", 0))
        for _ in range(300):
            _, writer = await asyncio.open_connection(address.host, address.port)
            stack.callback(writer.close)
            writer.write(sent)
        async with httpx.AsyncClient(base_url=address.url) as client:
            assert (await client.get("/livez")).status_code == 200
            assert (await client.get("/status")).status_code == 200


async def test_a_connection_above_the_limit_closes_an_idle_one(
    service: FakeService, monkeypatch: pytest.MonkeyPatch
):
    """At the limit a new connection is served, and the one idle for the longest time is closed."""
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


async def test_an_idle_connection_is_closed(service: FakeService, monkeypatch: pytest.MonkeyPatch):
    """A connection without complete request headers is closed after the idle timeout."""
    monkeypatch.setattr("gerador.api.server.KEEP_ALIVE_S", 0.05)
    async with serve(create_app(service), "127.0.0.1", 0) as address:
        reader, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(b"GET /livez HTTP/1.1\r\n")
        async with asyncio.timeout(10):
            assert await reader.read() == b""
        writer.close()


async def test_requests_above_the_limit_are_rejected_except_probes(
    monkeypatch: pytest.MonkeyPatch,
):
    """At the limit of requests a further one gets a 503 with Retry-After; a probe gets a 200."""
    monkeypatch.setattr("gerador.api.server.REQUESTS_MAX", 1)
    started, release = asyncio.Event(), asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/slow":
            started.set()
            await release.wait()
        await JSONResponse({})(scope, receive, send)

    async with (
        serve(app, "127.0.0.1", 0) as address,
        httpx.AsyncClient(base_url=address.url) as client,
    ):
        slow = asyncio.create_task(client.get("/slow"))
        await started.wait()
        rejected = await client.get("/status")
        assert rejected.status_code == 503
        assert rejected.headers["retry-after"] == "1"
        assert rejected.json() == {"detail": "1 requests are already in progress; try again"}
        assert (await client.get("/livez")).status_code == 200
        release.set()
        assert (await slow).status_code == 200
        assert (await client.get("/status")).status_code == 200


async def test_cancellation_frees_the_port():
    """Cancelling the task that serves closes the server."""
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
