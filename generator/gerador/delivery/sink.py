"""The sink interface (a destination of slices), and the sink for runs without Kafka."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from gerador.delivery.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gerador.encoding.record_batch import RecordBatch


class RowFailure(NamedTuple):
    """A row that cannot be sent."""

    row: int
    """Index of the row in its stream."""
    reason: str
    """Why, as a label: `RECORD_TOO_LARGE`."""
    message: str


RECORD_TOO_LARGE: Final = "RecordTooLargeError"
"""Reason of rows whose record exceeds the topic's `max.message.bytes`; Kafka's name of it."""


@dataclass(frozen=True, slots=True)
class Slice:
    """The rows ``[first_row, first_row + rows)``, generated and sent together."""

    first_row: int
    rows: int
    batches: Sequence[RecordBatch] = ()
    """The encoded rows, in row order within each partition; empty for `MemorySink`."""
    failures: Sequence[RowFailure] = ()
    """The rows that are in no batch, in order."""


class Sink(Protocol):
    """A destination of slices. Called by one task on the event loop."""

    @property
    def ledger(self) -> Ledger:
        """The delivery counts. The sink updates them, except for rows that were not generated."""

    @property
    def partitions(self) -> int:
        """Number of partitions; known after `wait_ready`."""

    @property
    def problem(self) -> str | None:
        """Why rows are not acknowledged now, in one line; None when they are."""

    async def wait_ready(self) -> None:
        """Wait until the destination is available and `send` can be called.

        Raises ConfigurationError: the problem cannot be solved by retrying.
        """

    async def send(self, slice_: Slice) -> None:
        """Queue a slice; slices come in row order. Waits while too much is in flight.

        When cancelled while waiting, nothing of the slice was queued.
        """

    async def drain(self, timeout_s: float) -> bool:
        """Wait until no row is in flight or unknown; return False on timeout."""

    async def close(self) -> None:
        """Close the sink within a bounded time. Unsent rows are counted as failed."""


class MemorySink:
    """Acknowledges rows at once: their destination is the mirror, in memory."""

    partitions = 1
    problem = None

    def __init__(self) -> None:
        self.ledger = Ledger()

    async def wait_ready(self) -> None:
        """Return at once."""

    async def send(self, slice_: Slice) -> None:
        """Count the rows as acknowledged, with 0 bytes: they are not encoded."""
        self.ledger.add_in_flight(0, slice_.rows)
        self.ledger.acknowledge(0, slice_.rows, 0)

    async def drain(self, timeout_s: float) -> bool:  # noqa: ARG002 - the sink's signature
        """Return True: no row is ever in flight."""
        return True

    async def close(self) -> None:
        """Do nothing: there are no resources to release."""
