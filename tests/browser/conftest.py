"""A real Chromium: that of Debian, or the path in CHROMIUM.

A tab that logs an error or requests another host fails its test.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pytest
from playwright.sync_api import sync_playwright

from tests.e2e.command import started

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, ConsoleMessage, Page, Request

    from tests.e2e.command import Running

CHROMIUM: Final = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
TIMEOUT_MS: Final = 40_000
DESKTOP: Final = {"width": 1280, "height": 900}
PHONE: Final = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Yield the browser of the session."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Tabs:
    """Opens tabs, each with its own profile, and records their errors."""

    browser: Browser
    errors: list[str] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    may_lose_the_server: bool = False

    def open(self, url: str, **profile: Any) -> Page:
        """Open `url` and wait until the page shows rows."""
        options = {"locale": "en-US", "viewport": DESKTOP, **profile}
        page = self.browser.new_context(**options).new_page()
        page.set_default_timeout(TIMEOUT_MS)
        self._listen(page, url)
        self.pages.append(page)
        page.goto(url)
        page.locator(".rows td, .rows .note").first.wait_for()
        return page

    def _listen(self, page: Page, url: str) -> None:
        def on_console(message: ConsoleMessage) -> None:
            lost = self.may_lose_the_server and "net::ERR_" in message.text
            if message.type in {"error", "warning"} and not lost:
                self.errors.append(message.text)

        def on_request(request: Request) -> None:
            if not request.url.startswith((url, "data:", "blob:")):
                self.errors.append(f"requested {request.url}")

        page.on("console", on_console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", on_request)
        page.on(
            "websocket",
            lambda ws: (
                None
                if ws.url.startswith(url.replace("http", "ws", 1))
                else self.errors.append(f"requested {ws.url}")
            ),
        )


@pytest.fixture
def tabs(chromium: Browser) -> Iterator[Tabs]:
    """Yield an opener of tabs; fails if any of them had errors."""
    tabs = Tabs(chromium)
    yield tabs
    for page in tabs.pages:
        page.context.close()
    assert tabs.errors == []


@pytest.fixture
def memory() -> Iterator[Running]:
    """Yield a run without Kafka at 200 rows/s."""
    with started("run", "--no-kafka", "--rate", "200", "--port", "0") as running:
        running.until("acked", 1)
        yield running


@pytest.fixture
def until() -> Callable[[Callable[[], Any], Any], None]:
    """Return a function that waits until a value is as expected."""
    return _until


def _until(read: Callable[[], Any], expected: Any) -> None:
    import time  # noqa: PLC0415

    end_s = time.monotonic() + TIMEOUT_MS / 1000
    while (found := read()) != expected:
        assert time.monotonic() < end_s, f"{found!r} did not become {expected!r}"
        time.sleep(0.05)
