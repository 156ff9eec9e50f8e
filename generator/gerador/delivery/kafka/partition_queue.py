"""The record batches of one partition: waiting ones, sent ones, and the next log offset."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gerador.delivery.kafka.aiokafka_batch import ProducerBatch


class PartitionQueue:
    """Record batches of one partition, in row order.

    A batch is in `waiting`, then in `sent`, and removed when its outcome is known. Used on the
    event loop only.
    """

    def __init__(self, partition: int) -> None:
        self.partition = partition
        self.waiting: deque[ProducerBatch] = deque()
        self.sent: deque[ProducerBatch] = deque()
        self.next_offset: int | None = None
        """Log offset after the last batch that is known to be in the log; before the first one,
        the end of the log when the producer connected. None before it connected."""
        self.sequence = 0
        """Rows that the current producer has accepted for this partition."""
        self._has_batches = asyncio.Event()

    def put(self, batch: ProducerBatch) -> None:
        """Append a batch."""
        self.waiting.append(batch)
        self._has_batches.set()

    def requeue(self, batches: Iterable[ProducerBatch]) -> None:
        """Reset batches that must be resent and put them first, in their order."""
        for batch in reversed(list(batches)):
            batch.reset()
            self.waiting.appendleft(batch)
        self._has_batches.set()

    async def send_forever(
        self,
        producer: Any,
        topic: str,
        on_result: Callable[[PartitionQueue, ProducerBatch, asyncio.Future[Any]], None],
    ) -> None:
        """Pass batches to `producer` one after another until cancelled; call `on_result` for each.

        aiokafka accepts the next batch of a partition after it has drained the previous one, which
        keeps the order. When cancelled, every batch is either in `waiting` or in `sent`.

        Raises aiokafka's errors: the producer accepts no more batches.
        """
        while True:
            while self.waiting:
                batch = self.waiting[0]
                result = await producer.send_batch(batch, topic, partition=self.partition)
                # No await from here on: a cancellation must not separate accepting and recording.
                self.waiting.popleft()
                self.sent.append(batch)
                self.sequence += batch.record_count()
                result.add_done_callback(lambda done, b=batch: on_result(self, b, done))
            self._has_batches.clear()
            await self._has_batches.wait()
