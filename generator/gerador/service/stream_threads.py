"""Worker threads, start barrier and stop signal of running streams."""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from gerador.process_tuning import lower_thread_priority
from gerador.units import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from gerador.service.clock import Clock


GENERATOR_THREAD_PREFIX: Final = "rows-"
"""Prefix of the names of all threads that generate rows."""
READER_THREAD_PREFIX: Final = f"{GENERATOR_THREAD_PREFIX}again-"
"""Prefix of the names of threads that regenerate rows for readers."""


def generator_thread(stream: str) -> ThreadPoolExecutor:
    """Return the thread that generates a stream's rows; it starts with its first task."""
    return _single_thread(GENERATOR_THREAD_PREFIX, stream)


def reader_thread(stream: str) -> ThreadPoolExecutor:
    """Return the thread that regenerates a stream's rows for readers, one request at a time.

    A stream that is slow to regenerate delays its own readers only.
    """
    return _single_thread(READER_THREAD_PREFIX, stream)


def _single_thread(prefix: str, stream: str) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(
        1, thread_name_prefix=f"{prefix}{stream}", initializer=lower_thread_priority
    )


class StartBarrier:
    """Makes `streams` streams start at the same time. Use from the event loop only."""

    def __init__(self, streams: int, clock: Clock) -> None:
        self._clock = clock
        self._start: datetime | None = None
        self._ready = _Barrier(streams)
        self._scheduled = _Barrier(streams)

    async def wait_ready(self) -> datetime:
        """Wait until every stream is ready; return the time at which the last one was."""
        await self._ready.arrive_and_wait()
        if self._start is None:
            self._start = self._clock.wall()
        return self._start

    async def wait_scheduled(self) -> None:
        """Wait until every stream has its schedule."""
        await self._scheduled.arrive_and_wait()

    def withdraw(self, *, is_ready: bool) -> None:
        """Stop waiting for a stream that ends; `is_ready`: it has called `wait_ready`."""
        if not is_ready:
            self._ready.decrement()
        self._scheduled.decrement()


class _Barrier:
    def __init__(self, expected: int) -> None:
        self._missing = expected
        self._open = asyncio.Event()

    async def arrive_and_wait(self) -> None:
        self.decrement()
        await self._open.wait()

    def decrement(self) -> None:
        self._missing -= 1
        if self._missing <= 0:
            self._open.set()


class StopSignal:
    """A flag that is set once and never cleared. Use from the event loop only."""

    def __init__(self, clock: Clock, on_set: Callable[[], None]) -> None:
        """Call `on_set` when the flag is set for the first time."""
        self.set_at_s: float | None = None
        """When it was set, on the monotonic clock; None before."""
        self._clock = clock
        self._on_set = on_set
        self._event = asyncio.Event()

    @property
    def is_set(self) -> bool:
        """Whether the stream must stop."""
        return self.set_at_s is not None

    def set(self) -> None:
        """Ask the stream to stop. Idempotent."""
        if self.set_at_s is None:
            self.set_at_s = self._clock.monotonic_ns() / NS_PER_S
            self._on_set()
            self._event.set()

    async def sleep(self, seconds: float) -> None:
        """Sleep for `seconds`, or until the flag is set."""
        await wait_for_event(self._event, seconds)

    async def wait_any(self, *futures: asyncio.Future[Any], timeout_s: float | None = None) -> None:
        """Wait until a future is done, the flag is set, or the timeout expires.

        Does not cancel the futures.
        """
        stopped = asyncio.ensure_future(self._event.wait())
        try:
            await asyncio.wait(
                {*futures, stopped}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            stopped.cancel()


async def wait_for_event(event: asyncio.Event, timeout_s: float | None) -> None:
    """Wait for `event`, at most `timeout_s` seconds (None: without a timeout)."""
    if timeout_s == 0:
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await event.wait()
