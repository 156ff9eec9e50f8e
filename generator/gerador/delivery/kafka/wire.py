"""A finished record batch in the shape of aiokafka's own batch builder.

`AIOKafkaProducer.send_batch` takes any object with these seven methods (aiokafka 0.14, internal
names; `tests/contract/` holds them against the real builder). So acks, idempotence, retries and
leaders stay aiokafka's, while the bytes are ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gerador.delivery.kafka.log_reader import Stamp
from gerador.encoding.framed import stamp

if TYPE_CHECKING:
    from gerador.encoding.framed import FramedBatch


class WireBatch:
    """One record batch on its way: its bytes, when it was handed over, how it was stamped."""

    __slots__ = ("error", "framed", "handed_over_s", "stamped", "unknown")

    def __init__(self, framed: FramedBatch, handed_over_s: float) -> None:
        self.framed = framed
        self.handed_over_s = handed_over_s
        self.stamped: Stamp | None = None
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
        self.stamped = Stamp(producer_id, epoch, base_sequence)
        stamp(self.framed, producer_id, epoch, base_sequence)

    def _build(self) -> memoryview:
        return self.framed.buffer

    def forget_stamp(self) -> None:
        """Make the batch ready to be sent by another producer."""
        self.stamped = None
        self.error = None
