"""One running stream, with a fake destination and a fake clock."""

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
import structlog

from gerador.delivery.sink import RECORD_TOO_LARGE, RowFailure
from gerador.errors import ConfigurationError, ControlError
from gerador.scenario.stream_spec import spec_for
from gerador.schedule.changes import Burst, PauseChange
from gerador.schedule.target_rate import MAX, TargetRate, constant_rate, generations_rate
from gerador.service.fair_scheduler import FairScheduler
from gerador.service.status import State
from gerador.service.stream_config import Destination, Recipe
from gerador.service.stream_run import StreamRun
from gerador.service.stream_threads import READER_THREAD_PREFIX
from tests.service.fakes import NS, WALL, FakeClock, FakeSink, FakeSliceBuilder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

TICK_S = 0.01


class StreamHarness:
    """A stream run with a fake sink, clock and slice builder."""

    def __init__(
        self,
        target_rate: TargetRate,
        builder: FakeSliceBuilder | None = None,
        scheduler: tuple[FairScheduler, str] | None = None,
        **recipe: Any,
    ) -> None:
        self.sink = FakeSink()
        self.clock = FakeClock()
        slices = builder or FakeSliceBuilder()
        destination = Destination(
            sink=self.sink, create_builder=lambda _: slices, topic="t", linger_s=0
        )
        spec = spec_for(generation_rows=10)
        fair_scheduler, name = (None, spec.name) if scheduler is None else scheduler
        self.run = StreamRun(
            replace(spec, name=name),
            Recipe(seed=1, target_rate=target_rate, **recipe),
            destination,
            self.clock,
            scheduler=fair_scheduler,
        )

    async def until(self, condition: Callable[[], bool]) -> None:
        """Run the event loop, without moving the clock, until `condition` is true."""
        async with asyncio.timeout(10):
            while not condition():
                await asyncio.sleep(TICK_S / 10)

    async def pass_time(self, seconds: float) -> None:
        """Advance the clock, and wake the produce loop as its timer would."""
        self.clock.now_s += seconds
        self.run._schedule_changed.set()
        await asyncio.sleep(TICK_S)


@asynccontextmanager
async def running(harness: StreamHarness) -> AsyncIterator[StreamHarness]:
    """Run the stream during the block; stop it at the end."""
    task = asyncio.create_task(harness.run.run())
    await harness.until(lambda: harness.run.live_schedule.schedule is not None or task.done())
    yield harness
    harness.run.stop()
    await task


def balanced(harness: StreamHarness) -> bool:
    """Return whether due = acked + failed + unknown + in flight + behind."""
    return harness.run.status().imbalance == 0


async def test_a_generation_is_due_every_interval() -> None:
    """The original mode: one generation at the start, and one more after every interval."""
    async with running(StreamHarness(generations_rate(10, 1))) as harness:
        await harness.until(lambda: harness.run.status().acked == 10)
        await harness.pass_time(0.999)
        assert harness.run.status().due == 10
        await harness.pass_time(0.001)
        await harness.until(lambda: harness.run.status().acked == 20)
        status = harness.run.status()
        assert (status.total_geracoes, status.registros_atuais) == (2, 10)
        assert status.status is State.ACTIVE
        assert status.ultima_geracao == WALL
        assert balanced(harness)


async def test_a_slow_destination_leaves_the_stream_behind() -> None:
    """Rows that are due and not sent are behind; no row is skipped."""
    harness = StreamHarness(constant_rate(100), FakeSliceBuilder(slice_rows=1))
    async with running(harness):
        await harness.until(lambda: harness.run.status().acked == 1)
        blocked = asyncio.Event()

        async def never(_: object) -> None:
            await blocked.wait()

        harness.sink.send = never  # type: ignore[method-assign]
        await harness.pass_time(2)
        status = harness.run.status()
        assert (status.due, status.acked, status.behind) == (201, 1, 200)
        assert status.behind_s == pytest.approx(1.99)
        assert balanced(harness)
        blocked.set()


async def test_a_bounded_run_produces_exactly_its_rows() -> None:
    """With `rows` the run ends by itself, with exactly these rows acknowledged."""
    harness = StreamHarness(MAX, rows=1_000)
    await harness.run.run()
    status = harness.run.status()
    assert (status.due, status.made, status.acked, status.behind) == (1_000, 1_000, 1_000, 0)
    assert sum(s.rows for s in harness.sink.slices) == 1_000
    assert harness.sink.closed


