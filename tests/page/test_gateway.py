"""What is served without a browser: NiceGUI takes one page at a time, so each test ends its own."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import structlog

from gerador.api.app import create_app
from gerador.page import gateway
from gerador.page.gateway import with_page
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
    """Give a client of the API with the page in front."""
    async with with_page(create_app(service, token), service, token) as app:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
            yield client


@pytest.fixture
def service() -> FakeService:
    """Give a run with ten rows in memory."""
    return FakeService(people(10))


async def test_browsers_get_the_page_and_others_the_list(service: FakeService):
    """GET / is HTML for who accepts it, and the JSON list of addresses for everybody else."""
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
async def test_who_likes_html_best_gets_the_page(
    service: FakeService, accept: str, *, is_page: bool
):
    """Accept is read as HTTP has it: media types and how well each is liked."""
    async with opened(service) as client:
        answer = await client.get("/", headers={"Accept": accept})
        assert answer.headers["content-type"].startswith("text/html") is is_page


async def test_nothing_comes_from_another_host(service: FakeService):
    """The page names no other host, forbids all, and every file that it names is served here."""
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
async def test_the_page_speaks_the_language_that_is_asked_for(service: FakeService, language: str):
    """Accept-Language decides, and the cookie of the switch wins over it."""
    said = TEXTS["latest"][LANGUAGES.index(language)]
    other = next(name for name in LANGUAGES if name != language)
    async with opened(service) as client:
        asked = await client.get("/", headers={**HTML, "Accept-Language": f"{language};q=0.9"})
        assert said in asked.text
        assert f'<html lang="{language}-' in asked.text
        cookie = {"Cookie": f"gerador-language={language}", "Accept-Language": other}
        assert said in (await client.get("/", headers={**HTML, **cookie})).text


async def test_the_numbers_are_there_before_the_first_second(service: FakeService):
    """The page comes with the state, the reason and the counters of now."""
    async with opened(service) as client:
        page = (await client.get("/", headers=HTML)).text
    for counter in ("due", "made", "acked", "failed", "unknown", "in_flight", "behind"):
        assert f'"data-counter":"{counter}"' in page
    assert "gerador run --seed 42" in page
    assert "<title>ativo · registros · Gerador</title>" in page


async def test_a_path_that_is_not_there_is_the_apis(service: FakeService):
    """What the page does not have is answered by the API, as JSON."""
    async with opened(service) as client:
        for path in ("/page", "/page/", "/page/en", "/page/nothing"):
            answer = await client.get(path, headers=HTML)
            assert answer.status_code == 404, path
            assert "detail" in answer.json()


async def test_pages_are_bounded(service: FakeService, monkeypatch: pytest.MonkeyPatch):
    """One page too many is refused with a line that says so; the API goes on."""
    async with opened(service) as client:
        await client.get("/", headers=HTML)
        mount = sys.modules["gerador.page.nicegui_app"]
        monkeypatch.setattr(mount.Mount, "full", True)
        refused = await client.get("/", headers=HTML)
        assert refused.status_code == 503
        assert "pages are open already" in refused.text
        assert (await client.get("/status")).status_code == 200


@pytest.mark.parametrize("path", ["/page/_nicegui_ws/socket.io/", "/page/_nicegui_ws/x"])
@pytest.mark.parametrize("host", ["127.0.0.1", "elsewhere.example"])
async def test_a_page_of_another_site_is_turned_away(service: FakeService, path: str, host: str):
    """The page's websocket and its fallback serve its own origin alone, which is no site's name."""
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


async def test_the_page_at_a_name_needs_a_token(service: FakeService):
    """With a token the page is at home at any name that Host and Origin agree on."""
    ours = {"Host": "gerador.example", "Origin": "https://gerador.example"}
    path = "/page/_nicegui_ws/x"
    async with opened(service, "s3same") as client:
        assert (await client.post(path, headers=ours)).status_code != 403
    async with opened(service) as client:
        with structlog.testing.capture_logs() as logged:
            refused = [await client.post(path, headers=ours) for _ in range(2)]
        assert [answer.status_code for answer in refused] == [403, 403]
        assert "GERADOR_API_TOKEN" in refused[0].text
        said = [line for line in logged if line["event"] == "a page was turned away"]
        assert [line["origin"] for line in said] == ["https://gerador.example"]


async def test_one_page_a_process(service: FakeService):
    """While one page is open, another service of the process keeps its list of addresses."""
    async with opened(service) as first, opened(FakeService()) as second:
        assert "<html" in (await first.get("/", headers=HTML)).text
        assert "/status" in (await second.get("/", headers=HTML)).json()
        assert "<html" in (await first.get("/", headers=HTML)).text


async def test_without_the_extra_there_is_no_page(
    service: FakeService, monkeypatch: pytest.MonkeyPatch
):
    """Without NiceGUI GET / is the list for everybody, and the log says how to install it."""
    monkeypatch.setattr(gateway, "page_installed", lambda: False)
    with structlog.testing.capture_logs() as logged:
        async with opened(service) as client:
            assert "/status" in (await client.get("/", headers=HTML)).json()
        async with with_page(create_app(service), service, None, wanted=False):
            pass
    said = [line for line in logged if line["event"] == "there is no page"]
    assert [line["log_level"] for line in said] == ["info"]
    assert "pip install 'gerador-stream[page]'" in said[0]["reason"]


async def test_a_page_that_is_not_wanted_is_not_there(service: FakeService):
    """Told not to, GET / is the list of addresses, with the extra installed or not."""
    app = create_app(service)
    async with with_page(app, service, None, wanted=False) as given:
        assert given is app


async def test_the_page_opens_by_itself(service: FakeService, monkeypatch: pytest.MonkeyPatch):
    """NiceGUI is loaded soon after the start, so that the first look holds up no stream."""
    monkeypatch.setattr(gateway, "OPEN_AFTER_S", 0.0)
    async with with_page(create_app(service), service, None) as app:
        async with asyncio.timeout(20):
            while app._mount is None:  # type: ignore[attr-defined]
                await asyncio.sleep(0.01)


def test_the_door_does_not_load_nicegui():
    """The API starts without NiceGUI in memory."""
    code = "import sys, gerador.page.gateway; sys.exit('nicegui' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_what_is_not_there_takes_no_page(service: FakeService):
    """Any number of addresses that are not there leave room for the page."""
    async with opened(service) as client:
        await client.get("/", headers=HTML)
        for number in range(40):
            missing = await client.get(f"/page/_nicegui/x{number}", headers=HTML)
            assert missing.status_code == 404
            assert "detail" in missing.json()
        assert (await client.get("/", headers=HTML)).status_code == 200
