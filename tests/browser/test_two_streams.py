"""The page of a service with two streams, served from a thread of the test process."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from gerador.api.app import create_app
from gerador.api.server import serve
from gerador.page.asgi_dispatcher import with_page
from gerador.service.status import State
from tests.api.fake_service import REGISTRO, FakeService, people, stream_status
from tests.browser.conftest import PHONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.conftest import Tabs

TIMEOUT_S = 40.0


async def _serve(service: FakeService, url: Future[str], end: asyncio.Event) -> None:
    async with (
        with_page(create_app(service), service, None) as app,
        serve(app, "127.0.0.1", 0) as address,
    ):
        url.set_result(address.url)
        await end.wait()


@contextmanager
def served(service: FakeService) -> Iterator[str]:
    """Serve `service` in a thread and yield its URL."""
    url: Future[str] = Future()
    loop, end = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(_serve(service, url, end),))
    thread.start()
    try:
        yield url.result(TIMEOUT_S)
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(TIMEOUT_S)
        loop.close()


def two_streams() -> FakeService:
    """Return a run with two streams."""
    return FakeService(
        people(5),
        streams={"registros": REGISTRO, "pedidos": REGISTRO},
        statuses={
            "registros": stream_status(),
            "pedidos": stream_status(acked=12_345, topic="orders", reason="no leader"),
        },
        made=5,
    )


def close(page: Page, tabs: Tabs) -> None:
    """Close a page before its server stops, which it would report as an error."""
    page.context.close()
    tabs.pages.clear()


def test_the_table_selects_the_stream(tabs: Tabs):
    """The first stream is shown; another one is shown and controlled when it is selected."""
    service = two_streams()
    with served(service) as url:
        page = tabs.open(url)
        acked = page.locator("[data-counter=acked]")
        expect(acked).to_have_text("20")
        button = page.get_by_role("button", name="pedidos")
        expect(button).to_have_attribute("aria-pressed", "false")
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        expect(acked).to_have_text("12,345")
        expect(page.locator(".details")).to_contain_text("orders")
        expect(page.locator(".reason")).to_have_text("no leader")
        expect(page.locator(".rows tbody tr")).to_have_count(5)
        page.locator(".controls").get_by_role("button", name="Pause").click()
        expect(page.locator(".state .pill")).to_have_text("paused")
        assert service.statuses["registros"].status is State.ACTIVE
        close(page, tabs)


def test_the_controls_belong_to_the_shown_stream(tabs: Tabs):
    """What was typed for one stream is not sent to another; results are of the shown stream."""
    service = two_streams()
    with served(service) as url:
        page = tabs.open(url)
        rows, rate = page.get_by_label("Burst (rows)"), page.get_by_label("Rate (rows/s)")
        rows.fill("500")
        rate.fill("2k")
        page.locator(".controls").get_by_role("button", name="Burst").click()
        expect(page.locator(".result")).to_contain_text("registros: 500 rows at once")
        page.get_by_role("button", name="pedidos").click()
        expect(page.locator(".stream-name")).to_have_text("pedidos")
        expect(rows).to_have_value("")
        expect(rate).to_have_value("")
        expect(page.locator(".result")).to_have_text("")
        rows.fill("7")
        page.locator(".controls").get_by_role("button", name="Burst").click()
        expect(page.locator(".result")).to_contain_text("pedidos: 7 rows at once")
        close(page, tabs)


def test_the_table_controls_every_stream(tabs: Tabs):
    """Each row shows the values of its stream, and pauses and resumes it."""
    service = two_streams()
    with served(service) as url:
        page = tabs.open(url)
        line = page.locator("[data-stream=pedidos]")
        numbers = line.locator("td.n")
        expect(numbers).to_have_text(["1,000", "990", "2", "12,345"])
        line.get_by_role("button", name="Pause").click()
        expect(line.locator(".pill")).to_have_text("paused")
        expect(page.locator(".result")).to_have_text("pedidos: Paused from row 30.")
        expect(page.locator(".state .pill")).to_have_text("active")
        line.get_by_role("button", name="Resume").click()
        expect(line.locator(".pill")).to_have_text("active")
        close(page, tabs)


def test_the_table_fits_a_phone(tabs: Tabs):
    """At 390 px the table scrolls in its container, not the page."""
    with served(two_streams()) as url:
        page = tabs.open(url, viewport=PHONE, is_mobile=True, has_touch=True)
        assert page.evaluate("[document.documentElement.scrollWidth, innerWidth]") == [390, 390]
        close(page, tabs)


def test_a_stream_that_has_ended_is_not_controllable(tabs: Tabs):
    """The page opens with the running stream; a text shows that the other one has ended."""
    service = two_streams()
    service.statuses["registros"] = stream_status(status=State.FINISHED, rate_asked=0.0)
    with served(service) as url:
        page = tabs.open(url)
        expect(page.locator(".stream-name")).to_have_text("pedidos")
        expect(page.locator(".ended")).to_be_hidden()
        page.get_by_role("button", name="registros").click()
        expect(page.locator(".ended")).to_be_visible()
        expect(
            page.locator(".controls :is(button, input:not([type=hidden])):enabled")
        ).to_have_count(0)
        close(page, tabs)
