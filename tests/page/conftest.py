"""Pages without a browser: NiceGUI takes one at a time, so each test ends its own."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from gerador.api.app import create_app
from gerador.page.gateway import with_page
from gerador.page.view import PageView

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.api.fake_service import FakeService


@pytest.fixture
def views(monkeypatch: pytest.MonkeyPatch) -> list[PageView]:
    """Give the views that are built from now on."""
    built: list[PageView] = []
    build = PageView.build

    def noted(view: PageView) -> None:
        built.append(view)
        build(view)

    monkeypatch.setattr(PageView, "build", noted)
    return built


@asynccontextmanager
async def page_of(
    service: FakeService, token: str | None = None, language: str = "en"
) -> AsyncIterator[str]:
    """Give the page of `service`, open, as a browser that speaks `language` gets it."""
    async with with_page(create_app(service, token), service, token) as app:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            headers = {"Accept": "text/html", "Accept-Language": language}
            yield (await client.get("/", headers=headers)).text
