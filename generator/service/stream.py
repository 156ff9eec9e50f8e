"""The loop of one stream: wait until rows are due, make them, hand them over, count.

The control plane and the data plane meet only here. The loop runs on the event loop; rows are
made in a worker thread of the stream's own. It refuses to know brokers, HTTP or settings.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import structlog

from generator.delivery.ledger import NEVER_SENT
from generator.delivery.mirror import Mirror
from generator.errors import GeradorError, KafkaFault
from generator.events.changes import Burst, Halt, NewPace
from generator.events.courses.course import NS_PER_S
from generator.events.pace import MAX
from generator.events.seeds import StreamSeeds
from generator.events.tables import Tables
from generator.interpreter import give_way
from generator.service.departure import Departure
from generator.service.progress import Progress
from generator.service.rate import SAMPLE_S, RateMeter
from generator.service.report import Moment, report
from generator.service.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from generator.delivery.sink import Slice
    from generator.events.changes import Change
    from generator.events.pace import Pace
    from generator.events.rows import StreamRows
    from generator.scenario.model import StreamSpec
    from generator.service.clock import Clock
    from generator.service.convoy import Convoy
    from generator.service.destination import Destination
    from generator.service.maker import Maker
    from generator.service.recipe import Recipe
    from generator.service.status import StreamStatus

T = TypeVar("T")

SLICES_AHEAD: Final = 2
"""Slices in the worker thread's hands: one that is being made, one that waits its turn."""
ROWS_THREAD: Final = "rows-"
"""How the names of threads that make rows begin."""
DRAIN_S: Final = 3.0
"""Longest wait for the destination, in all, once the run is told to stop."""
DRAIN_BOUNDED_S: Final = 60.0
"""Longest wait for acknowledgements when a bounded run has made its last row."""
ERROR_PAUSE_S: Final = 1.0
"""Pause after rows could not be made, so that a fault that stays does not spin."""

log = structlog.get_logger(__name__)


class _Making(NamedTuple):
    """Rows [a, b) that the worker thread makes, or is going to."""

    a: int
    b: int
    slice: asyncio.Future[Slice]


