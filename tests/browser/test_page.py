"""The page of a real `gerador run` in a real Chromium."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from gerador.page.details_panel import COUNTERS
from tests.browser.conftest import PHONE
from tests.e2e.command import started

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Tabs
    from tests.e2e.command import Running
    from tests.kafka_fixture import Broker

TOKEN = "opens-the-page"


def counters(page: Page) -> dict[str, int]:
    """Return the counters that the page shows."""
    shown = {name: page.locator(f"[data-counter={name}]").inner_text() for name in COUNTERS}
    return {name: int(re.sub(r"\D", "", text) or -1) for name, text in shown.items()}


def status_counters(running: Running) -> dict[str, int]:
    """Return the counters of /status."""
    status: dict[str, Any] = running.get("/status")
    return {name: status[name] for name in COUNTERS}


def test_the_counters_equal_the_status(kafka: Broker, tabs: Tabs, until: Any):
    """While paused, every counter on the page equals /status."""
    topic = "page-numbers"
    with started(
        "run",
        "--bootstrap-servers",
        kafka.bootstrap,
        "--topic",
        topic,
        "--rate",
        "2000",
        "--port",
        "0",
    ) as running:
        running.until("acked", 3000)
        page = tabs.open(running.url())
        expect(page.locator(".pill")).to_have_text("active")
        expect(page.locator(".figure.latency .number")).to_have_text(re.compile(r"[\d.,]+ ms"))
        page.get_by_role("button", name="Pause").click()
        running.until("status", "pausado")
        until(lambda: status_counters(running)["in_flight"] + status_counters(running)["behind"], 0)
        until(lambda: counters(page), status_counters(running))
        assert counters(page)["acked"] >= 3000
        expect(page.locator("[data-figure=target]")).to_have_text("0")
        expect(page.locator(".details")).to_contain_text(topic)
        command = page.locator(".recipe code").inner_text()
        assert f"--seed {running.get('/status')['seed']}" in command
        expect(page).to_have_title(re.compile("^paused"))


def test_pause_resume_and_rate(memory: Running, tabs: Tabs):
    """The buttons change the stream; the result names the first row."""
    page = tabs.open(memory.url())
    differ = page.get_by_text("generates other times")
    expect(differ).to_be_hidden()
    page.get_by_role("button", name="Pause").click()
    memory.until("status", "pausado")
    expect(differ).to_be_visible()
    expect(page.locator(".result")).to_have_text(re.compile(r"Paused from row [\d,]+\."))
    page.get_by_role("button", name="Resume").click()
    memory.until("status", "ativo")
    rate = page.get_by_label("Rate (rows/s)")
    rate.fill("1.5k")
    page.get_by_role("button", name="Set").click()
    memory.until("rate_asked", 1500)
    expect(page.locator("[data-figure=target]")).to_have_text("1,500")
    rate.fill("lots")
    rate.press("Enter")
    expect(page.locator(".result.error")).to_contain_text("lots")
    assert memory.get("/status")["rate_asked"] == 1500


def test_ramp_and_burst(memory: Running, tabs: Tabs):
    """The rate may have a ramp; the rows of a burst are due at once."""
    page = tabs.open(memory.url())
    before = memory.get("/status")["acked"]
    page.get_by_label("Burst (rows)").fill("50000")
    page.get_by_role("button", name="Burst").click()
    expect(page.locator(".result")).to_contain_text("50,000 rows at once, from row")
    memory.until("acked", before + 50_000)
    page.get_by_label("Rate (rows/s)").fill("400")
    page.get_by_label("Ramp (optional)").fill("500ms")
    page.get_by_role("button", name="Set").click()
    expect(page.locator(".result")).to_contain_text("Rate 400 with a ramp of 500ms, from row")
    memory.until("rate_asked", 400)
    page.get_by_label("Ramp (optional)").fill("a while")
    page.get_by_role("button", name="Set").click()
    expect(page.locator(".result.error")).to_contain_text("a while")


def test_the_keyboard_is_enough(memory: Running, tabs: Tabs):
    """Tab reaches every control in reading order, and Enter activates it."""
    page = tabs.open(memory.url())
    names = []
    for _ in range(8):
        page.keyboard.press("Tab")
        names.append(
            page.evaluate("(e => e.ariaLabel || e.name || e.textContent)(document.activeElement)")
        )
        if names[-1] == "Pause":
            page.keyboard.press("Enter")
    assert names == ["language", "theme", "Pause", "rate", "over", "Set", "rows", "Burst"]
    memory.until("status", "pausado")


def test_controls_require_the_token(tabs: Tabs):
    """A wrong token is rejected; the right one is stored in the tab."""
    with started(
        "run", "--no-kafka", "--rate", "200", "--port", "0", GERADOR_API_TOKEN=TOKEN
    ) as running:
        running.until("acked", 1)
        page = tabs.open(running.url())
        pause, token = page.get_by_role("button", name="Pause"), page.get_by_label("API token")
        expect(pause).to_be_disabled()
        expect(page.get_by_role("button", name="Set")).to_be_disabled()
        for wrong in ("another", "não", '");alert(1)//'):
            token.fill(wrong)
            page.get_by_role("button", name="Unlock").click()
            expect(page.locator(".result.error")).to_contain_text("does not match")
        assert running.get("/status")["status"] == "ativo"
        token.fill(TOKEN)
        page.get_by_role("button", name="Unlock").click()
        expect(pause).to_be_enabled()
        page.reload()
        expect(pause).to_be_enabled()
        assert TOKEN not in page.url
        pause.click()
        running.until("status", "pausado")
        expect(tabs.open(running.url()).get_by_role("button", name="Resume")).to_be_disabled()


def test_enabling_a_button_by_hand_has_no_effect(tabs: Tabs):
    """A button enabled in the browser changes nothing without the token."""
    with started(
        "run", "--no-kafka", "--rate", "200", "--port", "0", GERADOR_API_TOKEN=TOKEN
    ) as running:
        running.until("acked", 1)
        page = tabs.open(running.url())
        page.evaluate("document.querySelectorAll('button').forEach(b => { b.disabled = false })")
        page.locator("button.main").click()
        expect(page.locator(".result.error")).to_contain_text("does not match")
        assert running.get("/status")["status"] == "ativo"


@pytest.mark.parametrize("locale", ["pt-BR", "en-GB"])
def test_a_phone_scrolls_in_one_direction(memory: Running, tabs: Tabs, locale: str):
    """At 390 px nothing is wider than the screen; the table scrolls in its container."""
    page = tabs.open(memory.url(), viewport=PHONE, is_mobile=True, has_touch=True, locale=locale)
    assert page.evaluate("[document.documentElement.scrollWidth, innerWidth]") == [390, 390]
    assert page.evaluate("(e => e.scrollWidth > e.clientWidth)(document.querySelector('.scroll'))")


def test_dark_and_light(memory: Running, tabs: Tabs):
    """The theme of the system is used unless another one is selected, also after a reload."""
    paper = "getComputedStyle(document.body).backgroundColor"
    light = tabs.open(memory.url(), color_scheme="light")
    dark = tabs.open(memory.url(), color_scheme="dark")
    on_light, on_dark = light.evaluate(paper), dark.evaluate(paper)
    assert on_light != on_dark
    light.get_by_label("theme").select_option("dark")
    assert light.evaluate(paper) == on_dark
    light.reload()
    expect(light.get_by_label("theme")).to_have_value("dark")
    assert light.evaluate(paper) == on_dark


def test_portuguese_and_english(memory: Running, tabs: Tabs):
    """The language of the browser is used unless another one is selected; state words stay."""
    page = tabs.open(memory.url(), locale="pt-BR")
    expect(page.get_by_role("heading", name="Linhas mais recentes")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "pt-BR")
    page.get_by_label("idioma").select_option("en")
    expect(page.get_by_role("heading", name="Latest rows")).to_be_visible()
    expect(page.locator(".pill")).to_have_text("active")
    page.reload()
    expect(page.get_by_role("heading", name="Latest rows")).to_be_visible()


def test_the_charts_are_drawn(memory: Running, tabs: Tabs, until: Callable[..., None]):
    """Every chart has its lines, which get a point per second."""
    page = tabs.open(memory.url())
    points = """() => [...document.querySelectorAll('.plot')].map(e =>
        getElement(e.id.slice(1))?.chart?.getOption()?.series?.map(s => s.data.length) ?? [])"""
    until(lambda: [len(lines) for lines in page.evaluate(points)], [2, 2, 1, 1])
    before = page.evaluate(points)[0][0]
    until(lambda: page.evaluate(points)[0][0] > before, expected=True)


def test_the_page_reconnects(tabs: Tabs, until: Callable[..., None]):
    """The page shows a lost connection, and reconnects to a new server."""
    tabs.may_lose_the_server = True
    with started("run", "--no-kafka", "--seed", "1", "--port", "0") as running:
        page = tabs.open(running.url())
        port = str(urlsplit(running.url()).port)
        running.send(signal.SIGKILL)
        expect(page.locator("#popup")).to_have_attribute("aria-hidden", "false")
    with started("run", "--no-kafka", "--seed", "77000077", "--port", port) as again:
        again.until("acked", 1)
        expect(page.locator(".details")).to_contain_text("77000077")
        expect(page.locator("#popup")).to_have_attribute("aria-hidden", "true")
        before = counters(page)["acked"]
        until(lambda: counters(page)["acked"] > before, expected=True)


def test_an_open_page_does_not_delay_the_shutdown(memory: Running, tabs: Tabs):
    """Ctrl-C ends a run with open pages without errors or warnings."""
    tabs.may_lose_the_server = True
    for _ in range(2):
        tabs.open(memory.url())
    done = memory.interrupt(signal.SIGINT)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert [e for e in done.events if e.get("level") in {"error", "warning"}] == []
