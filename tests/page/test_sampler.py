from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gerador.errors import RowGenerationError
from gerador.page.sampler import POINTS_MAX, ROWS_SHOWN, Sampler
from tests.api.fake_service import FakeService, people

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from gerador.page.latency import Latency
    from gerador.page.sampler import Point
    from gerador.service.status import Status


class Tab:
    """A page that remembers what it was told."""

    stream = "registros"

    def __init__(self) -> None:
        self.points: list[Point] = []
        self.statuses: list[Status] = []
        self.rows: list[pa.RecordBatch | str | None] = []

    def show(self, status: Status, point: Point, latency: Latency | None) -> None:
        """Remember the numbers."""
        assert (latency is None) == (point.p50_ms is None)
        self.statuses.append(status)
        self.points.append(point)

    def show_rows(self, rows: pa.RecordBatch | str | None) -> None:
        """Remember the rows."""
        self.rows.append(rows)


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gerador.page.sampler.SAMPLE_INTERVAL_S", 0.0)


@pytest.fixture
def service() -> FakeService:
    """Give a run with rows in memory."""
    return FakeService(people(100), buffer_rows=100, made=100)


@pytest.fixture
def sampler(service: FakeService) -> Iterator[Sampler]:
    """Give a sampler that is closed in the end."""
    made = Sampler(service)
    yield made
    made.close()


async def until(told: list[object] | list[Point], times: int) -> None:
    """Wait until a page was told so many times."""
    async with asyncio.timeout(20):
        while len(told) < times:
            await asyncio.sleep(0)


async def test_nobody_looks_nobody_is_asked(service: FakeService, sampler: Sampler):
    """The service is asked only while a page is open."""
    tab = Tab()
    await asyncio.sleep(0.01)
    assert service.status_calls == 0
    sampler.join(tab)
    await until(tab.points, 3)
    sampler.leave(tab)
    asked = service.status_calls
    await asyncio.sleep(0.01)
    assert service.status_calls == asked


async def test_all_pages_share_one_look(service: FakeService, sampler: Sampler):
    """However many pages are open, the status and the rows are read once for all of them."""
    tabs = [Tab() for _ in range(5)]
    for tab in tabs:
        sampler.join(tab)
        sampler.join(tab)
    await until(tabs[-1].points, 4)
    assert {len(tab.points) for tab in tabs} == {service.status_calls}
    assert all(tab.statuses == tabs[0].statuses for tab in tabs)
    assert service.remade[0] == ("registros", 100 - ROWS_SHOWN, 100)
    assert len(service.remade) <= service.status_calls


async def test_the_numbers_are_those_of_the_status(service: FakeService, sampler: Sampler):
    """A point holds what the status says at that second."""
    tab = Tab()
    sampler.join(tab)
    service.metrics.observe_acked("registros", 0.002, 10, 1)
    await until(tab.rows, 1)
    point, one = tab.points[0], tab.statuses[0].streams["registros"]
    assert point[1:5] == (one.rate_asked, one.rate_delivered, one.behind, one.behind_s)
    assert tab.rows[0].num_rows == ROWS_SHOWN


async def test_rows_that_cannot_be_made_are_told(service: FakeService, sampler: Sampler):
    """An error of the rows is a line on the page, and the numbers go on."""
    service.error = RowGenerationError("no rows today")
    tab = Tab()
    sampler.join(tab)
    await until(tab.points, 3)
    assert tab.rows[0] == "no rows today"


async def test_a_slow_stream_holds_up_no_other(service: FakeService, sampler: Sampler):
    """While rows of one stream are being made, the numbers go on, and so do the others' rows."""
    service.streams = {**service.streams, "lento": service.streams["registros"]}
    service.statuses["lento"] = service.statuses["registros"]
    never, remake = asyncio.Event(), service.remake

    async def slow(stream: str, a: int, b: int) -> pa.RecordBatch:
        if stream == "lento":
            await never.wait()
        return await remake(stream, a, b)

    service.remake = slow  # type: ignore[method-assign]
    tab, late = Tab(), Tab()
    late.stream = "lento"
    sampler.join(late)
    sampler.join(tab)
    await until(tab.rows, 3)
    assert len(late.points) >= 3
    assert late.rows == []


async def test_a_page_that_fails_does_not_end_the_sampling(
    service: FakeService, sampler: Sampler, caplog: pytest.LogCaptureFixture
):
    """After an error of one look, which is logged, the next look is taken."""
    tab, service_status = Tab(), service.status
    times = iter([True, False])

    def failing() -> Status:
        if next(times, False):
            raise ValueError("just once")
        return service_status()

    service.status = failing  # type: ignore[method-assign]
    sampler.join(tab)
    await until(tab.points, 1)
    assert "the page was not brought up to date" in caplog.text


async def test_one_faulty_page_is_not_the_others_trouble(
    sampler: Sampler, caplog: pytest.LogCaptureFixture
):
    """A page that fails is logged; the pages after it are told numbers and rows all the same."""

    class Faulty(Tab):
        def show(self, *_: object) -> None:
            raise ValueError("no numbers for me")

        def show_rows(self, *_: object) -> None:
            raise ValueError("no rows for me")

    tab = Tab()
    sampler.join(Faulty())
    sampler.join(tab)
    await until(tab.rows, 2)
    assert len(tab.points) >= 2
    assert "no numbers for me" in caplog.text
    assert "no rows for me" in caplog.text


async def test_what_nobody_saw_is_not_in_the_latency(service: FakeService, sampler: Sampler):
    """Percentiles begin anew with the first page after none: they are of the last seconds only."""
    tab = Tab()
    service.metrics.observe_acked("registros", 0.002, 10, 1)
    sampler.join(tab)
    await until(tab.points, 1)
    sampler.leave(tab)
    service.metrics.observe_acked("registros", 0.002, 10, 1)
    told = len(tab.points)
    sampler.join(tab)
    await until(tab.points, told + 1)
    assert tab.points[told].p99_ms is None


async def test_the_history_is_bounded(sampler: Sampler, monkeypatch: pytest.MonkeyPatch):
    """At most ten minutes of points are kept, however long a page is open."""
    tab = Tab()
    sampler.join(tab)
    await until(tab.points, POINTS_MAX + 20)
    assert tuple(sampler.history("registros")) == tuple(tab.points[-POINTS_MAX:])
    assert tuple(sampler.history("another")) == ()
    later_s = (tab.points[-1].at_ms + 700_000) / 1000
    monkeypatch.setattr("time.time", lambda: later_s)
    told = len(tab.points)
    await until(tab.points, told + 1)
    assert all(p.at_ms >= tab.points[told].at_ms - 600_000 for p in sampler.history("registros"))
