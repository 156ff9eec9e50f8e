"""The ASGI gateway in front of the API: serves the page to browsers, rejects requests from other sites, and imports NiceGUI late."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import structlog

from gerador.api.authorization import cross_site_message, is_cross_site
from gerador.api.content_negotiation import preferred_media_type
from gerador.api.row_formats import JSON
from gerador.errors import SettingError
from gerador.page import PAGE_PREFIX
from gerador.page.translations import LANGUAGE_COOKIE, negotiate_language

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from gerador.page.nicegui_app import PageApp
    from gerador.service.interface import Service


_log = structlog.stdlib.get_logger(__name__)
OPEN_AFTER_S: Final = 1.0
"""Seconds after which the page is opened, asked for or not; a short run never pays for it."""
_PAGE_PATHS: Final = (f"{PAGE_PREFIX}/_nicegui/", f"{PAGE_PREFIX}/_nicegui_ws/")
_HTML: Final = "text/html"
_MEDIA_TYPES: Final = (JSON, _HTML)
_NOT_INSTALLED: Final = "NiceGUI is not installed: pip install 'gerador-stream[page]'"
SECURITY_HEADERS: Final = (
    (
        b"content-security-policy",
        (
            b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
            b"style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
            b"base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
        ),
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"vary", b"accept, accept-language, cookie"),
)
"""Nothing is loaded from or sent to another host, and no other site may frame the buttons.

Vue compiles its templates in the browser, hence 'unsafe-eval'.
"""


@cache
def page_installed() -> bool:
    """Tell whether the extra `page` is there."""
    return find_spec("nicegui") is not None


@asynccontextmanager
async def with_page(
    app: ASGIApp, service: Service, token: str | None, *, wanted: bool = True
) -> AsyncIterator[ASGIApp]:
    """Give `app` with the page in front of it; `token` is what the verbs ask for.

    Where it is not wanted or the extra is not there, `app` as it is; the log says how to install
    it. NiceGUI is one per process: while one page is open, the application of another `with_page`
    in the same process answers without one, and logs why.
    """
    if wanted and not page_installed():
        _log.info("there is no page", reason=_NOT_INSTALLED)
    if not wanted or not page_installed():
        yield app
        return
    async with AsyncExitStack() as stack:
        door = _Gateway(app, service, token, stack)
        opening = asyncio.create_task(_open_after_start(door), name="open the page")
        try:
            yield door
        finally:
            opening.cancel()
            await asyncio.wait([opening])


async def _open_after_start(door: _Gateway) -> None:
    await asyncio.sleep(OPEN_AFTER_S)
    await door.opened()


class _Gateway:
    """The ASGI application that is the page's or the API's, request by request."""

    def __init__(
        self, app: ASGIApp, service: Service, token: str | None, stack: AsyncExitStack
    ) -> None:
        self._app = app
        self._service = service
        self._token = token
        self._stack = stack
        self._opening = asyncio.Lock()
        self._mount: PageApp | None = None
        self._failed = False
        self._turned_away = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or serve one websocket."""
        headers = _headers(scope)
        at_top = _wants_page(scope, headers)
        mount = await self.opened() if at_top or _is_page_path(scope) else None
        if mount is None:
            await self._app(scope, receive, send)
        elif at_top and mount.full:
            await _send_text(503, f"{mount.pages_max} pages are open already; close one", send)
        elif at_top:
            await mount.app(_rewrite_to_page(scope, headers), receive, _with_security_headers(send))
        elif self._of_other_site(headers):
            await self._turn_away(scope, headers, send)
        else:
            await mount.app(scope, receive, send)

    def _of_other_site(self, headers: dict[str, str]) -> bool:
        origin, host = headers.get("origin"), headers.get("host")
        return is_cross_site(origin, host, token_set=self._token is not None)

    async def _turn_away(self, scope: Scope, headers: dict[str, str], send: Send) -> None:
        why = cross_site_message(token_set=self._token is not None)
        if not self._turned_away:  # once: a browser asks again and again
            _log.warning("a page was turned away", origin=headers.get("origin"), reason=why)
        self._turned_away = True
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await _send_text(403, why, send)

    async def opened(self) -> PageApp | None:
        """Return the page; waits until it is open. None when it cannot be: the log says why."""
        async with self._opening:
            if self._mount is None and not self._failed:
                try:
                    module = await asyncio.to_thread(import_module, "gerador.page.nicegui_app")
                    opened = module.open_mount(self._service, self._token)
                    self._mount = await self._stack.enter_async_context(opened)
                except (ImportError, SettingError) as e:
                    self._failed = True
                    _log.warning("there is no page", reason=str(e))
            return self._mount


def _headers(scope: Scope) -> dict[str, str]:
    """Return the headers by name; of a kind that comes several times, all."""
    found: dict[str, str] = {}
    for raw_name, raw_value in scope.get("headers", ()):
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _wants_page(scope: Scope, headers: dict[str, str]) -> bool:
    asks = scope["type"] == "http" and scope["path"] == "/" and scope["method"] in {"GET", "HEAD"}
    return asks and preferred_media_type(headers.get("accept", ""), _MEDIA_TYPES) == _HTML


def _is_page_path(scope: Scope) -> bool:
    return scope["type"] in {"http", "websocket"} and scope["path"].startswith(_PAGE_PATHS)


def _rewrite_to_page(scope: Scope, headers: dict[str, str]) -> Scope:
    """Return the same request for the page of its language."""
    language = negotiate_language(
        headers.get("accept-language", ""), _language_cookie(headers.get("cookie", ""))
    )
    path = f"{PAGE_PREFIX}/{language}"
    return {**scope, "path": path, "raw_path": path.encode()}


def _language_cookie(cookies: str) -> str | None:
    try:
        found = SimpleCookie(cookies).get(LANGUAGE_COOKIE)
    except CookieError:
        return None
    return None if found is None else found.value


def _with_security_headers(send: Send) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *SECURITY_HEADERS]}
        await send(message)

    return with_headers


async def _send_text(status: int, line: str, send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": line.encode() + b"\n"})
