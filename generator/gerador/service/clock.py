"""Clocks of a run: the system clocks, and stream time, which may run faster to catch up."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from gerador.units import EPOCH

_MICROSECOND: Final = timedelta(microseconds=1)


class Clock(Protocol):
    """The clocks that a run reads."""

    def monotonic_ns(self) -> int:
        """Return nanoseconds of a clock that never goes back."""

    def wall(self) -> datetime:
        """Return the current time in UTC."""


class SystemClock:
    """The clocks of the operating system."""

    def monotonic_ns(self) -> int:
        """Return nanoseconds of the monotonic clock."""
        return time.monotonic_ns()

    def wall(self) -> datetime:
        """Return the time of the wall clock in UTC."""
        return datetime.now(UTC)


class StreamClock:
    """Stream time: starts at `start_ns` when the clock is created, follows the monotonic clock.

    With `speed` above 1 and a start in the past, stream time runs `speed` times as fast until it
    reaches the present, then at normal speed; at infinite speed it starts in the present. With
    speed 1 it stays as far in the past as it started.
    """

    def __init__(self, clock: Clock, start_ns: int, speed: float = 1.0) -> None:
        self._clock = clock
        self._start_ns = start_ns
        self._created_ns = clock.monotonic_ns()
        self._speed = speed
        wall_ns = (clock.wall() - EPOCH) // _MICROSECOND * 1_000
        self._backlog_ns = max(0, wall_ns - start_ns) if speed > 1 else 0
        """Stream time between the start and the present, to catch up with."""

    @property
    def has_backlog(self) -> bool:
        """Whether stream time had to catch up with the present at the start."""
        return self._backlog_ns > 0

    @property
    def present_at_start_ns(self) -> int:
        """The present when the clock was created, in stream time."""
        return self._start_ns + self._backlog_ns

    def now_ns(self) -> int:
        """Return stream time in nanoseconds since the epoch."""
        return self._start_ns + self._stream_elapsed_ns(self._elapsed_ns())

    @property
    def current_speed(self) -> float:
        """Current ratio of stream time to clock time."""
        elapsed_ns = self._elapsed_ns()
        is_catching_up = self._stream_elapsed_ns(elapsed_ns) < self._backlog_ns + elapsed_ns
        return self._speed if is_catching_up else 1.0

    def elapsed_between_ns(self, a_ns: int, b_ns: int) -> int:
        """Return the clock time between two stream times."""
        return self._clock_elapsed_ns(b_ns) - self._clock_elapsed_ns(a_ns)

    def remaining_ns(self, stream_ns: int) -> int:
        """Return the clock time until a stream time; negative when it is past."""
        return self._clock_elapsed_ns(stream_ns) - self._elapsed_ns()

    def _elapsed_ns(self) -> int:
        return self._clock.monotonic_ns() - self._created_ns

    def _stream_elapsed_ns(self, elapsed_ns: int) -> int:
        """Return the stream time since the start, `elapsed_ns` of clock time after it."""
        if not self._backlog_ns or math.isinf(self._speed):
            return self._backlog_ns + elapsed_ns
        return min(int(elapsed_ns * self._speed), self._backlog_ns + elapsed_ns)

    def _clock_elapsed_ns(self, stream_ns: int) -> int:
        """Return the clock time since the start, at a stream time."""
        elapsed_ns = stream_ns - self._start_ns
        if not self._backlog_ns:
            return elapsed_ns
        return max(math.ceil(elapsed_ns / self._speed), elapsed_ns - self._backlog_ns)
