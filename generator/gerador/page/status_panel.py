"""Status line and key figures of a stream: target rate, acknowledged rate, backlog, latency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gerador.page import number_format
from gerador.page.elements import container, text_element
from gerador.page.translations import state_description, state_name, translate
from gerador.service.status import State

if TYPE_CHECKING:
    from nicegui.elements.mixins.text_element import TextElement

    from gerador.page.latency import Latency
    from gerador.page.translations import Language
    from gerador.service.status import Status, StreamStatus


BEHIND_TOLERANCE_S: Final = 1.0
"""Maximum delay of the oldest row, in seconds, at which a stream still counts as keeping up."""


class StatusLine:
    """The state with a short description, its reason and the notices."""

    def __init__(self, language: Language) -> None:
        self._language = language
        with container("section", "state"):
            with container("p", "status-line"):
                self._pill = text_element("span", "", "pill")
                self._pill.props["role"] = "status"
                self._description = text_element("span", "", "description")
            self._reason = text_element("p", "", "reason")
            self._notices = text_element("p", "", "notices")

    def show(self, status: Status, one: StreamStatus) -> None:
        """Show the state of one stream."""
        self._pill.set_text(state_name(self._language, one.status))
        self._pill.classes(replace=f"pill {one.status}")
        self._description.set_text(status_description(self._language, one))
        _set_text_or_hide(self._reason, "reason", status_reason(status, one))
        _set_text_or_hide(self._notices, "notices", "\n".join(one.notices))


class KeyFigures:
    """Target rate, acknowledged rate, backlog and latency."""

    def __init__(self, language: Language) -> None:
        self._language = language
        per_s, rows = translate(language, "rows_per_s"), translate(language, "rows")
        with container("dl", "figures"):
            self._target = _add_figure(translate(language, "target"), per_s, "target")[0]
            self._acked = _add_figure(translate(language, "acknowledged"), per_s, "acknowledged")[0]
            self._behind, self._behind_s = _add_figure(
                translate(language, "behind"), rows, "behind"
            )
            self._p99, self._p50 = _add_figure(translate(language, "latency"), "", "latency")

    def show(self, one: StreamStatus, latency: Latency | None) -> None:
        """Show the values of one second."""
        language = self._language
        target = number_format.format_target_rate(language, one.rate_asked)
        self._target.set_text(target)
        self._acked.set_text(number_format.format_rate(language, one.rate_delivered))
        self._behind.set_text(number_format.format_count(language, one.behind))
        delay = number_format.format_seconds(language, one.behind_s)
        self._behind_s.set_text(f"{translate(language, 'rows')} · {delay}")
        self._show_latency(latency, "no_kafka" if one.topic is None else "no_acks")

    def _show_latency(self, latency: Latency | None, otherwise: str) -> None:
        language = self._language
        self._p99.set_text(number_format.format_milliseconds(language, latency and latency.p99_s))
        p50 = number_format.format_milliseconds(language, latency and latency.p50_s)
        text = translate(language, otherwise) if latency is None else f"p99 · p50 {p50}"
        self._p50.set_text(text)


def status_description(language: Language, one: StreamStatus) -> str:
    """Return a description of the state: whether the stream keeps up."""
    if one.status is not State.ACTIVE:
        return state_description(language, one.status) or ""
    if one.behind_s > BEHIND_TOLERANCE_S:
        return translate(language, "delayed", number_format.format_seconds(language, one.behind_s))
    return translate(language, "unpaced" if one.rate_asked is None else "keeps_up")


def status_reason(status: Status, one: StreamStatus) -> str | None:
    """Return the reason of the state; before the start, that of the run."""
    return one.reason or (status.reason if one.status is State.STARTING else None)


def _add_figure(label: str, unit: str, name: str) -> tuple[TextElement, TextElement]:
    """Return the elements of the number and of its unit."""
    with container("div", f"figure {name}"):
        text_element("dt", label)
        with container("dd"):
            number = text_element("span", number_format.NO_VALUE, "number")
            below = text_element("span", unit, "unit")
    number.props["data-figure"] = name
    return number, below


def _set_text_or_hide(element: TextElement, classes: str, text: str | None) -> None:
    element.set_text(text or "")
    element.classes(replace=classes if text else f"{classes} is-hidden")
