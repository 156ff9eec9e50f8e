"""The queue of one partition: batches that wait, batches that were sent, and the next log offset."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gerador.delivery.kafka.producer_batch import ProducerBatch


class PartitionQueue:
    """Record batches of one partition, in the order of their rows.

    A batch is in `waiting`, then in `sent`, then gone. Changed only on the event loop.
    """

    def __init__(self, partition: int) -> None:
        self.partition = partition
        self.waiting: deque[ProducerBatch] = deque()
        self.sent: deque[ProducerBatch] = deque()
        self.next_offset: int | None = None
        """Log offset after the last batch of ours that is known to be there, or where the log
        ended when we came; None before that is known."""
        self.sequence = 0
        """Rows that the present producer has taken for this partition."""
        self._arrived = asyncio.Event()

    def put(self, batch: ProducerBatch) -> None:
        """Append a batch."""
        self.waiting.append(batch)
        self._arrived.set()

    def put_back(self, batches: Iterable[ProducerBatch]) -> None:
        """Put batches that must be sent again before all others, in their order."""
        for batch in reversed(list(batches)):
            batch.forget_stamp()
            self.waiting.appendleft(batch)
        self._arrived.set()

    async def feed(
        self,
        producer: Any,
        topic: str,
        settled: Callable[[PartitionQueue, ProducerBatch, asyncio.Future[Any]], None],
    ) -> None:
        """Hand batches to `producer` for ever, one after another; call `settled` for each.

        aiokafka takes the next batch of a partition when it has drained the one before, so
        order is kept. When cancelled, every batch is either in `waiting` or in `sent`.

        Raises aiokafka's errors: the producer takes no more.
        """
        while True:
            while self.waiting:
                batch = self.waiting[0]
                outcome = await producer.send_batch(batch, topic, partition=self.partition)
                # No await from here: accepted and recorded are one step.
                self.waiting.popleft()
                self.sent.append(batch)
                self.sequence += batch.record_count()
                outcome.add_done_callback(lambda done, b=batch: settled(self, b, done))
            self._arrived.clear()
            await self._arrived.wait()
