"""Take the pictures of the page in docs/pictures/ from real runs, in a minute and a half each.

    python -m tests.browser.pictures

Runs the generator with a local Kafka, changes rates, and takes screenshots with Chromium.
"""

from __future__ import annotations

import json
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from playwright.sync_api import sync_playwright

from gerador.embedded.cluster import EmbeddedKafka
from tests.browser.conftest import CHROMIUM, DESKTOP, FLAGS
from tests.e2e.command import started
from tests.kafka_fixture import cache_dir

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.e2e.command import Running

PICTURES: Final = Path(__file__).parents[2] / "docs" / "pictures"
STEADY_S: Final = 25.0
"""Seconds between two changes."""


def main() -> None:
    """Write page-light.png and page-streams.png."""
    with (
        tempfile.TemporaryDirectory(prefix="pictures-") as folder,
        EmbeddedKafka(Path(folder), cache_dir=cache_dir()) as kafka,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        to_kafka = ("--bootstrap-servers", kafka.bootstrap, "--port", "0")
        with started("run", *to_kafka, "--rate", "20k") as running:
            page = _open(browser, running)
            time.sleep(STEADY_S)
            _patch(running, "registros", {"rate": "50k"})
            time.sleep(STEADY_S)
            _patch(running, "registros", {"rate": "10k"})
            time.sleep(STEADY_S)
            page.screenshot(path=PICTURES / "page-light.png", full_page=True)
        with started("run", "ecommerce", *to_kafka) as running:
            page = _open(browser, running)
            page.locator("table").get_by_role("button", name="pedidos").click()
            time.sleep(STEADY_S)
            page.get_by_label("Rate (rows/s)").fill("5k")
            page.get_by_label("Ramp (optional)").fill("20s")
            page.get_by_role("button", name="Set", exact=True).click()
            time.sleep(STEADY_S / 2)
            charts = page.locator(".plot").last.bounding_box()
            assert charts is not None
            bottom = charts["y"] + charts["height"] + 24
            clip = {"x": 0, "y": 0, "width": DESKTOP["width"], "height": bottom}
            page.screenshot(path=PICTURES / "page-streams.png", full_page=True, clip=clip)  # type: ignore[arg-type]
        browser.close()


def _open(browser: Browser, running: Running) -> Page:
    running.until("acked", 1)
    page = browser.new_context(locale="en-US", viewport=DESKTOP).new_page()  # type: ignore[arg-type]
    page.goto(running.url())
    page.locator(".rows td").first.wait_for()
    return page


def _patch(running: Running, stream: str, body: dict[str, Any]) -> None:
    request = urllib.request.Request(  # noqa: S310 - on this machine
        f"{running.url()}/streams/{stream}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
        method="PATCH",
    )
    with urllib.request.urlopen(request, timeout=10):  # noqa: S310
        pass


if __name__ == "__main__":
    main()
