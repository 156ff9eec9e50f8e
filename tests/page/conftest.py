"""Pages without a browser. NiceGUI supports one per process: every test closes its own."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from gerador.api.app import create_app
from gerador.page.asgi_dispatcher import with_page
from gerador.page.view import PageView

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.api.fake_service import FakeService


@pytest.fixture
def views(monkeypatch: pytest.MonkeyPatch) -> list[PageView]:
    """Return a list of the views that are built during the test."""
    built: list[PageView] = []
    build = PageView.build

    def record(view: PageView) -> None:
        built.append(view)
        build(view)

    monkeypatch.setattr(PageView, "build", record)
    return built


@asynccontextmanager
async def page_of(
    service: FakeService, token: str | None = None, language: str = "en"
) -> AsyncIterator[str]:
    """Open the page of `service` in `language` and yield its HTML."""
    async with with_page(create_app(service, token), service, token) as app:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            headers = {"Accept": "text/html", "Accept-Language": language}
            yield (await client.get("/", headers=headers)).text
