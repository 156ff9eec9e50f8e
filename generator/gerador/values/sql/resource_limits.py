"""Limit the time and the memory of a computation."""

from __future__ import annotations

import math
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from gerador.memory import limit_memory_growth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


SECONDS_MAX: Final = 10.0
"""How long the rows of a block may take; thousands of times what they usually do."""
TICK_S: Final = 0.25
GROWTH_BYTES_MAX: Final = 512 * 1024 * 1024
"""How much memory they may take on the way, Linux only; DuckDB counts only part of it."""
SLICE_GROWTH: Final = 4
"""How many times as many rows each piece has as the one before: the first one has one."""


class TimeLimitExceeded(Exception):
    """A computation took longer than it may; says how long, in one line."""


class _Timeout:
    """Asks a computation to stop when its ticks have gone by, unless it has ended."""

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop
        self._ticks = math.ceil(SECONDS_MAX / TICK_S) + 1  # the first one may be on its way
        self.rang = False

    def tick(self) -> None:
        """Count one; the last one rings."""
        self._ticks -= 1
        if not self._ticks:
            self.rang = True
            self._stop()


class _Watchdog:
    """One thread for all computations, which ticks while there are any."""

    def __init__(self) -> None:
        self._alarms: set[_Timeout] = set()
        self._some = threading.Condition()
        self._thread: threading.Thread | None = None

    def begin(self, alarm: _Timeout) -> None:
        with self._some:
            self._alarms.add(alarm)
            self._some.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._tick, name="bounds", daemon=True)
                self._thread.start()

    def end(self, alarm: _Timeout) -> None:
        """See to it that nothing is stopped from here on: the next computation is another."""
        with self._some:
            self._alarms.discard(alarm)

    def _tick(self) -> None:
        idle = threading.Event()  # which nobody sets: a sleep, without a clock of its own
        while True:
            with self._some:
                self._some.wait_for(lambda: self._alarms)
            idle.wait(TICK_S)
            with self._some:
                for alarm in self._alarms:
                    alarm.tick()


_watchdog: Final = _Watchdog()


@contextmanager
def resources_limited(stop: Callable[[], None]) -> Iterator[None]:
    """Bound what is computed meanwhile; `stop` is called from another thread.

    Cost: 40 microseconds.

    Raises OutOfTime: in place of what the computation raises once it was stopped. MemoryError, or
    what the computation makes of it: it wanted more memory.
    """
    alarm = _Timeout(stop)
    _watchdog.begin(alarm)
    try:
        with limit_memory_growth(GROWTH_BYTES_MAX):
            yield
    except Exception as e:
        if alarm.rang:
            raise TimeLimitExceeded(f"it takes over {SECONDS_MAX:g} s; let it compute less") from e
        raise
    finally:
        _watchdog.end(alarm)


def growing_slices(columns: pa.Table) -> pa.Table:
    """Return the same rows in pieces that begin with one row and grow; nothing is copied."""
    pieces, first, rows = [], 0, 1
    while first < columns.num_rows:
        pieces.append(columns.slice(first, rows))
        first += rows
        rows *= SLICE_GROWTH
    return pa.concat_tables(pieces) if pieces else columns