class StreamRun:
    """One stream on its way to one destination."""

    def __init__(
        self,
        spec: StreamSpec,
        recipe: Recipe,
        destination: Destination,
        clock: Clock,
        *,
        tables: Tables | None = None,
        departure: Departure | None = None,
        convoy: Convoy | None = None,
    ) -> None:
        """Make a run that has not started.

        Streams of one run share `tables`, begin at one `departure`, and are kept side by side at
        full speed by a `convoy`; a stream that runs alone has its own.
        """
        self.spec = spec
        self.recipe = recipe
        self.mirror = Mirror(spec.generation_rows)
        self.progress = Progress()
        self.timeline = Timeline(recipe, clock, StreamSeeds(recipe.seed, spec.name))
        self._destination = destination
        self._sink = destination.sink
        self._clock = clock
        self._tables = tables or Tables([spec], recipe.seed)
        self._departure = departure or Departure(1, clock)
        self._is_ready = False
        self._has_begun = False
        self._source: StreamRows | None = None
        self._linger_ns = round(destination.linger_s * NS_PER_S)
        self._start = clock.wall()
        """The event time of row 0, once the stream has begun."""
        self._stopping = asyncio.Event()
        self._changed = asyncio.Event()
        self._stopped_at_s: float | None = None
        self._meter = RateMeter()
        flows = recipe.pace == MAX
        self._place = (
            None if convoy is None else convoy.place(spec.name, self._changed.set, flows=flows)
        )
        self._thread = ThreadPoolExecutor(
            1, thread_name_prefix=f"{ROWS_THREAD}{spec.name}", initializer=give_way
        )

    # -- the loop --------------------------------------------------------------------------

    async def run(self) -> None:
        """Make and deliver rows until the bound is reached or `stop` is called, then drain.

        Raises ConfigurationError: waiting for the destination cannot help.
        """
        sampling = asyncio.create_task(self._sample())
        try:
            if await self._prepare() and (maker := await self._begin()):
                await self._flow(maker)
                self.timeline.end()
                self._leave_convoy()
                await self._drain()
                self.progress.span_ns = self.timeline.span_ns(self.progress.row)
                self.progress.finished = not self._stopping.is_set()
        finally:
            self.stop()
            self._leave_convoy()
            if not self._has_begun:
                self._departure.leave(ready=self._is_ready)
            sampling.cancel()
            await self._sink.close()
            self._log_end()
            self._thread.shutdown(wait=False, cancel_futures=True)

    def stop(self) -> None:
        """Make no more rows; `run` drains and returns, within about DRAIN_S."""
        if not self._stopping.is_set():
            self._stopped_at_s = self._now_s()
            self.timeline.stop()
        self._stopping.set()
        self._changed.set()

    async def _prepare(self) -> bool:
        """Draw the pools while the destination gets ready; False when stopped meanwhile."""
        ready = asyncio.ensure_future(self._sink.ready())
        stopped = asyncio.ensure_future(self._stopping.wait())
        try:
            # Pools do not depend on the schedule, which comes with the start.
            self._source = await self._in_thread(self._tables.get, self.spec.name)
            for_s = self.recipe.for_s
            patience_s = None if for_s is None else for_s + DRAIN_BOUNDED_S
            either = {ready, stopped}
            await asyncio.wait(either, timeout=patience_s, return_when=asyncio.FIRST_COMPLETED)
            if ready.done():
                ready.result()
            elif not stopped.done():
                raise KafkaFault(f"not ready within {patience_s:g} s: {self._sink.trouble}")
            return ready.done()
        finally:
            ready.cancel()
            stopped.cancel()

    async def _begin(self) -> Maker | None:
        """Fix the start, the same for all streams: from here on rows are due.

        None: told to stop while others were not ready.
        """
        maker = await self._in_thread(self._destination.maker, self._rows)
        self._is_ready = True
        departing = asyncio.ensure_future(self._departure.start())
        await self._wait_or_stop(departing, None)
        if not departing.done():
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

    async def _flow(self, maker: Maker) -> None:
        """Make slices while rows fall due, one ahead of the one that is handed over.

        The worker thread finds the next slice waiting when it has made one: it need not wait
        for the event loop, which may be busy with the brokers.
        """
        making: deque[_Making] = deque()
        while making or not self._over():
            while len(making) < SLICES_AHEAD and (span := self._take(maker.rows_at_once)):
                making.append(_Making(*span, self._start_in_thread(maker.make, *span)))
            if making:
                await self._hand_over(making.popleft(), maker.rows_at_once)
            else:
                await self._wait_until_due()

    def _take(self, at_once: int) -> tuple[int, int] | None:
        """Take the rows that may be made now, at most `at_once`; None when there are none."""
        if self._over():
            return None
        row = self.progress.row
        end = min(self.timeline.reachable(row, at_once), self._beside(row, at_once))
        if end <= row:
            return None
        if self._place is not None:
            self._place.note(end)
        return self.progress.take(end)

    def _beside(self, row: int, at_once: int) -> int:
        """Return the row up to which this stream may go beside others at full speed."""
        if self._place is not None and self.timeline.at_full_speed:
            return self._place.reach(row, at_once)
        self._leave_convoy()
        return row + at_once

    def _leave_convoy(self) -> None:
        if self._place is not None:
            self._place.leave()

    async def _wait_until_due(self) -> None:
        """Wait until the next row falls due, or the schedule changes."""
        if self._over():
            return
        self._changed.clear()
        is_held = self._place is not None and self._place.held
        left_s = self.timeline.left_s() if is_held else self.timeline.wait_s(self.progress.row)
        await _wait(self._changed, left_s)

    def _over(self) -> bool:
        return self._stopping.is_set() or self.timeline.over(self.progress.row)

    async def _hand_over(self, making: _Making, full_rows: int) -> None:
        """Wait for a slice to be made and hand it to the destination."""
        began_ns = self._clock.monotonic_ns()
        rows = making.b - making.a
        try:
            made = await self._made(making.slice)
        except Exception as e:  # noqa: BLE001 - a slice that fails never ends the service
            await self._note_failure(making.a, making.b, e)
            return
        if made is None:
            self._sink.ledger.fail_unmade(rows, NEVER_SENT)
            return
        self._note_made(rows, making.b)
        if not await self._offer(made):
            return
        if rows < full_rows // 2:
            # Rows that trickle in are gathered for a while, as Kafka's linger.ms does.
            spent_ns = self._clock.monotonic_ns() - began_ns
            await _wait(self._stopping, max(0, self._linger_ns - spent_ns) / NS_PER_S)

    async def _made(self, making: asyncio.Future[Slice]) -> Slice | None:
        """Wait for a slice; None when it is not made in time once the run is told to stop."""
        await self._wait_or_stop(making, None)
        if not making.done():
            await asyncio.wait({making}, timeout=self._patience_s())
        if making.done():
            return making.result()
        making.cancel()
        return None

    async def _offer(self, made: Slice) -> bool:
        """Hand a slice to the sink; False when that took longer than the run may.

        A sink that is full while its brokers are away lets go of nobody by itself.
        """
        offering = asyncio.ensure_future(self._sink.offer(made))
        patience_s = self._patience_s()
        await self._wait_or_stop(offering, patience_s)
        if not offering.done() and self._stopping.is_set():
            await asyncio.wait({offering}, timeout=self._patience_s())
        if offering.done():
            offering.result()
            return True
        offering.cancel()
        self._sink.ledger.fail_unmade(made.rows, NEVER_SENT)
        self.stop()
        return False

    def _patience_s(self) -> float | None:
        """Return how long the destination may still take, in seconds; None: as long as it likes."""
        now_s = self._now_s()
        if self._stopped_at_s is not None:
            return max(0.0, self._stopped_at_s + DRAIN_S - now_s)
        left_s = self.timeline.left_s()
        return None if left_s is None else max(0.0, left_s + DRAIN_BOUNDED_S)

    def _note_made(self, rows: int, b: int) -> None:
        self.progress.note_made(rows)
        before = self.mirror.generations
        self.mirror.advance(b)
        if self.mirror.generations > before:
            self.progress.generation_at = self._clock.wall()
            log.debug(
                "generation finished",
                stream=self.spec.name,
                total_geracoes=self.mirror.generations,
                rows_made=self.progress.made,
            )

    async def _note_failure(self, a: int, b: int, error: Exception) -> None:
        reason = self.progress.note_failure(a, b, error)
        self._sink.ledger.fail_unmade(b - a, type(error).__name__)
        log.error(
            "rows could not be made",
            stream=self.spec.name,
            first_row=a,
            rows=b - a,
            reason=reason,
            # Errors of ours say all that there is to say in a line.
            exc_info=None if isinstance(error, GeradorError) else error,
        )
        await _wait(self._stopping, ERROR_PAUSE_S)

    async def _drain(self) -> None:
        """Wait for acknowledgements; an interruption shortens the patience of a bounded run."""
        draining = asyncio.ensure_future(self._sink.drain(DRAIN_BOUNDED_S))
        await self._wait_or_stop(draining, None)
        if not draining.done():
            await asyncio.wait({draining}, timeout=self._patience_s())
        draining.cancel()

    async def _wait_or_stop(self, work: asyncio.Future[Any], timeout_s: float | None) -> None:
        stopped = asyncio.ensure_future(self._stopping.wait())
        await asyncio.wait({work, stopped}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()

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
            await asyncio.sleep(SAMPLE_S)

    def _start_in_thread(self, function: Callable[..., T], *arguments: Any) -> asyncio.Future[T]:
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._thread, function, *arguments)

    async def _in_thread(self, function: Callable[..., T], *arguments: Any) -> T:
        return await self._start_in_thread(function, *arguments)

    # -- control ---------------------------------------------------------------------------

    def change_pace(self, pace: Pace, over_ns: int = 0) -> int:
        """Let rows fall due at `pace` from now on; return the first row that it holds for.

        With `over_ns` the way there is a ramp. See `Timeline.change`, also for what it raises;
        the same for `pause`, `resume` and `burst`.
        """
        return self._steered(NewPace(pace, over_ns))

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
        moment = Moment(self.timeline.now_ns(), delivered, self._stopping.is_set())
        return report(
            self.recipe, self._destination, self.progress, self.mirror, self.timeline, moment
        )

    async def latest(self, limit: int | None) -> pa.RecordBatch | None:
        """Return the newest rows in memory, oldest first; None before the first."""
        if self.timeline.schedule is None:
            return None
        return await asyncio.to_thread(self.mirror.rows, self._rows, limit)

    async def remake(self, a: int, b: int) -> pa.RecordBatch:
        """Make rows [a, b) again, which must have been made: b <= `mirror.made`."""
        return await asyncio.to_thread(self._rows.rows, a, b)

    def _now_s(self) -> float:
        return self._clock.monotonic_ns() / NS_PER_S

    @property
    def _rows(self) -> StreamRows:
        assert self._source is not None  # noqa: S101 - `_prepare` made it
        return self._source


async def _wait(event: asyncio.Event, timeout_s: float | None) -> None:
    """Wait for `event`, at most `timeout_s` seconds (None: for ever)."""
    if timeout_s == 0:
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await event.wait()
