"""The controls and the recipe without a browser: what the page comes with, and what opens it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from generator.api.app import create_app
from generator.errors import SettingError
from generator.limits import TOKEN_CHARACTERS_MAX
from generator.page.door import with_page
from generator.page.texts import LANGUAGES, text
from generator.page.view import View
from generator.service.status import State
from generator.settings import load_settings
from tests.api.fake_service import FakeService, stream_status

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from generator.page.texts import Language


@pytest.fixture
def views(monkeypatch: pytest.MonkeyPatch) -> list[View]:
    """Give the views that are built from now on."""
    built: list[View] = []
    build = View.build

    def noted(view: View) -> None:
        built.append(view)
        build(view)

    monkeypatch.setattr(View, "build", noted)
    return built


@asynccontextmanager
async def page_of(
    service: FakeService, token: str | None = None, language: str = "en"
) -> AsyncIterator[str]:
    """Give the page of `service`, open, as a browser that speaks `language` gets it."""
    async with with_page(create_app(service, token), service, token) as app:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            headers = {"Accept": "text/html", "Accept-Language": language}
            yield (await client.get("/", headers=headers)).text


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


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("changes", "classes"), [(0, '["note","absent"]'), (1, '["note"]')])
async def test_the_recipe_says_what_it_does_not_repeat(
    language: Language, changes: int, classes: str
):
    """After a change of pace the recipe has a line more: the times differ."""
    line = text(language, "recipe_times")
    async with page_of(showing(changes=changes), language=language) as page:
        assert f'"text":"{line}","class":{classes}' in page


async def test_an_open_page_is_told_of_a_change_of_pace(views: list[View]):
    """The line comes with the first second after the change."""
    service = showing()
    async with page_of(service):
        (view,) = views
        assert "absent" in view._about._differ.classes
        service.statuses["registros"] = replace(service.statuses["registros"], changes=1)
        view._show_now()
        assert "absent" not in view._about._differ.classes


async def test_the_longest_token_unlocks_the_page(views: list[View]):
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
