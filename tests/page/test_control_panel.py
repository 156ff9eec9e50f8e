"""The controls and the recipe without a browser: what the page comes with, and what opens it."""

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
    """Return a run whose one stream has `changed` fields."""
    return FakeService(statuses={"registros": stream_status(**changed)})


@pytest.mark.parametrize("state", [State.PAUSED, State.DEGRADED, State.ERROR])
async def test_what_is_paused_can_be_resumed(state: State):
    """A pause is told by the rate: a stream that is degraded as well is offered to resume."""
    async with page_of(showing(status=state, rate_asked=0.0)) as page:
        assert '"Resume"' in page
        assert '"Pause"' not in page


@pytest.mark.parametrize("rate", [1000.0, None])
async def test_what_flows_can_be_paused(rate: float | None):
    """At any rate, and as fast as possible, the button pauses."""
    async with page_of(showing(status=State.DEGRADED, rate_asked=rate)) as page:
        assert '"Pause"' in page
        assert '"Resume"' not in page


@pytest.mark.parametrize("state", [State.FINISHED, State.STOPPING, State.STARTING])
async def test_what_cannot_be_steered_looks_so(views: list[PageView], state: State):
    """Every button and field is disabled, and of what has ended a line says so."""
    async with page_of(showing(status=state, rate_asked=0.0)) as page:
        steering = views[0]._steering
        controls = [steering._toggle, *steering._forms]
        assert len(controls) == 6
        assert all(control.props["disabled"] for control in controls)
        assert ("absent" in steering._over.classes) is (state is State.STARTING)
        assert '"Pause"' in page or state is State.STARTING


async def test_what_runs_can_be_steered(views: list[PageView]):
    """Nothing is disabled then, and again when it has ended everything is."""
    service = showing()
    async with page_of(service):
        steering = views[0]._steering
        controls = [steering._toggle, *steering._forms]
        assert not any(control.props["disabled"] for control in controls)
        service.statuses["registros"] = stream_status(status=State.FINISHED)
        views[0]._show_now()
        assert all(control.props["disabled"] for control in controls)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_whole_recipe_is_linked(language: Language):
    """Beside the command, and among the addresses."""
    async with page_of(showing(), language=language) as page:
        assert translate(language, "whole_recipe") in page
        assert page.count('"href":"/recipe"') == 2


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("changes", "classes"), [(0, '["note","absent"]'), (1, '["note"]')])
async def test_the_recipe_says_what_it_does_not_repeat(
    language: Language, changes: int, classes: str
):
    """After a change of pace the recipe has a line more: the times differ."""
    line = translate(language, "recipe_times")
    async with page_of(showing(changes=changes), language=language) as page:
        assert f'"text":"{line}","class":{classes}' in page


async def test_an_open_page_is_told_of_a_change_of_pace(views: list[PageView]):
    """The line comes with the first second after the change."""
    service = showing()
    async with page_of(service):
        (view,) = views
        assert "absent" in view._about._differ.classes
        service.statuses["registros"] = replace(service.statuses["registros"], changes=1)
        view._show_now()
        assert "absent" not in view._about._differ.classes


@pytest.mark.parametrize(
    ("rate", "over", "said"),
    [
        ("10k", "2m", "Rate 10k over 2m, from row 30 on."),
        (" 10k ", "", "Rate 10k from row 30 on."),
    ],
)
async def test_a_rate_may_be_ramped_to(views: list[PageView], rate: str, over: str, said: str):
    """The rate's form has a time for a ramp, which may be left out."""
    service = showing()
    async with page_of(service):
        steering = views[0]._steering
        steering._set_rate(rate, over)
        assert service.statuses["registros"].rate_asked == 10_000.0
        assert steering._answer.text == said
        assert "wrong" not in steering._answer.classes


async def test_a_ramp_that_makes_no_sense_is_refused(views: list[PageView]):
    """A time that is none is told as the API tells it, and changes nothing."""
    service = showing()
    async with page_of(service):
        steering = views[0]._steering
        steering._set_rate("10k", "soon")
        assert "soon" in steering._answer.text
        assert "wrong" in steering._answer.classes
        assert service.statuses["registros"].rate_asked == 1000.0


async def test_a_burst_is_let_go(views: list[PageView]):
    """So many rows are due at once; the answer says from which row on."""
    service = showing()
    async with page_of(service):
        steering = views[0]._steering
        steering._burst(" 50000 ")
        assert service.bursts == [50_000]
        assert steering._answer.text == "50,000 rows at once, from row 30 on."


@pytest.mark.parametrize("rows", ["", "0", "-1", "5k", "1.5", "10000001", "9" * 5000])
async def test_a_burst_of_what_is_no_count_is_refused(views: list[PageView], rows: str):
    """A count is whole and in its range."""
    service = showing()
    async with page_of(service):
        steering = views[0]._steering
        steering._burst(rows)
        assert service.bursts == []
        assert steering._answer.text == "A burst has 1 to 10,000,000 rows, in digits."


async def test_without_the_token_nothing_is_steered(views: list[PageView]):
    """Every verb asks for the token, whatever the browser lets press."""
    service = showing()
    before = dict(service.statuses)
    async with page_of(service, "s3same"):
        steering = views[0]._steering
        for verb in (
            lambda: steering.toggle("registros"),
            lambda: steering._set_rate("10k", ""),
            lambda: steering._burst("5"),
        ):
            steering._answer.set_text("")
            verb()
            assert "not the token" in steering._answer.text
        assert (service.statuses, service.bursts) == (before, [])


@pytest.mark.parametrize(
    "sent", [None, "x", {"rate": "1"}, [], [None], [1, 2], ["10k"], [["10k"], "1s"]]
)
def test_whatever_a_browser_sends_is_text(sent: Any):
    """A form gives as many texts as it has fields, whatever comes."""
    event = GenericEventArguments(sender=None, client=None, args=sent)  # type: ignore[arg-type]
    texts = _event_texts(event, 2)
    assert len(texts) == 2
    assert all(isinstance(one, str) for one in texts)


async def test_the_longest_token_unlocks_the_page(views: list[PageView]):
    """Page and setting have one limit: what the setting takes opens the page, typed as it is."""
    token = load_settings({"GERADOR_API_TOKEN": "t" * TOKEN_CHARACTERS_MAX}).api_token
    assert token is not None
    async with page_of(FakeService(), token.get_secret_value()) as page:
        assert f'"maxlength":"{TOKEN_CHARACTERS_MAX}"' in page
        steering = views[0]._steering
        with views[0]._client:
            for wrong in ("t", "não", "\ud800"):
                steering.unlock(wrong)
                assert not steering.unlocked
            steering.unlock(token.get_secret_value())
            assert steering.unlocked


def test_a_longer_token_is_refused_unseen():
    """A token over the limit is refused by the setting, in a line that does not show it."""
    with pytest.raises(SettingError) as refused:
        load_settings({"GERADOR_API_TOKEN": "t" * (TOKEN_CHARACTERS_MAX + 1)})
    told = "GERADOR_API_TOKEN=…: a Bearer token has 4096 characters at most"
    assert str(refused.value) == told
