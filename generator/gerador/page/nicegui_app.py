"""NiceGUI as an ASGI application: its configuration, its pages, its startup and shutdown."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI, Request, Response
from nicegui import Client, ui
from nicegui import app as nicegui_app

from gerador.api.error_responses import problem
from gerador.api.middleware import AccessLog, HeadAsGet, InternalErrors
from gerador.errors import SettingError
from gerador.page import PAGE_PREFIX
from gerador.page.sampler import Sampler
from gerador.page.translations import BROWSER_LANGUAGE, LANGUAGES
from gerador.page.view import PageView

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Receive, Scope, Send

    from gerador.page.translations import Language
    from gerador.service.interface import Service


PAGES_MAX: Final = 32
"""Open pages; those that were fetched and never connected count too, for a minute."""
RECONNECT_TIMEOUT_S: Final = 5.0
"""Seconds that a page which lost its connection is kept for the browser to come back."""
MESSAGE_HISTORY_MAX: Final = 200
"""Updates that are sent again after a short loss; more of them reload the page."""
_CONTEXT_KEY: Final = "gerador.page.desk"
ICON: Final = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>"
    "<rect width='32' height='32' rx='7' fill='#3653c9'/>"
    "<path d='M6 21h5l3-10 4 14 3-9 2 5h3' fill='none' stroke='#fff' stroke-width='2.6' "
    "stroke-linejoin='round' stroke-linecap='round'/></svg>"
)


@dataclass(frozen=True)
class PageContext:
    """What the pages of one service share."""

    service: Service
    sampler: Sampler
    token: str | None


@dataclass(frozen=True)
class PageApp:
    """The page, open: its application and how many pages it takes."""

    app: ASGIApp
    pages_max: int = PAGES_MAX

    @property
    def full(self) -> bool:
        """Tell whether another page is one too many."""
        return len(Client.instances) >= self.pages_max


@asynccontextmanager
async def open_page_app(service: Service, token: str | None) -> AsyncIterator[PageApp]:
    """Start NiceGUI for `service` until the block is left; pages that are open are closed then.

    Raises SettingError: it is open already in this process.
    """
    if not nicegui_app.is_stopped:
        raise SettingError("the page is open for another service of this process already")
    holder = _nicegui_host()
    desk = PageContext(service, Sampler(service), token)
    async with holder.router.lifespan_context(holder):
        try:
            yield PageApp(_with_context(desk, holder))
        finally:
            desk.sampler.close()
            for client in tuple(Client.instances.values()):
                client.delete()


def _with_context(desk: PageContext, holder: ASGIApp) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await holder({**scope, _CONTEXT_KEY: desk}, receive, send)

    return AccessLog(InternalErrors(HeadAsGet(app)))


@cache
def _nicegui_host() -> FastAPI:
    """Return the application that NiceGUI is mounted on, configured once for the process."""
    holder = FastAPI(openapi_url=None)
    for language in LANGUAGES:
        _add_page(language)
    ui.run_with(
        holder,
        mount_path=PAGE_PREFIX,
        title="Gerador",
        favicon=ICON,
        dark=None,
        tailwind=False,
        show_welcome_message=False,
        binding_refresh_interval=None,
        reconnect_timeout=RECONNECT_TIMEOUT_S,
        message_history_length=MESSAGE_HISTORY_MAX,
        # Compressing a megabyte of scripts would hold up the loop that serves the stream.
        gzip_middleware_factory=None,
    )
    # NiceGUI's own answer is a page like any other: kept for a minute, and counted as open.
    nicegui_app.add_exception_handler(HTTPStatus.NOT_FOUND, _not_found)
    return holder


async def _not_found(_request: Request, _error: Exception) -> Response:
    return problem(HTTPStatus.NOT_FOUND, "the page has no such part; GET / lists what there is")


def _add_page(language: Language) -> None:
    async def build(request: Request) -> None:
        desk: PageContext = request.scope[_CONTEXT_KEY]
        PageView(language, desk.service, desk.sampler, desk.token).build()

    # The annotations are read at run time, by FastAPI.
    build.__annotations__ = {"request": Request, "return": None}
    page: Any = ui.page(f"/{language}", language=BROWSER_LANGUAGE[language])
    page(build)
