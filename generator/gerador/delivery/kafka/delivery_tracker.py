"""Tracks record batches from queue to acknowledgement, with a limit of bytes in flight."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final, Protocol

import structlog

from gerador.delivery.kafka.aiokafka_batch import ProducerBatch
from gerador.delivery.kafka.error_messages import NON_RETRIABLE_ERRORS, describe
from gerador.delivery.kafka.partition_queue import PartitionQueue
from gerador.delivery.ledger import NOT_SENT_REASON, Ledger
from gerador.errors import KafkaUnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gerador.delivery.kafka.partition_log_reader import ProducerState
    from gerador.encoding.record_batch import RecordBatch


IN_FLIGHT_BYTES_MAX: Final = 16 * 1024 * 1024
"""Bytes of queued and sent batches from which on `enqueue` waits: bounds memory."""

IN_FLIGHT_AGE_MAX_S: Final = 1.0
"""Age of the oldest batch from which on `enqueue` waits. A stalled stream then falls behind, which
`/status` shows, and continues with full slices instead of thousands of small ones."""

log = structlog.get_logger(__name__)


class DeliveryObserver(Protocol):
    """Receives delivery events, for metrics. Called on the event loop."""

    def acked(self, seconds: float, batch_bytes: int, rows: int) -> None:
        """Record that a batch was acknowledged, `seconds` after it was queued."""

    def restarted(self, reason: str) -> None:
        """Record that the producer is being replaced."""

    def retried(self, reason: str) -> None:
        """Record that aiokafka retries a batch after an error of class `reason`."""


class DeliveryTracker:
    """The unacknowledged batches of one topic. Used on one event loop only."""

    def __init__(self, observer: DeliveryObserver, topic: str) -> None:
        self.ledger = Ledger()
        self.queues: list[PartitionQueue] = []
        self.security_protocol = "PLAINTEXT"
        """The security protocol in use, for error messages."""
        self.aborted = False
        """Set when no more batches will be sent: all waits end."""
        self._observer = observer
        self._topic = topic
        self._in_flight_bytes = 0
        self._changed = asyncio.Event()

    def set_partitions(self, partitions: int) -> None:
        """Create the queues; on later calls, check that no partition is missing.

        Raises KafkaUnavailableError: the topic was created again with fewer partitions.
        """
        if not self.queues:
            self.queues = [PartitionQueue(p) for p in range(partitions)]
        elif partitions < len(self.queues):
            raise KafkaUnavailableError(
                f"topic {self._topic!r} was created again with {partitions} partitions instead of "
                f"{len(self.queues)}; add partitions to it"
            )

    # -- queueing --------------------------------------------------------------------------

    async def enqueue(self, batches: Sequence[RecordBatch]) -> None:
        """Queue batches. Waits while the bytes or the age in flight exceed their limit."""
        size = sum(len(b.buffer) for b in batches)
        while self._in_flight_bytes and self._is_full_for(size):
            if self.aborted:
                return
            await self._wait_for_change()
        now_s = time.monotonic()
        self._in_flight_bytes += size
        for batch in batches:
            self.ledger.add_in_flight(batch.partition, batch.record_count)
            self.queues[batch.partition].put(ProducerBatch(batch, now_s))

    def _is_full_for(self, size: int) -> bool:
        return (
            self._in_flight_bytes + size > IN_FLIGHT_BYTES_MAX
            or self.oldest_age_s() > IN_FLIGHT_AGE_MAX_S
        )

    async def wait_settled(self) -> None:
        """Wait until every batch is acknowledged or failed, or until `abort`."""
        while self._in_flight_bytes and not self.aborted:
            await self._wait_for_change()

    @property
    def idle(self) -> bool:
        """Whether every queued batch is acknowledged or failed."""
        return not self._in_flight_bytes

    def oldest_age_s(self) -> float:
        """Return the age of the oldest batch in flight, in seconds; 0.0 without batches."""
        batches = (q for queue in self.queues for q in (queue.sent, queue.waiting) if q)
        oldest_s = min((b[0].queued_at_s for b in batches), default=None)
        return 0.0 if oldest_s is None else time.monotonic() - oldest_s

    def abort(self) -> None:
        """End all waits: no more batches will be sent."""
        self.aborted = True
        self._changed.set()

    # -- results ---------------------------------------------------------------------------

    def on_result(
        self, queue: PartitionQueue, batch: ProducerBatch, result: asyncio.Future[Any]
    ) -> str | None:
        """Process aiokafka's result of a batch.

        Returns why the producer must be replaced, or None. A failed batch stays in `sent` until
        `reconcile` has compared it with the log.
        """
        if result.cancelled() or batch not in queue.sent:
            return None
        error = result.exception()
        if error is not None:
            batch.error = error
            return describe(error, self.security_protocol)
        queue.sent.remove(batch)
        self._mark_in_flight(queue, batch)
        offset = result.result().offset
        # For a duplicate that is no longer in its cache, the broker returns success and offset -1.
        if offset >= 0:
            queue.next_offset = offset + batch.record_count()
        self._acknowledge(queue, batch)
        return None

    def mark_sent_unknown(self) -> None:
        """Count batches that were sent without a response as unknown."""
        for queue in self.queues:
            for batch in queue.sent:
                if batch.producer_state is not None and not batch.unknown:
                    batch.unknown = True
                    self.ledger.mark_unknown(queue.partition, batch.record_count())

    def reconcile(self, queue: PartitionQueue, logged: Mapping[ProducerState, int]) -> None:
        """Compare the batches that a replaced producer had sent with the partition's log.

        `logged` maps the producer state of each batch in the log to the offset after it. Batches
        in the log are acknowledged, those with a non-retriable error fail, the others are resent
        first, in their order.
        """
        missing = []
        while queue.sent:
            batch = queue.sent.popleft()
            self._mark_in_flight(queue, batch)
            if batch.producer_state is not None and batch.producer_state in logged:
                queue.next_offset = logged[batch.producer_state]
                self._acknowledge(queue, batch)
            elif isinstance(batch.error, NON_RETRIABLE_ERRORS):
                self._fail(queue, batch, batch.error)
            else:
                missing.append(batch)
        queue.requeue(missing)
        log.info(
            "partition reconciled",
            topic=self._topic,
            partition=queue.partition,
            batches_resent=len(missing),
        )

    def fail_unsent(self) -> None:
        """Empty the queues at the end: sent batches are unknown, all others failed."""
        self.mark_sent_unknown()
        for queue in self.queues:
            for batch in (*queue.sent, *queue.waiting):
                if batch.producer_state is None:
                    self.ledger.fail(queue.partition, batch.record_count(), NOT_SENT_REASON)
            queue.sent.clear()
            queue.waiting.clear()

    def _mark_in_flight(self, queue: PartitionQueue, batch: ProducerBatch) -> None:
        if batch.unknown:
            batch.unknown = False
            self.ledger.mark_in_flight(queue.partition, batch.record_count())

    def _acknowledge(self, queue: PartitionQueue, batch: ProducerBatch) -> None:
        rows, size = batch.record_count(), batch.size()
        self.ledger.acknowledge(queue.partition, rows, size)
        self._observer.acked(time.monotonic() - batch.queued_at_s, size, rows)
        self._release(batch)

    def _fail(self, queue: PartitionQueue, batch: ProducerBatch, error: BaseException) -> None:
        log.error(
            "record batch rejected",
            topic=self._topic,
            partition=queue.partition,
            rows=batch.record_count(),
            batch_bytes=batch.size(),
            reason=describe(error, self.security_protocol),
        )
        self.ledger.fail(queue.partition, batch.record_count(), type(error).__name__)
        self._release(batch)

    def _release(self, batch: ProducerBatch) -> None:
        self._in_flight_bytes -= batch.size()
        self._changed.set()

    async def _wait_for_change(self) -> None:
        self._changed.clear()
        await self._changed.wait()
