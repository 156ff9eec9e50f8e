"""The produce loop of one stream: wait for due rows, generate them in a thread, send in order."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from typing import TYPE_CHECKING, Final, NamedTuple

import structlog

from gerador.delivery.ledger import NOT_SENT_REASON
from gerador.errors import GeradorError
from gerador.service.stream_threads import wait_for_event
from gerador.units import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import ThreadPoolExecutor

    from gerador.delivery.latest_generation import Mirror
    from gerador.delivery.sink import RowFailure, Slice
    from gerador.service.clock import Clock
    from gerador.service.fair_scheduler import ScheduledStream
    from gerador.service.live_schedule import LiveSchedule
    from gerador.service.produce_counters import Progress
    from gerador.service.slice_builder import SliceBuilder
    from gerador.service.stream_config import Destination
    from gerador.service.stream_threads import StopSignal


DRAIN_TIMEOUT_S: Final = 3.0
"""Seconds that the destination gets, in total, after the stop signal."""
DRAIN_TIMEOUT_BOUNDED_S: Final = 60.0
"""Seconds that acknowledgements may take after a bounded run has generated its last row."""
ERROR_BACKOFF_S: Final = 1.0
"""Pause after a failed slice, so that a permanent error does not cause a busy loop."""
ROW_FAILURES_INTERVAL_NS: Final = NS_PER_S
"""Time between two log events of failed rows."""
ROW_FAILURES_SHOWN: Final = 20
"""Rows that one log event names."""
PENDING_SLICES_MAX: Final = 2
"""Slices queued in the worker thread: one that is being generated, one that is next."""

log = structlog.get_logger(__name__)


class PendingSlice(NamedTuple):
    """Rows [a, b), submitted to the worker thread."""

    a: int
    b: int
    slice: asyncio.Future[Slice]


class SliceDispatcher:
    """Sends the slices of the stream `name` to its destination, one at a time, and counts them."""

    def __init__(
        self,
        name: str,
        destination: Destination,
        clock: Clock,
        schedule: LiveSchedule,
        progress: Progress,
        mirror: Mirror,
        stop_signal: StopSignal,
    ) -> None:
        self._name = name
        self._sink = destination.sink
        self._linger_ns = round(destination.linger_s * NS_PER_S)
        self._clock = clock
        self._schedule = schedule
        self._progress = progress
        self._mirror = mirror
        self._stop_signal = stop_signal
        self._failures = RowFailureLog(name, clock)

    async def dispatch(self, pending: PendingSlice, full_rows: int) -> None:
        """Wait until a slice is generated and send it to the destination."""
        started_ns = self._clock.monotonic_ns()
        rows = pending.b - pending.a
        try:
            generated = await self._await_slice(pending.slice)
        except Exception as e:  # noqa: BLE001 - a failed slice never ends the service
            await self._record_failure(pending.a, pending.b, e)
            return
        if generated is None:
            self._sink.ledger.fail_unqueued(rows, NOT_SENT_REASON)
            return
        self._record_generated(rows, pending.b)
        self._record_row_failures(generated)
        if not await self._send(generated):
            return
        if rows < full_rows // 2:
            # Wait for more rows before the next small slice, as Kafka's linger.ms does.
            elapsed_ns = self._clock.monotonic_ns() - started_ns
            await self._stop_signal.sleep(max(0, self._linger_ns - elapsed_ns) / NS_PER_S)

    async def drain(self) -> None:
        """Wait for acknowledgements; the stop signal shortens the wait of a bounded run."""
        self._failures.write()
        draining = asyncio.ensure_future(self._sink.drain(DRAIN_TIMEOUT_BOUNDED_S))
        await self._stop_signal.wait_any(draining)
        if not draining.done():
            await asyncio.wait({draining}, timeout=self._timeout_s())
        draining.cancel()

    async def _await_slice(self, future: asyncio.Future[Slice]) -> Slice | None:
        """Wait for a slice; None when it is not generated in time after the stop signal."""
        await self._stop_signal.wait_any(future)
        if not future.done():
            await asyncio.wait({future}, timeout=self._timeout_s())
        if future.done():
            return future.result()
        future.cancel()
        return None

    async def _send(self, generated: Slice) -> bool:
        """Send a slice to the sink; False when the sink did not accept it in time.

        A sink that is full blocks for as long as its brokers are unavailable.
        """
        sending = asyncio.ensure_future(self._sink.send(generated))
        await self._stop_signal.wait_any(sending, timeout_s=self._timeout_s())
        if not sending.done() and self._stop_signal.is_set:
            await asyncio.wait({sending}, timeout=self._timeout_s())
        if sending.done():
            sending.result()
            return True
        sending.cancel()
        self._sink.ledger.fail_unqueued(generated.rows - len(generated.failures), NOT_SENT_REASON)
        self._stop_signal.set()
        return False

    def _record_row_failures(self, generated: Slice) -> None:
        """Count and log the rows of a slice that cannot be sent."""
        if generated.failures:
            self._progress.record_row_failures(generated.failures)
            for reason, rows in Counter(f.reason for f in generated.failures).items():
                self._sink.ledger.fail_unqueued(rows, reason)
        self._failures.add(generated.failures)

    def _timeout_s(self) -> float | None:
        """Return the seconds that the destination may still take; None: no limit."""
        if self._stop_signal.set_at_s is not None:
            now_s = self._clock.monotonic_ns() / NS_PER_S
            return max(0.0, self._stop_signal.set_at_s + DRAIN_TIMEOUT_S - now_s)
        remaining_s = self._schedule.remaining_s()
        return None if remaining_s is None else max(0.0, remaining_s + DRAIN_TIMEOUT_BOUNDED_S)

    def _record_generated(self, rows: int, end: int) -> None:
        self._progress.record_generated(rows)
        before = self._mirror.generations
        self._mirror.advance(end)
        if self._mirror.generations > before:
            self._progress.generation_at = self._clock.wall()
            log.debug(
                "generation finished",
                stream=self._name,
                total_geracoes=self._mirror.generations,
                made=self._progress.made,
            )

    async def _record_failure(self, a: int, b: int, error: Exception) -> None:
        reason = self._progress.record_failure(a, b, error)
        self._sink.ledger.fail_unqueued(b - a, type(error).__name__)
        log.error(
            "row generation failed",
            stream=self._name,
            first_row=a,
            rows=b - a,
            reason=reason,
            # The message of a GeradorError is complete; other errors need their traceback.
            exc_info=None if isinstance(error, GeradorError) else error,
        )
        await self._stop_signal.sleep(ERROR_BACKOFF_S)


class RowFailureLog:
    """Logs failed rows: at once, then at most one event per second."""

    def __init__(self, stream: str, clock: Clock) -> None:
        self._stream = stream
        self._clock = clock
        self._unlogged: list[RowFailure] = []
        self._count = 0
        self._next_ns = 0

    def add(self, failures: Sequence[RowFailure]) -> None:
        """Add failures, and write an event if it is time."""
        self._count += len(failures)
        self._unlogged += failures[: ROW_FAILURES_SHOWN - len(self._unlogged)]
        if self._count and self._clock.monotonic_ns() >= self._next_ns:
            self.write()

    def write(self) -> None:
        """Write an event of the failures since the last one, if there are any."""
        if not self._count:
            return
        log.error(
            "rows failed",
            stream=self._stream,
            rows=self._count,
            first_rows=[f.row for f in self._unlogged],
            reason=f"row {self._unlogged[0].row}: {self._unlogged[0].message}",
        )
        self._unlogged, self._count = [], 0
        self._next_ns = self._clock.monotonic_ns() + ROW_FAILURES_INTERVAL_NS


class ProduceLoop:
    """The loop of one stream, from its first row to its last."""

    def __init__(
        self,
        schedule: LiveSchedule,
        progress: Progress,
        stop_signal: StopSignal,
        schedule_changed: asyncio.Event,
        dispatcher: SliceDispatcher,
        scheduled: ScheduledStream | None,
    ) -> None:
        """Create the loop; `schedule_changed` wakes it while it waits for due rows.

        `scheduled` keeps the stream in proportion to other unpaced streams; None for a stream
        that runs alone.
        """
        self._schedule = schedule
        self._progress = progress
        self._stop_signal = stop_signal
        self._schedule_changed = schedule_changed
        self._dispatcher = dispatcher
        self._scheduled = scheduled

    async def run(self, builder: SliceBuilder, thread: ThreadPoolExecutor) -> None:
        """Generate due rows in `thread` and send them, until the stream is finished or stopped.

        One slice is queued ahead, so that the thread never waits for the event loop, which may
        be busy with the brokers.
        """
        loop = asyncio.get_running_loop()
        pending: deque[PendingSlice] = deque()
        while pending or not self._is_finished():
            while len(pending) < PENDING_SLICES_MAX and (
                rows := self._take_due_rows(builder.slice_rows)
            ):
                future = loop.run_in_executor(thread, builder.build, *rows)
                pending.append(PendingSlice(*rows, future))
            if pending:
                await self._dispatcher.dispatch(pending.popleft(), builder.slice_rows)
            else:
                await self._wait_until_due()

    def leave_scheduler(self) -> None:
        """Stop taking part in fair scheduling, so that no other stream waits for this one."""
        if self._scheduled is not None:
            self._scheduled.leave()

    def _take_due_rows(self, rows_max: int) -> tuple[int, int] | None:
        """Take the rows [a, b) that are due, at most `rows_max`; None when none are."""
        if self._is_finished():
            return None
        row = self._progress.next_row
        end = min(self._schedule.due_up_to(row, rows_max), self._fair_limit(row, rows_max))
        if end <= row:
            return None
        if self._scheduled is not None:
            self._scheduled.advance(end)
        return self._progress.take(end)

    def _fair_limit(self, row: int, rows_max: int) -> int:
        """Return the end of the rows that fair scheduling allows from `row` on."""
        if self._scheduled is not None and self._schedule.is_unpaced:
            return self._scheduled.rows_allowed(row, rows_max)
        self.leave_scheduler()
        return row + rows_max

    async def _wait_until_due(self) -> None:
        """Wait until the next row is due, or the schedule changes."""
        if self._is_finished():
            return
        self._schedule_changed.clear()
        if self._scheduled is not None and self._scheduled.is_waiting:
            timeout_s = self._schedule.remaining_s()
        else:
            timeout_s = self._schedule.wait_s(self._progress.next_row)
        await wait_for_event(self._schedule_changed, timeout_s)

    def _is_finished(self) -> bool:
        return self._stop_signal.is_set or self._schedule.is_finished(self._progress.next_row)
