"""Clocks of a run: the machine's clocks behind one protocol, and stream time, which follows the monotonic clock from the stream's start."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from gerador.units import EPOCH

_MICROSECOND: Final = timedelta(microseconds=1)


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
    """Stream time: `start_ns` at the moment of making, then on with the monotonic clock.

    With a `speed` over 1 and a start in the past it runs that many times as fast as the clock
    until it reaches the present, and as the clock from then on; at infinite speed it is there at
    once. With speed 1 it stays as far in the past as it started.
    """

    def __init__(self, clock: Clock, start_ns: int, speed: float = 1.0) -> None:
        self._clock = clock
        self._start_ns = start_ns
        self._began_ns = clock.monotonic_ns()
        self._speed = speed
        wall_ns = (clock.wall() - EPOCH) // _MICROSECOND * 1_000
        self._lead_ns = max(0, wall_ns - start_ns) if speed > 1 else 0
        """How far the present was ahead of the start."""

    @property
    def starts_late(self) -> bool:
        """Whether there was anything to catch up with."""
        return self._lead_ns > 0

    @property
    def began_at_ns(self) -> int:
        """The present, in stream time, at the moment of making."""
        return self._start_ns + self._lead_ns

    def now_ns(self) -> int:
        """Return nanoseconds since the epoch in stream time."""
        return self._start_ns + self._reached_ns(self._clock.monotonic_ns() - self._began_ns)

    @property
    def factor(self) -> float:
        """How many times as fast as the clock stream time runs now."""
        gone_ns = self._clock.monotonic_ns() - self._began_ns
        return self._speed if self._reached_ns(gone_ns) < self._lead_ns + gone_ns else 1.0

    def between_ns(self, a_ns: int, b_ns: int) -> int:
        """Return how long it takes by the clock from one instant in stream time to another."""
        return self._gone_ns(b_ns) - self._gone_ns(a_ns)

    def until_ns(self, instant_ns: int) -> int:
        """Return how long it still takes by the clock to an instant; below 0 when it is past."""
        return self._gone_ns(instant_ns) - (self._clock.monotonic_ns() - self._began_ns)

    def _reached_ns(self, gone_ns: int) -> int:
        """Return stream time since the start when so much has gone by the clock."""
        if not self._lead_ns or math.isinf(self._speed):
            return self._lead_ns + gone_ns
        return min(int(gone_ns * self._speed), self._lead_ns + gone_ns)

    def _gone_ns(self, instant_ns: int) -> int:
        """Return what has gone by the clock when stream time is at an instant."""
        into_ns = instant_ns - self._start_ns
        if not self._lead_ns:
            return into_ns
        return max(math.ceil(into_ns / self._speed), into_ns - self._lead_ns)
