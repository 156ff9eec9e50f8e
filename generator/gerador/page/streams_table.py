"""The table of all streams of a scenario: state, rates, selection, pause and resume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from gerador.page import number_format
from gerador.page.elements import button, container, set_attribute, text_element
from gerador.page.status_panel import status_sentence
from gerador.page.translations import translate
from gerador.service.status import ENDED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nicegui.elements.mixins.text_element import TextElement

    from gerador.page.control_panel import ControlPanel
    from gerador.page.translations import Language
    from gerador.service.status import StreamStatus


_NUMBER_COLUMNS: Final = ("asked_per_s", "delivered_per_s", "behind_in_rows", "acked_rows")


class _Row(NamedTuple):
    """The elements of one stream's line."""

    name: TextElement
    state: TextElement
    numbers: tuple[TextElement, ...]
    toggle: TextElement


class StreamsTable:
    """The lines of a page, which is `steering`; `choose` is told the stream that is chosen."""

    def __init__(
        self,
        language: Language,
        streams: tuple[str, ...],
        steering: Callable[[], ControlPanel],
        choose: Callable[[str], None],
    ) -> None:
        self._language = language
        self._steering = steering
        self._choose = choose
        with container("section", "overview card"):
            text_element("h2", translate(language, "streams"))
            with container("div", "scroll") as frame, container("table"):
                self._add_titles()
                with container("tbody"):
                    self._lines = {name: self._add(name) for name in streams}
            set_attribute(frame, "tabindex", "0")
            set_attribute(frame, "role", "region")
            set_attribute(frame, "aria-label", translate(language, "streams"))

    def show(self, now: Mapping[str, StreamStatus], chosen: str) -> None:
        """Show the numbers of one second, and which stream is `chosen`."""
        steering = self._steering()
        for name, line in self._lines.items():
            one = now[name]
            set_attribute(line.name, "aria-pressed", "true" if name == chosen else "false")
            line.state.set_text(one.status)
            line.state.classes(replace=f"pill small {one.status}")
            set_attribute(line.state, "title", status_sentence(self._language, one))
            for element, said in zip(line.numbers, self._said(one), strict=True):
                element.set_text(said)
            line.toggle.set_text(steering.verb_of(name))
            line.toggle.classes(replace="absent" if one.status in ENDED else "")
            set_attribute(line.toggle, "disabled", not steering.can_steer(name))

    def _said(self, one: StreamStatus) -> tuple[str, ...]:
        """Return what stands under each of _NUMBERS."""
        language, asked = self._language, one.rate_asked
        return (
            translate(language, "full")
            if asked is None
            else number_format.format_rate(language, asked),
            number_format.format_rate(language, one.rate_delivered),
            number_format.format_count(language, one.behind),
            number_format.format_count(language, one.acked),
        )

    def _add_titles(self) -> None:
        with container("thead"), container("tr"):
            for key in ("stream", "state", *_NUMBER_COLUMNS):
                title = text_element(
                    "th", translate(self._language, key), "n" if key in _NUMBER_COLUMNS else ""
                )
                set_attribute(title, "scope", "col")
            text_element("td")

    def _add(self, name: str) -> _Row:
        with container("tr") as row:
            with container("td"):
                chosen = button(name, lambda: self._choose(name), "name")
            with container("td"):
                state = text_element("span", "", "pill small")
            told = tuple(text_element("td", number_format.NO_VALUE, "n") for _ in _NUMBER_COLUMNS)
            with container("td", "verb"):
                toggle = button("", lambda: self._steering().toggle(name))
        set_attribute(row, "data-stream", name)
        return _Row(chosen, state, told, toggle)
