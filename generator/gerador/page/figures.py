"""What the page says first: the state in a word and a sentence, and the numbers that matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gerador.page import numbers
from gerador.page.elements import box, words
from gerador.page.texts import state_text, text
from gerador.service.status import State

if TYPE_CHECKING:
    from nicegui.elements.mixins.text_element import TextElement

    from gerador.page.latency import Latency
    from gerador.page.texts import Language
    from gerador.service.status import Status, StreamStatus

KEEPS_UP_S: Final = 1.0
"""Rows that are so many seconds late at most are under way, not behind."""


class StateLine:
    """The state word, coloured, what it means, and the reason and the notices below it."""

    def __init__(self, language: Language) -> None:
        self._language = language
        with box("section", "state"):
            with box("p", "verdict"):
                self._pill = words("span", "", "pill")
                self._pill.props["role"] = "status"
                self._sentence = words("span", "", "sentence")
            self._reason = words("p", "", "reason")
            self._notices = words("p", "", "notices")

    def show(self, status: Status, one: StreamStatus) -> None:
        """Show the state of one stream."""
        self._pill.set_text(one.status)
        self._pill.classes(replace=f"pill {one.status}")
        self._sentence.set_text(sentence(self._language, one))
        _say(self._reason, "reason", reason_of(status, one))
        _say(self._notices, "notices", "\n".join(one.notices))


class Figures:
    """The big numbers: asked, acknowledged, behind, latency."""

    def __init__(self, language: Language) -> None:
        self._language = language
        per_s, rows = text(language, "rows_per_s"), text(language, "rows")
        with box("dl", "figures"):
            self._asked = _figure(text(language, "asked"), per_s, "asked")[0]
            self._acked = _figure(text(language, "acknowledged"), per_s, "acknowledged")[0]
            self._behind, self._behind_s = _figure(text(language, "behind"), rows, "behind")
            self._p99, self._p50 = _figure(text(language, "latency"), "", "latency")

    def show(self, one: StreamStatus, latency: Latency | None) -> None:
        """Show the numbers of one second."""
        language = self._language
        full = one.rate_asked is None
        asked = text(language, "full") if full else numbers.rate(language, one.rate_asked or 0.0)
        self._asked.set_text(asked)
        self._acked.set_text(numbers.rate(language, one.rate_delivered))
        self._behind.set_text(numbers.count(language, one.behind))
        late = numbers.seconds(language, one.behind_s)
        self._behind_s.set_text(f"{text(language, 'rows')} · {late}")
        self._show_latency(latency, "no_kafka" if one.topic is None else "no_acks")

    def _show_latency(self, latency: Latency | None, otherwise: str) -> None:
        language = self._language
        self._p99.set_text(numbers.milliseconds(language, latency and latency.p99_s))
        half = numbers.milliseconds(language, latency and latency.p50_s)
        said = text(language, otherwise) if latency is None else f"p99 · p50 {half}"
        self._p50.set_text(said)


def sentence(language: Language, one: StreamStatus) -> str:
    """Return in words whether the stream keeps up."""
    if one.status is not State.ACTIVE:
        return state_text(language, one.status) or ""
    if one.behind_s > KEEPS_UP_S:
        return text(language, "late", numbers.seconds(language, one.behind_s))
    return text(language, "full_speed" if one.rate_asked is None else "keeps_up")


def reason_of(status: Status, one: StreamStatus) -> str | None:
    """Return why it is not well; while nothing has begun, what is waited for."""
    return one.reason or (status.reason if one.status is State.STARTING else None)


def _figure(label: str, unit: str, name: str) -> tuple[TextElement, TextElement]:
    """Return a number's element, and the line of its unit."""
    with box("div", f"figure {name}"):
        words("dt", label)
        with box("dd"):
            number = words("span", numbers.NONE, "number")
            below = words("span", unit, "unit")
    number.props["data-figure"] = name
    return number, below


def _say(element: TextElement, classes: str, said: str | None) -> None:
    element.set_text(said or "")
    element.classes(replace=classes if said else f"{classes} absent")
