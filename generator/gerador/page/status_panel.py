"""The state line and the key figures of a stream: requested rate, acknowledged rate, backlog, latency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gerador.page import number_format
from gerador.page.elements import container, text_element
from gerador.page.translations import state_description, translate
from gerador.service.status import State

if TYPE_CHECKING:
    from nicegui.elements.mixins.text_element import TextElement

    from gerador.page.latency import Latency
    from gerador.page.translations import Language
    from gerador.service.status import Status, StreamStatus


BEHIND_TOLERANCE_S: Final = 1.0
"""Rows that are so many seconds late at most are under way, not behind."""


class StatusLine:
    """The state word, coloured, what it means, and the reason and the notices below it."""

    def __init__(self, language: Language) -> None:
        self._language = language
        with container("section", "state"):
            with container("p", "verdict"):
                self._pill = text_element("span", "", "pill")
                self._pill.props["role"] = "status"
                self._sentence = text_element("span", "", "sentence")
            self._reason = text_element("p", "", "reason")
            self._notices = text_element("p", "", "notices")

    def show(self, status: Status, one: StreamStatus) -> None:
        """Show the state of one stream."""
        self._pill.set_text(one.status)
        self._pill.classes(replace=f"pill {one.status}")
        self._sentence.set_text(status_sentence(self._language, one))
        _set_text_or_hide(self._reason, "reason", status_reason(status, one))
        _set_text_or_hide(self._notices, "notices", "\n".join(one.notices))


class KeyFigures:
    """The big numbers: asked, acknowledged, behind, latency."""

    def __init__(self, language: Language) -> None:
        self._language = language
        per_s, rows = translate(language, "rows_per_s"), translate(language, "rows")
        with container("dl", "figures"):
            self._asked = _add_figure(translate(language, "asked"), per_s, "asked")[0]
            self._acked = _add_figure(translate(language, "acknowledged"), per_s, "acknowledged")[0]
            self._behind, self._behind_s = _add_figure(
                translate(language, "behind"), rows, "behind"
            )
            self._p99, self._p50 = _add_figure(translate(language, "latency"), "", "latency")

    def show(self, one: StreamStatus, latency: Latency | None) -> None:
        """Show the numbers of one second."""
        language = self._language
        full = one.rate_asked is None
        asked = (
            translate(language, "full")
            if full
            else number_format.format_rate(language, one.rate_asked or 0.0)
        )
        self._asked.set_text(asked)
        self._acked.set_text(number_format.format_rate(language, one.rate_delivered))
        self._behind.set_text(number_format.format_count(language, one.behind))
        late = number_format.format_seconds(language, one.behind_s)
        self._behind_s.set_text(f"{translate(language, 'rows')} · {late}")
        self._show_latency(latency, "no_kafka" if one.topic is None else "no_acks")

    def _show_latency(self, latency: Latency | None, otherwise: str) -> None:
        language = self._language
        self._p99.set_text(number_format.format_milliseconds(language, latency and latency.p99_s))
        half = number_format.format_milliseconds(language, latency and latency.p50_s)
        said = translate(language, otherwise) if latency is None else f"p99 · p50 {half}"
        self._p50.set_text(said)


def status_sentence(language: Language, one: StreamStatus) -> str:
    """Return in words whether the stream keeps up."""
    if one.status is not State.ACTIVE:
        return state_description(language, one.status) or ""
    if one.behind_s > BEHIND_TOLERANCE_S:
        return translate(language, "late", number_format.format_seconds(language, one.behind_s))
    return translate(language, "full_speed" if one.rate_asked is None else "keeps_up")


def status_reason(status: Status, one: StreamStatus) -> str | None:
    """Return why it is not well; while nothing has begun, what is waited for."""
    return one.reason or (status.reason if one.status is State.STARTING else None)


def _add_figure(label: str, unit: str, name: str) -> tuple[TextElement, TextElement]:
    """Return a number's element, and the line of its unit."""
    with container("div", f"figure {name}"):
        text_element("dt", label)
        with container("dd"):
            number = text_element("span", number_format.NO_VALUE, "number")
            below = text_element("span", unit, "unit")
    number.props["data-figure"] = name
    return number, below


def _set_text_or_hide(element: TextElement, classes: str, said: str | None) -> None:
    element.set_text(said or "")
    element.classes(replace=classes if said else f"{classes} absent")