async def test_a_run_bounded_in_time_has_the_rows_of_that_time() -> None:
    """`for` at a constant rate produces exactly rate times seconds, at any machine speed."""
    async with running(StreamHarness(constant_rate(7), for_s=3.0)) as harness:
        for _ in range(4):
            await harness.pass_time(1)
        assert harness.run.status().rows_asked == 21
        await harness.until(lambda: harness.run.status().acked == 21)


async def test_slices_do_not_overlap_and_leave_no_gap() -> None:
    """Slices cover rows 0, 1, 2, … once and in order."""
    harness = StreamHarness(MAX, FakeSliceBuilder(slice_rows=37), rows=500)
    await harness.run.run()
    spans = [(s.first_row, s.first_row + s.rows) for s in harness.sink.slices]
    assert spans[0][0] == 0
    assert all(before[1] == after[0] for before, after in pairwise(spans))
    assert spans[-1][1] == 500


async def test_a_failed_slice_is_counted_and_the_next_is_generated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An exception in a slice does not end the service; it is counted and reported."""
    monkeypatch.setattr("gerador.service.produce_loop.ERROR_BACKOFF_S", 0.0)
    harness = StreamHarness(generations_rate(10, 1), FakeSliceBuilder(lambda a: a == 10))
    async with running(harness):
        await harness.until(lambda: harness.run.status().acked == 10)
        await harness.pass_time(1)
        await harness.until(lambda: harness.run.status().failed == 10)
        status = harness.run.status()
        assert status.status is State.ERROR
        assert status.errors == 1
        assert status.last_error == "rows 10 to 19: ValueError: row 10 cannot be made"
        assert status.reason == status.last_error
        assert status.failed_by_reason == {"ValueError": 10}
        assert balanced(harness)
        await harness.pass_time(1)
        await harness.until(lambda: harness.run.status().acked == 20)
        status = harness.run.status()
        assert status.status is State.ACTIVE
        assert (status.made, status.errors) == (20, 1)


async def test_rows_that_cannot_be_sent_fail_alone() -> None:
    """The others of their slice are sent at once; one event per second names the failed rows."""
    builder = FakeSliceBuilder()
    builder.failures = [RowFailure(r, RECORD_TOO_LARGE, "too long") for r in (3, 5, 12, 25)]
    harness = StreamHarness(generations_rate(10, 1), builder)
    with structlog.testing.capture_logs() as events:
        async with running(harness):
            await harness.until(lambda: harness.run.status().acked == 8)
            await harness.pass_time(0.9)
            await harness.pass_time(0.1)
            await harness.until(lambda: harness.run.status().acked == 17)
            await harness.pass_time(1)
            await harness.until(lambda: harness.run.status().acked == 26)
            status = harness.run.status()
            assert (status.status, status.errors) == (State.ACTIVE, 0)
            assert (status.made, status.failed) == (30, 4)
            assert status.failed_by_reason == {"RecordTooLargeError": 4}
            assert status.last_error == "row 25: too long"
            assert balanced(harness)
    failed = [e for e in events if e["event"] == "rows failed"]
    assert [e["first_rows"] for e in failed] == [[3, 5], [12], [25]]
    assert failed[0]["reason"] == "row 3: too long"


async def test_nothing_is_due_before_the_destination_is_ready() -> None:
    """Until the brokers are available the state is iniciando and no row is due."""
    harness = StreamHarness(constant_rate(100))
    harness.sink.is_ready.clear()
    task = asyncio.create_task(harness.run.run())
    await asyncio.sleep(TICK_S)
    status = harness.run.status()
    assert (status.status, status.due, status.start) == (State.STARTING, 0, None)
    assert await harness.run.latest_rows(None) is None
    harness.sink.is_ready.set()
    await harness.until(lambda: harness.run.status().acked > 0)
    assert harness.run.status().start == WALL
    harness.run.stop()
    await task


async def test_stopping_before_the_destination_is_ready_ends_the_run() -> None:
    """A run that waits for its brokers stops immediately."""
    harness = StreamHarness(constant_rate(100))
    harness.sink.is_ready.clear()
    task = asyncio.create_task(harness.run.run())
    await asyncio.sleep(TICK_S)
    harness.run.stop()
    await asyncio.wait_for(task, 5)
    assert harness.sink.closed


async def test_a_configuration_error_of_the_destination_ends_the_run() -> None:
    """A configuration error of the destination is raised to the caller."""
    harness = StreamHarness(constant_rate(100))
    harness.sink.refusal = ConfigurationError("topic 't' has 2 partitions")
    with pytest.raises(ConfigurationError, match="2 partitions"):
        await harness.run.run()
    assert harness.sink.closed


async def test_a_problem_of_the_destination_degrades_the_stream() -> None:
    """A problem of the sink is the reason in the status until it is solved."""
    async with running(StreamHarness(constant_rate(100))) as harness:
        await harness.until(lambda: harness.run.status().acked > 0)
        harness.sink.problem = "no acknowledgement for 3 s"
        assert harness.run.status().status is State.DEGRADED
        assert harness.run.status().reason == "no acknowledgement for 3 s"
        harness.sink.problem = None
        assert harness.run.status().status is State.ACTIVE


async def test_pause_and_resume_append_to_the_schedule() -> None:
    """While paused no row becomes due; after a resume rows continue where they stopped."""
    async with running(StreamHarness(constant_rate(10))) as harness:
        await harness.pass_time(0.95)
        assert harness.run.pause() == 10
        await harness.pass_time(5)
        await harness.until(lambda: harness.run.status().acked == 10)
        assert harness.run.status().status is State.PAUSED
        assert harness.run.status().rate_asked == 0
        assert harness.run.pause() == 10
        assert harness.run.resume() == 10
        assert harness.run.resume() == 11
        await harness.pass_time(0.1)
        await harness.until(lambda: harness.run.status().acked == 12)
        assert harness.run.status().rate_asked == 10
        assert harness.run.status().changes == 2
        assert balanced(harness)


async def test_a_rate_set_during_a_pause_applies_after_it() -> None:
    """A paused stream stays paused when its rate changes, and resumes with the new rate."""
    async with running(StreamHarness(constant_rate(10))) as harness:
        await harness.pass_time(0.95)
        harness.run.pause()
        assert harness.run.change_rate(constant_rate(100)) == 10
        await harness.pass_time(5)
        assert harness.run.status().status is State.PAUSED
        assert harness.run.status().due == 10
        assert harness.run.resume() == 10
        await harness.pass_time(0.1)
        await harness.until(lambda: harness.run.status().acked == 21)


async def test_a_rate_change_moves_the_end_row_of_a_run_bounded_in_time() -> None:
    """A run of two seconds ends after two seconds, with any live changes."""
    harness = StreamHarness(constant_rate(10), for_s=2)
    async with running(harness):
        assert harness.run.status().rows_asked == 20
        await harness.pass_time(0.95)
        harness.run.change_rate(constant_rate(100))
        assert harness.run.status().rows_asked == 115
        await harness.pass_time(0.55)
        harness.run.pause()
        assert harness.run.status().rows_asked == 66
        await harness.pass_time(0.49)
        assert harness.run.status().status is State.PAUSED
        await harness.pass_time(0.02)
        await harness.until(lambda: harness.run.status().status is State.FINISHED)
        assert harness.run.status().acked == 66


async def test_live_changes_need_a_running_stream() -> None:
    """Before the first row is due and after the stop, live changes are rejected."""
    harness = StreamHarness(constant_rate(10))
    with pytest.raises(ControlError, match="has not started"):
        harness.run.pause()
    async with running(harness):
        harness.run.stop()
        with pytest.raises(ControlError, match="is stopping or finished"):
            harness.run.change_rate(constant_rate(5))


async def test_the_buffer_holds_the_latest_generation() -> None:
    """`latest_rows` returns one generation with one geracao_id; `limit` its newest rows."""
    async with running(StreamHarness(generations_rate(10, 1))) as harness:
        await harness.pass_time(1)
        await harness.until(lambda: harness.run.status().acked == 20)
        rows = await harness.run.latest_rows(None)
        assert rows is not None
        assert rows.num_rows == 10
        assert len(set(rows.column("geracao_id").to_pylist())) == 1
        newest = await harness.run.latest_rows(3)
        assert newest is not None
        assert newest.to_pylist() == rows.to_pylist()[-3:]


async def test_readers_of_a_slow_stream_do_not_delay_others() -> None:
    """Reads of one stream are sequential, and delay neither the stream nor reads of another."""
    released = Event()
    slow, quick = StreamHarness(MAX, rows=50), StreamHarness(MAX, rows=50)
    for harness in (slow, quick):
        await harness.run.run()
    source = slow.run._rows.rows
    slow.run._rows.rows = lambda a, b: (released.wait(10), source(a, b))[1]  # type: ignore[method-assign]
    waiting = [asyncio.create_task(slow.run.regenerate(0, 5)) for _ in range(100)]
    await asyncio.sleep(TICK_S)
    newest = await asyncio.wait_for(quick.run.latest_rows(3), 5)
    assert newest is not None
    assert not any(task.done() for task in waiting)
    released.set()
    assert {rows.num_rows for rows in await asyncio.gather(*waiting)} == {5}


async def test_a_full_destination_does_not_delay_the_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped while its sink blocks, the run ends and its rows are failed."""
    monkeypatch.setattr("gerador.service.produce_loop.DRAIN_TIMEOUT_S", 0.05)
    harness = StreamHarness(constant_rate(100))
    harness.sink.is_full = True
    task = asyncio.create_task(harness.run.run())
    await harness.until(lambda: harness.run.progress.made > 0)
    harness.run.stop()
    await asyncio.wait_for(task, 5)
    status = harness.run.status()
    assert status.failed_by_reason == {"stopped before sending": status.failed}
    assert status.failed >= status.made > 0
    assert balanced(harness)


