"""The loop of one stream: wait until rows are due, make them, hand them over, count.

The control plane and the data plane meet only here. The loop runs on the event loop; rows are
made in a worker thread of the stream's own. It refuses to know brokers, HTTP or settings.
"""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import structlog

from generator.delivery.mirror import Mirror
from generator.errors import SettingError
from generator.events.pace import PAUSED
from generator.events.rows import StreamRows
from generator.events.schedule import Schedule
from generator.service.clock import StreamClock
from generator.service.rate import SAMPLE_S, RateMeter
from generator.service.status import State, StreamStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from generator.delivery.sink import Sink
    from generator.events.pace import Pace
    from generator.scenario.model import StreamSpec
    from generator.service.clock import Clock
    from generator.service.maker import Maker

DRAIN_S: Final = 3.0
"""Longest wait for acknowledgements when the run is interrupted."""
DRAIN_BOUNDED_S: Final = 60.0
"""Longest wait for acknowledgements when a bounded run has made its last row."""
ERROR_PAUSE_S: Final = 1.0
"""Pause after rows could not be made, so that a fault that stays does not spin."""
NS_PER_S: Final = 1_000_000_000
NS_PER_MS: Final = 1_000_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What determines every row and how many of them: with the spec, all of a stream's content."""

    seed: int
    pace: Pace
    start: datetime | None = None
    """Event time of row 0; None is the moment when the destination is first ready."""
    rows: int | None = None
    """Rows in all; None is endless."""
    for_s: float | None = None
    """Seconds of stream time in all; None is endless."""


@dataclass(frozen=True, kw_only=True)
class Destination:
    """Where a stream goes, and how its slices are made for there.

    `maker` is called once, when the sink is ready and the number of partitions is known. `notice`
    may say one line about a start that will surprise (event times that retention deletes).
    """

    sink: Sink
    maker: Callable[[StreamRows], Maker]
    topic: str | None = None
    framing: str | None = None
    schema_id: Callable[[], int | None] = lambda: None
    notice: Callable[[datetime], str | None] = lambda _: None
    linger_s: float = 0.01


