"""The token on the page: its form, and whether this page may steer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from nicegui import ui

from gerador.api.guard import allows
from gerador.limits import TOKEN_CHARACTERS_MAX
from gerador.page.elements import field, form, words
from gerador.page.texts import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from gerador.page.texts import Language

_REMEMBER: Final = "window.gerador.remember({})"
_FORGET: Final = "window.gerador.forget()"


class Lock:
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
                words("p", text(language, "token_hint"))
                field("token", text(language, "token"), "", TOKEN_CHARACTERS_MAX, kind="password")
                words("button", text(language, "unlock"))

    @property
    def open(self) -> bool:
        """Tell whether this page may steer."""
        return allows(self._token, self._given)

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
        line = text(self._language, "unlocked" if self.open else "wrong_token")
        self._told(line, not self.open)
