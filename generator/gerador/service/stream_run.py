"""One running stream: startup, shutdown, rate changes, status and access to its newest rows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from gerador.delivery.mirror import Mirror
from gerador.errors import KafkaUnavailableError
from gerador.events.stream_set import StreamSet
from gerador.randomness import StreamSeeds
from gerador.schedule.changes import Burst, Halt, RateChange
from gerador.schedule.target_rate import MAX
from gerador.service.concurrency import StartBarrier, StopSignal, generator_thread, reader_thread
from gerador.service.live_schedule import LiveSchedule
from gerador.service.produce_loop import DRAIN_TIMEOUT_BOUNDED_S, ProduceLoop, SliceDispatcher
from gerador.service.progress import SAMPLE_INTERVAL_S, Progress, RateMeter
from gerador.service.stream_status import RunState, stream_status
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
    """One stream on its way to one destination."""

    def __init__(
        self,
        spec: StreamSpec,
        recipe: Recipe,
        destination: Destination,
        clock: Clock,
        *,
        tables: StreamSet | None = None,
        departure: StartBarrier | None = None,
        convoy: FairScheduler | None = None,
    ) -> None:
        """Make a run that has not started.

        Streams of one run share `tables`, begin at one `departure`, and are kept side by side at
        full speed by a `convoy`; a stream that runs alone has its own.
        """
        self.spec = spec
        self.recipe = recipe
        self.mirror = Mirror(spec.generation_rows)
        self.progress = Progress()
        self.timeline = LiveSchedule(recipe, clock, StreamSeeds(recipe.seed, spec.name))
        self._destination = destination
        self._sink = destination.sink
        self._clock = clock
        self._tables = tables or StreamSet([spec], recipe.seed)
        self._departure = departure or StartBarrier(1, clock)
        self._is_ready = False
        self._has_begun = False
        self._source: StreamRows | None = None
        self._start = clock.wall()
        """The event time of row 0, once the stream has begun."""
        self._changed = asyncio.Event()
        self._stopping = StopSignal(clock, self._on_stop)
        self._meter = RateMeter()
        self._thread = generator_thread(spec.name)
        self._looks = reader_thread(spec.name)
        self._handing = SliceDispatcher(
            spec.name,
            destination,
            clock,
            self.timeline,
            self.progress,
            self.mirror,
            self._stopping,
        )
        flows = recipe.pace == MAX
        self._flow = ProduceLoop(
            self.timeline,
            self.progress,
            self._stopping,
            self._changed,
            self._handing,
            None if convoy is None else convoy.place(spec.name, self._changed.set, flows=flows),
        )

    # -- from the beginning to the end -------------------------------------------------------

    async def run(self) -> None:
        """Make and deliver rows until the bound is reached or `stop` is called, then drain.

        Raises ConfigurationError: waiting for the destination cannot help.
        """
        sampling = asyncio.create_task(self._sample())
        try:
            if await self._prepare() and (maker := await self._begin()):
                await self._flow.run(maker, self._thread)
                self.timeline.end()
                self._flow.leave_convoy()
                await self._handing.drain()
                self.progress.span_ns = self.timeline.span_ns(self.progress.row)
                self.progress.finished = not self._stopping.told
        finally:
            self.stop()
            self._flow.leave_convoy()
            if not self._has_begun:
                self._departure.leave(ready=self._is_ready)
            sampling.cancel()
            await self._sink.close()
            self._log_end()
            self._thread.shutdown(wait=False, cancel_futures=True)

    def stop(self) -> None:
        """Make no more rows; `run` drains and returns, within about DRAIN_S."""
        self._stopping.tell()

    def close(self) -> None:
        """Let go of the thread for who looks, when nobody does any more."""
        self._looks.shutdown(wait=False, cancel_futures=True)

    def _on_stop(self) -> None:
        self.timeline.stop()
        self._changed.set()

    async def _prepare(self) -> bool:
        """Draw the pools while the destination gets ready; False when stopped meanwhile."""
        ready = asyncio.ensure_future(self._sink.ready())
        try:
            # Pools do not depend on the schedule, which comes with the start.
            self._source = await self._unless_stopped(self._tables.get, self.spec.name)
            if self._source is None:
                return False
            for_s = self.recipe.for_s
            patience_s = None if for_s is None else for_s + DRAIN_TIMEOUT_BOUNDED_S
            await self._stopping.or_done(ready, timeout_s=patience_s)
            if ready.done():
                ready.result()
            elif not self._stopping.told:
                raise KafkaUnavailableError(
                    f"not ready within {patience_s:g} s: {self._sink.trouble}"
                )
            return not self._stopping.told
        finally:
            ready.cancel()

    async def _begin(self) -> SliceBuilder | None:
        """Fix the start, the same for all streams: from here on rows are due.

        None: told to stop before that.
        """
        maker = await self._unless_stopped(self._destination.maker, self._rows)
        if maker is None:
            return None
        self._is_ready = True
        departing = asyncio.ensure_future(self._departure.start())
        await self._stopping.or_done(departing)
        if not departing.done() or self._stopping.told:
            departing.cancel()
            return None
        start = self.timeline.begin(departing.result())
        self._follow()
        self._start = start
        self._has_begun = True
        await self._departure.begun()
        self._notice()
        log.info(
            "stream begins",
            stream=self.spec.name,
            seed=self.recipe.seed,
            start=start.isoformat(timespec="milliseconds"),
        )
        return maker

    def _follow(self) -> None:
        """Make rows by the timeline's schedule, which is new."""
        assert self.timeline.schedule is not None  # noqa: S101 - it has begun
        self._tables.reschedule(self.spec.name, self.timeline.schedule)
        self._changed.set()

    def _log_end(self) -> None:
        count = self._sink.ledger.total
        log.info(
            "stream ends",
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

    async def _unless_stopped(self, function: Callable[..., _T], *arguments: Any) -> _T | None:
        """Return what the thread makes; None when told to stop: then it makes that for nobody."""
        work = asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)
        try:
            await self._stopping.or_done(work)
            return None if self._stopping.told else work.result()
        finally:
            if not work.cancel() and not work.cancelled():
                work.exception()  # who stops is told nothing of it

    async def _looked(self, function: Callable[..., _T], *arguments: Any) -> _T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._looks, function, *arguments)

    # -- control ---------------------------------------------------------------------------

    def change_pace(self, pace: TargetRate, over_ns: int = 0) -> int:
        """Let rows fall due at `pace` from now on; return the first row that it holds for.

        With `over_ns` the way there is a ramp. See `Timeline.change`, also for what it raises;
        the same for `pause`, `resume` and `burst`.
        """
        return self._steered(RateChange(pace, over_ns))

    def pause(self) -> int:
        """Let no row fall due from now on; return the first that does not."""
        return self._steered(Halt.PAUSE)

    def resume(self) -> int:
        """End a pause; return the first row due after it."""
        return self._steered(Halt.RESUME)

    def burst(self, rows: int) -> int:
        """Let `rows` rows be due now, besides what flows; return the first of them."""
        return self._steered(Burst(rows))

    def _notice(self) -> None:
        """Ask the destination what may surprise, and log what it had not said before."""
        before = self.progress.notices
        now = tuple(self._destination.notices(self._start, self.timeline.pace))
        self.progress.notices = now
        for line in now:
            if line not in before:
                log.warning(line, stream=self.spec.name)

    def _steered(self, change: Change) -> int:
        row = self.timeline.change(change, self.progress.row)
        if self.timeline.schedule is not self._rows.schedule:
            self._follow()
            log.info("stream steered", stream=self.spec.name, row=row, change=str(change))
        self._notice()
        return row

    # -- what it says ----------------------------------------------------------------------

    def status(self) -> StreamStatus:
        """Return the state now. Cost: microseconds."""
        delivered = self._meter.per_s(self._now_s())
        moment = RunState(delivered, self._stopping.told)
        return stream_status(
            self.recipe, self._destination, self.progress, self.mirror, self.timeline, moment
        )

    async def latest(self, limit: int | None) -> pa.RecordBatch | None:
        """Return the newest rows in memory, oldest first; None before the first."""
        if self.timeline.schedule is None:
            return None
        return await self._looked(self.mirror.rows, self._rows, limit)

    async def remake(self, a: int, b: int) -> pa.RecordBatch:
        """Make rows [a, b) again, which must have been made: b <= `mirror.made`."""
        return await self._looked(self._rows.rows, a, b)

    def _now_s(self) -> float:
        return self._clock.monotonic_ns() / NS_PER_S

    @property
    def _rows(self) -> StreamRows:
        assert self._source is not None  # noqa: S101 - `_prepare` made it
        return self._source
