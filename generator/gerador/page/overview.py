"""All streams of a scenario at a glance: a line each, to choose it, to pause it, to resume it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from gerador.page import numbers
from gerador.page.elements import attribute, box, button, words
from gerador.page.figures import sentence
from gerador.page.texts import text
from gerador.service.status import ENDED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nicegui.elements.mixins.text_element import TextElement

    from gerador.page.steering import Steering
    from gerador.page.texts import Language
    from gerador.service.status import StreamStatus

_NUMBERS: Final = ("asked_per_s", "delivered_per_s", "behind_in_rows", "acked_rows")


class _Line(NamedTuple):
    """The elements of one stream's line."""

    name: TextElement
    state: TextElement
    numbers: tuple[TextElement, ...]
    toggle: TextElement


class Overview:
    """The lines of a page, which is `steering`; `choose` is told the stream that is chosen."""

    def __init__(
        self,
        language: Language,
        streams: tuple[str, ...],
        steering: Callable[[], Steering],
        choose: Callable[[str], None],
    ) -> None:
        self._language = language
        self._steering = steering
        self._choose = choose
        with box("section", "overview card"):
            words("h2", text(language, "streams"))
            with box("div", "scroll") as frame, box("table"):
                self._add_titles()
                with box("tbody"):
                    self._lines = {name: self._add(name) for name in streams}
            attribute(frame, "tabindex", "0")
            attribute(frame, "role", "region")
            attribute(frame, "aria-label", text(language, "streams"))

    def show(self, now: Mapping[str, StreamStatus], chosen: str) -> None:
        """Show the numbers of one second, and which stream is `chosen`."""
        steering = self._steering()
        for name, line in self._lines.items():
            one = now[name]
            attribute(line.name, "aria-pressed", "true" if name == chosen else "false")
            line.state.set_text(one.status)
            line.state.classes(replace=f"pill small {one.status}")
            attribute(line.state, "title", sentence(self._language, one))
            for element, said in zip(line.numbers, self._said(one), strict=True):
                element.set_text(said)
            line.toggle.set_text(steering.verb_of(name))
            line.toggle.classes(replace="absent" if one.status in ENDED else "")
            attribute(line.toggle, "disabled", not steering.can_steer(name))

    def _said(self, one: StreamStatus) -> tuple[str, ...]:
        """Return what stands under each of _NUMBERS."""
        language, asked = self._language, one.rate_asked
        return (
            text(language, "full") if asked is None else numbers.rate(language, asked),
            numbers.rate(language, one.rate_delivered),
            numbers.count(language, one.behind),
            numbers.count(language, one.acked),
        )

    def _add_titles(self) -> None:
        with box("thead"), box("tr"):
            for key in ("stream", "state", *_NUMBERS):
                title = words("th", text(self._language, key), "n" if key in _NUMBERS else "")
                attribute(title, "scope", "col")
            words("td")

    def _add(self, name: str) -> _Line:
        with box("tr") as row:
            with box("td"):
                chosen = button(name, lambda: self._choose(name), "name")
            with box("td"):
                state = words("span", "", "pill small")
            told = tuple(words("td", numbers.NONE, "n") for _ in _NUMBERS)
            with box("td", "verb"):
                toggle = button("", lambda: self._steering().toggle(name))
        attribute(row, "data-stream", name)
        return _Line(chosen, state, told, toggle)
