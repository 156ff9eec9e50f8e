"""The control panel: pause, resume, rate and burst, and the form for the API token."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from nicegui import ui

from gerador.api.authorization import token_matches
from gerador.api.query_parameters import parse_whole_number
from gerador.errors import ControlError, SettingError
from gerador.limits import BURST_ROWS_MAX, TOKEN_CHARACTERS_MAX
from gerador.page import number_format
from gerador.page.elements import button, container, form, input_field, set_attribute, text_element
from gerador.page.translations import translate
from gerador.service.status import ENDED, State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nicegui.element import Element

    from gerador.page.translations import Language
    from gerador.service.interface import Service
    from gerador.service.status import StreamStatus
    from gerador.service.stream_detail import ChangeResult


_REMEMBER: Final = "window.gerador.remember({})"
_FORGET: Final = "window.gerador.forget()"


class TokenForm:
    """Open where there is no token, else as soon as the token is given."""

    def __init__(
        self, language: Language, token: str | None, told: Callable[[str, bool], None]
    ) -> None:
        """Add the form where there is a token; `told` takes a line, and whether it is a refusal."""
        self._language = language
        self._token = token
        self._given = ""
        self._told = told
        if token is not None:
            with form(("token",), self.unlock, "token") as self._form:
                text_element("p", translate(language, "token_hint"))
                input_field(
                    "token", translate(language, "token"), "", TOKEN_CHARACTERS_MAX, kind="password"
                )
                text_element("button", translate(language, "unlock"))

    @property
    def open(self) -> bool:
        """Tell whether this page may steer."""
        return token_matches(self._token, self._given)

    def unlock(self, given: str, *, by_hand: bool = True) -> None:
        """Take a token, typed or kept in the tab, and say whether it is the one."""
        self._given = given.strip()[:TOKEN_CHARACTERS_MAX]
        if self._token is not None:
            self._form.classes(replace="token absent" if self.open else "token")
        keep = _REMEMBER.format(json.dumps(self._given)) if self.open else _FORGET
        ui.run_javascript(keep)
        if by_hand or not self.open:
            self.say()

    def say(self) -> None:
        """Say whether the token that was given is the one."""
        line = translate(self._language, "unlocked" if self.open else "wrong_token")
        self._told(line, not self.open)


INPUT_CHARACTERS_MAX: Final = 200
"""Of a rate, a time or a count; longer text is cut by the browser and here."""
_NOT_CONTROLLABLE: Final = ENDED | {State.STARTING}


class ControlPanel:
    """The controls of one page. `stream` tells which stream they act on when they are used."""

    def __init__(
        self, language: Language, service: Service, token: str | None, stream: Callable[[], str]
    ) -> None:
        self._language = language
        self._service = service
        self._stream = stream
        self._now: Mapping[str, StreamStatus] = {}
        with container("section", "steering card"):
            text_element("h2", translate(language, "steer"))
            self._lock = TokenForm(language, token, self._said)
            with container("div", "controls"):
                self._toggle = button(
                    translate(language, "pause"), lambda: self.toggle(self._stream()), "main"
                )
                self._forms = [*self._add_rate_form(), *self._add_burst_form()]
            self._over = text_element("p", translate(language, "no_steering"), "ended absent")
            self._answer = text_element("p", "", "answer")
            set_attribute(self._answer, "aria-live", "polite")
        self._offer()

    @property
    def unlocked(self) -> bool:
        """Tell whether this page may steer."""
        return self._lock.open

    def show(self, now: Mapping[str, StreamStatus]) -> None:
        """Offer what can be done in these states."""
        self._now = now
        self._offer()

    def unlock(self, given: str, *, by_hand: bool = True) -> None:
        """Take a token, typed or kept in the tab, and say whether it is the one."""
        self._lock.unlock(given, by_hand=by_hand)
        self._offer()

    def can_steer(self, stream: str) -> bool:
        """Tell whether `stream` can be steered from this page now."""
        return (
            self.unlocked
            and stream in self._now
            and self._now[stream].status not in _NOT_CONTROLLABLE
        )

    def verb_of(self, stream: str) -> str:
        """Return what `toggle` would do, in the page's language."""
        return translate(self._language, "resume" if self._paused(stream) else "pause")

    def toggle(self, stream: str) -> None:
        """Pause `stream`, or resume it."""
        paused = self._paused(stream)
        verb = self._service.resume if paused else self._service.pause
        said = "did_resume" if paused else "did_pause"
        self._steer(stream, lambda: verb(stream), said)

    def _paused(self, stream: str) -> bool:
        # Not by the state: a stream that is paused may be degraded as well, which wins there.
        now = self._now.get(stream)
        return now is not None and now.rate_asked == 0 and now.status not in ENDED

    def _set_rate(self, given_rate: str, given_over: str) -> None:
        stream, over = self._stream(), self._typed(given_over)
        rate = self._typed(given_rate)
        said = ("did_ramp", rate, over) if over else ("did_rate", rate)
        self._steer(stream, lambda: self._service.change_rate(stream, rate, over or None), *said)

    def _burst(self, given_rows: str) -> None:
        stream, rows = self._stream(), parse_whole_number(self._typed(given_rows)) or 0
        if not 1 <= rows <= BURST_ROWS_MAX:
            most = number_format.format_count(self._language, BURST_ROWS_MAX)
            self._said(translate(self._language, "no_burst", most), wrong=True)
            return
        told = number_format.format_count(self._language, rows)
        self._steer(stream, lambda: self._service.burst(stream, rows), "did_burst", told)

    def _typed(self, given: str) -> str:
        return number_format.normalize_number(self._language, _trim(given))

    def _steer(
        self, stream: str, verb: Callable[[], ChangeResult], said: str, *filled: str
    ) -> None:
        """Do what was asked, if this page may, and say what was done, or why not."""
        if not self.unlocked:
            self._lock.say()
            return
        try:
            change = verb()
        except (SettingError, ControlError) as e:
            self._said(self._of(stream, str(e)), wrong=True)
            return
        line = translate(
            self._language, said, *filled, number_format.format_count(self._language, change.row)
        )
        self._said(self._of(stream, line), wrong=False)

    def _of(self, stream: str, line: str) -> str:
        """Return a line that says whose it is, where there are several."""
        return f"{stream}: {line}" if len(self._service.streams) > 1 else line

    def _add_rate_form(self) -> tuple[Element, ...]:
        language = self._language
        rate, over = translate(language, "rate"), translate(language, "over")
        hint = translate(language, "over_hint")
        with form(("rate", "over"), self._set_rate, "rate"):
            return (
                input_field("rate", rate, translate(language, "rate_hint"), INPUT_CHARACTERS_MAX),
                input_field("over", over, hint, INPUT_CHARACTERS_MAX, required=False),
                text_element("button", translate(language, "set")),
            )

    def _add_burst_form(self) -> tuple[Element, ...]:
        language = self._language
        with form(("rows",), self._burst, "burst"):
            return (
                input_field(
                    "rows", translate(language, "burst_rows"), "50000", INPUT_CHARACTERS_MAX
                ),
                text_element("button", translate(language, "burst")),
            )

    def _offer(self) -> None:
        """Show the controls to who may use them."""
        stream = self._stream()
        self._toggle.set_text(self.verb_of(stream))
        can_steer = self.can_steer(stream)
        for element in (self._toggle, *self._forms):
            set_attribute(element, "disabled", not can_steer)
        is_over = stream in self._now and self._now[stream].status in ENDED
        self._over.classes(replace="ended" if is_over else "ended absent")

    def _said(self, line: str, wrong: bool) -> None:
        self._answer.set_text(line)
        self._answer.classes(replace="answer wrong" if wrong else "answer")


def _trim(given: str) -> str:
    return given.strip()[:INPUT_CHARACTERS_MAX]
