"""Draw the dashboard from a real run into docs/pictures/dashboard.png (six minutes, chromium).

    python -m tests.observability.picture

Runs the generator with a real Kafka, changes its rate, injects faults, sends the queries of all
panels to a real Prometheus, draws the results, and takes a screenshot with headless Chromium.
"""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
import tempfile
import time
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.observability.drawing import drawn
from tests.observability.frame import COLORS, Frame, Line, Span
from tests.observability.panels import dashboard, filled, named, queries
from tests.observability.scene import STREAM, Scene, scene

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.observability.prometheus import Prometheus, Series

PICTURE: Final = Path(__file__).parents[2] / "docs" / "pictures" / "dashboard.png"
SCRAPE_S: Final = 5.0
RATE_INTERVAL: Final = "20s"
"""Grafana's $__rate_interval: four scrapes."""
SHOWN_S: Final = 360.0
SETTLED_S: Final = 25.0
"""Seconds before the start of the picture, so that rates have samples."""
COLUMN, ROW, GAP, HEAD = 60, 34, 8, 40
"""Pixels of the dashboard's grid, and of the header."""
FLAGS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars",
)  # fmt: skip
STYLE: Final = """
body { margin: 0; background: #111217; }
svg { font: 12px "Liberation Sans", Arial, sans-serif; display: block; }
.panel { fill: #181b1f; stroke: #2c2f36; }
.title { fill: #d8d9e6; font-size: 14px; font-weight: bold; }
.row { fill: #d8d9e6; font-size: 15px; font-weight: bold; }
.axis, .legend { fill: #a4a7b5; }
.grid { stroke: #2a2d34; fill: none; }
.line { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
.value { font-size: 26px; font-weight: bold; text-anchor: middle; }
"""


def play(now: Scene) -> None:
    """Run for six minutes with every kind of event."""
    began_s = time.monotonic() + SETTLED_S
    events: tuple[tuple[float, Callable[[], None]], ...] = (
        (60, lambda: now.change_rate("40k")),
        (120, now.pause),
        (150, now.resume),
        (210, lambda: now.reject_batches(1.0)),
        (270, lambda: now.lose_broker(8.0)),
        (SHOWN_S, lambda: None),
    )
    for at_s, event in events:
        time.sleep(max(0.0, began_s + at_s - time.monotonic()))
        event()


def page(watching: Prometheus, end: float) -> tuple[str, int]:
    """Return the dashboard as HTML, and its height in pixels."""
    shown, marks, stream = [], _marks(watching, end), ".+"
    for panel in dashboard()["panels"]:
        place = panel["gridPos"]
        where = f"translate({place['x'] * COLUMN + GAP} {place['y'] * ROW + HEAD})"
        size = place["w"] * COLUMN - GAP, place["h"] * ROW - GAP
        if panel["type"] == "row":
            stream = STREAM if "repeat" in panel else ".+"
            title = escape(panel["title"].replace("$stream", stream))
            inside = f'<text class="row" x="4" y="19">{title}</text>'
        else:
            titled = panel | {"title": panel["title"].replace("$stream", stream)}
            frame = Frame(*size, end - SHOWN_S, end)
            inside = drawn(titled, _lines(watching, panel, stream, end), marks, frame)
        shown.append(f'<g transform="{where}">{inside}</g>')
    last = dashboard()["panels"][-1]["gridPos"]
    height = (last["y"] + last["h"]) * ROW + HEAD
    svg = f'<svg width="{_width()}" height="{height}">{_head()}{"".join(shown)}</svg>'
    return f'<!doctype html><meta charset="utf-8"><style>{STYLE}</style>{svg}', height


def _head() -> str:
    """Return the title of the dashboard and the names of its annotations, in their colors."""
    parts, x = [f'<text class="row" x="{GAP + 4}" y="26">{dashboard()["title"]}</text>'], 110
    for mark in dashboard()["annotations"]["list"]:
        color = COLORS[mark["iconColor"]]
        parts.append(f'<path d="M{x} 14v16" stroke="{color}" stroke-dasharray="3 3"/>')
        parts.append(f'<text class="legend" x="{x + 8}" y="26">{mark["name"]}</text>')
        x += 120
    return "".join(parts)


def _lines(watching: Prometheus, panel: Any, stream: str, end: float) -> list[Line]:
    lines = []
    for query in queries(panel):
        expr = filled(query.expr.replace("$stream", stream), RATE_INTERVAL)
        span = {"start": end if query.instant else end - SHOWN_S, "end": end, "step": SCRAPE_S}
        for one in watching.get("query_range", query=expr, **span)["result"]:
            name = named(query.legend, one["metric"])
            lines.append(Line(query.letter, name, _points(one), one["metric"]))
    return lines


def _points(series: Series) -> list[tuple[float, float]]:
    every = [(float(t), float(v)) for t, v in series["values"]]
    return [(t, v) for t, v in every if math.isfinite(v)]


def _marks(watching: Prometheus, end: float) -> list[Span]:
    """Return the spans of annotations; adjacent points are joined, as in Grafana."""
    spans: list[Span] = []
    for mark in dashboard()["annotations"]["list"]:
        expr = filled(mark["target"]["expr"], RATE_INTERVAL)
        parameters = {"start": end - SHOWN_S, "end": end, "step": SCRAPE_S}
        for one in watching.get("query_range", query=expr, **parameters)["result"]:
            for at, _ in _points(one):
                if (
                    spans
                    and spans[-1].color == mark["iconColor"]
                    and at - spans[-1].end <= SCRAPE_S
                ):
                    spans[-1] = Span(spans[-1].start, at, mark["iconColor"])
                else:
                    spans.append(Span(at, at, mark["iconColor"]))
    return spans


def photograph(html: str, height: int, picture: Path) -> None:
    """Take a screenshot of the page with Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("chromium is not installed; on Debian: apt-get install chromium fonts-liberation")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "dashboard.html"
        source.write_text(html)
        size = [f"--window-size={_width()},{height}", f"--user-data-dir={folder}/profile"]
        command = [chromium, *FLAGS, *size, f"--screenshot={picture}", source.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=60)


def _width() -> int:
    return 24 * COLUMN + GAP


def main() -> None:
    """Run for six minutes and save the picture."""
    with tempfile.TemporaryDirectory() as folder:
        with scene(Path(folder), rate="20k", scrape_s=SCRAPE_S) as now:
            play(now)
            html, height = page(now.prometheus, time.time())
        PICTURE.parent.mkdir(exist_ok=True)
        photograph(html, height, PICTURE)
    print(f"{PICTURE}: {PICTURE.stat().st_size:,} bytes")  # noqa: T201 - the output of a script


if __name__ == "__main__":
    main()
