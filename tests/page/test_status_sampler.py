from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gerador.errors import RowGenerationError
from gerador.page.status_sampler import POINTS_MAX, ROWS_SHOWN, Sampler
from tests.api.fake_service import FakeService, people

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from gerador.page.latency import Latency
    from gerador.page.status_sampler import Point
    from gerador.service.status import Status


class Tab:
    """A page that records its updates."""

    stream = "registros"

    def __init__(self) -> None:
        self.points: list[Point] = []
        self.statuses: list[Status] = []
        self.rows: list[pa.RecordBatch | str | None] = []

    def show(self, status: Status, point: Point, latency: Latency | None) -> None:
        """Record the values."""
        assert (latency is None) == (point.p50_ms is None)
        self.statuses.append(status)
        self.points.append(point)

    def show_rows(self, rows: pa.RecordBatch | str | None) -> None:
        """Record the rows."""
        self.rows.append(rows)


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gerador.page.status_sampler.SAMPLE_INTERVAL_S", 0.0)


@pytest.fixture
def service() -> FakeService:
    """Return a run with rows in memory."""
    return FakeService(people(100), default_buffer_rows=100, made=100)


@pytest.fixture
def sampler(service: FakeService) -> Iterator[Sampler]:
    """Yield a sampler and close it."""
    sampler = Sampler(service)
    yield sampler
    sampler.close()


async def until(updates: list[object] | list[Point], times: int) -> None:
    """Wait for a number of updates."""
    async with asyncio.timeout(20):
        while len(updates) < times:
            await asyncio.sleep(0)


async def test_the_service_is_read_only_while_a_page_is_open(
    service: FakeService, sampler: Sampler
):
    """Without pages, the status is not read."""
    tab = Tab()
    await asyncio.sleep(0.01)
    assert service.status_calls == 0
    sampler.subscribe(tab)
    await until(tab.points, 3)
    sampler.unsubscribe(tab)
    calls = service.status_calls
    await asyncio.sleep(0.01)
    assert service.status_calls == calls


async def test_all_pages_share_one_reading(service: FakeService, sampler: Sampler):
    """Status and rows are read once for any number of pages."""
    tabs = [Tab() for _ in range(5)]
    for tab in tabs:
        sampler.subscribe(tab)
        sampler.subscribe(tab)
    await until(tabs[-1].points, 4)
    assert {len(tab.points) for tab in tabs} == {service.status_calls}
    assert all(tab.statuses == tabs[0].statuses for tab in tabs)
    assert service.regenerated[0] == ("registros", 100 - ROWS_SHOWN, 100)
    assert len(service.regenerated) <= service.status_calls


async def test_points_contain_the_status(service: FakeService, sampler: Sampler):
    """A point has the values of the status at that second."""
    tab = Tab()
    sampler.subscribe(tab)
    service.metrics.observe_acked("registros", 0.002, 10, 1)
    await until(tab.rows, 1)
    point, one = tab.points[0], tab.statuses[0].streams["registros"]
    assert point[1:5] == (one.rate_asked, one.rate_delivered, one.behind, one.behind_s)
    assert tab.rows[0].num_rows == ROWS_SHOWN


async def test_an_error_of_the_rows_is_shown(service: FakeService, sampler: Sampler):
    """The page shows the message, and its values are still updated."""
    service.error = RowGenerationError("no rows today")
    tab = Tab()
    sampler.subscribe(tab)
    await until(tab.points, 3)
    assert tab.rows[0] == "no rows today"


async def test_a_slow_stream_does_not_delay_others(service: FakeService, sampler: Sampler):
    """While rows of one stream are generated, values and rows of others are updated."""
    service.streams = {**service.streams, "lento": service.streams["registros"]}
    service.statuses["lento"] = service.statuses["registros"]
    never, regenerate = asyncio.Event(), service.regenerate

    async def slow(stream: str, a: int, b: int) -> pa.RecordBatch:
        if stream == "lento":
            await never.wait()
        return await regenerate(stream, a, b)

    service.regenerate = slow  # type: ignore[method-assign]
    tab, late = Tab(), Tab()
    late.stream = "lento"
    sampler.subscribe(late)
    sampler.subscribe(tab)
    await until(tab.rows, 3)
    assert len(late.points) >= 3
    assert late.rows == []


async def test_a_page_that_fails_does_not_end_the_sampling(
    service: FakeService, sampler: Sampler, caplog: pytest.LogCaptureFixture
):
    """The error is logged, and the next update works."""
    tab, service_status = Tab(), service.status
    times = iter([True, False])

    def failing() -> Status:
        if next(times, False):
            raise ValueError("just once")
        return service_status()

    service.status = failing  # type: ignore[method-assign]
    sampler.subscribe(tab)
    await until(tab.points, 1)
    assert "page update failed" in caplog.text


async def test_a_faulty_page_does_not_affect_others(
    sampler: Sampler, caplog: pytest.LogCaptureFixture
):
    """Its errors are logged; the other pages get values and rows."""

    class Faulty(Tab):
        def show(self, *_: object) -> None:
            raise ValueError("no numbers for me")

        def show_rows(self, *_: object) -> None:
            raise ValueError("no rows for me")

    tab = Tab()
    sampler.subscribe(Faulty())
    sampler.subscribe(tab)
    await until(tab.rows, 2)
    assert len(tab.points) >= 2
    assert "no numbers for me" in caplog.text
    assert "no rows for me" in caplog.text


async def test_latency_does_not_cover_times_without_pages(service: FakeService, sampler: Sampler):
    """The window starts again with the first page: percentiles cover the last seconds only."""
    tab = Tab()
    service.metrics.observe_acked("registros", 0.002, 10, 1)
    sampler.subscribe(tab)
    await until(tab.points, 1)
    sampler.unsubscribe(tab)
    service.metrics.observe_acked("registros", 0.002, 10, 1)
    count = len(tab.points)
    sampler.subscribe(tab)
    await until(tab.points, count + 1)
    assert tab.points[count].p99_ms is None


async def test_the_history_is_limited(sampler: Sampler, monkeypatch: pytest.MonkeyPatch):
    """At most ten minutes of points are kept."""
    tab = Tab()
    sampler.subscribe(tab)
    await until(tab.points, POINTS_MAX + 20)
    assert tuple(sampler.history("registros")) == tuple(tab.points[-POINTS_MAX:])
    assert tuple(sampler.history("another")) == ()
    later_s = (tab.points[-1].at_ms + 700_000) / 1000
    monkeypatch.setattr("time.time", lambda: later_s)
    count = len(tab.points)
    await until(tab.points, count + 1)
    assert all(p.at_ms >= tab.points[count].at_ms - 600_000 for p in sampler.history("registros"))
