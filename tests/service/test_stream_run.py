"""The loop of one stream, with a fake destination and a fake clock."""

from __future__ import annotations

import asyncio
import gc
import math
import threading
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from threading import Event
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

from gerador.errors import ConfigurationError, ControlError
from gerador.scenario.stream_spec import default_stream
from gerador.schedule.changes import Burst, Halt
from gerador.schedule.target_rate import MAX, TargetRate, constant_rate, generations_rate
from gerador.service.concurrency import READER_THREAD_PREFIX
from gerador.service.fair_scheduler import FairScheduler
from gerador.service.status import State
from gerador.service.stream_config import Destination, Recipe
from gerador.service.stream_run import StreamRun
from tests.service.fakes import NS, WALL, FakeClock, FakeMaker, FakeSink

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

TICK_S = 0.01


class Bench:
    """A stream run with everything around it faked."""

    def __init__(
        self,
        pace: TargetRate,
        maker: FakeMaker | None = None,
        convoy: tuple[FairScheduler, str] | None = None,
        **recipe: Any,
    ) -> None:
        self.sink = FakeSink()
        self.clock = FakeClock()
        made = maker or FakeMaker()
        destination = Destination(sink=self.sink, maker=lambda _: made, topic="t", linger_s=0)
        spec = default_stream(generation_rows=10)
        beside, name = (None, spec.name) if convoy is None else convoy
        self.run = StreamRun(
            replace(spec, name=name),
            Recipe(seed=1, pace=pace, **recipe),
            destination,
            self.clock,
            convoy=beside,
        )

    async def until(self, what: Callable[[], bool]) -> None:
        """Let time stand and the loop turn until it is so."""
        async with asyncio.timeout(10):
            while not what():
                await asyncio.sleep(TICK_S / 10)

    async def pass_time(self, seconds: float) -> None:
        """Move the clock, and wake the loop as its timer would."""
        self.clock.now_s += seconds
        self.run._changed.set()
        await asyncio.sleep(TICK_S)


@asynccontextmanager
async def going(bench: Bench) -> AsyncIterator[Bench]:
    """Run the stream while the block lasts; stop it at the end."""
    task = asyncio.create_task(bench.run.run())
    await bench.until(lambda: bench.run.timeline.schedule is not None or task.done())
    yield bench
    bench.run.stop()
    await task


def balanced(bench: Bench) -> bool:
    """Tell whether due = acked + failed + unknown + in flight + behind."""
    return bench.run.status().imbalance == 0


async def test_generations_fall_due_by_the_interval() -> None:
    """The original mode: one generation at the start, one more with every interval."""
    async with going(Bench(generations_rate(10, 1))) as bench:
        await bench.until(lambda: bench.run.status().acked == 10)
        await bench.pass_time(0.999)
        assert bench.run.status().due == 10
        await bench.pass_time(0.001)
        await bench.until(lambda: bench.run.status().acked == 20)
        status = bench.run.status()
        assert (status.total_geracoes, status.registros_atuais) == (2, 10)
        assert status.status is State.ACTIVE
        assert status.ultima_geracao == WALL
        assert balanced(bench)


async def test_a_slow_destination_makes_the_stream_fall_behind_visibly() -> None:
    """Rows that are due and not handed over are behind; due is not thinned."""
    bench = Bench(constant_rate(100), FakeMaker(at_once=1))
    async with going(bench):
        await bench.until(lambda: bench.run.status().acked == 1)
        blocked = asyncio.Event()

        async def never(_: object) -> None:
            await blocked.wait()

        bench.sink.offer = never  # type: ignore[method-assign]
        await bench.pass_time(2)
        status = bench.run.status()
        assert (status.due, status.acked, status.behind) == (201, 1, 200)
        assert status.behind_s == pytest.approx(1.99)
        assert balanced(bench)
        blocked.set()


async def test_a_bounded_run_makes_exactly_its_rows() -> None:
    """`rows` ends the run by itself, with all rows acknowledged and none beyond."""
    bench = Bench(MAX, rows=1_000)
    await bench.run.run()
    status = bench.run.status()
    assert (status.due, status.made, status.acked, status.behind) == (1_000, 1_000, 1_000, 0)
    assert sum(s.rows for s in bench.sink.slices) == 1_000
    assert bench.sink.closed


