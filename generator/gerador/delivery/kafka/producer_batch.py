"""A record batch in flight, with the interface of aiokafka's batch builder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gerador.delivery.kafka.log_reader import ProducerState
from gerador.encoding.record_batch import set_producer_state

if TYPE_CHECKING:
    from gerador.encoding.record_batch import RecordBatch


class ProducerBatch:
    """One record batch on its way: its bytes, when it was handed over, how it was stamped."""

    __slots__ = ("error", "framed", "handed_over_s", "stamped", "unknown")

    def __init__(self, framed: RecordBatch, handed_over_s: float) -> None:
        self.framed = framed
        self.handed_over_s = handed_over_s
        self.stamped: ProducerState | None = None
        """Set as soon as the batch may have left: without it, it was never sent."""
        self.unknown = False
        """Counted as unknown at the moment."""
        self.error: BaseException | None = None

    def record_count(self) -> int:
        """Return the number of records."""
        return self.framed.record_count

    def size(self) -> int:
        """Return the bytes on the wire."""
        return len(self.framed.buffer)

    def close(self) -> None:
        """Nothing to close: the batch was finished when it was framed."""

    def closed(self) -> bool:
        """Tell aiokafka that the batch need not linger."""
        return True

    def _set_producer_state(self, producer_id: int, epoch: int, base_sequence: int) -> None:
        self.stamped = ProducerState(producer_id, epoch, base_sequence)
        set_producer_state(self.framed, producer_id, epoch, base_sequence)

    def _build(self) -> memoryview:
        return self.framed.buffer

    def forget_stamp(self) -> None:
        """Make the batch ready to be sent by another producer."""
        self.stamped = None
        self.error = None
