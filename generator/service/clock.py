"""The one place where the run loop reads a clock.

Stream time starts at the stream's start and runs as fast as the monotonic clock: it does not
jump when somebody sets the wall clock. Tests give a clock of their own.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the run loop needs of time."""

    def monotonic_ns(self) -> int:
        """Return nanoseconds that only go forward."""

    def wall(self) -> datetime:
        """Return the instant now, in UTC."""


class SystemClock:
    """The machine's clocks."""

    def monotonic_ns(self) -> int:
        """Return nanoseconds of the monotonic clock."""
        return time.monotonic_ns()

    def wall(self) -> datetime:
        """Return the wall clock's instant, in UTC."""
        return datetime.now(UTC)


class StreamClock:
    """Stream time: `start_ns` at the moment of making, then on with the monotonic clock."""

    def __init__(self, clock: Clock, start_ns: int) -> None:
        self._clock = clock
        self._offset_ns = start_ns - clock.monotonic_ns()

    def now_ns(self) -> int:
        """Return nanoseconds since the epoch in stream time."""
        return self._offset_ns + self._clock.monotonic_ns()
