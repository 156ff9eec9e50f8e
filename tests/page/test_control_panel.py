"""The control panel, the token form and the reproducing command, without a browser."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from nicegui.events import GenericEventArguments

from gerador.errors import SettingError
from gerador.limits import TOKEN_CHARACTERS_MAX
from gerador.page.elements import _event_texts
from gerador.page.translations import LANGUAGES, translate
from gerador.service.status import State
from gerador.settings.load import load_settings
from tests.api.fake_service import FakeService, stream_status
from tests.page.conftest import page_of

if TYPE_CHECKING:
    from gerador.page.translations import Language
    from gerador.page.view import PageView


def showing(**changed: Any) -> FakeService:
    """Return a run whose stream has a status with `changed` fields."""
    return FakeService(statuses={"registros": stream_status(**changed)})


@pytest.mark.parametrize("state", [State.PAUSED, State.DEGRADED, State.ERROR])
async def test_a_paused_stream_can_be_resumed(state: State):
    """A pause is detected by the rate: the stream may be degraded too."""
    async with page_of(showing(status=state, rate_asked=0.0)) as page:
        assert '"Resume"' in page
        assert '"Pause"' not in page


@pytest.mark.parametrize("rate", [1000.0, None])
async def test_a_running_stream_can_be_paused(rate: float | None):
    """At any target rate, and as fast as possible."""
    async with page_of(showing(status=State.DEGRADED, rate_asked=rate)) as page:
        assert '"Pause"' in page
        assert '"Resume"' not in page


@pytest.mark.parametrize("state", [State.FINISHED, State.STOPPING, State.STARTING])
async def test_controls_are_disabled_before_the_start_and_after_the_end(
    views: list[PageView], state: State
):
    """Every button and field is disabled; a text shows that the stream has ended."""
    async with page_of(showing(status=state, rate_asked=0.0)) as page:
        controls = views[0]._controls
        elements = [controls._toggle, *controls._forms]
        assert len(elements) == 6
        assert all(element.props["disabled"] for element in elements)
        assert ("is-hidden" in controls._ended.classes) is (state is State.STARTING)
        assert '"Pause"' in page or state is State.STARTING


async def test_controls_are_enabled_while_a_stream_runs(views: list[PageView]):
    """When it ends they are disabled."""
    service = showing()
    async with page_of(service):
        controls = views[0]._controls
        elements = [controls._toggle, *controls._forms]
        assert not any(element.props["disabled"] for element in elements)
        service.statuses["registros"] = stream_status(status=State.FINISHED)
        views[0]._show_now()
        assert all(element.props["disabled"] for element in elements)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_full_recipe_is_linked(language: Language):
    """After the command, and in the list of addresses."""
    async with page_of(showing(), language=language) as page:
        assert translate(language, "full_recipe") in page
        assert page.count('"href":"/recipe"') == 2


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("changes", "classes"), [(0, '["note","is-hidden"]'), (1, '["note"]')])
async def test_the_command_has_a_note_after_a_rate_change(
    language: Language, changes: int, classes: str
):
    """The note states that the times differ."""
    line = translate(language, "times_differ")
    async with page_of(showing(changes=changes), language=language) as page:
        assert f'"text":"{line}","class":{classes}' in page


async def test_an_open_page_shows_the_note_after_a_rate_change(views: list[PageView]):
    """It appears with the first update after the change."""
    service = showing()
    async with page_of(service):
        (view,) = views
        assert "is-hidden" in view._details._times_differ.classes
        service.statuses["registros"] = replace(service.statuses["registros"], changes=1)
        view._show_now()
        assert "is-hidden" not in view._details._times_differ.classes


@pytest.mark.parametrize(
    ("rate", "over", "text"),
    [
        ("10k", "2m", "Rate 10k with a ramp of 2m, from row 30."),
        (" 10k ", "", "Rate 10k from row 30."),
    ],
)
async def test_a_rate_may_have_a_ramp(views: list[PageView], rate: str, over: str, text: str):
    """The duration of the ramp is optional."""
    service = showing()
    async with page_of(service):
        controls = views[0]._controls
        controls._set_rate("registros", rate, over)
        assert service.statuses["registros"].rate_asked == 10_000.0
        assert controls._result.text == text
        assert "error" not in controls._result.classes


async def test_an_invalid_ramp_is_an_error(views: list[PageView]):
    """The message is that of the API; nothing changes."""
    service = showing()
    async with page_of(service):
        controls = views[0]._controls
        controls._set_rate("registros", "10k", "soon")
        assert "soon" in controls._result.text
        assert "error" in controls._result.classes
        assert service.statuses["registros"].rate_asked == 1000.0


async def test_a_burst(views: list[PageView]):
    """The rows are due at once; the result names the first one."""
    service = showing()
    async with page_of(service):
        controls = views[0]._controls
        controls._burst("registros", " 50000 ")
        assert service.bursts == [50_000]
        assert controls._result.text == "50,000 rows at once, from row 30."


@pytest.mark.parametrize("rows", ["", "0", "-1", "5k", "1.5", "10000001", "9" * 5000])
async def test_an_invalid_burst_is_an_error(views: list[PageView], rows: str):
    """The count is a whole number within its range."""
    service = showing()
    async with page_of(service):
        controls = views[0]._controls
        controls._burst("registros", rows)
        assert service.bursts == []
        assert controls._result.text == "A burst has 1 to 10,000,000 rows."


async def test_changes_require_the_token(views: list[PageView]):
    """Also if the browser enables the buttons."""
    service = showing()
    before = dict(service.statuses)
    async with page_of(service, "s3same"):
        controls = views[0]._controls
        for action in (
            lambda: controls.toggle("registros"),
            lambda: controls._set_rate("registros", "10k", ""),
            lambda: controls._burst("registros", "5"),
        ):
            controls._result.set_text("")
            action()
            assert "does not match" in controls._result.text
        assert (service.statuses, service.bursts) == (before, [])


@pytest.mark.parametrize(
    "sent", [None, "x", {"rate": "1"}, [], [None], [1, 2], ["10k"], [["10k"], "1s"]]
)
def test_events_are_converted_to_texts(sent: Any):
    """A form has one text per field, regardless of what the browser sends."""
    event = GenericEventArguments(sender=None, client=None, args=sent)  # type: ignore[arg-type]
    texts = _event_texts(event, 2)
    assert len(texts) == 2
    assert all(isinstance(one, str) for one in texts)


async def test_the_longest_token_unlocks_the_page(views: list[PageView]):
    """Page and setting have the same length limit."""
    token = load_settings({"GERADOR_API_TOKEN": "t" * TOKEN_CHARACTERS_MAX}).api_token
    assert token is not None
    async with page_of(FakeService(), token.get_secret_value()) as page:
        assert f'"maxlength":"{TOKEN_CHARACTERS_MAX}"' in page
        controls = views[0]._controls
        with views[0]._client:
            for wrong in ("t", "não", "\ud800"):
                controls.unlock(wrong)
                assert not controls.is_unlocked
            controls.unlock(token.get_secret_value())
            assert controls.is_unlocked


def test_a_longer_token_is_rejected_and_not_shown():
    """The error message of the setting does not contain the token."""
    with pytest.raises(SettingError) as caught:
        load_settings({"GERADOR_API_TOKEN": "t" * (TOKEN_CHARACTERS_MAX + 1)})
    assert str(caught.value) == "GERADOR_API_TOKEN=…: longer than 4096 characters"
