"""A destination and a clock that do as they are told."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gerador.delivery.ledger import Ledger
from gerador.delivery.sink import Slice

if TYPE_CHECKING:
    from collections.abc import Callable

NS = 10**9
WALL = datetime(2026, 1, 1, tzinfo=UTC)


class FakeClock:
    """Time that moves only when it is told to; sleeping waiters are the event loop's own."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def monotonic_ns(self) -> int:
        """Return the fake instant."""
        return round(self.now_s * NS)

    def wall(self) -> datetime:
        """Return the same wall instant always."""
        return WALL


class FakeSink:
    """Takes slices; confirms them at once, later, or never."""

    def __init__(self, *, confirms: bool = True, partitions: int = 2) -> None:
        self.ledger = Ledger()
        self.partitions = partitions
        self.trouble: str | None = None
        self.slices: list[Slice] = []
        self.confirms = confirms
        self.closed = False
        self.is_ready = asyncio.Event()
        self.is_ready.set()
        self.refusal: Exception | None = None
        self.is_full = False

    async def ready(self) -> None:
        """Wait for the test's word."""
        if self.refusal is not None:
            raise self.refusal
        await self.is_ready.wait()

    async def offer(self, made: Slice) -> None:
        """Take a slice; full, take none and wait for ever."""
        if self.is_full:
            await asyncio.Event().wait()
        self.slices.append(made)
        self.ledger.hand_over(0, made.rows)
        if self.confirms:
            self.ledger.acknowledge(0, made.rows, made.rows * 100)

    async def drain(self, timeout_s: float) -> bool:
        """Tell whether all is confirmed."""
        return timeout_s > 0 and not self.ledger.total.in_flight

    async def close(self) -> None:
        """Note it."""
        self.closed = True


class FakeMaker:
    """Makes slices without rows; fails where it is told to."""

    def __init__(
        self, fails_at: Callable[[int], bool] = lambda _: False, at_once: int = 64
    ) -> None:
        self.rows_at_once = at_once
        self._fails_at = fails_at

    def make(self, a: int, b: int) -> Slice:
        """Return an empty slice of rows [a, b)."""
        if self._fails_at(a):
            raise ValueError(f"row {a} cannot be made")
        return Slice(a, b - a)
