"""A fake clock, sink and slice builder that tests control."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gerador.delivery.ledger import Ledger
from gerador.delivery.sink import RowFailure, Slice

if TYPE_CHECKING:
    from collections.abc import Callable

NS = 10**9
WALL = datetime(2026, 1, 1, tzinfo=UTC)


class FakeClock:
    """A clock that a test advances. The event loop's own timers use real time."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def monotonic_ns(self) -> int:
        """Return the fake time."""
        return round(self.now_s * NS)

    def wall(self) -> datetime:
        """Return a constant time."""
        return WALL


class FakeSink:
    """Collects slices; acknowledges them at once or never."""

    def __init__(self, *, acknowledges: bool = True, partitions: int = 2) -> None:
        self.ledger = Ledger()
        self.partitions = partitions
        self.problem: str | None = None
        self.slices: list[Slice] = []
        self.acknowledges = acknowledges
        self.closed = False
        self.is_ready = asyncio.Event()
        self.is_ready.set()
        self.refusal: Exception | None = None
        self.is_full = False

    async def wait_ready(self) -> None:
        """Wait until the test sets `is_ready`."""
        if self.refusal is not None:
            raise self.refusal
        await self.is_ready.wait()

    async def send(self, slice_: Slice) -> None:
        """Accept a slice; block forever when full."""
        if self.is_full:
            await asyncio.Event().wait()
        self.slices.append(slice_)
        records = slice_.rows - len(slice_.failures)
        self.ledger.add_in_flight(0, records)
        if self.acknowledges:
            self.ledger.acknowledge(0, records, records * 100)

    async def drain(self, timeout_s: float) -> bool:
        """Return whether all records are acknowledged."""
        return timeout_s > 0 and not self.ledger.total.in_flight

    async def close(self) -> None:
        """Record the call."""
        self.closed = True


class FakeSliceBuilder:
    """Builds slices without records; fails at the first rows that `fails_at` selects."""

    def __init__(
        self, fails_at: Callable[[int], bool] = lambda _: False, slice_rows: int = 64
    ) -> None:
        self.slice_rows = slice_rows
        self._fails_at = fails_at
        self.failures: list[RowFailure] = []
        """Rows that cannot be sent."""

    def build(self, a: int, b: int) -> Slice:
        """Return an empty slice of rows [a, b)."""
        if self._fails_at(a):
            raise ValueError(f"row {a} cannot be made")
        return Slice(a, b - a, failures=[f for f in self.failures if a <= f.row < b])