async def test_a_run_bounded_in_time_has_the_rows_of_that_time() -> None:
    """`for` at a constant rate is exactly rate times seconds, whatever the machine did."""
    async with going(Bench(constant_rate(7), for_s=3.0)) as bench:
        for _ in range(4):
            await bench.pass_time(1)
        assert bench.run.status().rows_asked == 21
        await bench.until(lambda: bench.run.status().acked == 21)


async def test_slices_do_not_overlap_and_leave_no_gap() -> None:
    """Slices cover rows 0, 1, 2, … once and in order."""
    bench = Bench(MAX, FakeMaker(at_once=37), rows=500)
    await bench.run.run()
    spans = [(s.first_row, s.first_row + s.rows) for s in bench.sink.slices]
    assert spans[0][0] == 0
    assert all(before[1] == after[0] for before, after in pairwise(spans))
    assert spans[-1][1] == 500


async def test_rows_that_cannot_be_made_are_counted_and_the_next_are_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An exception in one generation never ends the service; it is counted, shown, and passed."""
    monkeypatch.setattr("gerador.service.produce_loop.ERROR_BACKOFF_S", 0.0)
    bench = Bench(generations_rate(10, 1), FakeMaker(lambda a: a == 10))
    async with going(bench):
        await bench.until(lambda: bench.run.status().acked == 10)
        await bench.pass_time(1)
        await bench.until(lambda: bench.run.status().failed == 10)
        status = bench.run.status()
        assert status.status is State.ERROR
        assert status.errors == 1
        assert status.last_error == "rows 10 to 19: ValueError: row 10 cannot be made"
        assert status.reason == status.last_error
        assert status.failed_by_reason == {"ValueError": 10}
        assert balanced(bench)
        await bench.pass_time(1)
        await bench.until(lambda: bench.run.status().acked == 20)
        status = bench.run.status()
        assert status.status is State.ACTIVE
        assert (status.made, status.errors) == (20, 1)


async def test_nothing_is_due_before_the_destination_is_ready() -> None:
    """Until the brokers answer the state is iniciando and no row is due or shown."""
    bench = Bench(constant_rate(100))
    bench.sink.is_ready.clear()
    task = asyncio.create_task(bench.run.run())
    await asyncio.sleep(TICK_S)
    status = bench.run.status()
    assert (status.status, status.due, status.start) == (State.STARTING, 0, None)
    assert await bench.run.latest(None) is None
    bench.sink.is_ready.set()
    await bench.until(lambda: bench.run.status().acked > 0)
    assert bench.run.status().start == WALL
    bench.run.stop()
    await task


async def test_stopping_before_the_destination_is_ready_ends_the_run() -> None:
    """A run that waits for its brokers stops at once when it is told to."""
    bench = Bench(constant_rate(100))
    bench.sink.is_ready.clear()
    task = asyncio.create_task(bench.run.run())
    await asyncio.sleep(TICK_S)
    bench.run.stop()
    await asyncio.wait_for(task, 5)
    assert bench.sink.closed


async def test_a_destination_that_refuses_for_good_ends_the_run() -> None:
    """A configuration error of the destination reaches the caller."""
    bench = Bench(constant_rate(100))
    bench.sink.refusal = ConfigurationError("topic 't' has 2 partitions")
    with pytest.raises(ConfigurationError, match="2 partitions"):
        await bench.run.run()
    assert bench.sink.closed


async def test_trouble_at_the_destination_is_degraded_with_its_reason() -> None:
    """What the destination says is wrong stands in the status, and goes when it is over."""
    async with going(Bench(constant_rate(100))) as bench:
        await bench.until(lambda: bench.run.status().acked > 0)
        bench.sink.trouble = "no acknowledgement for 3 s"
        assert bench.run.status().status is State.DEGRADED
        assert bench.run.status().reason == "no acknowledgement for 3 s"
        bench.sink.trouble = None
        assert bench.run.status().status is State.ACTIVE


async def test_pause_and_resume_append_to_the_schedule() -> None:
    """Paused, no row falls due; resumed, rows go on from where they were."""
    async with going(Bench(constant_rate(10))) as bench:
        await bench.pass_time(0.95)
        assert bench.run.pause() == 10
        await bench.pass_time(5)
        await bench.until(lambda: bench.run.status().acked == 10)
        assert bench.run.status().status is State.PAUSED
        assert bench.run.status().rate_asked == 0
        assert bench.run.pause() == 10
        assert bench.run.resume() == 10
        assert bench.run.resume() == 11
        await bench.pass_time(0.1)
        await bench.until(lambda: bench.run.status().acked == 12)
        assert bench.run.status().rate_asked == 10
        assert bench.run.status().changes == 2
        assert balanced(bench)


async def test_a_rate_that_is_set_in_a_pause_waits_for_its_end() -> None:
    """A paused stream stays so when its rate changes, and resumes with the new one."""
    async with going(Bench(constant_rate(10))) as bench:
        await bench.pass_time(0.95)
        bench.run.pause()
        assert bench.run.change_pace(constant_rate(100)) == 10
        await bench.pass_time(5)
        assert bench.run.status().status is State.PAUSED
        assert bench.run.status().due == 10
        assert bench.run.resume() == 10
        await bench.pass_time(0.1)
        await bench.until(lambda: bench.run.status().acked == 21)


async def test_a_change_of_rate_moves_the_end_of_a_run_that_is_bounded_in_time() -> None:
    """A run for two seconds is over after two seconds, whatever was steered meanwhile."""
    bench = Bench(constant_rate(10), for_s=2)
    async with going(bench):
        assert bench.run.status().rows_asked == 20
        await bench.pass_time(0.95)
        bench.run.change_pace(constant_rate(100))
        assert bench.run.status().rows_asked == 115
        await bench.pass_time(0.55)
        bench.run.pause()
        assert bench.run.status().rows_asked == 66
        await bench.pass_time(0.49)
        assert bench.run.status().status is State.PAUSED
        await bench.pass_time(0.02)
        await bench.until(lambda: bench.run.status().status is State.FINISHED)
        assert bench.run.status().acked == 66


async def test_a_stream_is_steered_only_between_its_start_and_its_end() -> None:
    """Before the first row was due and after the stop there is nothing to steer."""
    bench = Bench(constant_rate(10))
    with pytest.raises(ControlError, match="has not begun"):
        bench.run.pause()
    async with going(bench):
        bench.run.stop()
        with pytest.raises(ControlError, match="is ending"):
            bench.run.change_pace(constant_rate(5))


async def test_the_mirror_shows_the_latest_whole_generation() -> None:
    """`latest` gives the rows of one generation, all with one geracao_id; `limit` the newest."""
    async with going(Bench(generations_rate(10, 1))) as bench:
        await bench.pass_time(1)
        await bench.until(lambda: bench.run.status().acked == 20)
        rows = await bench.run.latest(None)
        assert rows is not None
        assert rows.num_rows == 10
        assert len(set(rows.column("geracao_id").to_pylist())) == 1
        newest = await bench.run.latest(3)
        assert newest is not None
        assert newest.to_pylist() == rows.to_pylist()[-3:]


async def test_who_looks_at_a_slow_stream_waits_alone() -> None:
    """Looks at one stream come one after the other, and hold up neither it nor another's."""
    freed = Event()
    slow, quick = Bench(MAX, rows=50), Bench(MAX, rows=50)
    for bench in (slow, quick):
        await bench.run.run()
    source = slow.run._rows.rows
    slow.run._rows.rows = lambda a, b: (freed.wait(10), source(a, b))[1]  # type: ignore[method-assign]
    waiting = [asyncio.create_task(slow.run.remake(0, 5)) for _ in range(100)]
    await asyncio.sleep(TICK_S)
    looked = await asyncio.wait_for(quick.run.latest(3), 5)
    assert looked is not None
    assert not any(task.done() for task in waiting)
    freed.set()
    assert {rows.num_rows for rows in await asyncio.gather(*waiting)} == {5}


