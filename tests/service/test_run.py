"""Several streams as one run: what it says when all have ended."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gerador.scenario.stream_spec import default_stream
from gerador.schedule.target_rate import MAX, TargetRate, constant_rate, generations_rate
from gerador.service.concurrency import StartBarrier
from gerador.service.metrics import Metrics
from gerador.service.run import Run
from gerador.service.stream_config import Destination, Recipe
from gerador.service.stream_run import StreamRun
from tests.service.fakes import FakeClock, FakeMaker, FakeSink

if TYPE_CHECKING:
    from gerador.service.status import Status

STEP_S = 0.25


async def ended(*streams: tuple[TargetRate, int], late_s: float = 0.0) -> Status:
    """Run streams of a pace and so many rows each to their end, which comes `late_s` late."""
    clock = FakeClock()
    departure = StartBarrier(len(streams), clock)
    runs = [
        StreamRun(
            replace(default_stream(), name=f"s{n}"),
            Recipe(seed=1, pace=pace, rows=rows),
            Destination(sink=FakeSink(), maker=lambda _: FakeMaker(), topic="t", linger_s=0),
            clock,
            departure=departure,
        )
        for n, (pace, rows) in enumerate(streams)
    ]
    run = Run(runs, seed=1, metrics=Metrics("1"), registry=None, command=lambda _: "")
    task = asyncio.create_task(run.run())
    async with asyncio.timeout(20):
        while any(one.timeline.schedule is None for one in runs):
            await asyncio.sleep(0.001)
        if late_s:
            clock.now_s += 100 + late_s
        while not task.done():
            await asyncio.sleep(0.01)
            clock.now_s += STEP_S
            for one in runs:
                one._changed.set()
    return run.status()


async def test_the_rate_asked_is_all_rows_over_their_time() -> None:
    """Not the sum of rates of which some were over soon: 110 rows in the last one's ten seconds."""
    status = await ended((constant_rate(100), 10), (constant_rate(10), 100))
    assert (status.due, status.rate_asked) == (110, 11.0)


@pytest.mark.parametrize("pace", [constant_rate(10), generations_rate(10, 1)])
async def test_one_stream_was_asked_for_its_rate(pace: TargetRate) -> None:
    """Also where it came late: what was asked is the schedule's."""
    for late_s in (0.0, 300.0):
        assert (await ended((pace, 100), late_s=late_s)).rate_asked == 10.0


async def test_a_table_at_full_speed_does_not_make_the_run_so() -> None:
    """A bounded stream that is through long before the others has no say in the rate."""
    status = await ended((MAX, 50), (constant_rate(10), 100))
    assert (status.due, status.rate_asked) == (150, 15.0)


async def test_as_fast_as_possible_no_rate_was_asked() -> None:
    """Of streams at full speed there is none to tell."""
    assert (await ended((MAX, 50), (MAX, 500))).rate_asked is None
