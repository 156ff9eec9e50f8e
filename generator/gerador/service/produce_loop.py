"""The produce loop of one stream: wait for due rows, generate them in a worker thread, send the slices in order, count each one, drain at the end."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

import structlog

from gerador.delivery.ledger import NOT_SENT_REASON
from gerador.errors import GeradorError
from gerador.service.concurrency import wait_for_event
from gerador.units import NS_PER_S

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from gerador.delivery.mirror import Mirror
    from gerador.delivery.sink import Slice
    from gerador.service.clock import Clock
    from gerador.service.concurrency import StopSignal
    from gerador.service.fair_scheduler import ScheduledStream
    from gerador.service.live_schedule import LiveSchedule
    from gerador.service.progress import Progress
    from gerador.service.slice_builder import SliceBuilder
    from gerador.service.stream_config import Destination


DRAIN_TIMEOUT_S: Final = 3.0
"""Longest wait for the destination, in all, once the run is told to stop."""
DRAIN_TIMEOUT_BOUNDED_S: Final = 60.0
"""Longest wait for acknowledgements when a bounded run has made its last row."""
ERROR_BACKOFF_S: Final = 1.0
"""Pause after rows could not be made, so that a fault that stays does not spin."""

log = structlog.get_logger(__name__)


class PendingSlice(NamedTuple):
    """Rows [a, b) that the worker thread makes, or is going to."""

    a: int
    b: int
    slice: asyncio.Future[Slice]


class SliceDispatcher:
    """Hands the slices of the stream called `name` to its destination, one after the other."""

    def __init__(
        self,
        name: str,
        destination: Destination,
        clock: Clock,
        timeline: LiveSchedule,
        progress: Progress,
        mirror: Mirror,
        stopping: StopSignal,
    ) -> None:
        self._name = name
        self._sink = destination.sink
        self._linger_ns = round(destination.linger_s * NS_PER_S)
        self._clock = clock
        self._timeline = timeline
        self._progress = progress
        self._mirror = mirror
        self._stopping = stopping

    async def hand_over(self, making: PendingSlice, full_rows: int) -> None:
        """Wait for a slice to be made and hand it to the destination."""
        began_ns = self._clock.monotonic_ns()
        rows = making.b - making.a
        try:
            made = await self._made(making.slice)
        except Exception as e:  # noqa: BLE001 - a slice that fails never ends the service
            await self._note_failure(making.a, making.b, e)
            return
        if made is None:
            self._sink.ledger.fail_unmade(rows, NOT_SENT_REASON)
            return
        self._note_made(rows, making.b)
        if not await self._offer(made):
            return
        if rows < full_rows // 2:
            # Rows that trickle in are gathered for a while, as Kafka's linger.ms does.
            spent_ns = self._clock.monotonic_ns() - began_ns
            await self._stopping.pause(max(0, self._linger_ns - spent_ns) / NS_PER_S)

    async def drain(self) -> None:
        """Wait for acknowledgements; an interruption shortens the patience of a bounded run."""
        draining = asyncio.ensure_future(self._sink.drain(DRAIN_TIMEOUT_BOUNDED_S))
        await self._stopping.or_done(draining)
        if not draining.done():
            await asyncio.wait({draining}, timeout=self._patience_s())
        draining.cancel()

    async def _made(self, making: asyncio.Future[Slice]) -> Slice | None:
        """Wait for a slice; None when it is not made in time once the run is told to stop."""
        await self._stopping.or_done(making)
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
        await self._stopping.or_done(offering, timeout_s=self._patience_s())
        if not offering.done() and self._stopping.told:
            await asyncio.wait({offering}, timeout=self._patience_s())
        if offering.done():
            offering.result()
            return True
        offering.cancel()
        self._sink.ledger.fail_unmade(made.rows, NOT_SENT_REASON)
        self._stopping.tell()
        return False

    def _patience_s(self) -> float | None:
        """Return how long the destination may still take, in seconds; None: as long as it likes."""
        if self._stopping.since_s is not None:
            now_s = self._clock.monotonic_ns() / NS_PER_S
            return max(0.0, self._stopping.since_s + DRAIN_TIMEOUT_S - now_s)
        left_s = self._timeline.left_s()
        return None if left_s is None else max(0.0, left_s + DRAIN_TIMEOUT_BOUNDED_S)

    def _note_made(self, rows: int, b: int) -> None:
        self._progress.note_made(rows)
        before = self._mirror.generations
        self._mirror.advance(b)
        if self._mirror.generations > before:
            self._progress.generation_at = self._clock.wall()
            log.debug(
                "generation finished",
                stream=self._name,
                total_geracoes=self._mirror.generations,
                rows_made=self._progress.made,
            )

    async def _note_failure(self, a: int, b: int, error: Exception) -> None:
        reason = self._progress.note_failure(a, b, error)
        self._sink.ledger.fail_unmade(b - a, type(error).__name__)
        log.error(
            "rows could not be made",
            stream=self._name,
            first_row=a,
            rows=b - a,
            reason=reason,
            # Errors of ours say all that there is to say in a line.
            exc_info=None if isinstance(error, GeradorError) else error,
        )
        await self._stopping.pause(ERROR_BACKOFF_S)


PENDING_SLICES_MAX: Final = 2
"""Slices in the worker thread's hands: one that is being made, one that waits its turn."""


