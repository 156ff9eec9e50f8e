"""All streams of a run begin at the same instant: when the last destination is ready.

Rows of one stream may look at rows of another that were due before, so none is made before every
schedule is there.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from gerador.service.clock import Clock


class Departure:
    """The meeting point of `streams` streams. Used from the event loop alone."""

    def __init__(self, streams: int, clock: Clock) -> None:
        self._clock = clock
        self._start: datetime | None = None
        self._ready = _Gate(streams)
        self._begun = _Gate(streams)

    async def start(self) -> datetime:
        """Wait until every stream is ready; return the moment when the last one was."""
        await self._ready.pass_through()
        if self._start is None:
            self._start = self._clock.wall()
        return self._start

    async def begun(self) -> None:
        """Wait until every stream has its schedule."""
        await self._begun.pass_through()

    def leave(self, *, ready: bool) -> None:
        """Wait no more for a stream that ends; `ready`: it was counted as ready already."""
        if not ready:
            self._ready.expect_one_less()
        self._begun.expect_one_less()


class _Gate:
    def __init__(self, expected: int) -> None:
        self._missing = expected
        self._open = asyncio.Event()

    async def pass_through(self) -> None:
        self.expect_one_less()
        await self._open.wait()

    def expect_one_less(self) -> None:
        self._missing -= 1
        if self._missing <= 0:
            self._open.set()
