"""The interface of a destination of slices, and the sink for runs without Kafka."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from gerador.delivery.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gerador.encoding.record_batch import RecordBatch


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows that go out together: ``[first_row, first_row + rows)`` and their encoded form."""

    first_row: int
    rows: int
    batches: Sequence[RecordBatch] = ()
    """In the order of their rows within each partition; empty when memory is the destination."""


class Sink(Protocol):
    """A destination of slices. Called by one task on the event loop."""

    @property
    def ledger(self) -> Ledger:
        """What became of every row; the sink writes it, but for rows that were never made."""

    @property
    def partitions(self) -> int:
        """Number of partitions; known once `ready` returned."""

    @property
    def trouble(self) -> str | None:
        """Why rows are not being confirmed right now, in one line; None when they are."""

    async def ready(self) -> None:
        """Return when the first row may be offered. Waits as long as the destination is away.

        Raises ConfigurationError when waiting cannot help.
        """

    async def offer(self, made: Slice) -> None:
        """Take one slice, in the order of rows. Waits while too much is in flight.

        When cancelled while waiting, nothing of the slice was taken.
        """

    async def drain(self, timeout_s: float) -> bool:
        """Wait until nothing is in flight or unknown; False when the time ran out first."""

    async def close(self) -> None:
        """Let go of the destination, within a bounded time. What was never sent is failed."""


class MemorySink:
    """Counts rows as confirmed as soon as they are made: the mirror is their destination."""

    partitions = 1
    trouble = None

    def __init__(self) -> None:
        self.ledger = Ledger()

    async def ready(self) -> None:
        """Memory is always there."""

    async def offer(self, made: Slice) -> None:
        """Count the rows, which the mirror now covers. They have no encoded form, so no bytes."""
        self.ledger.hand_over(0, made.rows)
        self.ledger.acknowledge(0, made.rows, 0)

    async def drain(self, timeout_s: float) -> bool:  # noqa: ARG002 - the sink's signature
        """Nothing is ever in flight."""
        return True

    async def close(self) -> None:
        """Nothing is held."""
