"""One page in one browser tab: the layout of its parts and their updates."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from nicegui import ui

from gerador.page.charts import Charts
from gerador.page.control_panel import ControlPanel
from gerador.page.details_panel import Counters, LatestRows, StreamDetails
from gerador.page.elements import container, dropdown, text_element
from gerador.page.status_panel import KeyFigures, StatusLine
from gerador.page.streams_table import StreamsTable
from gerador.page.translations import LANGUAGE_COOKIE, LANGUAGES, translate
from gerador.service.status import ENDED

if TYPE_CHECKING:
    import pyarrow as pa

    from gerador.page.latency import Latency
    from gerador.page.sampler import Point, Sampler
    from gerador.page.translations import Language
    from gerador.service.interface import Service
    from gerador.service.status import Status


_THEMES: Final = ("auto", "light", "dark")
_READ_TOKEN: Final = "window.gerador.kept()"
BROWSER_ANSWER_TIMEOUT_S: Final = 5.0
"""Seconds that a browser gets to tell the token that it keeps."""


class PageView:
    """What one tab shows of `service`. `build` it within a NiceGUI page; it ends with the tab."""

    def __init__(
        self, language: Language, service: Service, sampler: Sampler, token: str | None
    ) -> None:
        self._language = language
        self._service = service
        self._sampler = sampler
        self._token = token
        self._client = ui.context.client
        self._stream = _first_running(service)
        self._title = ""
        self._described: str | None = None

    @property
    def stream(self) -> str:
        """The stream that the tab shows."""
        return self._stream

    def build(self) -> None:
        """Put the page together, with the numbers of now, and follow the service from then on."""
        ui.add_head_html(_head_html())
        with container("div", "page"):
            self._add_header()
            with container("main"):
                self._add_parts()
        self._show_now()
        self._client.on_connect(self._connected)
        self._client.on_delete(lambda: self._sampler.leave(self))

    def show(self, status: Status, point: Point, latency: Latency | None) -> None:
        """Show the numbers of this second."""
        self._show_numbers(status, latency)
        self._charts.add(point)

    def show_rows(self, rows: pa.RecordBatch | str | None) -> None:
        """Show the newest rows."""
        self._rows.show(rows, self._service.streams[self._stream].root)

    def _add_header(self) -> None:
        with container("header"):
            text_element("h1", "Gerador", "brand")
            self._shown = text_element("span", self._stream, "only")
            text_element("span", "", "gap")
            self._add_switches()

    def _add_switches(self) -> None:
        language = self._language
        languages: dict[str, str] = {name: name.upper() for name in LANGUAGES}
        speak = f"(event) => window.gerador.speak('{LANGUAGE_COOKIE}', event.target.value)"
        dropdown(translate(language, "language"), languages, language, speak)
        themes = {name: translate(language, f"theme_{name}") for name in _THEMES}
        paint = "(event) => window.gerador.paint(event.target.value)"
        dropdown(translate(language, "theme"), themes, "auto", paint).classes("theme")

    def _add_parts(self) -> None:
        language, streams = self._language, tuple(self._service.streams)
        self._overview: StreamsTable | None = None
        if len(streams) > 1:
            self._overview = StreamsTable(language, streams, lambda: self._steering, self._choose)
        self._state = StatusLine(language)
        self._figures = KeyFigures(language)
        self._steering = ControlPanel(language, self._service, self._token, lambda: self._stream)
        self._charts = Charts(language)
        self._counters = Counters(language)
        self._rows = LatestRows(language)
        self._about = StreamDetails(language)

    async def _connected(self) -> None:
        self._draw()
        self._sampler.join(self)
        if self._token is not None and not self._steering.unlocked:
            kept = await ui.run_javascript(_READ_TOKEN, timeout=BROWSER_ANSWER_TIMEOUT_S)
            if isinstance(kept, str) and kept:
                self._steering.unlock(kept, by_hand=False)

    def _choose(self, stream: str) -> None:
        if stream in self._service.streams:
            self._stream = stream
            self._shown.set_text(stream)
            self._described = None
            self.show_rows(None)
            self._show_now()
            self._draw()

    def _draw(self) -> None:
        has_topic = self._service.status().streams[self._stream].topic is not None
        self._charts.begin(self._sampler.history(self._stream), has_topic=has_topic)

    def _show_now(self) -> None:
        self._show_numbers(self._service.status(), None)

    def _show_numbers(self, status: Status, latency: Latency | None) -> None:
        one = status.streams[self._stream]
        self._state.show(status, one)
        self._figures.show(one, latency)
        self._steering.show(status.streams)
        if self._overview is not None:
            self._overview.show(status.streams, self._stream)
        self._counters.show(one)
        self._about.show(one)
        self._describe(f"{one.start} {one.schema_id} {one.changes}")
        self._entitle(f"{one.status} · {self._stream} · Gerador")

    def _describe(self, known: str) -> None:
        """Recipe and schema hold until a change of pace; they are told once for each `known`."""
        if known != self._described:
            self._described = known
            self._about.describe(self._service.detail(self._stream))

    def _entitle(self, title: str) -> None:
        if title != self._title:
            self._title = title
            with self._client:
                ui.page_title(title)


def _first_running(service: Service) -> str:
    """Return the first stream that still makes rows; where all have ended, the first."""
    streams = service.status().streams
    running = (name for name in service.streams if streams[name].status not in ENDED)
    return next(running, next(iter(service.streams)))


@cache
def _head_html() -> str:
    """Return the page's own style and script, small enough to come with it."""
    static = files("gerador.page") / "static"
    style, script = ((static / f"page.{kind}").read_text("utf-8") for kind in ("css", "js"))
    return f"<style>{style}</style><script>{script}</script>"
