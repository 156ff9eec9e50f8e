"""Delivery counts per partition: rows acked, failed, unknown and in flight."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

NOT_SENT_REASON: Final = "stopped before sending"
"""Reason of rows that were made and never left, because the run ended first."""


@dataclass(slots=True)
class DeliveryCounts:
    """Rows (and acknowledged bytes) of one partition, or of all of them."""

    acked: int = 0
    """Rows that the brokers confirmed, all in-sync replicas included."""
    failed: int = 0
    """Rows that are known not to be in the log and will not be sent again."""
    unknown: int = 0
    """Rows that were sent and whose fate is not known now."""
    in_flight: int = 0
    """Rows that were made and wait to be sent or confirmed."""
    acked_bytes: int = 0
    """Bytes of the confirmed record batches as they were on the wire."""


@dataclass(slots=True)
class Ledger:
    """The counts of one stream at its destination.

    Every method moves rows from one column to another, so that
    ``acked + failed + unknown + in_flight`` is always all the rows that were handed over.
    """

    total: DeliveryCounts = field(default_factory=DeliveryCounts)
    partitions: dict[int, DeliveryCounts] = field(default_factory=dict)
    failed_by_reason: Counter[str] = field(default_factory=Counter)

    def hand_over(self, partition: int, rows: int) -> None:
        """Count `rows` as in flight."""
        for count in (self.total, self._of(partition)):
            count.in_flight += rows

    def acknowledge(self, partition: int, rows: int, wire_bytes: int) -> None:
        """Count `rows` in flight as confirmed."""
        for count in (self.total, self._of(partition)):
            count.in_flight -= rows
            count.acked += rows
            count.acked_bytes += wire_bytes

    def fail(self, partition: int, rows: int, reason: str) -> None:
        """Count `rows` in flight as refused for good."""
        for count in (self.total, self._of(partition)):
            count.in_flight -= rows
            count.failed += rows
        self.failed_by_reason[reason] += rows

    def fail_unmade(self, rows: int, reason: str) -> None:
        """Count `rows` that never became records as failed; they belong to no partition."""
        self.total.failed += rows
        self.failed_by_reason[reason] += rows

    def lose_sight(self, partition: int, rows: int) -> None:
        """Count `rows` in flight as unknown: they were sent and no answer came."""
        for count in (self.total, self._of(partition)):
            count.in_flight -= rows
            count.unknown += rows

    def see_again(self, partition: int, rows: int) -> None:
        """Count unknown `rows` as in flight again: their fate is about to be told or retried."""
        for count in (self.total, self._of(partition)):
            count.unknown -= rows
            count.in_flight += rows

    def _of(self, partition: int) -> DeliveryCounts:
        return self.partitions.setdefault(partition, DeliveryCounts())
