from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gerador.service.status import State
from tests.api.fake_service import REGISTRO, FakeService, people, stream_status
from tests.page.conftest import page_of

if TYPE_CHECKING:
    from gerador.page.streams_table import StreamsTable
    from gerador.page.view import PageView


@pytest.fixture
def service() -> FakeService:
    """Give a scenario of two streams."""
    return FakeService(
        people(5),
        streams={"clientes": REGISTRO, "pedidos": REGISTRO},
        statuses={
            "clientes": stream_status(rate_asked=None, acked=7, behind=0),
            "pedidos": stream_status(status=State.PAUSED, rate_asked=0.0, acked=12_345),
        },
    )


def overview_of(view: PageView) -> StreamsTable:
    """Return the overview of a page that has one."""
    assert view._overview is not None
    return view._overview


def told(view: PageView, stream: str) -> list[str]:
    """Return what the line of a stream says."""
    line = overview_of(view)._lines[stream]
    return [one.text for one in (line.name, line.state, *line.numbers, line.toggle)]


async def test_every_stream_has_its_line(service: FakeService, views: list[PageView]):
    """Name, state, rate asked and delivered, behind, acknowledged, and what can be done."""
    async with page_of(service):
        assert told(views[0], "clientes") == ["clientes", "ativo", "max", "990", "0", "7", "Pause"]
        line = ["pedidos", "pausado", "0", "990", "2", "12,345", "Resume"]
        assert told(views[0], "pedidos") == line


async def test_a_line_steers_its_own_stream(service: FakeService, views: list[PageView]):
    """The button of a line is for that stream, whichever is chosen, and the answer says which."""
    async with page_of(service):
        view = views[0]
        view._steering.toggle("pedidos")
        view._show_now()
        assert view.stream == "clientes"
        assert service.statuses["pedidos"].status is State.ACTIVE
        assert service.statuses["clientes"].rate_asked is None
        assert told(view, "pedidos")[-1] == "Pause"
        assert view._steering._answer.text == "pedidos: Resumed from row 30 on."


async def test_a_line_chooses_its_stream(service: FakeService, views: list[PageView]):
    """The chosen stream is marked, named at the top, and the one that the forms steer."""
    async with page_of(service):
        view = views[0]
        with view._client:
            view._choose("pedidos")
        pressed = {
            name: line.name.props["aria-pressed"] for name, line in overview_of(view)._lines.items()
        }
        assert pressed == {"clientes": "false", "pedidos": "true"}
        assert view._shown.text == "pedidos"
        view._steering._set_rate("5k", "")
        assert service.statuses["pedidos"].rate_asked == 5000.0


async def test_the_lines_wait_for_the_token(service: FakeService, views: list[PageView]):
    """Without the token no line can be steered; with it, all."""
    async with page_of(service, "s3same"):
        view = views[0]
        toggles = [line.toggle for line in overview_of(view)._lines.values()]
        assert [toggle.props["disabled"] for toggle in toggles] == [True, True]
        with view._client:
            view._steering.unlock("s3same")
        view._show_now()
        assert [toggle.props["disabled"] for toggle in toggles] == [False, False]


@pytest.mark.parametrize("state", [State.FINISHED, State.STOPPING])
async def test_the_page_opens_on_the_first_that_runs(
    service: FakeService, views: list[PageView], state: State
):
    """Small tables are through in a second: the page shows what there is to see."""
    service.statuses["clientes"] = stream_status(status=state, rate_asked=0.0)
    async with page_of(service):
        assert views[0].stream == "pedidos"
        assert views[0]._shown.text == "pedidos"


async def test_where_all_have_ended_the_first_is_shown(service: FakeService, views: list[PageView]):
    """There is always one."""
    service.statuses = dict.fromkeys(service.streams, stream_status(status=State.FINISHED))
    async with page_of(service):
        assert views[0].stream == "clientes"


async def test_a_line_that_has_ended_offers_nothing(service: FakeService, views: list[PageView]):
    """Its button is gone; the others keep theirs."""
    service.statuses["clientes"] = stream_status(status=State.FINISHED, rate_asked=0.0)
    async with page_of(service):
        toggles = {name: line.toggle for name, line in overview_of(views[0])._lines.items()}
        assert "absent" in toggles["clientes"].classes
        assert "absent" not in toggles["pedidos"].classes


async def test_one_stream_needs_no_overview(views: list[PageView]):
    """A run of one stream is shown as one."""
    async with page_of(FakeService(people(5))):
        assert views[0]._overview is None
