"""NiceGUI as an ASGI application: configuration, pages, startup and shutdown."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI, Request, Response
from nicegui import Client, nicegui, ui
from nicegui import app as nicegui_app

from gerador.api.error_responses import error_response
from gerador.api.middleware import AccessLog, HeadAsGet, InternalErrors
from gerador.errors import SettingError
from gerador.page import PAGE_PREFIX
from gerador.page.status_sampler import Sampler
from gerador.page.translations import BROWSER_LANGUAGE, LANGUAGES
from gerador.page.view import PageView

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Receive, Scope, Send

    from gerador.page.translations import Language
    from gerador.service.interface import Service


PAGES_MAX: Final = 32
"""Maximum open pages; a page that never connects counts for a minute."""
RECONNECT_TIMEOUT_S: Final = 5.0
"""Seconds that a disconnected page is kept for the browser to reconnect."""
MESSAGE_HISTORY_MAX: Final = 200
"""Updates resent after a reconnection; after more of them the page is reloaded."""
_CONTEXT_KEY: Final = "gerador.page.context"
ICON: Final = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>"
    "<rect width='32' height='32' rx='7' fill='#3653c9'/>"
    "<path d='M6 21h5l3-10 4 14 3-9 2 5h3' fill='none' stroke='#fff' stroke-width='2.6' "
    "stroke-linejoin='round' stroke-linecap='round'/></svg>"
)


@dataclass(frozen=True)
class PageContext:
    """Shared state of the pages of a service."""

    service: Service
    sampler: Sampler
    token: str | None


@dataclass(frozen=True)
class PageApp:
    """The page application, started, and its limit of open pages."""

    app: ASGIApp
    pages_max: int = PAGES_MAX

    @property
    def is_full(self) -> bool:
        """Return whether the limit of open pages is reached."""
        return len(Client.instances) >= self.pages_max


@asynccontextmanager
async def open_page_app(service: Service, token: str | None) -> AsyncIterator[PageApp]:
    """Run NiceGUI for `service` inside the block; closes open pages at its end.

    Raises SettingError: it is already running in this process.
    """
    if not nicegui_app.is_stopped:
        raise SettingError("another service of this process serves the page")
    host = _nicegui_host()
    context = PageContext(service, Sampler(service), token)
    async with _started():
        try:
            yield PageApp(_with_context(context, host))
        finally:
            context.sampler.close()
            for client in tuple(Client.instances.values()):
                client.delete()


@asynccontextmanager
async def _started() -> AsyncIterator[None]:
    """Run NiceGUI inside the block.

    Its own lifespan of a host application also searches all objects of the process for the server.
    While another thread builds a tuple from an iterator, that search makes the tuple fail
    (SystemError: bad argument to internal function; https://github.com/python/cpython/issues/59313).
    """
    await nicegui._startup()  # noqa: SLF001
    try:
        yield
    finally:
        await nicegui._shutdown()  # noqa: SLF001


def _with_context(context: PageContext, host: ASGIApp) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await host({**scope, _CONTEXT_KEY: context}, receive, send)

    return AccessLog(InternalErrors(HeadAsGet(app)))


@cache
def _nicegui_host() -> FastAPI:
    """Return the application that NiceGUI is mounted on, configured once per process."""
    host = FastAPI(openapi_url=None)
    for language in LANGUAGES:
        _add_page(language)
    ui.run_with(
        host,
        mount_path=PAGE_PREFIX,
        title="Gerador",
        favicon=ICON,
        dark=None,
        tailwind=False,
        show_welcome_message=False,
        binding_refresh_interval=None,
        reconnect_timeout=RECONNECT_TIMEOUT_S,
        message_history_length=MESSAGE_HISTORY_MAX,
        # Compressing a megabyte of scripts would block the event loop.
        gzip_middleware_factory=None,
    )
    # NiceGUI's own 404 response is a page, which would count as open for a minute.
    nicegui_app.add_exception_handler(HTTPStatus.NOT_FOUND, _not_found)
    return host


async def _not_found(_request: Request, _error: Exception) -> Response:
    return error_response(HTTPStatus.NOT_FOUND, "not found; GET / lists the addresses")


def _add_page(language: Language) -> None:
    async def build(request: Request) -> None:
        context: PageContext = request.scope[_CONTEXT_KEY]
        PageView(language, context.service, context.sampler, context.token).build()

    # FastAPI reads the annotations at run time.
    build.__annotations__ = {"request": Request, "return": None}
    page: Any = ui.page(f"/{language}", language=BROWSER_LANGUAGE[language])
    page(build)
