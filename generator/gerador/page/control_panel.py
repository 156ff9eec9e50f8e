"""The control panel: pause, resume, rate and burst, and the form for the API token."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from nicegui import ui

from gerador.api.authorization import token_matches
from gerador.api.query_parameters import parse_whole_number
from gerador.errors import ControlError, SettingError
from gerador.limits import BURST_ROWS_MAX, TOKEN_CHARACTERS_MAX
from gerador.page.elements import (
    button,
    container,
    form,
    hidden_field,
    input_field,
    set_attribute,
    text_element,
)
from gerador.page.number_format import format_count, normalize_number
from gerador.page.translations import translate
from gerador.service.status import ENDED, State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nicegui.element import Element

    from gerador.page.translations import Language
    from gerador.service.interface import Service
    from gerador.service.status import StreamStatus
    from gerador.service.stream_detail import ChangeResult


_STORE_TOKEN: Final = "window.gerador.storeToken({})"  # noqa: S105 - JavaScript
_CLEAR_FORMS: Final = "document.querySelectorAll('.controls form').forEach((form) => form.reset())"
_CLEAR_TOKEN: Final = "window.gerador.clearToken()"  # noqa: S105 - JavaScript


class TokenForm:
    """The form for the API token. Without a token the page is unlocked."""

    def __init__(
        self, language: Language, token: str | None, report: Callable[[str, bool], None]
    ) -> None:
        """Add the form if there is a token; `report` takes a text and whether it is an error."""
        self._language = language
        self._token = token
        self._entered = ""
        self._report = report
        if token is not None:
            with form(("token",), self.unlock, "token") as self._form:
                text_element("p", translate(language, "token_hint"))
                input_field(
                    "token", translate(language, "token"), "", TOKEN_CHARACTERS_MAX, kind="password"
                )
                text_element("button", translate(language, "unlock"))

    @property
    def is_unlocked(self) -> bool:
        """Whether this page may control streams."""
        return token_matches(self._token, self._entered)

    def unlock(self, token: str, *, typed: bool = True) -> None:
        """Check a token, typed by the user or stored in the tab, and report the result."""
        self._entered = token.strip()[:TOKEN_CHARACTERS_MAX]
        if self._token is not None:
            self._form.classes(replace="token is-hidden" if self.is_unlocked else "token")
        store = _STORE_TOKEN.format(json.dumps(self._entered))
        ui.run_javascript(store if self.is_unlocked else _CLEAR_TOKEN)
        if typed or not self.is_unlocked:
            self.report()

    def report(self) -> None:
        """Report whether the entered token is correct."""
        text = translate(self._language, "unlocked" if self.is_unlocked else "wrong_token")
        self._report(text, not self.is_unlocked)


INPUT_CHARACTERS_MAX: Final = 200
"""Maximum characters of a rate, duration or count; longer text is cut."""
_NOT_CONTROLLABLE: Final = ENDED | {State.STARTING}


class ControlPanel:
    """The controls of one page, for the stream that it shows; `stream` returns that stream.

    A form names the stream that the browser showed when it was sent.
    """

    def __init__(
        self, language: Language, service: Service, token: str | None, stream: Callable[[], str]
    ) -> None:
        self._language = language
        self._service = service
        self._stream = stream
        self._statuses: Mapping[str, StreamStatus] = {}
        self._stream_fields: list[Element] = []
        with container("section", "control-panel card"):
            text_element("h2", translate(language, "control"))
            self._token_form = TokenForm(language, token, self._show_result)
            with container("div", "controls"):
                self._toggle = button(
                    translate(language, "pause"), lambda: self.toggle(self._stream()), "main"
                )
                self._forms = [*self._add_rate_form(), *self._add_burst_form()]
            self._ended = text_element("p", translate(language, "has_ended"), "ended is-hidden")
            self._result = text_element("p", "", "result")
            set_attribute(self._result, "aria-live", "polite")
        self._update_controls()

    @property
    def is_unlocked(self) -> bool:
        """Whether this page may control streams."""
        return self._token_form.is_unlocked

    def show(self, statuses: Mapping[str, StreamStatus]) -> None:
        """Enable the controls that apply in these states."""
        self._statuses = statuses
        self._update_controls()

    def unlock(self, token: str, *, typed: bool = True) -> None:
        """Check a token, typed by the user or stored in the tab, and report the result."""
        self._token_form.unlock(token, typed=typed)
        self._update_controls()

    def clear(self) -> None:
        """Clear what was typed and the last result: they belong to another stream."""
        ui.run_javascript(_CLEAR_FORMS)
        self._show_result("", is_error=False)
        self._update_controls()

    def can_control(self, stream: str) -> bool:
        """Return whether this page can control `stream` now."""
        return (
            self.is_unlocked
            and stream in self._statuses
            and self._statuses[stream].status not in _NOT_CONTROLLABLE
        )

    def toggle_text(self, stream: str) -> str:
        """Return the label of the pause or resume button, in the language of the page."""
        return translate(self._language, "resume" if self._is_paused(stream) else "pause")

    def toggle(self, stream: str) -> None:
        """Pause or resume `stream`."""
        is_paused = self._is_paused(stream)
        action = self._service.resume if is_paused else self._service.pause
        key = "did_resume" if is_paused else "did_pause"
        self._change(stream, lambda: action(stream), key)

    def _is_paused(self, stream: str) -> bool:
        # Not by the state: that of a paused stream may be degradado.
        one = self._statuses.get(stream)
        return one is not None and one.rate_asked == 0 and one.status not in ENDED

    def _set_rate(self, stream: str, rate_text: str, duration_text: str) -> None:
        rate = self._normalize(rate_text)
        over = self._normalize(duration_text)
        texts = ("did_ramp", rate, over) if over else ("did_rate", rate)
        self._change(stream, lambda: self._service.change_rate(stream, rate, over or None), *texts)

    def _burst(self, stream: str, rows_text: str) -> None:
        rows = parse_whole_number(self._normalize(rows_text)) or 0
        if not 1 <= rows <= BURST_ROWS_MAX:
            maximum = format_count(self._language, BURST_ROWS_MAX)
            self._show_result(translate(self._language, "invalid_burst", maximum), is_error=True)
            return
        count = format_count(self._language, rows)
        self._change(stream, lambda: self._service.burst(stream, rows), "did_burst", count)

    def _normalize(self, text: str) -> str:
        return normalize_number(self._language, text.strip()[:INPUT_CHARACTERS_MAX])

    def _change(
        self, stream: str, action: Callable[[], ChangeResult], key: str, *values: str
    ) -> None:
        """Apply a change if the page is unlocked, and show the result or the error."""
        if not self.is_unlocked:
            self._token_form.report()
            return
        if stream not in self._service.streams:  # a form that was changed in the browser
            return
        try:
            change = action()
        except (SettingError, ControlError) as e:
            self._show_result(self._with_stream(stream, str(e)), is_error=True)
            return
        row = format_count(self._language, change.row)
        text = translate(self._language, key, *values, row)
        self._show_result(self._with_stream(stream, text), is_error=False)

    def _with_stream(self, stream: str, text: str) -> str:
        """Return the text with the name of the stream, if the run has several."""
        return f"{stream}: {text}" if len(self._service.streams) > 1 else text

    def _add_rate_form(self) -> tuple[Element, ...]:
        language = self._language
        rate, over = translate(language, "rate"), translate(language, "over")
        hint = translate(language, "over_hint")
        with form(("stream", "rate", "over"), self._set_rate, "rate"):
            self._stream_fields.append(hidden_field("stream"))
            return (
                input_field("rate", rate, translate(language, "rate_hint"), INPUT_CHARACTERS_MAX),
                input_field("over", over, hint, INPUT_CHARACTERS_MAX, required=False),
                text_element("button", translate(language, "set")),
            )

    def _add_burst_form(self) -> tuple[Element, ...]:
        language = self._language
        with form(("stream", "rows"), self._burst, "burst"):
            self._stream_fields.append(hidden_field("stream"))
            return (
                input_field(
                    "rows", translate(language, "burst_rows"), "50000", INPUT_CHARACTERS_MAX
                ),
                text_element("button", translate(language, "burst")),
            )

    def _update_controls(self) -> None:
        """Enable or disable the controls for the selected stream."""
        stream = self._stream()
        for field in self._stream_fields:
            set_attribute(field, "value", stream)
        self._toggle.set_text(self.toggle_text(stream))
        can_control = self.can_control(stream)
        for element in (self._toggle, *self._forms):
            set_attribute(element, "disabled", not can_control)
        has_ended = stream in self._statuses and self._statuses[stream].status in ENDED
        self._ended.classes(replace="ended" if has_ended else "ended is-hidden")

    def _show_result(self, text: str, is_error: bool) -> None:
        self._result.set_text(text)
        self._result.classes(replace="result error" if is_error else "result")