async def test_slow_generation_does_not_delay_the_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Stopped while rows are being generated, the run ends without them, and they are failed."""
    monkeypatch.setattr("gerador.service.produce_loop.DRAIN_TIMEOUT_S", 0.05)
    started, released = Event(), Event()

    def takes_long(_: int) -> bool:
        started.set()
        return not released.wait(10)

    harness = StreamHarness(constant_rate(100), FakeSliceBuilder(takes_long))
    task = asyncio.create_task(harness.run.run())
    await harness.until(started.is_set)
    harness.run.stop()
    await asyncio.wait_for(task, 5)
    released.set()
    status = harness.run.status()
    assert status.failed_by_reason == {"stopped before sending": status.failed}
    assert status.failed > status.made == 0
    assert balanced(harness)


async def test_rows_due_at_the_stop_stay_due() -> None:
    """A run that is stopped while it is behind stays behind."""
    harness = StreamHarness(constant_rate(100), FakeSliceBuilder(slice_rows=1))
    async with running(harness):
        await harness.until(lambda: harness.run.status().acked == 1)
        harness.sink.is_full = True
        await harness.pass_time(1)
        due = harness.run.status().due
    assert due == 101
    assert harness.run.status().due == due
    assert balanced(harness)


async def test_a_burst_is_due_at_once_and_the_rate_continues() -> None:
    """Rows of a burst are due immediately; the rows of the target rate keep their times."""
    async with running(StreamHarness(constant_rate(10))) as harness:
        await harness.pass_time(0.95)
        assert harness.run.burst(50) == 10
        await harness.until(lambda: harness.run.status().acked == 60)
        await harness.pass_time(0.05)
        await harness.until(lambda: harness.run.status().acked == 61)
        assert harness.run.status().changes == 1
        assert balanced(harness)


async def test_a_ramp_starts_at_the_current_rate() -> None:
    """The target rate rises linearly from the current rate to the new one."""
    async with running(StreamHarness(constant_rate(10))) as harness:
        await harness.pass_time(0.95)
        harness.run.change_rate(constant_rate(110), 10 * NS)
        assert harness.run.status().rate_asked == pytest.approx(10, abs=1)
        await harness.pass_time(5)
        assert harness.run.status().rate_asked == pytest.approx(60, abs=1)
        await harness.pass_time(5)
        assert harness.run.status().rate_asked == 110
        await harness.until(lambda: harness.run.status().behind == 0)
        assert harness.run.status().due == pytest.approx(610, abs=1)


async def test_scheduled_changes_are_applied() -> None:
    """Scheduled changes are applied at their times, and are not counted as live changes."""
    script = ((NS, Burst(30)), (2 * NS, PauseChange.PAUSE), (3 * NS, PauseChange.RESUME))
    async with running(StreamHarness(constant_rate(10), script=script)) as harness:
        await harness.pass_time(1)
        await harness.until(lambda: harness.run.status().acked == 41)
        await harness.pass_time(1.5)
        await harness.until(lambda: harness.run.status().acked == 50)
        assert harness.run.status().status is State.PAUSED
        await harness.pass_time(0.5)
        await harness.until(lambda: harness.run.status().acked == 51)
        assert harness.run.status().changes == 0


async def test_a_backfill_is_behind_until_it_is_sent() -> None:
    """At infinite speed all past rows are due at once; further rows follow the clock."""
    harness = StreamHarness(
        constant_rate(10), start=WALL - timedelta(seconds=60), backfill_speed=math.inf
    )
    async with running(harness):
        assert harness.run.status().due == 601
        await harness.until(lambda: harness.run.status().acked == 601)
        assert harness.run.status().rate_asked == 10
        await harness.pass_time(1)
        await harness.until(lambda: harness.run.status().acked == 611)
        assert balanced(harness)


async def test_a_stream_can_be_stopped_during_startup() -> None:
    """Neither the generation of pools nor the compilation of kernels delays the stop."""
    go_on = Event()
    for where in ("pools", "kernels"):
        harness = StreamHarness(constant_rate(10))
        waits = mock.Mock(side_effect=lambda *_: go_on.wait(10))
        if where == "pools":
            harness.run._stream_set = mock.Mock(rows_of=waits)
        else:
            harness.run._destination = replace(harness.run._destination, create_builder=waits)
        task = asyncio.create_task(harness.run.run())
        await harness.until(lambda waits=waits: waits.called)  # type: ignore[misc]
        harness.run.stop()
        async with asyncio.timeout(5):
            await task
        assert not go_on.is_set()
        assert harness.run.live_schedule.schedule is None
        assert harness.run.status().due == 0
    go_on.set()


async def test_an_error_after_the_stop_is_ignored() -> None:
    """An error of pools that are generated for a stopped stream is not logged."""
    logged: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: logged.append(context))
    started, go_on = Event(), Event()

    def fails(_: str) -> None:
        started.set()
        go_on.wait(10)
        raise ValueError("no pool")

    harness = StreamHarness(constant_rate(10))
    harness.run._stream_set = mock.Mock(rows_of=fails)
    task = asyncio.create_task(harness.run.run())
    await harness.until(started.is_set)
    harness.run.stop()
    await task
    go_on.set()
    harness.run._generator_thread.shutdown()
    await asyncio.sleep(TICK_S)
    gc.collect()
    assert logged == []


async def test_close_ends_the_reader_thread() -> None:
    """The reader thread stays alive after the stream's end, until `close`."""
    harness = StreamHarness(MAX, rows=50)
    await harness.run.run()
    assert await harness.run.regenerate(0, 5)
    (reader,) = [t for t in threading.enumerate() if t in harness.run._reader_thread._threads]
    assert reader.name.startswith(READER_THREAD_PREFIX)
    harness.run.close()
    reader.join(5)
    assert not reader.is_alive()


