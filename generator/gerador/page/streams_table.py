"""The table of all streams of a scenario: state, rates, selection, pause and resume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from gerador.page import number_format
from gerador.page.elements import button, container, set_attribute, text_element
from gerador.page.status_panel import status_description
from gerador.page.translations import state_name, translate
from gerador.service.status import ENDED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nicegui.elements.mixins.text_element import TextElement

    from gerador.page.control_panel import ControlPanel
    from gerador.page.translations import Language
    from gerador.service.status import StreamStatus


_NUMBER_COLUMNS: Final = ("target_per_s", "delivered_per_s", "behind_in_rows", "acked_rows")


class _Row(NamedTuple):
    """The elements of the row of one stream."""

    name: TextElement
    state: TextElement
    numbers: tuple[TextElement, ...]
    toggle: TextElement


class StreamsTable:
    """The table of streams; `select` is called with the stream that the user selects."""

    def __init__(
        self,
        language: Language,
        streams: tuple[str, ...],
        controls: Callable[[], ControlPanel],
        select: Callable[[str], None],
    ) -> None:
        self._language = language
        self._controls = controls
        self._select = select
        with container("section", "streams card"):
            text_element("h2", translate(language, "streams"))
            with container("div", "scroll") as scroll, container("table"):
                self._add_titles()
                with container("tbody"):
                    self._rows = {name: self._add(name) for name in streams}
            set_attribute(scroll, "tabindex", "0")
            set_attribute(scroll, "role", "region")
            set_attribute(scroll, "aria-label", translate(language, "streams"))

    def show(self, statuses: Mapping[str, StreamStatus], selected: str) -> None:
        """Show the values of one second, and mark the selected stream."""
        controls = self._controls()
        for name, row in self._rows.items():
            one = statuses[name]
            set_attribute(row.name, "aria-pressed", "true" if name == selected else "false")
            row.state.set_text(state_name(self._language, one.status))
            row.state.classes(replace=f"pill small {one.status}")
            set_attribute(row.state, "title", status_description(self._language, one))
            for element, text in zip(row.numbers, self._number_texts(one), strict=True):
                element.set_text(text)
            row.toggle.set_text(controls.toggle_text(name))
            row.toggle.classes(replace="is-hidden" if one.status in ENDED else "")
            set_attribute(row.toggle, "disabled", not controls.can_control(name))

    def _number_texts(self, one: StreamStatus) -> tuple[str, ...]:
        """Return the texts of _NUMBER_COLUMNS."""
        language = self._language
        return (
            number_format.format_target_rate(language, one.rate_asked),
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
                select = button(name, lambda: self._select(name), "name")
            with container("td"):
                state = text_element("span", "", "pill small")
            numbers = tuple(
                text_element("td", number_format.NO_VALUE, "n") for _ in _NUMBER_COLUMNS
            )
            with container("td", "action"):
                toggle = button("", lambda: self._controls().toggle(name))
        set_attribute(row, "data-stream", name)
        return _Row(select, state, numbers, toggle)
