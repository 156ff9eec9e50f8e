"""The charts: their series, and the updates sent to the browser."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

from nicegui import ui

from gerador.page.elements import container, set_attribute, text_element
from gerador.page.translations import BROWSER_LANGUAGE, translate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nicegui.element import Element

    from gerador.page.status_sampler import Point
    from gerador.page.translations import Language


class Series(NamedTuple):
    """A line of a chart: text key, index in `Point`, and style in page.js."""

    label: str
    point_index: int
    style: str


class Chart(NamedTuple):
    """A chart: title key, unit in page.js, and lines."""

    title: str
    unit: str
    lines: tuple[Series, ...]


CHARTS: Final = (
    Chart(
        "chart_rate", "rate", (Series("target", 1, "secondary"), Series("acknowledged", 2, "main"))
    ),
    Chart("chart_latency", "ms", (Series("p50", 5, "main"), Series("p99", 6, "secondary"))),
    Chart("chart_behind", "rows", (Series("rows", 3, "main"),)),
    Chart("chart_behind_s", "s", (Series("s", 4, "main"),)),
)
_UNTRANSLATED: Final = {"p50", "p99", "s"}
"""Labels that are the same in every language."""


class Charts:
    """The charts of one page."""

    def __init__(self, language: Language) -> None:
        self._language = language
        with container("section", "charts"):
            self._elements = [self._add(chart) for chart in CHARTS]

    def set_points(self, points: Sequence[Point], *, has_topic: bool) -> None:
        """Draw the history of a stream, replacing the previous one.

        Without a topic there are no acknowledgements and so no latency.
        """
        no_latency = translate(self._language, "no_acks" if has_topic else "no_kafka")
        charts = [
            {
                "id": element.id,
                "unit": chart.unit,
                "lines": self._lines(chart),
                "empty": no_latency if chart.unit == "ms" else "",
            }
            for chart, element in zip(CHARTS, self._elements, strict=True)
        ]
        language = BROWSER_LANGUAGE[self._language]
        ui.run_javascript(f"window.gerador.setCharts({json.dumps([language, charts, points])})")

    def add_point(self, point: Point) -> None:
        """Draw the point of the latest second."""
        self._elements[0].client.run_javascript(f"window.gerador.addPoint({json.dumps(point)})")

    def _add(self, chart: Chart) -> Element:
        title = translate(self._language, chart.title)
        with container("figure", "chart card"):
            with container("figcaption"):
                text_element("h2", title)
                if len(chart.lines) > 1:
                    for line in chart.lines:
                        text_element("span", self._label(line), f"legend {line.style}")
            plot = ui.echart({}).classes("plot")
            set_attribute(plot, "role", "img")
            set_attribute(plot, "aria-label", f"{title}, {translate(self._language, 'chart_span')}")
        return plot

    def _lines(self, chart: Chart) -> list[tuple[str, int, str]]:
        return [(self._label(line), line.point_index, line.style) for line in chart.lines]

    def _label(self, line: Series) -> str:
        return line.label if line.label in _UNTRANSLATED else translate(self._language, line.label)