async def test_a_full_destination_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped while its destination takes nothing, the run ends, and its rows are failed."""
    monkeypatch.setattr("gerador.service.produce_loop.DRAIN_TIMEOUT_S", 0.05)
    bench = Bench(constant_rate(100))
    bench.sink.is_full = True
    task = asyncio.create_task(bench.run.run())
    await bench.until(lambda: bench.run.progress.made > 0)
    bench.run.stop()
    await asyncio.wait_for(task, 5)
    status = bench.run.status()
    assert status.failed_by_reason == {"stopped before sending": status.failed}
    assert status.failed >= status.made > 0
    assert balanced(bench)


async def test_rows_that_take_for_ever_do_not_hold_up_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Stopped while rows are being made, the run ends without them, and they are failed."""
    monkeypatch.setattr("gerador.service.produce_loop.DRAIN_TIMEOUT_S", 0.05)
    begun, freed = Event(), Event()

    def takes_long(_: int) -> bool:
        begun.set()
        return not freed.wait(10)

    bench = Bench(constant_rate(100), FakeMaker(takes_long))
    task = asyncio.create_task(bench.run.run())
    await bench.until(begun.is_set)
    bench.run.stop()
    await asyncio.wait_for(task, 5)
    freed.set()
    status = bench.run.status()
    assert status.failed_by_reason == {"stopped before sending": status.failed}
    assert status.failed > status.made == 0
    assert balanced(bench)


