"""NiceGUI as an ASGI application under its prefix: its settings, its pages, its start and end.

NiceGUI is a singleton: one application object, one set of clients, one event loop a process. So
it is configured once, the service that a page shows travels with the request, and only one mount
is open at a time.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI, Request, Response
from nicegui import Client, ui
from nicegui import app as nicegui_app

from gerador.api.answers import problem
from gerador.api.asgi import AccessLog, HeadAsGet, LastResort
from gerador.errors import SettingError
from gerador.page.door import PREFIX
from gerador.page.sampler import Sampler
from gerador.page.texts import BROWSER_LANGUAGE, LANGUAGES
from gerador.page.view import View

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Receive, Scope, Send

    from gerador.page.texts import Language
    from gerador.service.view import Service

PAGES_MAX: Final = 32
"""Open pages; those that were fetched and never connected count too, for a minute."""
RECONNECT_S: Final = 5.0
"""Seconds that a page which lost its connection is kept for the browser to come back."""
MESSAGES_KEPT_MAX: Final = 200
"""Updates that are sent again after a short loss; more of them reload the page."""
_DESK: Final = "gerador.page.desk"
ICON: Final = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>"
    "<rect width='32' height='32' rx='7' fill='#3653c9'/>"
    "<path d='M6 21h5l3-10 4 14 3-9 2 5h3' fill='none' stroke='#fff' stroke-width='2.6' "
    "stroke-linejoin='round' stroke-linecap='round'/></svg>"
)


@dataclass(frozen=True)
class Desk:
    """What the pages of one service share."""

    service: Service
    sampler: Sampler
    token: str | None


@dataclass(frozen=True)
class Mount:
    """The page, open: its application and how many pages it takes."""

    app: ASGIApp
    pages_max: int = PAGES_MAX

    @property
    def full(self) -> bool:
        """Tell whether another page is one too many."""
        return len(Client.instances) >= self.pages_max


@asynccontextmanager
async def open_mount(service: Service, token: str | None) -> AsyncIterator[Mount]:
    """Start NiceGUI for `service` until the block is left; pages that are open are closed then.

    Raises SettingError: it is open already in this process.
    """
    if not nicegui_app.is_stopped:
        raise SettingError("the page is open for another service of this process already")
    holder = _holder()
    desk = Desk(service, Sampler(service), token)
    async with holder.router.lifespan_context(holder):
        try:
            yield Mount(_at(desk, holder))
        finally:
            desk.sampler.close()
            for client in tuple(Client.instances.values()):
                client.delete()


def _at(desk: Desk, holder: ASGIApp) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await holder({**scope, _DESK: desk}, receive, send)

    return AccessLog(LastResort(HeadAsGet(app)))


@cache
def _holder() -> FastAPI:
    """Return the application that NiceGUI is mounted on, configured once for the process."""
    holder = FastAPI(openapi_url=None)
    for language in LANGUAGES:
        _add_page(language)
    ui.run_with(
        holder,
        mount_path=PREFIX,
        title="Gerador",
        favicon=ICON,
        dark=None,
        tailwind=False,
        show_welcome_message=False,
        binding_refresh_interval=None,
        reconnect_timeout=RECONNECT_S,
        message_history_length=MESSAGES_KEPT_MAX,
        # Compressing a megabyte of scripts would hold up the loop that serves the stream.
        gzip_middleware_factory=None,
    )
    # NiceGUI's own answer is a page like any other: kept for a minute, and counted as open.
    nicegui_app.add_exception_handler(HTTPStatus.NOT_FOUND, _nothing_there)
    return holder


async def _nothing_there(_request: Request, _error: Exception) -> Response:
    return problem(HTTPStatus.NOT_FOUND, "the page has no such part; GET / lists what there is")


def _add_page(language: Language) -> None:
    async def build(request: Request) -> None:
        desk: Desk = request.scope[_DESK]
        View(language, desk.service, desk.sampler, desk.token).build()

    # The annotations are read at run time, by FastAPI.
    build.__annotations__ = {"request": Request, "return": None}
    page: Any = ui.page(f"/{language}", language=BROWSER_LANGUAGE[language])
    page(build)
