"""Several streams as one run: the status after all have finished."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gerador.scenario.stream_spec import spec_for
from gerador.schedule.target_rate import MAX, TargetRate, constant_rate, generations_rate
from gerador.service.metrics import Metrics
from gerador.service.run import Run
from gerador.service.stream_config import Destination, Recipe
from gerador.service.stream_run import StreamRun
from gerador.service.stream_threads import StartBarrier
from tests.service.fakes import FakeClock, FakeSink, FakeSliceBuilder

if TYPE_CHECKING:
    from gerador.service.status import Status

STEP_S = 0.25


async def finished(*streams: tuple[TargetRate, int], late_s: float = 0.0) -> Status:
    """Run streams, each with a target rate and rows, to their end; return the status.

    They finish `late_s` after their schedule.
    """
    clock = FakeClock()
    start_barrier = StartBarrier(len(streams), clock)
    runs = [
        StreamRun(
            replace(spec_for(), name=f"s{n}"),
            Recipe(seed=1, target_rate=target_rate, rows=rows),
            Destination(
                sink=FakeSink(),
                create_builder=lambda _: FakeSliceBuilder(),
                topic="t",
                linger_s=0,
            ),
            clock,
            start_barrier=start_barrier,
        )
        for n, (target_rate, rows) in enumerate(streams)
    ]
    run = Run(runs, seed=1, metrics=Metrics("1"), registry=None, command=lambda _: "")
    task = asyncio.create_task(run.run())
    async with asyncio.timeout(20):
        while any(one.live_schedule.schedule is None for one in runs):
            await asyncio.sleep(0.001)
        if late_s:
            clock.now_s += 100 + late_s
        while not task.done():
            await asyncio.sleep(0.01)
            clock.now_s += STEP_S
            for one in runs:
                one._schedule_changed.set()
    return run.status()


async def test_the_target_rate_is_all_rows_over_their_duration() -> None:
    """Not the sum of rates: the first stream ends early, and all take ten seconds."""
    status = await finished((constant_rate(100), 10), (constant_rate(10), 100))
    assert (status.due, status.rate_asked) == (110, 11.0)


@pytest.mark.parametrize("target_rate", [constant_rate(10), generations_rate(10, 1)])
async def test_the_target_rate_does_not_depend_on_delays(target_rate: TargetRate) -> None:
    """A stream that finishes late still has the target rate of its schedule."""
    for late_s in (0.0, 300.0):
        assert (await finished((target_rate, 100), late_s=late_s)).rate_asked == 10.0


async def test_a_short_unpaced_stream_does_not_make_the_run_unpaced() -> None:
    """An unpaced stream that finishes before the others does not affect the target rate."""
    status = await finished((MAX, 50), (constant_rate(10), 100))
    assert (status.due, status.rate_asked) == (150, 15.0)


async def test_unpaced_streams_have_no_target_rate() -> None:
    """The target rate of a run with unpaced streams only is None."""
    assert (await finished((MAX, 50), (MAX, 500))).rate_asked is None
