"""The word that a stream is to make no more rows: whether it was told, since when, who waits."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from gerador.events.courses.course import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from gerador.service.clock import Clock


class Stopping:
    """Told once, and for good. Used from the event loop alone."""

    def __init__(self, clock: Clock, on_told: Callable[[], None]) -> None:
        """Call `on_told` when it is told for the first time."""
        self.since_s: float | None = None
        """When it was told, by the monotonic clock; None before."""
        self._clock = clock
        self._on_told = on_told
        self._event = asyncio.Event()

    @property
    def told(self) -> bool:
        """Whether the stream is to stop."""
        return self.since_s is not None

    def tell(self) -> None:
        """Let the stream stop; again is harmless."""
        if self.since_s is None:
            self.since_s = self._clock.monotonic_ns() / NS_PER_S
            self._on_told()
            self._event.set()

    async def pause(self, seconds: float) -> None:
        """Wait so long, or until it is told."""
        await wait(self._event, seconds)

    async def or_done(self, *work: asyncio.Future[Any], timeout_s: float | None = None) -> None:
        """Wait until some of `work` is done, it is told, or the time is over; cancels nothing."""
        stopped = asyncio.ensure_future(self._event.wait())
        try:
            either = {*work, stopped}
            await asyncio.wait(either, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()


async def wait(event: asyncio.Event, timeout_s: float | None) -> None:
    """Wait for `event`, at most `timeout_s` seconds (None: for ever)."""
    if timeout_s == 0:
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await event.wait()