class StreamRun:
    """One stream on its way to one destination."""

    def __init__(
        self, spec: StreamSpec, recipe: Recipe, destination: Destination, clock: Clock
    ) -> None:
        self.spec = spec
        self.recipe = recipe
        self.sink = destination.sink
        self.mirror = Mirror(spec.generation_rows)
        self.schedule: Schedule | None = None
        self._destination = destination
        self._clock = clock
        self._linger_ns = round(destination.linger_s * NS_PER_S)
        self._notices: tuple[str, ...] = ()
        self._source: StreamRows | None = None
        self._stream_clock: StreamClock | None = None
        self._row = 0
        """The first row that no slice has taken yet."""
        self._made = 0
        self._end_row = recipe.rows
        self._errors = 0
        self._last_error: str | None = None
        self._failing = False
        self._finished_at: datetime | None = None
        self._elapsed_at_end_ns: int | None = None
        self._stopping = asyncio.Event()
        self._changed = asyncio.Event()
        self._meter = RateMeter()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"rows-{spec.name}")

    # -- the loop --------------------------------------------------------------------------

    async def run(self) -> None:
        """Make and deliver rows until the bound is reached or `stop` is called, then drain.

        Raises ConfigurationError: waiting for the destination cannot help.
        """
        sampling = asyncio.create_task(self._sample())
        try:
            if await self._prepare():
                maker = self._begin()
                while (span := await self._next_span(maker.rows_at_once)) is not None:
                    await self._send(maker, *span)
                await self._drain()
                self._elapsed_at_end_ns = self._whole_span_ns()
        finally:
            self._stopping.set()
            sampling.cancel()
            await self.sink.close()
            self._thread.shutdown(wait=False, cancel_futures=True)

    def stop(self) -> None:
        """Make no more rows; `run` drains and returns."""
        self._stopping.set()
        self._changed.set()

    async def _prepare(self) -> bool:
        """Draw the pools while the destination gets ready; False when stopped meanwhile."""
        ready = asyncio.ensure_future(self.sink.ready())
        stopped = asyncio.ensure_future(self._stopping.wait())
        try:
            loop = asyncio.get_running_loop()
            self._source = await loop.run_in_executor(self._thread, self._columns)
            await asyncio.wait({ready, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if ready.done():
                ready.result()
            return ready.done()
        finally:
            ready.cancel()
            stopped.cancel()

    def _columns(self) -> StreamRows:
        # Pools do not depend on the schedule; the real one comes with the start.
        return StreamRows(self.spec, self.recipe.seed, Schedule.starting(0, PAUSED))

    def _begin(self) -> Maker:
        """Fix the start: from here on rows are due."""
        start = _whole_ms(self.recipe.start or self._clock.wall())
        start_ns = round(start.timestamp() * 1000) * NS_PER_MS
        self._stream_clock = StreamClock(self._clock, start_ns)
        self._follow(Schedule.starting(start_ns, self.recipe.pace))
        self._bound(start_ns)
        if (text := self._destination.notice(start)) is not None:
            log.warning(text, stream=self.spec.name)
            self._notices = (text,)
        log.info(
            "stream begins",
            stream=self.spec.name,
            seed=self.recipe.seed,
            start=start.isoformat(timespec="milliseconds"),
        )
        return self._destination.maker(self._rows)

    def _bound(self, start_ns: int) -> None:
        """Turn a bound in seconds into one in rows, where rows fall due by the clock."""
        if self.recipe.for_s is None:
            return
        due = self._schedule.due_rows(start_ns + round(self.recipe.for_s * NS_PER_S) - 1)
        if due is not None:
            self._end_row = due if self._end_row is None else min(due, self._end_row)

    def _follow(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self._rows.reschedule(schedule)
        self._changed.set()

    async def _next_span(self, at_once: int) -> tuple[int, int] | None:
        """Wait for rows to be due and take them; None when the run is over."""
        while not self._over():
            end = self._reachable(at_once)
            if end > self._row:
                a, self._row = self._row, min(end, self._row + at_once)
                return a, self._row
            self._changed.clear()
            due_ns = self._schedule.due_ns(self._row)
            wait_s = None if due_ns is None else max(0, due_ns - self._now_ns()) / NS_PER_S
            await self._wait_changed(wait_s)
        return None

    def _reachable(self, at_once: int) -> int:
        """Return the row that may be made up to now."""
        due = self._schedule.due_rows(self._now_ns())
        end = self._row + at_once if due is None else due
        return end if self._end_row is None else min(end, self._end_row)

    def _over(self) -> bool:
        if self._stopping.is_set():
            return True
        if self._end_row is not None:
            return self._row >= self._end_row
        for_s = self.recipe.for_s
        return for_s is not None and self._now_ns() - self._schedule.start_ns >= for_s * NS_PER_S

    async def _send(self, maker: Maker, a: int, b: int) -> None:
        began_ns = self._clock.monotonic_ns()
        loop = asyncio.get_running_loop()
        try:
            made = await loop.run_in_executor(self._thread, maker.make, a, b)
        except Exception as e:  # noqa: BLE001 - a slice that fails never ends the service
            await self._note_failure(a, b, e)
            return
        self._note_made(a, b)
        await self.sink.offer(made)
        if b - a < maker.rows_at_once // 2:
            # Rows that trickle in are gathered for a while, as Kafka's linger.ms does.
            spent_ns = self._clock.monotonic_ns() - began_ns
            await self._wait_stopping(max(0, self._linger_ns - spent_ns) / NS_PER_S)

    def _note_made(self, a: int, b: int) -> None:
        self._failing = False
        self._made += b - a
        before = self.mirror.generations
        self.mirror.advance(b)
        if self.mirror.generations > before:
            self._finished_at = self._clock.wall()
            log.debug(
                "generation finished",
                stream=self.spec.name,
                total_geracoes=self.mirror.generations,
                rows_made=self._made,
            )

    async def _note_failure(self, a: int, b: int, error: Exception) -> None:
        self._failing = True
        self._errors += 1
        what = f"{type(error).__name__}: {error}".partition("\n")[0]
        self._last_error = f"rows {a} to {b - 1}: {what}"
        self.sink.ledger.fail_unmade(b - a, type(error).__name__)
        log.error(
            "rows could not be made",
            stream=self.spec.name,
            first_row=a,
            rows=b - a,
            reason=what,
            exc_info=error,
        )
        await self._wait_stopping(ERROR_PAUSE_S)

    async def _drain(self) -> None:
        """Wait for acknowledgements; an interruption shortens the patience of a bounded run."""
        draining = asyncio.ensure_future(self.sink.drain(DRAIN_BOUNDED_S))
        await self._wait_for(draining, self._stopping)
        if not draining.done():
            await asyncio.wait({draining}, timeout=DRAIN_S)
        draining.cancel()

    @staticmethod
    async def _wait_for(work: asyncio.Future[Any], event: asyncio.Event) -> None:
        happened = asyncio.ensure_future(event.wait())
        await asyncio.wait({work, happened}, return_when=asyncio.FIRST_COMPLETED)
        happened.cancel()

    async def _wait_changed(self, timeout_s: float | None) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._changed.wait()

    async def _wait_stopping(self, timeout_s: float) -> None:
        if timeout_s > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await self._stopping.wait()

    async def _sample(self) -> None:
        while True:
            self._meter.sample(self._clock.monotonic_ns() / NS_PER_S, self.sink.ledger.total.acked)
            await asyncio.sleep(SAMPLE_S)

    # -- control ---------------------------------------------------------------------------

    def change_pace(self, pace: Pace) -> int:
        """Let rows fall due at `pace` from now on; return the first row that it holds for.

        Rows that are due already stay due.

        Raises SettingError: the stream has not begun, or has changed too often.
        """
        if self.schedule is None:
            raise SettingError(f"stream {self.spec.name!r} has not begun; wait for the first row")
        now_ns = self._now_ns()
        row = max(self._row, self.schedule.due_rows(now_ns) or 0)
        self._follow(self.schedule.then(row, now_ns, pace))
        return row

    # -- what it says ----------------------------------------------------------------------

    @property
    def progress_rows(self) -> int | None:
        """Rows that a bounded run will have in all; None while that is not known, or endless."""
        return self._end_row

    def status(self) -> StreamStatus:
        """Return the state now. Cost: microseconds."""
        count = self.sink.ledger.total
        handed = count.acked + count.failed + count.unknown + count.in_flight
        due = self._due(handed)
        a, b = self.mirror.span
        reason = self._reason()
        return StreamStatus(
            status=self._state(reason),
            ultima_geracao=self._finished_at,
            total_geracoes=self.mirror.generations,
            registros_atuais=b - a,
            due=due,
            made=self._made,
            acked=count.acked,
            failed=count.failed,
            unknown=count.unknown,
            in_flight=count.in_flight,
            behind=due - handed,
            behind_s=self._behind_s(handed, due),
            rate_asked=self._rate_asked(),
            rate_delivered=self._rate_delivered(),
            elapsed_s=round(self._elapsed_ns() / NS_PER_S, 3),
            seed=self.recipe.seed,
            start=self._start(),
            topic=self._destination.topic,
            partitions=self.sink.partitions or None,
            reason=reason,
            errors=self._errors,
            last_error=self._last_error,
            failed_by_reason=dict(self.sink.ledger.failed_by_reason),
            bytes_acked=count.acked_bytes,
            schema_id=self._destination.schema_id(),
            framing=self._destination.framing,
            rows_asked=self._end_row,
            notices=self._notices,
        )

    async def latest(self, limit: int | None) -> pa.RecordBatch | None:
        """Return the newest rows in memory, oldest first; None before the first."""
        if self.schedule is None or self._source is None:
            return None
        return await asyncio.to_thread(self.mirror.rows, self._source, limit)

    def _state(self, reason: str | None) -> State:
        if self._stopping.is_set():
            return State.STOPPING
        if self._failing:
            return State.ERROR
        if reason is not None:
            return State.DEGRADED
        if self.schedule is not None and self.schedule.segments[-1].pace == PAUSED:
            return State.PAUSED
        return State.ACTIVE if self._made else State.STARTING

    def _reason(self) -> str | None:
        return self._last_error if self._failing else self.sink.trouble

    def _due(self, handed: int) -> int:
        """Return the rows due by now; as fast as possible, what was handed over."""
        if self.schedule is None:
            return handed
        due = self.schedule.due_rows(self._now_ns()) or handed
        if self._stopping.is_set():
            due = handed
        return max(handed, due if self._end_row is None else min(due, self._end_row))

    def _behind_s(self, handed: int, due: int) -> float:
        if due <= handed:
            return 0.0
        since_ns = self._schedule.due_ns(handed)
        return 0.0 if since_ns is None else round((self._now_ns() - since_ns) / NS_PER_S, 3)

    def _elapsed_ns(self) -> int:
        if self.schedule is None:
            return 0
        if self._elapsed_at_end_ns is not None:
            return self._elapsed_at_end_ns
        return self._now_ns() - self.schedule.start_ns

    def _whole_span_ns(self) -> int:
        """Return how long the run was: n rows at r rows/s take n/r seconds, the last one's too."""
        after_ns = self._schedule.due_ns(self._row)
        reached_ns = self._now_ns()
        if self.recipe.pace.ticks and after_ns is not None and not self._stopping.is_set():
            reached_ns = max(reached_ns, after_ns)
        return reached_ns - self._schedule.start_ns

    def _rate_asked(self) -> float | None:
        if self.schedule is None:
            return self.recipe.pace.rows_per_s
        return self.schedule.rate_asked(self._now_ns())

    def _rate_delivered(self) -> float:
        now_s = self._clock.monotonic_ns() / NS_PER_S
        return round(self._meter.per_s(now_s, self.sink.ledger.total.acked), 3)

    def _start(self) -> datetime | None:
        if self.schedule is None:
            return self.recipe.start
        return datetime.fromtimestamp(self.schedule.start_ns / NS_PER_S, UTC)

    def _now_ns(self) -> int:
        assert self._stream_clock is not None  # noqa: S101 - `_begin` made it
        return self._stream_clock.now_ns()

    @property
    def _schedule(self) -> Schedule:
        assert self.schedule is not None  # noqa: S101 - `_begin` made it
        return self.schedule

    @property
    def _rows(self) -> StreamRows:
        assert self._source is not None  # noqa: S101 - `_prepare` made it
        return self._source


def _whole_ms(instant: datetime) -> datetime:
    """Cut an instant to milliseconds: what is shown as the start must repeat the run exactly."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)
