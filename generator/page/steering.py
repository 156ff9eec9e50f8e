"""The verbs on the page: pause, resume, rate; behind the token where there is one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from nicegui import ui

from generator.api.guard import allows
from generator.errors import SettingError, SteeringError
from generator.limits import TOKEN_CHARACTERS_MAX
from generator.page import numbers
from generator.page.elements import attribute, box, button, one_field_form, words
from generator.page.texts import text
from generator.service.status import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.page.texts import Language
    from generator.service.status import StreamStatus
    from generator.service.steering import Change
    from generator.service.view import Service

RATE_CHARACTERS_MAX: Final = 200
"""Of a rate; longer text is cut by the browser and here."""
_NOT_NOW: Final = {State.STARTING, State.STOPPING}
_REMEMBER: Final = "window.gerador.remember({})"
_FORGET: Final = "window.gerador.forget()"


class Steering:
    """The controls of one page. `stream` tells which stream they act on when they are used."""

    def __init__(
        self, language: Language, service: Service, token: str | None, stream: Callable[[], str]
    ) -> None:
        self._language = language
        self._service = service
        self._token = token
        self._given = ""
        self._stream = stream
        self._paused = False
        with box("section", "steering card"):
            words("h2", text(language, "steer"))
            if token is not None:
                self._add_token_form()
            with box("div", "controls") as self._controls:
                self._toggle = button(text(language, "pause"), self._press, "main")
                self._add_rate_form()
            self._answer = words("p", "", "answer")
            attribute(self._answer, "aria-live", "polite")
        self._lock()

    @property
    def unlocked(self) -> bool:
        """Tell whether this page may steer."""
        return allows(self._token, self._given)

    def show(self, one: StreamStatus) -> None:
        """Offer what can be done in this state."""
        # Not by the state: a stream that is paused may be degraded as well, which wins there.
        self._paused = one.rate_asked == 0
        self._toggle.set_text(text(self._language, "resume" if self._paused else "pause"))
        attribute(self._toggle, "disabled", not self.unlocked or one.status in _NOT_NOW)

    def unlock(self, given: str, *, by_hand: bool = True) -> None:
        """Take a token, typed or kept in the tab, and say whether it is the one."""
        self._given = given.strip()[:TOKEN_CHARACTERS_MAX]
        self._lock()
        if self.unlocked:
            ui.run_javascript(_REMEMBER.format(json.dumps(self._given)))
        else:
            ui.run_javascript(_FORGET)
        if by_hand or not self.unlocked:
            self._say("unlocked" if self.unlocked else "wrong_token", wrong=not self.unlocked)

    def _press(self) -> None:
        verb = self._service.resume if self._paused else self._service.pause
        said = "did_resume" if self._paused else "did_pause"
        change = self._steer(lambda: verb(self._stream()))
        if change is not None:
            self._say(said, numbers.count(self._language, change.row))

    def _set_rate(self, rate: str) -> None:
        wanted = rate.strip()[:RATE_CHARACTERS_MAX]
        change = self._steer(lambda: self._service.change_rate(self._stream(), wanted))
        if change is not None:
            self._say("did_rate", wanted, numbers.count(self._language, change.row))

    def _steer(self, verb: Callable[[], Change]) -> Change | None:
        """Do what was asked, if this page may; say why not otherwise."""
        if not self.unlocked:
            self._say("wrong_token", wrong=True)
            return None
        try:
            return verb()
        except (SettingError, SteeringError) as e:
            self._said(str(e), wrong=True)
            return None

    def _add_rate_form(self) -> None:
        label, hint = text(self._language, "rate"), text(self._language, "rate_hint")
        with one_field_form("rate", self._set_rate, "rate"):
            _field("rate", label, hint, "text", RATE_CHARACTERS_MAX)
            self._set = words("button", text(self._language, "set"))

    def _add_token_form(self) -> None:
        language = self._language
        with one_field_form("token", self.unlock, "token") as self._form:
            words("p", text(language, "token_hint"))
            _field("token", text(language, "token"), "", "password", TOKEN_CHARACTERS_MAX)
            words("button", text(language, "unlock"))

    def _lock(self) -> None:
        """Show the controls to who may use them, the token's form to who may not yet."""
        locked = not self.unlocked
        attribute(self._set, "disabled", locked)
        attribute(self._toggle, "disabled", locked)
        if self._token is not None:
            self._form.classes(replace="token" if locked else "token absent")

    def _say(self, key: str, *filled: str, wrong: bool = False) -> None:
        self._said(text(self._language, key, *filled), wrong=wrong)

    def _said(self, line: str, *, wrong: bool) -> None:
        self._answer.set_text(line)
        self._answer.classes(replace="answer wrong" if wrong else "answer")


def _field(name: str, label: str, hint: str, kind: str, characters_max: int) -> None:
    with box("label"):
        words("span", label)
        field = box("input")
        attributes: dict[str, str | bool] = {
            "name": name,
            "type": kind,
            "placeholder": hint,
            "required": True,
            "maxlength": str(characters_max),
            "autocomplete": "off",
            "spellcheck": "false",
            "autocapitalize": "off",
        }
        for attr, value in attributes.items():
            attribute(field, attr, value)
