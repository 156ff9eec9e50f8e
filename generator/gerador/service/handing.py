"""What becomes of a slice: made, offered to the destination, counted; and the wait for the last.

Every row that was taken is counted once: handed over, failed, or never sent. Where the destination
gives up for good, which ends the run, those that it was not handed stay behind.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, NamedTuple

import structlog

from gerador.delivery.ledger import NEVER_SENT
from gerador.errors import GeradorError
from gerador.events.courses.course import NS_PER_S

if TYPE_CHECKING:
    from gerador.delivery.mirror import Mirror
    from gerador.delivery.sink import Slice
    from gerador.service.clock import Clock
    from gerador.service.destination import Destination
    from gerador.service.progress import Progress
    from gerador.service.stopping import Stopping
    from gerador.service.timeline import Timeline

DRAIN_S: Final = 3.0
"""Longest wait for the destination, in all, once the run is told to stop."""
DRAIN_BOUNDED_S: Final = 60.0
"""Longest wait for acknowledgements when a bounded run has made its last row."""
ERROR_PAUSE_S: Final = 1.0
"""Pause after rows could not be made, so that a fault that stays does not spin."""

log = structlog.get_logger(__name__)


class Making(NamedTuple):
    """Rows [a, b) that the worker thread makes, or is going to."""

    a: int
    b: int
    slice: asyncio.Future[Slice]


class Handing:
    """Hands the slices of the stream called `name` to its destination, one after the other."""

    def __init__(
        self,
        name: str,
        destination: Destination,
        clock: Clock,
        timeline: Timeline,
        progress: Progress,
        mirror: Mirror,
        stopping: Stopping,
    ) -> None:
        self._name = name
        self._sink = destination.sink
        self._linger_ns = round(destination.linger_s * NS_PER_S)
        self._clock = clock
        self._timeline = timeline
        self._progress = progress
        self._mirror = mirror
        self._stopping = stopping

    async def hand_over(self, making: Making, full_rows: int) -> None:
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
            await self._stopping.pause(max(0, self._linger_ns - spent_ns) / NS_PER_S)

    async def drain(self) -> None:
        """Wait for acknowledgements; an interruption shortens the patience of a bounded run."""
        draining = asyncio.ensure_future(self._sink.drain(DRAIN_BOUNDED_S))
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
        self._sink.ledger.fail_unmade(made.rows, NEVER_SENT)
        self._stopping.tell()
        return False

    def _patience_s(self) -> float | None:
        """Return how long the destination may still take, in seconds; None: as long as it likes."""
        if self._stopping.since_s is not None:
            now_s = self._clock.monotonic_ns() / NS_PER_S
            return max(0.0, self._stopping.since_s + DRAIN_S - now_s)
        left_s = self._timeline.left_s()
        return None if left_s is None else max(0.0, left_s + DRAIN_BOUNDED_S)

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
        await self._stopping.pause(ERROR_PAUSE_S)
