"""The verbs on the page: pause, resume, rate, burst; behind the token where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gerador.api.queries import whole
from gerador.errors import SettingError, SteeringError
from gerador.limits import BURST_ROWS_MAX
from gerador.page import numbers
from gerador.page.elements import attribute, box, button, field, form, words
from gerador.page.lock import Lock
from gerador.page.texts import text
from gerador.service.status import ENDED, State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nicegui.element import Element

    from gerador.page.texts import Language
    from gerador.service.status import StreamStatus
    from gerador.service.steering import Change
    from gerador.service.view import Service

CHARACTERS_MAX: Final = 200
"""Of a rate, a time or a count; longer text is cut by the browser and here."""
_NOT_NOW: Final = ENDED | {State.STARTING}


class Steering:
    """The controls of one page. `stream` tells which stream they act on when they are used."""

    def __init__(
        self, language: Language, service: Service, token: str | None, stream: Callable[[], str]
    ) -> None:
        self._language = language
        self._service = service
        self._stream = stream
        self._now: Mapping[str, StreamStatus] = {}
        with box("section", "steering card"):
            words("h2", text(language, "steer"))
            self._lock = Lock(language, token, self._said)
            with box("div", "controls"):
                self._toggle = button(
                    text(language, "pause"), lambda: self.toggle(self._stream()), "main"
                )
                self._forms = [*self._add_rate_form(), *self._add_burst_form()]
            self._over = words("p", text(language, "no_steering"), "ended absent")
            self._answer = words("p", "", "answer")
            attribute(self._answer, "aria-live", "polite")
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
        return self.unlocked and stream in self._now and self._now[stream].status not in _NOT_NOW

    def verb_of(self, stream: str) -> str:
        """Return what `toggle` would do, in the page's language."""
        return text(self._language, "resume" if self._paused(stream) else "pause")

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
        stream, rows = self._stream(), whole(self._typed(given_rows)) or 0
        if not 1 <= rows <= BURST_ROWS_MAX:
            most = numbers.count(self._language, BURST_ROWS_MAX)
            self._said(text(self._language, "no_burst", most), wrong=True)
            return
        told = numbers.count(self._language, rows)
        self._steer(stream, lambda: self._service.burst(stream, rows), "did_burst", told)

    def _typed(self, given: str) -> str:
        return numbers.typed(self._language, _cut(given))

    def _steer(self, stream: str, verb: Callable[[], Change], said: str, *filled: str) -> None:
        """Do what was asked, if this page may, and say what was done, or why not."""
        if not self.unlocked:
            self._lock.say()
            return
        try:
            change = verb()
        except (SettingError, SteeringError) as e:
            self._said(self._of(stream, str(e)), wrong=True)
            return
        line = text(self._language, said, *filled, numbers.count(self._language, change.row))
        self._said(self._of(stream, line), wrong=False)

    def _of(self, stream: str, line: str) -> str:
        """Return a line that says whose it is, where there are several."""
        return f"{stream}: {line}" if len(self._service.streams) > 1 else line

    def _add_rate_form(self) -> tuple[Element, ...]:
        language = self._language
        rate, over = text(language, "rate"), text(language, "over")
        hint = text(language, "over_hint")
        with form(("rate", "over"), self._set_rate, "rate"):
            return (
                field("rate", rate, text(language, "rate_hint"), CHARACTERS_MAX),
                field("over", over, hint, CHARACTERS_MAX, required=False),
                words("button", text(language, "set")),
            )

    def _add_burst_form(self) -> tuple[Element, ...]:
        language = self._language
        with form(("rows",), self._burst, "burst"):
            return (
                field("rows", text(language, "burst_rows"), "50000", CHARACTERS_MAX),
                words("button", text(language, "burst")),
            )

    def _offer(self) -> None:
        """Show the controls to who may use them."""
        stream = self._stream()
        self._toggle.set_text(self.verb_of(stream))
        can_steer = self.can_steer(stream)
        for element in (self._toggle, *self._forms):
            attribute(element, "disabled", not can_steer)
        is_over = stream in self._now and self._now[stream].status in ENDED
        self._over.classes(replace="ended" if is_over else "ended absent")

    def _said(self, line: str, wrong: bool) -> None:
        self._answer.set_text(line)
        self._answer.classes(replace="answer wrong" if wrong else "answer")


def _cut(given: str) -> str:
    return given.strip()[:CHARACTERS_MAX]
