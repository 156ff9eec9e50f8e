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
    """Return a run with two streams."""
    return FakeService(
        people(5),
        streams={"clientes": REGISTRO, "pedidos": REGISTRO},
        statuses={
            "clientes": stream_status(rate_asked=None, acked=7, behind=0),
            "pedidos": stream_status(status=State.PAUSED, rate_asked=0.0, acked=12_345),
        },
    )


def table_of(view: PageView) -> StreamsTable:
    """Return the table of streams of a page."""
    assert view._streams_table is not None
    return view._streams_table


def texts(view: PageView, stream: str) -> list[str]:
    """Return the texts in the row of a stream."""
    line = table_of(view)._rows[stream]
    return [one.text for one in (line.name, line.state, *line.numbers, line.toggle)]


async def test_every_stream_has_a_row(service: FakeService, views: list[PageView]):
    """Name, state, target rate, delivered rate, behind, acknowledged, and a button."""
    async with page_of(service):
        assert texts(views[0], "clientes") == [
            "clientes",
            "active",
            "max",
            "990",
            "0",
            "7",
            "Pause",
        ]
        line = ["pedidos", "paused", "0", "990", "2", "12,345", "Resume"]
        assert texts(views[0], "pedidos") == line


async def test_the_button_of_a_row_controls_its_stream(service: FakeService, views: list[PageView]):
    """Independent of the selected stream; the result names the stream."""
    async with page_of(service):
        view = views[0]
        view._controls.toggle("pedidos")
        view._show_now()
        assert view.stream == "clientes"
        assert service.statuses["pedidos"].status is State.ACTIVE
        assert service.statuses["clientes"].rate_asked is None
        assert texts(view, "pedidos")[-1] == "Pause"
        assert view._controls._result.text == "pedidos: Resumed from row 30."


async def test_a_row_selects_its_stream(service: FakeService, views: list[PageView]):
    """The selected stream is marked, shown in the header, and controlled by the forms."""
    async with page_of(service):
        view = views[0]
        with view._client:
            view._select("pedidos")
        pressed = {
            name: line.name.props["aria-pressed"] for name, line in table_of(view)._rows.items()
        }
        assert pressed == {"clientes": "false", "pedidos": "true"}
        assert view._stream_name.text == "pedidos"
        view._controls._set_rate(view._stream, "5k", "")
        assert service.statuses["pedidos"].rate_asked == 5000.0


async def test_the_buttons_require_the_token(service: FakeService, views: list[PageView]):
    """They are disabled until the token is entered."""
    async with page_of(service, "s3same"):
        view = views[0]
        toggles = [line.toggle for line in table_of(view)._rows.values()]
        assert [toggle.props["disabled"] for toggle in toggles] == [True, True]
        with view._client:
            view._controls.unlock("s3same")
        view._show_now()
        assert [toggle.props["disabled"] for toggle in toggles] == [False, False]


@pytest.mark.parametrize("state", [State.FINISHED, State.STOPPING])
async def test_the_page_opens_with_the_first_running_stream(
    service: FakeService, views: list[PageView], state: State
):
    """Streams that have ended are skipped."""
    service.statuses["clientes"] = stream_status(status=state, rate_asked=0.0)
    async with page_of(service):
        assert views[0].stream == "pedidos"
        assert views[0]._stream_name.text == "pedidos"


async def test_the_page_opens_with_the_first_stream_if_all_have_ended(
    service: FakeService, views: list[PageView]
):
    """One stream is always selected."""
    service.statuses = dict.fromkeys(service.streams, stream_status(status=State.FINISHED))
    async with page_of(service):
        assert views[0].stream == "clientes"


async def test_a_stream_that_has_ended_has_no_button(service: FakeService, views: list[PageView]):
    """The others keep theirs."""
    service.statuses["clientes"] = stream_status(status=State.FINISHED, rate_asked=0.0)
    async with page_of(service):
        toggles = {name: line.toggle for name, line in table_of(views[0])._rows.items()}
        assert "is-hidden" in toggles["clientes"].classes
        assert "is-hidden" not in toggles["pedidos"].classes


async def test_a_single_stream_has_no_table(views: list[PageView]):
    """The table is shown for several streams only."""
    async with page_of(FakeService(people(5))):
        assert views[0]._streams_table is None
