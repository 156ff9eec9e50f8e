"""Tracks every record batch from queue to acknowledgement: partition queues, ledger, and the limit of bytes in flight."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final, Protocol

import structlog

from gerador.delivery.kafka.error_messages import NON_RETRIABLE_ERRORS, describe
from gerador.delivery.kafka.partition_queue import PartitionQueue
from gerador.delivery.kafka.producer_batch import ProducerBatch
from gerador.delivery.ledger import NOT_SENT_REASON, Ledger
from gerador.errors import KafkaUnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gerador.delivery.kafka.log_reader import ProducerState
    from gerador.encoding.record_batch import RecordBatch


IN_FLIGHT_BYTES_MAX: Final = 16 * 1024 * 1024
"""Bytes that wait or are under way before `take` waits: bounds memory."""

IN_FLIGHT_AGE_MAX_S: Final = 1.0
"""Age of the oldest batch from which on no more are taken: a stalled stream then falls behind
where it can be seen, and goes on in full slices instead of thousands of small ones."""

log = structlog.get_logger(__name__)


class DeliveryObserver(Protocol):
    """Who wants to hear of durations and restarts. Called on the event loop, once a batch."""

    def acked(self, seconds: float, batch_bytes: int, rows: int) -> None:
        """Hear that a batch was confirmed `seconds` after it was handed over."""

    def restarted(self, reason: str) -> None:
        """Hear that the producer is replaced."""

    def retried(self, reason: str) -> None:
        """Hear that aiokafka sends a batch again by itself, and the error's class name."""


