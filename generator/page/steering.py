"""The verbs on the page: pause, resume, rate, burst; behind the token where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.api.queries import whole
from generator.errors import SettingError, SteeringError
from generator.limits import BURST_ROWS_MAX
from generator.page import numbers
from generator.page.elements import attribute, box, button, field, form, words
from generator.page.lock import Lock
from generator.page.texts import text
from generator.service.status import State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nicegui.elements.mixins.text_element import TextElement

    from generator.page.texts import Language
    from generator.service.status import StreamStatus
    from generator.service.steering import Change
    from generator.service.view import Service

CHARACTERS_MAX: Final = 200
"""Of a rate, a time or a count; longer text is cut by the browser and here."""
_NOT_NOW: Final = {State.STARTING, State.STOPPING, State.FINISHED}


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
                self._sends = [self._add_rate_form(), self._add_burst_form()]
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

    def can_toggle(self, stream: str) -> bool:
        """Tell whether `stream` can be paused or resumed from this page now."""
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
        return stream in self._now and self._now[stream].rate_asked == 0

    def _set_rate(self, given_rate: str, given_over: str) -> None:
        stream, rate, over = self._stream(), _cut(given_rate), _cut(given_over)
        said = ("did_ramp", rate, over) if over else ("did_rate", rate)
        self._steer(stream, lambda: self._service.change_rate(stream, rate, over or None), *said)

    def _burst(self, given_rows: str) -> None:
        stream, rows = self._stream(), whole(_cut(given_rows)) or 0
        if not 1 <= rows <= BURST_ROWS_MAX:
            most = numbers.count(self._language, BURST_ROWS_MAX)
            self._said(text(self._language, "no_burst", most), wrong=True)
            return
        told = numbers.count(self._language, rows)
        self._steer(stream, lambda: self._service.burst(stream, rows), "did_burst", told)

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

    def _add_rate_form(self) -> TextElement:
        language = self._language
        with form(("rate", "over"), self._set_rate, "rate"):
            field("rate", text(language, "rate"), text(language, "rate_hint"), CHARACTERS_MAX)
            over, hint = text(language, "over"), text(language, "over_hint")
            field("over", over, hint, CHARACTERS_MAX, required=False)
            return words("button", text(language, "set"))

    def _add_burst_form(self) -> TextElement:
        language = self._language
        with form(("rows",), self._burst, "burst"):
            field("rows", text(language, "burst_rows"), "50000", CHARACTERS_MAX)
            return words("button", text(language, "burst"))

    def _offer(self) -> None:
        """Show the controls to who may use them."""
        stream = self._stream()
        self._toggle.set_text(self.verb_of(stream))
        attribute(self._toggle, "disabled", not self.can_toggle(stream))
        for send in self._sends:
            attribute(send, "disabled", not self.unlocked)

    def _said(self, line: str, wrong: bool) -> None:
        self._answer.set_text(line)
        self._answer.classes(replace="answer wrong" if wrong else "answer")


def _cut(given: str) -> str:
    return given.strip()[:CHARACTERS_MAX]
