"""The page in one browser tab: the layout of its parts and their updates."""

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
from gerador.page.translations import LANGUAGE_COOKIE, LANGUAGES, state_name, translate
from gerador.service.status import ENDED

if TYPE_CHECKING:
    import pyarrow as pa

    from gerador.page.latency import Latency
    from gerador.page.status_sampler import Point, Sampler
    from gerador.page.translations import Language
    from gerador.service.interface import Service
    from gerador.service.status import Status


_THEMES: Final = ("auto", "light", "dark")
_STORED_TOKEN: Final = "window.gerador.storedToken()"  # noqa: S105 - JavaScript
BROWSER_TIMEOUT_S: Final = 5.0
"""Seconds to wait for the token stored in the browser."""


class PageView:
    """The page of `service` in one tab. Call `build` inside a NiceGUI page."""

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
        self._details_key: str | None = None

    @property
    def stream(self) -> str:
        """The stream that the page shows."""
        return self._stream

    def build(self) -> None:
        """Build the page with current values and subscribe to updates."""
        ui.add_head_html(_head_html())
        with container("div", "page"):
            self._add_header()
            with container("main"):
                self._add_parts()
        self._show_now()
        self._client.on_connect(self._on_connect)
        self._client.on_delete(lambda: self._sampler.unsubscribe(self))

    def show(self, status: Status, point: Point, latency: Latency | None) -> None:
        """Show the values of this second."""
        self._show_values(status, latency)
        self._charts.add_point(point)

    def show_rows(self, rows: pa.RecordBatch | str | None) -> None:
        """Show the latest rows."""
        self._rows.show(rows, self._service.streams[self._stream].root)

    def _add_header(self) -> None:
        with container("header"):
            text_element("h1", "Gerador", "brand")
            self._stream_name = text_element("span", self._stream, "stream-name")
            text_element("span", "", "spacer")
            self._add_selects()

    def _add_selects(self) -> None:
        language = self._language
        languages: dict[str, str] = {name: name.upper() for name in LANGUAGES}
        set_language = (
            f"(event) => window.gerador.setLanguage('{LANGUAGE_COOKIE}', event.target.value)"
        )
        dropdown(translate(language, "language"), languages, language, set_language)
        themes = {name: translate(language, f"theme_{name}") for name in _THEMES}
        set_theme = "(event) => window.gerador.setTheme(event.target.value)"
        dropdown(translate(language, "theme"), themes, "auto", set_theme).classes("theme")

    def _add_parts(self) -> None:
        language, streams = self._language, tuple(self._service.streams)
        self._streams_table: StreamsTable | None = None
        if len(streams) > 1:
            self._streams_table = StreamsTable(
                language, streams, lambda: self._controls, self._select
            )
        self._status_line = StatusLine(language)
        self._figures = KeyFigures(language)
        self._controls = ControlPanel(language, self._service, self._token, lambda: self._stream)
        self._charts = Charts(language)
        self._counters = Counters(language)
        self._rows = LatestRows(language)
        self._details = StreamDetails(language)

    async def _on_connect(self) -> None:
        self._draw_charts()
        self._sampler.subscribe(self)
        if self._token is not None and not self._controls.is_unlocked:
            token = await ui.run_javascript(_STORED_TOKEN, timeout=BROWSER_TIMEOUT_S)
            if isinstance(token, str) and token:
                self._controls.unlock(token, typed=False)

    def _select(self, stream: str) -> None:
        if stream in self._service.streams:
            self._stream = stream
            self._stream_name.set_text(stream)
            self._controls.clear()
            self._details_key = None
            self.show_rows(None)
            self._show_now()
            self._draw_charts()

    def _draw_charts(self) -> None:
        has_topic = self._service.status().streams[self._stream].topic is not None
        self._charts.set_points(self._sampler.history(self._stream), has_topic=has_topic)

    def _show_now(self) -> None:
        self._show_values(self._service.status(), None)

    def _show_values(self, status: Status, latency: Latency | None) -> None:
        one = status.streams[self._stream]
        self._status_line.show(status, one)
        self._figures.show(one, latency)
        self._controls.show(status.streams)
        if self._streams_table is not None:
            self._streams_table.show(status.streams, self._stream)
        self._counters.show(one)
        self._details.show(one)
        self._show_details(f"{one.start} {one.schema_id} {one.changes}")
        self._set_title(f"{state_name(self._language, one.status)} · {self._stream} · Gerador")

    def _show_details(self, key: str) -> None:
        """Update recipe and schema when `key` changes: they are constant otherwise."""
        if key != self._details_key:
            self._details_key = key
            self._details.show_detail(self._service.detail(self._stream))

    def _set_title(self, title: str) -> None:
        if title != self._title:
            self._title = title
            with self._client:
                ui.page_title(title)


def _first_running(service: Service) -> str:
    """Return the first stream that has not ended; if all have, the first."""
    streams = service.status().streams
    running = (name for name in service.streams if streams[name].status not in ENDED)
    return next(running, next(iter(service.streams)))


@cache
def _head_html() -> str:
    """Return style and script of the page; they are small enough to be inlined."""
    static = files("gerador.page") / "static"
    style, script = ((static / f"page.{kind}").read_text("utf-8") for kind in ("css", "js"))
    return f"<style>{style}</style><script>{script}</script>"
