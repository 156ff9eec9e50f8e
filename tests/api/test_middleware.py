from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gerador.api.app import REQUEST_BYTES_MAX, create_app
from gerador.api.middleware import BodyLimit, InternalErrors
from gerador.api.server import serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.api.fake_service import FakeService


@pytest.mark.parametrize(
    ("method", "path", "status", "detail"),
    [
        ("GET", "/dado", 404, "unknown path '/dado'; GET / lists the endpoints"),
        ("GET", "/docs", 404, "unknown path '/docs'; GET / lists the endpoints"),
        ("POST", "/dados", 405, "method 'POST' is not allowed for '/dados'"),
        ("DELETE", "/status", 405, "method 'DELETE' is not allowed for '/status'"),
        ("GET", "/dado/", 404, "unknown path '/dado'; GET / lists the endpoints"),
        ("GET", "/status//", 404, "unknown path '/status/'; GET / lists the endpoints"),
        ("POST", "/dados/", 405, "method 'POST' is not allowed for '/dados'"),
    ],
)
async def test_unknown_paths_and_methods_are_rejected(
    client: httpx.AsyncClient, method: str, path: str, status: int, detail: str
):
    """Unknown paths and methods get JSON with a detail of one line."""
    answer = await client.request(method, path)
    assert (answer.status_code, answer.json()) == (status, {"detail": detail})


@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("GET", "/dados", {}),
        ("GET", "/streams/registros", {}),
        ("HEAD", "/status", {}),
        ("PATCH", "/streams/registros", {"json": {"rate": 500}}),
        ("POST", "/streams/registros/pause", {}),
        ("POST", "/streams/registros/burst", {"params": {"rows": 5}}),
        ("GET", "/subjects", {}),
    ],
)
async def test_a_trailing_slash_is_ignored(
    client: httpx.AsyncClient, method: str, path: str, more: dict[str, Any]
):
    """The response is that of the path without the slash, and not a redirect."""
    without = await client.request(method, path, **more)
    with_slash = await client.request(method, f"{path}/", **more)
    assert (with_slash.status_code, with_slash.text) == (200, without.text)


async def test_a_slash_in_a_name_is_kept(client: httpx.AsyncClient):
    """%2F at the end of a path is part of the name."""
    answer = await client.get("/streams/a%2F")
    assert answer.status_code == 404
    assert "'/streams/a/'" in answer.json()["detail"]


async def test_an_unexpected_exception_is_a_500(
    client: httpx.AsyncClient, service: FakeService, logs: list[Any]
):
    """The response has no details of the exception; the log has."""
    service.error = ZeroDivisionError("secret")
    answer = await client.get("/dados")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert set(answer.json()) == {"detail"}
    failed = [entry for entry in logs if entry["event"] == "request failed"]
    assert [(entry["path"], entry["exc_info"]) for entry in failed] == [("/dados", True)]


async def test_an_exception_after_the_response_started_is_raised():
    """The exception reaches the server, which closes the connection."""

    async def half(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ZeroDivisionError

    async def ignore(_message: Any) -> None:
        return

    with pytest.raises(ZeroDivisionError):
        await InternalErrors(half)({"type": "http"}, ignore, ignore)


async def _chunks(total: int) -> AsyncIterator[bytes]:
    for _ in range(0, total, 1 << 16):
        yield b"x" * (1 << 16)


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_large_body_is_rejected(client: httpx.AsyncClient, *, streamed: bool):
    """A body over the limit gets a 413, with or without a Content-Length."""
    size = 2 * REQUEST_BYTES_MAX
    content = _chunks(size) if streamed else b"x" * size
    answer = await client.post("/subjects/x-value", content=content)
    assert answer.status_code == 413
    assert answer.json() == {"detail": f"the request body exceeds {REQUEST_BYTES_MAX} bytes"}


@pytest.mark.parametrize("length", ["Content-Length: 10", "Transfer-Encoding: chunked"])
async def test_an_incomplete_body_is_a_timeout(
    service: FakeService, monkeypatch: pytest.MonkeyPatch, length: str
):
    """A body that does not arrive gets a 408, and the connection is closed."""
    monkeypatch.setattr("gerador.api.middleware.BODY_TIMEOUT_S", 0.05)
    monkeypatch.setattr("gerador.api.server.REQUESTS_MAX", 1)
    async with serve(create_app(service), "127.0.0.1", 0) as address, asyncio.timeout(10):
        reader, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(f"POST /subjects/x-value HTTP/1.1\r\nHost: x\r\n{length}\r\n\r\n".encode())
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 408 ")
        assert json.loads(body) == {"detail": "the request body is incomplete after 0.05 s"}
        async with httpx.AsyncClient(base_url=address.url) as client:
            assert (await client.get("/status")).status_code == 200
        writer.close()


async def test_the_body_timeout_ends_with_the_body(monkeypatch: pytest.MonkeyPatch):
    """After the body, waiting for the client to disconnect has no timeout."""
    monkeypatch.setattr("gerador.api.middleware.BODY_TIMEOUT_S", 0.01)
    received: list[Any] = []
    messages = iter(
        [(0.0, {"type": "http.request", "body": b"x"}), (0.1, {"type": "http.disconnect"})]
    )

    async def receive() -> Any:
        seconds, message = next(messages)
        await asyncio.sleep(seconds)
        return message

    async def app(_scope: Any, receive: Any, _send: Any) -> None:
        received.extend([(await receive())["type"], (await receive())["type"]])

    async def ignore(_message: Any) -> None:
        return

    await BodyLimit(app, 10)({"type": "http", "headers": []}, receive, ignore)
    assert received == ["http.request", "http.disconnect"]


async def test_requests_are_logged_with_status_and_duration(
    client: httpx.AsyncClient, logs: list[Any]
):
    """The access log, at debug level, has method, path, status and milliseconds."""
    await client.head("/livez")
    (entry,) = [e for e in logs if e["event"] == "request"]
    assert (entry["log_level"], entry["method"], entry["path"]) == ("debug", "HEAD", "/livez")
    assert entry["status"] == 200
    assert entry["duration_ms"] >= 0


@pytest.mark.parametrize("path", ["/", "/status", "/metrics", "/livez", "/readyz", "/subjects"])
async def test_head_is_get_without_the_body(client: httpx.AsyncClient, path: str):
    """HEAD has GET's status and headers."""
    get, head = await client.get(path), await client.head(path)
    assert head.content == b""
    assert head.status_code == get.status_code
    assert head.headers["content-type"] == get.headers["content-type"]