class ProduceLoop:
    """The loop of one stream, from its first row to its last."""

    def __init__(
        self,
        timeline: LiveSchedule,
        progress: Progress,
        stopping: StopSignal,
        changed: asyncio.Event,
        handing: SliceDispatcher,
        place: ScheduledStream | None,
    ) -> None:
        """Let rows flow by `timeline` as soon as `run` is called; `changed` wakes who waits.

        `place` is the one beside other streams at full speed; None for a stream that goes alone.
        """
        self._timeline = timeline
        self._progress = progress
        self._stopping = stopping
        self._changed = changed
        self._handing = handing
        self._place = place

    async def run(self, maker: SliceBuilder, thread: ThreadPoolExecutor) -> None:
        """Make slices in `thread` while rows fall due, one ahead of the one that is handed over.

        The worker thread finds the next slice waiting when it has made one: it need not wait
        for the event loop, which may be busy with the brokers.
        """
        loop = asyncio.get_running_loop()
        making: deque[PendingSlice] = deque()
        while making or not self._over():
            while len(making) < PENDING_SLICES_MAX and (span := self._take(maker.rows_at_once)):
                making.append(PendingSlice(*span, loop.run_in_executor(thread, maker.make, *span)))
            if making:
                await self._handing.hand_over(making.popleft(), maker.rows_at_once)
            else:
                await self._wait_until_due()

    def leave_convoy(self) -> None:
        """Hold no other stream up any more."""
        if self._place is not None:
            self._place.leave()

    def _take(self, at_once: int) -> tuple[int, int] | None:
        """Take the rows that may be made now, at most `at_once`; None when there are none."""
        if self._over():
            return None
        row = self._progress.row
        end = min(self._timeline.reachable(row, at_once), self._beside(row, at_once))
        if end <= row:
            return None
        if self._place is not None:
            self._place.note(end)
        return self._progress.take(end)

    def _beside(self, row: int, at_once: int) -> int:
        """Return the row up to which this stream may go beside others at full speed."""
        if self._place is not None and self._timeline.at_full_speed:
            return self._place.reach(row, at_once)
        self.leave_convoy()
        return row + at_once

    async def _wait_until_due(self) -> None:
        """Wait until the next row falls due, or the schedule changes."""
        if self._over():
            return
        self._changed.clear()
        is_held = self._place is not None and self._place.held
        row = self._progress.row
        left_s = self._timeline.left_s() if is_held else self._timeline.wait_s(row)
        await wait_for_event(self._changed, left_s)

    def _over(self) -> bool:
        return self._stopping.told or self._timeline.over(self._progress.row)