async def test_unpaced_streams_keep_their_proportion() -> None:
    """Rows of unpaced streams are in proportion to the weights until the first one ends."""
    scheduler = FairScheduler({"a": 1, "b": 4})
    pair = [
        StreamHarness(MAX, FakeSliceBuilder(slice_rows=10), scheduler=(scheduler, "a"), rows=100)
    ]
    pair.append(
        StreamHarness(MAX, FakeSliceBuilder(slice_rows=10), scheduler=(scheduler, "b"), rows=450)
    )
    seen: list[tuple[int, int]] = []

    async def watch() -> None:
        while pair[0].run.progress.next_row < 100:
            seen.append((pair[0].run.progress.next_row, pair[1].run.progress.next_row))
            await asyncio.sleep(TICK_S / 20)

    await asyncio.wait_for(asyncio.gather(watch(), *(b.run.run() for b in pair)), 20)
    assert all(abs(4 * a - b) <= 2 * 4 * 10 for a, b in seen)
    assert [b.sink.ledger.total.acked for b in pair] == [100, 450]


async def test_a_waiting_stream_accepts_a_rate_change() -> None:
    """A stream that waits for another unpaced stream applies a new target rate immediately."""
    scheduler = FairScheduler({"a": 1, "b": 1})
    scheduler.add_stream("b", lambda: None, is_unpaced=True)  # never starts
    async with running(
        StreamHarness(MAX, FakeSliceBuilder(slice_rows=10), scheduler=(scheduler, "a"))
    ) as harness:
        await harness.until(lambda: harness.run.status().acked == 20)
        await harness.pass_time(0.1)
        assert harness.run.status().made == 20
        assert harness.run.change_rate(constant_rate(10)) == 20
        await harness.pass_time(1)
        await harness.until(lambda: harness.run.status().acked == 31)
