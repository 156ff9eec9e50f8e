"""The status of a finished stream."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from gerador.schedule.target_rate import MAX, generations_rate
from gerador.service.status import State
from tests.service.fakes import FakeSliceBuilder
from tests.service.test_stream_run import StreamHarness

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest


@asynccontextmanager
async def run_to_end(harness: StreamHarness) -> AsyncIterator[None]:
    """Run a bounded stream, and wait for its end after the block."""
    task = asyncio.create_task(harness.run.run())
    yield
    async with asyncio.timeout(10):
        await task


async def test_an_unpaced_stream_ended_by_time_has_fewer_rows() -> None:
    """If time ends the stream before its bound in rows, `rows_asked` is the rows it produced."""
    harness = StreamHarness(MAX, rows=10**9, for_s=1.0)
    async with run_to_end(harness):
        await harness.until(lambda: harness.run.status().acked > 0)
        assert harness.run.status().rows_asked == 10**9
        await harness.pass_time(1)
    status = harness.run.status()
    assert status.status is State.FINISHED
    assert 0 < status.acked == status.due < 10**9
    assert status.rows_asked == status.due


async def test_a_stream_ended_by_rows_has_all_rows() -> None:
    """If the bound in rows comes first, `rows_asked` is that bound."""
    harness = StreamHarness(MAX, rows=200, for_s=1.0)
    async with run_to_end(harness):
        pass
    status = harness.run.status()
    assert (status.status, status.rows_asked, status.acked) == (State.FINISHED, 200, 200)


async def test_a_finished_stream_has_no_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """After its last slice failed, `last_error` is set, `reason` is not."""
    monkeypatch.setattr("gerador.service.produce_loop.ERROR_BACKOFF_S", 0.0)
    harness = StreamHarness(generations_rate(10, 1), FakeSliceBuilder(lambda a: a == 0), rows=10)
    async with run_to_end(harness):
        pass
    status = harness.run.status()
    assert (status.status, status.failed) == (State.FINISHED, 10)
    assert status.reason is None
    assert status.last_error == "rows 0 to 9: ValueError: row 0 cannot be made"
