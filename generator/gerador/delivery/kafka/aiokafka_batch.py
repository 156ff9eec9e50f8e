"""A record batch in flight, with the interface of aiokafka's `BatchBuilder`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gerador.delivery.kafka.partition_log_reader import ProducerState
from gerador.encoding.record_batch import set_producer_state

if TYPE_CHECKING:
    from gerador.encoding.record_batch import RecordBatch


class ProducerBatch:
    """A record batch with its producer state and its delivery status.

    The methods are those that aiokafka's sender calls on a `BatchBuilder`.
    """

    __slots__ = ("batch", "error", "producer_state", "queued_at_s", "unknown")

    def __init__(self, batch: RecordBatch, queued_at_s: float) -> None:
        self.batch = batch
        self.queued_at_s = queued_at_s
        self.producer_state: ProducerState | None = None
        """None: the batch was never sent. Set before the batch may be sent."""
        self.unknown = False
        """Whether the ledger counts the batch as unknown now."""
        self.error: BaseException | None = None

    def record_count(self) -> int:
        """Return the number of records."""
        return self.batch.record_count

    def size(self) -> int:
        """Return the size in bytes as sent."""
        return len(self.batch.buffer)

    def close(self) -> None:
        """Do nothing: the batch is complete."""

    def closed(self) -> bool:
        """Return True, so that aiokafka sends the batch without linger."""
        return True

    def _set_producer_state(self, producer_id: int, epoch: int, base_sequence: int) -> None:
        self.producer_state = ProducerState(producer_id, epoch, base_sequence)
        set_producer_state(self.batch, producer_id, epoch, base_sequence)

    def _build(self) -> memoryview:
        return self.batch.buffer

    def reset(self) -> None:
        """Clear producer state and error, before another producer sends the batch."""
        self.producer_state = None
        self.error = None
