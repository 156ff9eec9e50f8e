"""A real Chromium, without a network of its own; its path is Debian's, or CHROMIUM names another.

A tab that logs an error, or asks another host for anything, fails its test.
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
SOON_MS: Final = 40_000
DESKTOP: Final = {"width": 1280, "height": 900}
PHONE: Final = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Give the session's browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Tabs:
    """Opens tabs, each in a profile of its own, and notes what they complain about."""

    browser: Browser
    complaints: list[str] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    may_lose_the_server: bool = False

    def open(self, url: str, **profile: Any) -> Page:
        """Open `url` and wait until the page shows a state and the first second of numbers."""
        given = {"locale": "en-US", "viewport": DESKTOP, **profile}
        page = self.browser.new_context(**given).new_page()
        page.set_default_timeout(SOON_MS)
        self._listen(page, url)
        self.pages.append(page)
        page.goto(url)
        page.locator(".rows td, .rows .note").first.wait_for()
        return page

    def _listen(self, page: Page, url: str) -> None:
        def heard(message: ConsoleMessage) -> None:
            lost = self.may_lose_the_server and "net::ERR_" in message.text
            if message.type in {"error", "warning"} and not lost:
                self.complaints.append(message.text)

        def asked(request: Request) -> None:
            if not request.url.startswith((url, "data:", "blob:")):
                self.complaints.append(f"asked {request.url}")

        page.on("console", heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", asked)
        page.on(
            "websocket",
            lambda ws: (
                None
                if ws.url.startswith(url.replace("http", "ws", 1))
                else self.complaints.append(f"asked {ws.url}")
            ),
        )


@pytest.fixture
def tabs(chromium: Browser) -> Iterator[Tabs]:
    """Give a way to open tabs; in the end none of them may have complained."""
    made = Tabs(chromium)
    yield made
    for page in made.pages:
        page.context.close()
    assert made.complaints == []


@pytest.fixture
def memory() -> Iterator[Running]:
    """Give a run without Kafka at 200 rows/s."""
    with started("run", "--no-kafka", "--rate", "200", "--port", "0") as running:
        running.until("acked", 1)
        yield running


@pytest.fixture
def until() -> Callable[[Callable[[], Any], Any], None]:
    """Give a wait until something is what it should be, and a message when it never is."""
    return _until


def _until(look: Callable[[], Any], wanted: Any) -> None:
    import time  # noqa: PLC0415

    end_s = time.monotonic() + SOON_MS / 1000
    while (found := look()) != wanted:
        assert time.monotonic() < end_s, f"{found!r} never became {wanted!r}"
        time.sleep(0.05)
