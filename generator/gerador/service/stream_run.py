"""One running stream: startup, shutdown, live changes, status and access to its newest rows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from gerador.delivery.latest_generation import Mirror
from gerador.errors import KafkaUnavailableError
from gerador.events.stream_set import StreamSet
from gerador.randomness import StreamSeeds
from gerador.schedule.changes import Burst, PauseChange, RateChange
from gerador.schedule.target_rate import MAX
from gerador.service.live_schedule import LiveSchedule
from gerador.service.produce_counters import SAMPLE_INTERVAL_S, Progress, RateMeter
from gerador.service.produce_loop import DRAIN_TIMEOUT_BOUNDED_S, ProduceLoop, SliceDispatcher
from gerador.service.stream_status import RunState, stream_status
from gerador.service.stream_threads import (
    StartBarrier,
    StopSignal,
    generator_thread,
    reader_thread,
)
from gerador.units import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from gerador.events.rows import StreamRows
    from gerador.scenario.stream_spec import StreamSpec
    from gerador.schedule.changes import Change
    from gerador.schedule.target_rate import TargetRate
    from gerador.service.clock import Clock
    from gerador.service.fair_scheduler import FairScheduler
    from gerador.service.slice_builder import SliceBuilder
    from gerador.service.status import StreamStatus
    from gerador.service.stream_config import Destination, Recipe


_T = TypeVar("_T")
log = structlog.get_logger(__name__)


class StreamRun:
    """Produces one stream to one destination."""

    def __init__(
        self,
        spec: StreamSpec,
        recipe: Recipe,
        destination: Destination,
        clock: Clock,
        *,
        stream_set: StreamSet | None = None,
        start_barrier: StartBarrier | None = None,
        scheduler: FairScheduler | None = None,
    ) -> None:
        """Create a run that is not started.

        Streams of one run share `stream_set`, `start_barrier` and `scheduler`, which keeps unpaced
        streams in proportion; a stream that runs alone needs none of them.
        """
        self.spec = spec
        self.recipe = recipe
        self.mirror = Mirror(spec.generation_rows)
        self.progress = Progress()
        self.live_schedule = LiveSchedule(recipe, clock, StreamSeeds(recipe.seed, spec.name))
        self._destination = destination
        self._sink = destination.sink
        self._clock = clock
        self._stream_set = stream_set or StreamSet([spec], recipe.seed)
        self._start_barrier = start_barrier or StartBarrier(1, clock)
        self._is_ready = False
        self._has_started = False
        self._prepared_rows: StreamRows | None = None
        self._start_time = clock.wall()
        """Event time of row 0, once the stream has started."""
        self._schedule_changed = asyncio.Event()
        self._stop_signal = StopSignal(clock, self._on_stop)
        self._meter = RateMeter()
        self._generator_thread = generator_thread(spec.name)
        self._reader_thread = reader_thread(spec.name)
        self._dispatcher = SliceDispatcher(
            spec.name,
            destination,
            clock,
            self.live_schedule,
            self.progress,
            self.mirror,
            self._stop_signal,
        )
        scheduled = None
        if scheduler is not None:
            wake = self._schedule_changed.set
            is_unpaced = recipe.target_rate == MAX
            scheduled = scheduler.add_stream(spec.name, wake, is_unpaced=is_unpaced)
        self._loop = ProduceLoop(
            self.live_schedule,
            self.progress,
            self._stop_signal,
            self._schedule_changed,
            self._dispatcher,
            scheduled,
        )

    # -- life cycle -------------------------------------------------------------------------

    async def run(self) -> None:
        """Produce rows until the bound is reached or `stop` is called, then drain.

        Raises ConfigurationError: the destination has an error that retries cannot solve.
        """
        sampling = asyncio.create_task(self._sample())
        try:
            if await self._prepare() and (builder := await self._start()):
                await self._loop.run(builder, self._generator_thread)
                self.live_schedule.end()
                self._loop.leave_scheduler()
                await self._dispatcher.drain()
                rows = self.progress.next_row
                self.progress.duration_ns = self.live_schedule.duration_ns(rows)
                self.progress.is_finished = not self._stop_signal.is_set
        finally:
            self.stop()
            self._loop.leave_scheduler()
            if not self._has_started:
                self._start_barrier.withdraw(is_ready=self._is_ready)
            sampling.cancel()
            await self._sink.close()
            if self._has_started:
                self._log_end()
            self._generator_thread.shutdown(wait=False, cancel_futures=True)

    def stop(self) -> None:
        """Stop generating rows; `run` drains and returns within about DRAIN_TIMEOUT_S."""
        self._stop_signal.set()

    def close(self) -> None:
        """Shut down the reader thread; rows cannot be read after that."""
        self._reader_thread.shutdown(wait=False, cancel_futures=True)

    def _on_stop(self) -> None:
        self.live_schedule.stop()
        self._schedule_changed.set()

    async def _prepare(self) -> bool:
        """Generate pools and warm up while the sink gets ready; False when stopped meanwhile."""
        log.info("stream preparing", stream=self.spec.name, note="the first run compiles code")
        ready = asyncio.ensure_future(self._sink.wait_ready())
        try:
            # Pools do not depend on the schedule, which is known at the start.
            self._prepared_rows = await self._run_unless_stopped(
                self._stream_set.rows_of, self.spec.name
            )
            if self._prepared_rows is None:
                return False
            await self._run_unless_stopped(self._destination.warm_up, self._prepared_rows)
            for_s = self.recipe.for_s
            timeout_s = None if for_s is None else for_s + DRAIN_TIMEOUT_BOUNDED_S
            await self._stop_signal.wait_any(ready, timeout_s=timeout_s)
            if ready.done():
                ready.result()
            elif not self._stop_signal.is_set:
                raise KafkaUnavailableError(
                    f"not ready within {timeout_s:g} s: {self._sink.problem}"
                )
            return not self._stop_signal.is_set
        finally:
            ready.cancel()

    async def _start(self) -> SliceBuilder | None:
        """Start the schedule at the same time as the other streams; None when stopped before."""
        builder = await self._run_unless_stopped(self._destination.create_builder, self._rows)
        if builder is None:
            return None
        self._is_ready = True
        all_ready = asyncio.ensure_future(self._start_barrier.wait_ready())
        await self._stop_signal.wait_any(all_ready)
        if not all_ready.done() or self._stop_signal.is_set:
            all_ready.cancel()
            return None
        start = self.live_schedule.begin(all_ready.result())
        self._use_schedule()
        self._start_time = start
        self._has_started = True
        await self._start_barrier.wait_scheduled()
        self._update_notices()
        log.info(
            "stream started",
            stream=self.spec.name,
            seed=self.recipe.seed,
            start=start.isoformat(timespec="milliseconds"),
        )
        return builder

    def _use_schedule(self) -> None:
        """Generate rows by the new schedule from now on, and wake the loop."""
        assert self.live_schedule.schedule is not None  # noqa: S101 - the stream has started
        self._stream_set.reschedule(self.spec.name, self.live_schedule.schedule)
        self._schedule_changed.set()

    def _log_end(self) -> None:
        count = self._sink.ledger.total
        log.info(
            "stream stopped",
            stream=self.spec.name,
            made=self.progress.made,
            acked=count.acked,
            failed=count.failed,
            unknown=count.unknown,
            in_flight=count.in_flight,
        )

    async def _sample(self) -> None:
        while True:
            self._meter.sample(self._now_s(), self._sink.ledger.total.acked)
            await asyncio.sleep(SAMPLE_INTERVAL_S)

    async def _run_unless_stopped(self, function: Callable[..., _T], *arguments: Any) -> _T | None:
        """Call `function` in the generator thread; None when the stop signal comes first."""
        loop = asyncio.get_running_loop()
        call = loop.run_in_executor(self._generator_thread, function, *arguments)
        try:
            await self._stop_signal.wait_any(call)
            return None if self._stop_signal.is_set else call.result()
        finally:
            if not call.cancel() and not call.cancelled():
                call.exception()  # marks it as retrieved: asyncio logs it otherwise

    async def _read(self, function: Callable[..., _T], *arguments: Any) -> _T:
        """Call `function` in the reader thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reader_thread, function, *arguments)

    # -- control ---------------------------------------------------------------------------

    def change_rate(self, target_rate: TargetRate, over_ns: int = 0) -> int:
        """Set the target rate, or ramp to it over `over_ns`; return the first row affected.

        See `LiveSchedule.apply`, also for the errors of this method, `pause`, `resume` and `burst`.
        """
        return self._apply_change(RateChange(target_rate, over_ns))

    def pause(self) -> int:
        """Pause the stream; return the first row that is not due."""
        return self._apply_change(PauseChange.PAUSE)

    def resume(self) -> int:
        """End a pause; return the first row after it."""
        return self._apply_change(PauseChange.RESUME)

    def burst(self, rows: int) -> int:
        """Make `rows` additional rows due now; return the first of them."""
        return self._apply_change(Burst(rows))

    def _update_notices(self) -> None:
        """Read the destination's notices, and log the new ones."""
        before = self.progress.notices
        notices = tuple(self._destination.notices(self._start_time, self.live_schedule.target_rate))
        self.progress.notices = notices
        for line in notices:
            if line not in before:
                log.warning(line, stream=self.spec.name)

    def _apply_change(self, change: Change) -> int:
        row = self.live_schedule.apply(change, self.progress.next_row)
        if self.live_schedule.schedule is not self._rows.schedule:
            self._use_schedule()
            log.info("rate changed", stream=self.spec.name, row=row, change=str(change))
        self._update_notices()
        return row

    # -- status and rows --------------------------------------------------------------------

    def status(self) -> StreamStatus:
        """Return the current status. Cost: microseconds."""
        delivered = self._meter.per_s(self._now_s())
        state = RunState(delivered, self._stop_signal.is_set)
        return stream_status(
            self.recipe, self._destination, self.progress, self.mirror, self.live_schedule, state
        )

    async def latest_rows(self, limit: int | None) -> pa.RecordBatch | None:
        """Return the newest rows in the buffer, oldest first; None before the start."""
        if self.live_schedule.schedule is None:
            return None
        return await self._read(self.mirror.rows, self._rows, limit)

    async def regenerate(self, a: int, b: int) -> pa.RecordBatch:
        """Return rows [a, b), generated again; b <= `mirror.generated_rows`."""
        return await self._read(self._rows.rows, a, b)

    def _now_s(self) -> float:
        return self._clock.monotonic_ns() / NS_PER_S

    @property
    def _rows(self) -> StreamRows:
        assert self._prepared_rows is not None  # noqa: S101 - `_prepare` has run
        return self._prepared_rows
