"""ASGI gateway in front of the API: serves the page to browsers and rejects other origins.

Imports NiceGUI late.
"""

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
from gerador.api.row_writers import JSON
from gerador.errors import MissingExtraError, SettingError
from gerador.page import PAGE_PREFIX
from gerador.page.translations import LANGUAGE_COOKIE, negotiate_language

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from gerador.page.nicegui_app import PageApp
    from gerador.service.interface import Service


log = structlog.stdlib.get_logger(__name__)
OPEN_DELAY_S: Final = 1.0
"""Seconds after startup until NiceGUI is loaded without a request; short runs do not load it."""
_PAGE_PATHS: Final = (f"{PAGE_PREFIX}/_nicegui/", f"{PAGE_PREFIX}/_nicegui_ws/")
_HTML: Final = "text/html"
_MEDIA_TYPES: Final = (JSON, _HTML)
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
"""Allow resources and requests of this host only, and no frames of other sites.

'unsafe-eval': Vue compiles its templates in the browser.
"""


@cache
def page_installed() -> bool:
    """Return whether the extra `page` is installed."""
    return find_spec("nicegui") is not None


@asynccontextmanager
async def with_page(
    app: ASGIApp, service: Service, token: str | None, *, enabled: bool = True
) -> AsyncIterator[ASGIApp]:
    """Yield `app` with the page in front of it; `token` is the token required for changes.

    Yields `app` itself if not `enabled` or if the extra is not installed, which is logged.
    NiceGUI supports one page application per process: for another `with_page` at the same time the
    page is not served, which is logged.
    """
    if enabled and not page_installed():
        log.info("page not available", reason=str(MissingExtraError("the page", "nicegui", "page")))
    if not enabled or not page_installed():
        yield app
        return
    async with AsyncExitStack() as stack:
        gateway = _Gateway(app, service, token, stack)
        loading = asyncio.create_task(_load_after_startup(gateway), name="load-page")
        try:
            yield gateway
        finally:
            loading.cancel()
            await asyncio.wait([loading])


async def _load_after_startup(gateway: _Gateway) -> None:
    await asyncio.sleep(OPEN_DELAY_S)
    await gateway.page_app()


class _Gateway:
    """ASGI application that dispatches each request to the page or to the API."""

    def __init__(
        self, app: ASGIApp, service: Service, token: str | None, stack: AsyncExitStack
    ) -> None:
        self._app = app
        self._service = service
        self._token = token
        self._stack = stack
        self._load_lock = asyncio.Lock()
        self._page_app: PageApp | None = None
        self._failed = False
        self._rejection_logged = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or websocket."""
        headers = _headers(scope)
        is_page = _wants_page(scope, headers)
        page = await self.page_app() if is_page or _is_page_path(scope) else None
        if page is None:
            await self._app(scope, receive, send)
        elif is_page and page.is_full:
            await _send_text(503, f"{page.pages_max} pages are open; close one", send)
        elif is_page:
            await page.app(_rewrite_to_page(scope, headers), receive, _with_security_headers(send))
        elif self._is_cross_site(headers):
            await self._reject_origin(scope, headers, send)
        else:
            await page.app(scope, receive, send)

    def _is_cross_site(self, headers: dict[str, str]) -> bool:
        origin, host = headers.get("origin"), headers.get("host")
        return is_cross_site(origin, host, token_set=self._token is not None)

    async def _reject_origin(self, scope: Scope, headers: dict[str, str], send: Send) -> None:
        reason = cross_site_message(token_set=self._token is not None)
        if not self._rejection_logged:  # once: browsers retry
            log.warning("cross-site request rejected", origin=headers.get("origin"), reason=reason)
        self._rejection_logged = True
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await _send_text(403, reason, send)

    async def page_app(self) -> PageApp | None:
        """Return the page application, loading it first; None on failure, which is logged."""
        async with self._load_lock:
            if self._page_app is None and not self._failed:
                try:
                    module = await asyncio.to_thread(import_module, "gerador.page.nicegui_app")
                    context = module.open_page_app(self._service, self._token)
                    self._page_app = await self._stack.enter_async_context(context)
                except (ImportError, SettingError) as e:
                    self._failed = True
                    log.warning("page not available", reason=str(e))
            return self._page_app


def _headers(scope: Scope) -> dict[str, str]:
    """Return the headers by name; repeated ones are joined with commas."""
    found: dict[str, str] = {}
    for raw_name, raw_value in scope.get("headers", ()):
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _wants_page(scope: Scope, headers: dict[str, str]) -> bool:
    is_root = (
        scope["type"] == "http" and scope["path"] == "/" and scope["method"] in {"GET", "HEAD"}
    )
    return is_root and preferred_media_type(headers.get("accept", ""), _MEDIA_TYPES) == _HTML


def _is_page_path(scope: Scope) -> bool:
    return scope["type"] in {"http", "websocket"} and scope["path"].startswith(_PAGE_PATHS)


def _rewrite_to_page(scope: Scope, headers: dict[str, str]) -> Scope:
    """Return the request with the path of the page in its language."""
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