async def test_what_was_due_at_the_stop_stays_due() -> None:
    """A run that is stopped while it is behind says so to the end."""
    bench = Bench(constant_rate(100), FakeMaker(at_once=1))
    async with going(bench):
        await bench.until(lambda: bench.run.status().acked == 1)
        bench.sink.is_full = True
        await bench.pass_time(1)
        due = bench.run.status().due
    assert due == 101
    assert bench.run.status().due == due
    assert balanced(bench)


async def test_a_burst_is_due_at_once_and_what_flowed_goes_on() -> None:
    """Rows of a burst are due when it is asked for; the rate's own rows keep their instants."""
    async with going(Bench(constant_rate(10))) as bench:
        await bench.pass_time(0.95)
        assert bench.run.burst(50) == 10
        await bench.until(lambda: bench.run.status().acked == 60)
        await bench.pass_time(0.05)
        await bench.until(lambda: bench.run.status().acked == 61)
        assert bench.run.status().changes == 1
        assert balanced(bench)


async def test_a_ramp_rises_from_the_rate_of_its_moment() -> None:
    """A rate with a time is reached evenly, and asked for as it rises."""
    async with going(Bench(constant_rate(10))) as bench:
        await bench.pass_time(0.95)
        bench.run.change_pace(constant_rate(110), 10 * NS)
        assert bench.run.status().rate_asked == pytest.approx(10, abs=1)
        await bench.pass_time(5)
        assert bench.run.status().rate_asked == pytest.approx(60, abs=1)
        await bench.pass_time(5)
        assert bench.run.status().rate_asked == 110
        await bench.until(lambda: bench.run.status().behind == 0)
        assert bench.run.status().due == pytest.approx(610, abs=1)


async def test_a_script_is_followed() -> None:
    """Changes that were planned come by themselves, and are no live changes."""
    script = ((NS, Burst(30)), (2 * NS, Halt.PAUSE), (3 * NS, Halt.RESUME))
    async with going(Bench(constant_rate(10), script=script)) as bench:
        await bench.pass_time(1)
        await bench.until(lambda: bench.run.status().acked == 41)
        await bench.pass_time(1.5)
        await bench.until(lambda: bench.run.status().acked == 50)
        assert bench.run.status().status is State.PAUSED
        await bench.pass_time(0.5)
        await bench.until(lambda: bench.run.status().acked == 51)
        assert bench.run.status().changes == 0


