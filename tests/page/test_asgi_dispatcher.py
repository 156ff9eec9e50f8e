"""The gateway without a browser. NiceGUI supports one page per process: tests close theirs."""

from __future__ import annotations

import asyncio
import gc
import re
import subprocess
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import structlog

from gerador.api.app import create_app
from gerador.page import asgi_dispatcher
from gerador.page.asgi_dispatcher import with_page
from gerador.page.translations import LANGUAGES, TEXTS
from tests.api.fake_service import FakeService, people

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

URL = "http://127.0.0.1"
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@asynccontextmanager
async def opened(
    service: FakeService, token: str | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of the API with the page in front of it."""
    async with with_page(create_app(service, token), service, token) as app:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
            yield client


@pytest.fixture
def service() -> FakeService:
    """Return a run with ten rows in memory."""
    return FakeService(people(10))


async def test_browsers_get_the_page_and_other_clients_the_addresses(service: FakeService):
    """GET / is HTML for clients that accept it, and otherwise the JSON list of addresses."""
    async with opened(service) as client:
        page, listed = await client.get("/", headers=HTML), await client.get("/")
        assert page.headers["content-type"].startswith("text/html")
        assert page.headers["cache-control"] == "no-store"
        assert "/status" in listed.json()
        assert (await client.head("/", headers=HTML)).status_code == 200
        assert (await client.get("/status", headers=HTML)).json()["acked"] == 20


@pytest.mark.parametrize(
    ("accept", "is_page"),
    [
        ("text/html", True),
        ("TEXT/HTML;charset=utf-8", True),
        ("text/*", True),
        ("application/json;q=0.5, text/html;q=0.9", True),
        ("*/*", False),
        ("", False),
        ("text/htmlx", False),
        ("x-text/html", False),
        ("text/html;q=0", False),
        ("application/json, text/html;q=0.9", False),
        ('application/json; profile="text/html"', False),
        ("image/png", False),
    ],
)
async def test_the_accept_header_decides(service: FakeService, accept: str, *, is_page: bool):
    """Media types and quality values are evaluated as in HTTP."""
    async with opened(service) as client:
        answer = await client.get("/", headers={"Accept": accept})
        assert answer.headers["content-type"].startswith("text/html") is is_page


async def test_nothing_is_loaded_from_other_hosts(service: FakeService):
    """The page contains no other host, its policy forbids them, and all its files are served."""
    async with opened(service) as client:
        page = await client.get("/", headers=HTML)
        assert re.findall(r"""(?:src|href)=["'](?:https?:)?//[^"']*""", page.text) == []
        assert "default-src 'self'" in page.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        named = set(re.findall(r'"(/page/_nicegui/[^"{}]+\.(?:js|css))"', page.text))
        assert len(named) > 5
        for path in named:
            assert (await client.get(path)).status_code == 200, path


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_language_of_the_page(service: FakeService, language: str):
    """The cookie takes precedence over Accept-Language."""
    text = TEXTS["latest"][LANGUAGES.index(language)]
    other = next(name for name in LANGUAGES if name != language)
    async with opened(service) as client:
        response = await client.get("/", headers={**HTML, "Accept-Language": f"{language};q=0.9"})
        assert text in response.text
        assert f'<html lang="{language}-' in response.text
        cookie = {"Cookie": f"gerador-language={language}", "Accept-Language": other}
        assert text in (await client.get("/", headers={**HTML, **cookie})).text


async def test_the_page_contains_current_values(service: FakeService):
    """State, command and counters are in the HTML."""
    async with opened(service) as client:
        page = (await client.get("/", headers=HTML)).text
    for counter in ("due", "made", "acked", "failed", "unknown", "in_flight", "behind"):
        assert f'"data-counter":"{counter}"' in page
    assert "gerador run --seed 42" in page
    assert "<title>active · registros · Gerador</title>" in page


async def test_other_paths_belong_to_the_api(service: FakeService):
    """Unknown paths are answered by the API, as JSON."""
    async with opened(service) as client:
        for path in ("/page", "/page/", "/page/en", "/page/nothing"):
            answer = await client.get(path, headers=HTML)
            assert answer.status_code == 404, path
            assert "detail" in answer.json()


async def test_the_number_of_pages_is_limited(
    service: FakeService, monkeypatch: pytest.MonkeyPatch
):
    """One page too many is 503; the API still answers."""
    async with opened(service) as client:
        await client.get("/", headers=HTML)
        module = sys.modules["gerador.page.nicegui_app"]
        monkeypatch.setattr(module.PageApp, "is_full", True)
        response = await client.get("/", headers=HTML)
        assert response.status_code == 503
        assert "pages are open" in response.text
        assert (await client.get("/status")).status_code == 200


@pytest.mark.parametrize("path", ["/page/_nicegui_ws/socket.io/", "/page/_nicegui_ws/x"])
@pytest.mark.parametrize("host", ["127.0.0.1", "elsewhere.example"])
async def test_requests_of_other_sites_are_rejected(service: FakeService, path: str, host: str):
    """The websocket of the page and its fallback accept only their own origin, an IP address."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    async with with_page(create_app(service), service, None) as app:
        headers = [(b"host", host.encode()), (b"origin", b"http://elsewhere.example")]
        await app({"type": "websocket", "path": path, "headers": headers}, receive, send)
        assert sent == [{"type": "websocket.close", "code": 1008}]
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
            theirs = {"Host": host, "Origin": "http://elsewhere.example"}
            assert (await client.post(path, headers=theirs)).status_code == 403


async def test_host_names_require_a_token(service: FakeService):
    """With a token, any host name is accepted if Host and Origin are equal."""
    ours = {"Host": "gerador.example", "Origin": "https://gerador.example"}
    path = "/page/_nicegui_ws/x"
    async with opened(service, "s3same") as client:
        assert (await client.post(path, headers=ours)).status_code != 403
    async with opened(service) as client:
        with structlog.testing.capture_logs() as logged:
            responses = [await client.post(path, headers=ours) for _ in range(2)]
        assert [response.status_code for response in responses] == [403, 403]
        assert "GERADOR_API_TOKEN" in responses[0].text
        rejected = [line for line in logged if line["event"] == "cross-site request rejected"]
        assert [line["origin"] for line in rejected] == ["https://gerador.example"]


async def test_one_page_per_process(service: FakeService):
    """While one service has a page, another one in the process serves its addresses."""
    async with opened(service) as first, opened(FakeService()) as second:
        assert "<html" in (await first.get("/", headers=HTML)).text
        assert "/status" in (await second.get("/", headers=HTML)).json()
        assert "<html" in (await first.get("/", headers=HTML)).text


async def test_without_the_extra_there_is_no_page(
    service: FakeService, monkeypatch: pytest.MonkeyPatch
):
    """Without NiceGUI GET / is always the list; a log line has the command that installs it."""
    monkeypatch.setattr(asgi_dispatcher, "page_installed", lambda: False)
    with structlog.testing.capture_logs() as logged:
        async with opened(service) as client:
            assert "/status" in (await client.get("/", headers=HTML)).json()
        async with with_page(create_app(service), service, None, enabled=False):
            pass
    lines = [line for line in logged if line["event"] == "page not available"]
    assert [line["log_level"] for line in lines] == ["info"]
    assert "pip install 'gerador-stream[page]'" in lines[0]["reason"]


async def test_the_page_can_be_disabled(service: FakeService):
    """Then the API is served without a gateway."""
    app = create_app(service)
    async with with_page(app, service, None, enabled=False) as given:
        assert given is app


async def test_the_page_is_loaded_after_startup(
    service: FakeService, monkeypatch: pytest.MonkeyPatch
):
    """NiceGUI is loaded soon after startup, so that the first request does not delay a stream."""
    monkeypatch.setattr(asgi_dispatcher, "OPEN_DELAY_S", 0.0)
    async with with_page(create_app(service), service, None) as app:
        async with asyncio.timeout(20):
            while app._page_app is None:  # type: ignore[attr-defined]
                await asyncio.sleep(0.01)


def test_the_gateway_does_not_import_nicegui():
    """The API starts without NiceGUI."""
    code = "import sys, gerador.page.asgi_dispatcher; sys.exit('nicegui' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_missing_files_do_not_count_as_pages(service: FakeService):
    """Any number of 404 responses leaves the page available."""
    async with opened(service) as client:
        await client.get("/", headers=HTML)
        for number in range(40):
            missing = await client.get(f"/page/_nicegui/x{number}", headers=HTML)
            assert missing.status_code == 404
            assert "detail" in missing.json()
        assert (await client.get("/", headers=HTML)).status_code == 200


async def test_the_page_does_not_search_all_objects(
    service: FakeService, monkeypatch: pytest.MonkeyPatch
):
    """`gc.get_objects` makes a tuple fail that another thread is building, so a stream failed."""

    def get_objects(*_args: object) -> list[object]:
        raise AssertionError("gc.get_objects was called")

    monkeypatch.setattr(gc, "get_objects", get_objects)
    async with opened(service) as client:
        assert "Gerador" in (await client.get("/", headers=HTML)).text
