"""Limit the time and memory of a computation."""

from __future__ import annotations

import math
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from gerador.memory_limit import limit_memory_growth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


SECONDS_MAX: Final = 10.0
"""Maximum time for the rows of a block; usually they take a thousandth of it."""
TICK_S: Final = 0.25
GROWTH_BYTES_MAX: Final = 512 * 1024 * 1024
"""Maximum growth of the process's memory, on Linux; DuckDB's own limit covers only part of it."""
SLICE_GROWTH: Final = 4
"""Ratio of the rows of a slice to those of the slice before; the first has one row."""


class TimeLimitExceeded(Exception):
    """A computation exceeded `SECONDS_MAX`."""


class _Timeout:
    """Calls `stop` after `SECONDS_MAX`, counted in ticks."""

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop
        self._ticks = math.ceil(SECONDS_MAX / TICK_S) + 1  # the first tick may come early
        self.expired = False

    def tick(self) -> None:
        """Count a tick; call `stop` at the last."""
        self._ticks -= 1
        if not self._ticks:
            self.expired = True
            self._stop()


class _Watchdog:
    """A thread that ticks the timeouts of all running computations."""

    def __init__(self) -> None:
        self._timeouts: set[_Timeout] = set()
        self._running = threading.Condition()
        self._thread: threading.Thread | None = None

    def start(self, timeout: _Timeout) -> None:
        """Start to tick a timeout."""
        with self._running:
            self._timeouts.add(timeout)
            self._running.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._tick, name="sql-timeouts", daemon=True)
                self._thread.start()

    def cancel(self, timeout: _Timeout) -> None:
        """Cancel a timeout: `stop` is not called after this returns."""
        with self._running:
            self._timeouts.discard(timeout)

    def _tick(self) -> None:
        idle = threading.Event()  # never set: its wait is a sleep
        while True:
            with self._running:
                self._running.wait_for(lambda: self._timeouts)
            idle.wait(TICK_S)
            with self._running:
                for timeout in self._timeouts:
                    timeout.tick()


_watchdog: Final = _Watchdog()


@contextmanager
def resources_limited(stop: Callable[[], None]) -> Iterator[None]:
    """Limit time and memory of the block; `stop` is called from another thread.

    Cost: 40 microseconds.

    Raises TimeLimitExceeded: instead of the error of a stopped computation. MemoryError, or the
    error that the computation raises for it: more than `GROWTH_BYTES_MAX`.
    """
    timeout = _Timeout(stop)
    _watchdog.start(timeout)
    try:
        with limit_memory_growth(GROWTH_BYTES_MAX):
            yield
    except Exception as e:
        if timeout.expired:
            raise TimeLimitExceeded(
                f"expression takes more than {SECONDS_MAX:g} s; simplify it"
            ) from e
        raise
    finally:
        _watchdog.cancel(timeout)


def growing_slices(columns: pa.Table) -> pa.Table:
    """Return the same rows in chunks that grow from one row; nothing is copied."""
    chunks, first, rows = [], 0, 1
    while first < columns.num_rows:
        chunks.append(columns.slice(first, rows))
        first += rows
        rows *= SLICE_GROWTH
    return pa.concat_tables(chunks) if chunks else columns