async def test_a_backfill_is_behind_until_it_is_made() -> None:
    """At the highest speed what lies in the past is due at once; then the clock rules."""
    bench = Bench(constant_rate(10), start=WALL - timedelta(seconds=60), speed=math.inf)
    async with going(bench):
        assert bench.run.status().due == 601
        await bench.until(lambda: bench.run.status().acked == 601)
        assert bench.run.status().rate_asked == 10
        await bench.pass_time(1)
        await bench.until(lambda: bench.run.status().acked == 611)
        assert balanced(bench)


async def test_a_stop_is_heard_while_a_stream_gets_ready() -> None:
    """Neither pools that are drawn nor kernels that are compiled hold the end up."""
    go_on = Event()
    for where in ("pools", "kernels"):
        bench = Bench(constant_rate(10))
        waits = mock.Mock(side_effect=lambda *_: go_on.wait(10))
        if where == "pools":
            bench.run._tables = mock.Mock(get=waits)
        else:
            bench.run._destination = replace(bench.run._destination, maker=waits)
        task = asyncio.create_task(bench.run.run())
        await bench.until(lambda waits=waits: waits.called)  # type: ignore[misc]
        bench.run.stop()
        async with asyncio.timeout(5):
            await task
        assert not go_on.is_set()
        assert bench.run.timeline.schedule is None
        assert bench.run.status().due == 0
    go_on.set()


async def test_what_fails_for_a_stream_that_was_stopped_is_no_complaint() -> None:
    """Its pools cannot be drawn, after nobody waited for them any more: no log tells of it."""
    complaints: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: complaints.append(what))
    begun, go_on = Event(), Event()

    def fails(_: str) -> None:
        begun.set()
        go_on.wait(10)
        raise ValueError("no pool")

    bench = Bench(constant_rate(10))
    bench.run._tables = mock.Mock(get=fails)
    task = asyncio.create_task(bench.run.run())
    await bench.until(begun.is_set)
    bench.run.stop()
    await task
    go_on.set()
    bench.run._thread.shutdown()
    await asyncio.sleep(TICK_S)
    gc.collect()
    assert complaints == []


async def test_who_looks_leaves_no_thread_behind() -> None:
    """The thread for looks lives on behind the stream's end, until nobody looks any more."""
    bench = Bench(MAX, rows=50)
    await bench.run.run()
    assert await bench.run.remake(0, 5)
    (looking,) = [t for t in threading.enumerate() if t in bench.run._looks._threads]
    assert looking.name.startswith(READER_THREAD_PREFIX)
    bench.run.close()
    looking.join(5)
    assert not looking.is_alive()


async def test_streams_at_full_speed_keep_their_proportion() -> None:
    """Side by side at full speed, rows are as the weights, until the first one ends."""
    convoy = FairScheduler({"a": 1, "b": 4})
    pair = [Bench(MAX, FakeMaker(at_once=10), convoy=(convoy, "a"), rows=100)]
    pair.append(Bench(MAX, FakeMaker(at_once=10), convoy=(convoy, "b"), rows=450))
    seen: list[tuple[int, int]] = []

    async def watch() -> None:
        while pair[0].run.progress.row < 100:
            seen.append((pair[0].run.progress.row, pair[1].run.progress.row))
            await asyncio.sleep(TICK_S / 20)

    await asyncio.wait_for(asyncio.gather(watch(), *(b.run.run() for b in pair)), 20)
    assert all(abs(4 * a - b) <= 2 * 4 * 10 for a, b in seen)
    assert [b.sink.ledger.total.acked for b in pair] == [100, 450]


async def test_a_stream_that_is_held_is_steered_and_ends_in_time() -> None:
    """While it waits for another at full speed, a stream takes a rate, and keeps its bound."""
    convoy = FairScheduler({"a": 1, "b": 1})
    convoy.place("b", lambda: None, flows=True)  # one that never begins
    async with going(Bench(MAX, FakeMaker(at_once=10), convoy=(convoy, "a"))) as bench:
        await bench.until(lambda: bench.run.status().acked == 20)
        await bench.pass_time(0.1)
        assert bench.run.status().made == 20
        assert bench.run.change_pace(constant_rate(10)) == 20
        await bench.pass_time(1)
        await bench.until(lambda: bench.run.status().acked == 31)
