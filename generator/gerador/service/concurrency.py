"""Threads and synchronization of running streams: worker threads, the barrier at which all streams start, and the stop signal of a stream."""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from gerador.process import lower_thread_priority
from gerador.units import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from gerador.service.clock import Clock


GENERATOR_THREAD_PREFIX: Final = "rows-"
"""How the names of threads that make rows begin."""
READER_THREAD_PREFIX: Final = f"{GENERATOR_THREAD_PREFIX}again-"
"""How the names of those begin that make rows again for who looks at them."""


def generator_thread(stream: str) -> ThreadPoolExecutor:
    """Return the thread that makes a stream's rows; it starts with its first work."""
    return _single_thread(GENERATOR_THREAD_PREFIX, stream)


def reader_thread(stream: str) -> ThreadPoolExecutor:
    """Return the thread that makes a stream's rows again, one look after the other.

    A stream whose rows take long holds up who looks at it, and neither itself nor the others.
    """
    return _single_thread(READER_THREAD_PREFIX, stream)


def _single_thread(prefix: str, stream: str) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(
        1, thread_name_prefix=f"{prefix}{stream}", initializer=lower_thread_priority
    )


class StartBarrier:
    """The meeting point of `streams` streams. Used from the event loop alone."""

    def __init__(self, streams: int, clock: Clock) -> None:
        self._clock = clock
        self._start: datetime | None = None
        self._ready = _Barrier(streams)
        self._begun = _Barrier(streams)

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


class _Barrier:
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


class StopSignal:
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
        await wait_for_event(self._event, seconds)

    async def or_done(self, *work: asyncio.Future[Any], timeout_s: float | None = None) -> None:
        """Wait until some of `work` is done, it is told, or the time is over; cancels nothing."""
        stopped = asyncio.ensure_future(self._event.wait())
        try:
            either = {*work, stopped}
            await asyncio.wait(either, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()


async def wait_for_event(event: asyncio.Event, timeout_s: float | None) -> None:
    """Wait for `event`, at most `timeout_s` seconds (None: for ever)."""
    if timeout_s == 0:
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await event.wait()
