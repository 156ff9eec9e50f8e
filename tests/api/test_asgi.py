from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from generator.api.app import REQUEST_BYTES_MAX
from generator.api.asgi import LastResort

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

    from tests.api.fake_service import FakeService


@pytest.mark.parametrize(
    ("method", "path", "status", "detail"),
    [
        ("GET", "/dado", 404, "nothing at '/dado'; GET / lists what there is"),
        ("GET", "/docs", 404, "nothing at '/docs'; GET / lists what there is"),
        ("POST", "/dados", 405, "'/dados' does not take 'POST'"),
        ("DELETE", "/status", 405, "'/status' does not take 'DELETE'"),
    ],
)
async def test_a_wrong_address_is_told_in_json(
    client: httpx.AsyncClient, method: str, path: str, status: int, detail: str
):
    """Unknown paths and methods get a JSON detail of one line."""
    answer = await client.request(method, path)
    assert (answer.status_code, answer.json()) == (status, {"detail": detail})


async def test_an_unexpected_exception_stays_inside(
    client: httpx.AsyncClient, service: FakeService, logs: list[Any]
):
    """The client learns that it failed, the log learns why."""
    service.error = ZeroDivisionError("secret")
    answer = await client.get("/dados")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert set(answer.json()) == {"detail"}
    failed = [entry for entry in logs if entry["event"] == "request failed"]
    assert [(entry["path"], entry["exc_info"]) for entry in failed] == [("/dados", True)]


async def test_half_an_answer_is_broken_off():
    """A fault after the answer began goes on to the server, which closes the connection."""

    async def half(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ZeroDivisionError

    async def ignore(_message: Any) -> None:
        return

    with pytest.raises(ZeroDivisionError):
        await LastResort(half)({"type": "http"}, ignore, ignore)


async def _pieces(total: int) -> AsyncIterator[bytes]:
    for _ in range(0, total, 1 << 16):
        yield b"x" * (1 << 16)


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_large_body_is_refused(client: httpx.AsyncClient, *, streamed: bool):
    """A body over the limit gets 413, whether its length is told or not."""
    size = 2 * REQUEST_BYTES_MAX
    content = _pieces(size) if streamed else b"x" * size
    answer = await client.post("/subjects/x-value", content=content)
    assert answer.status_code == 413
    assert answer.json() == {"detail": f"the request's body is over {REQUEST_BYTES_MAX} bytes"}


async def test_requests_are_logged_with_status_and_duration(
    client: httpx.AsyncClient, logs: list[Any]
):
    """The access log, at debug level, tells method, path, status and milliseconds."""
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