class DeliveryTracker:
    """The batches that were taken and not settled yet. Used on one event loop only."""

    def __init__(self, observer: DeliveryObserver, topic: str) -> None:
        """Settle what goes to `topic`, whose name the log is to tell."""
        self.ledger = Ledger()
        self.lanes: list[PartitionQueue] = []
        self.protocol = "PLAINTEXT"
        """The security protocol in use, for words about errors."""
        self.given_up = False
        """Set when nobody will settle anything any more: who waits is let go."""
        self._observer = observer
        self._topic = topic
        self._in_flight_bytes = 0
        self._moved = asyncio.Event()

    def open(self, partitions: int) -> None:
        """Make the lanes; later, only hold the topic to what it was: rows belong to partitions.

        Raises KafkaFault: the topic came back with fewer partitions.
        """
        if not self.lanes:
            self.lanes = [PartitionQueue(p) for p in range(partitions)]
        elif partitions < len(self.lanes):
            raise KafkaUnavailableError(
                f"the topic came back with {partitions} partitions, it had {len(self.lanes)}; "
                "add partitions to it"
            )

    # -- taking ----------------------------------------------------------------------------

    async def take(self, batches: Sequence[RecordBatch]) -> None:
        """Put batches in their lanes. Waits while too much, or too old, is in flight."""
        size = sum(len(b.buffer) for b in batches)
        while self._in_flight_bytes and self._is_full_for(size):
            if self.given_up:
                return
            await self._wait_for_a_move()
        now_s = time.monotonic()
        self._in_flight_bytes += size
        for framed in batches:
            self.ledger.hand_over(framed.partition, framed.record_count)
            self.lanes[framed.partition].put(ProducerBatch(framed, now_s))

    def _is_full_for(self, size: int) -> bool:
        return (
            self._in_flight_bytes + size > IN_FLIGHT_BYTES_MAX
            or self.oldest_s() > IN_FLIGHT_AGE_MAX_S
        )

    async def all_settled(self) -> None:
        """Wait until no batch is left, or nobody settles them any more."""
        while self._in_flight_bytes and not self.given_up:
            await self._wait_for_a_move()

    @property
    def idle(self) -> bool:
        """Whether every batch that was taken is settled."""
        return not self._in_flight_bytes

    def oldest_s(self) -> float:
        """Return the age of the batch that has waited longest, in seconds; 0.0 without any."""
        queues = (q for lane in self.lanes for q in (lane.sent, lane.waiting) if q)
        first = min((q[0].handed_over_s for q in queues), default=None)
        return 0.0 if first is None else time.monotonic() - first

    def give_up(self) -> None:
        """Let everyone go who waits here."""
        self.given_up = True
        self._moved.set()

    # -- settling --------------------------------------------------------------------------

    def settled(
        self, lane: PartitionQueue, batch: ProducerBatch, outcome: asyncio.Future[Any]
    ) -> str | None:
        """Hear from aiokafka what became of a batch; return why its producer is broken, if so."""
        if outcome.cancelled() or batch not in lane.sent:
            return None
        error = outcome.exception()
        if error is not None:
            batch.error = error
            return describe(error, self.protocol)
        lane.sent.remove(batch)
        self._see_again(lane, batch)
        offset = outcome.result().offset
        # A duplicate that the broker no longer remembers is a success with offset -1.
        if offset >= 0:
            lane.next_offset = offset + batch.record_count()
        self._acknowledge(lane, batch)
        return None

    def lose_sight(self) -> None:
        """Count what was sent and not answered as unknown."""
        for lane in self.lanes:
            for batch in lane.sent:
                if batch.stamped is not None and not batch.unknown:
                    batch.unknown = True
                    self.ledger.lose_sight(lane.partition, batch.record_count())

    def reconcile(self, lane: PartitionQueue, arrived: Mapping[ProducerState, int]) -> None:
        """Settle what a lost producer had sent, by the stamps that the log holds.

        `arrived` gives for each stamp the log offset after its batch. What is not there and was
        not refused for good goes back to the head of the lane, in its order.
        """
        missing = []
        while lane.sent:
            batch = lane.sent.popleft()
            self._see_again(lane, batch)
            if batch.stamped is not None and batch.stamped in arrived:
                lane.next_offset = arrived[batch.stamped]
                self._acknowledge(lane, batch)
            elif isinstance(batch.error, NON_RETRIABLE_ERRORS):
                self._refuse(lane, batch, batch.error)
            else:
                missing.append(batch)
        lane.put_back(missing)
        log.info(
            "partition reconciled",
            topic=self._topic,
            partition=lane.partition,
            sent_again=len(missing),
        )

    def write_off(self) -> None:
        """Empty the lanes at the end: sent ones stay unknown, the others are failed."""
        self.lose_sight()
        for lane in self.lanes:
            for batch in (*lane.sent, *lane.waiting):
                if batch.stamped is None:
                    self.ledger.fail(lane.partition, batch.record_count(), NOT_SENT_REASON)
            lane.sent.clear()
            lane.waiting.clear()

    def _see_again(self, lane: PartitionQueue, batch: ProducerBatch) -> None:
        if batch.unknown:
            batch.unknown = False
            self.ledger.see_again(lane.partition, batch.record_count())

    def _acknowledge(self, lane: PartitionQueue, batch: ProducerBatch) -> None:
        rows, size = batch.record_count(), batch.size()
        self.ledger.acknowledge(lane.partition, rows, size)
        self._observer.acked(time.monotonic() - batch.handed_over_s, size, rows)
        self._release(batch)

    def _refuse(self, lane: PartitionQueue, batch: ProducerBatch, error: BaseException) -> None:
        log.error(
            "record batch refused",
            topic=self._topic,
            partition=lane.partition,
            rows=batch.record_count(),
            batch_bytes=batch.size(),
            reason=describe(error, self.protocol),
        )
        self.ledger.fail(lane.partition, batch.record_count(), type(error).__name__)
        self._release(batch)

    def _release(self, batch: ProducerBatch) -> None:
        self._in_flight_bytes -= batch.size()
        self._moved.set()

    async def _wait_for_a_move(self) -> None:
        self._moved.clear()
        await self._moved.wait()
