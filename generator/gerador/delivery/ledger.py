"""Delivery counts per partition: rows acked, failed, unknown and in flight."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

NOT_SENT_REASON: Final = "stopped before sending"
"""Failure reason of rows that were not sent before the run ended."""


@dataclass(slots=True)
class DeliveryCounts:
    """Rows (and acknowledged bytes) of one partition, or of all partitions."""

    acked: int = 0
    """Rows that the brokers acknowledged with acks=all."""
    failed: int = 0
    """Rows that are not in the log and will not be sent again."""
    unknown: int = 0
    """Rows that were sent without a response: they may or may not be in the log."""
    in_flight: int = 0
    """Rows that are queued, or sent and not acknowledged yet."""
    acked_bytes: int = 0
    """Bytes of the acknowledged record batches as sent."""


@dataclass(slots=True)
class Ledger:
    """The delivery counts of one stream.

    Every method but `add_in_flight` and `fail_unqueued` moves rows from one count to another,
    so ``acked + failed + unknown + in_flight`` is the number of rows that were added.
    """

    total: DeliveryCounts = field(default_factory=DeliveryCounts)
    partitions: dict[int, DeliveryCounts] = field(default_factory=dict)
    failed_by_reason: Counter[str] = field(default_factory=Counter)

    def add_in_flight(self, partition: int, rows: int) -> None:
        """Count `rows` as in flight."""
        for count in self._counts(partition):
            count.in_flight += rows

    def acknowledge(self, partition: int, rows: int, wire_bytes: int) -> None:
        """Move `rows` from in flight to acked."""
        for count in self._counts(partition):
            count.in_flight -= rows
            count.acked += rows
            count.acked_bytes += wire_bytes

    def fail(self, partition: int, rows: int, reason: str) -> None:
        """Move `rows` from in flight to failed."""
        for count in self._counts(partition):
            count.in_flight -= rows
            count.failed += rows
        self.failed_by_reason[reason] += rows

    def fail_unqueued(self, rows: int, reason: str) -> None:
        """Count `rows` that were never queued as failed; they belong to no partition."""
        self.total.failed += rows
        self.failed_by_reason[reason] += rows

    def mark_unknown(self, partition: int, rows: int) -> None:
        """Move `rows` from in flight to unknown: they were sent and no response came."""
        for count in self._counts(partition):
            count.in_flight -= rows
            count.unknown += rows

    def mark_in_flight(self, partition: int, rows: int) -> None:
        """Move `rows` from unknown back to in flight, before they are acknowledged or resent."""
        for count in self._counts(partition):
            count.unknown -= rows
            count.in_flight += rows

    def _counts(self, partition: int) -> tuple[DeliveryCounts, DeliveryCounts]:
        """Return the counts that a row of `partition` belongs to."""
        return self.total, self.partitions.setdefault(partition, DeliveryCounts())
