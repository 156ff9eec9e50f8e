"""What a status says of a stream that is over."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from gerador.schedule.target_rate import MAX, generations_rate
from gerador.service.status import State
from tests.service.fakes import FakeMaker
from tests.service.test_stream_run import Bench

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest


@asynccontextmanager
async def ending(bench: Bench) -> AsyncIterator[None]:
    """Run a bounded stream, and wait for its end."""
    task = asyncio.create_task(bench.run.run())
    yield
    async with asyncio.timeout(10):
        await task


async def test_time_that_ends_a_stream_at_full_speed_asks_for_no_more_rows() -> None:
    """Bounded in rows and in time, the time came first: all that was asked is acknowledged."""
    bench = Bench(MAX, rows=10**9, for_s=1.0)
    async with ending(bench):
        await bench.until(lambda: bench.run.status().acked > 0)
        assert bench.run.status().rows_asked == 10**9
        await bench.pass_time(1)
    status = bench.run.status()
    assert status.status is State.FINISHED
    assert 0 < status.acked == status.due < 10**9
    assert status.rows_asked == status.due


async def test_rows_that_end_a_stream_are_all_asked() -> None:
    """Of two bounds the rows came first: they are what was asked."""
    bench = Bench(MAX, rows=200, for_s=1.0)
    async with ending(bench):
        pass
    status = bench.run.status()
    assert (status.status, status.rows_asked, status.acked) == (State.FINISHED, 200, 200)


async def test_a_stream_that_is_over_gives_no_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its last rows could not be made: the counts and the last error say so, and it is over."""
    monkeypatch.setattr("gerador.service.produce_loop.ERROR_BACKOFF_S", 0.0)
    bench = Bench(generations_rate(10, 1), FakeMaker(lambda a: a == 0), rows=10)
    async with ending(bench):
        pass
    status = bench.run.status()
    assert (status.status, status.failed) == (State.FINISHED, 10)
    assert status.reason is None
    assert status.last_error == "rows 0 to 9: ValueError: row 0 cannot be made"
