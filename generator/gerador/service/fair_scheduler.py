"""Proportional scheduling of unpaced streams: bounds how far ahead of the slowest any may run."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Final

from gerador.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


LEAD_SLICES_MAX: Final = 2
"""Slices that a stream may be ahead of the slowest; measured in the lightest stream's slices."""


class FairScheduler:
    """Keeps the row counts of unpaced streams in the proportion of their `weights`, by name."""

    def __init__(self, weights: Mapping[str, int]) -> None:
        """Raise SettingError for a weight below 1."""
        for name, weight in weights.items():
            if weight < 1:
                raise SettingError(f"stream {name!r}: weight {weight} is below 1")
        self._weights = dict(weights)
        self._streams: list[ScheduledStream] = []

    def add_stream(
        self, name: str, wake: Callable[[], None], *, is_unpaced: bool
    ) -> ScheduledStream:
        """Return the scheduling state of a stream; `wake` is called when it may continue.

        `is_unpaced`: the stream is unpaced from its first row on, so the others wait until it
        has started.
        """
        stream = ScheduledStream(self, self._weights[name], wake, is_unpaced=is_unpaced)
        self._streams.append(stream)
        return stream

    def slowest_position(self, excluding: ScheduledStream | None = None) -> Fraction | None:
        """Return the lowest position of the active streams; None without one."""
        active = (s.position for s in self._streams if s.is_active and s is not excluding)
        return min(active, default=None)

    def lead_max(self) -> Fraction:
        """Return how far ahead of the slowest position a stream may be."""
        weights = (s.slice_weight for s in self._streams if s.is_active)
        return LEAD_SLICES_MAX * min(known for known in weights if known is not None)

    def wake_waiting(self) -> None:
        """Wake every stream that waits for the others."""
        for stream in self._streams:
            stream.wake_if_waiting()


class ScheduledStream:
    """Scheduling state of one stream; created by `FairScheduler.add_stream`."""

    def __init__(
        self, scheduler: FairScheduler, weight: int, wake: Callable[[], None], *, is_unpaced: bool
    ) -> None:
        self.is_active = is_unpaced
        """Whether the stream takes part: the others wait for it."""
        self.slice_weight: Fraction | None = None
        """Weight of a full slice of this stream; None before its first request."""
        self.is_waiting = False
        """Whether the stream waits for the others."""
        self._scheduler = scheduler
        self._weight = weight
        self._wake = wake
        self._row = 0
        self._offset = Fraction(0)

    @property
    def position(self) -> Fraction:
        """Progress in rows divided by weight, since the scheduler was created."""
        return self._offset + Fraction(self._row, self._weight)

    def rows_allowed(self, row: int, slice_rows: int) -> int:
        """Return the end of the rows that may be taken from `row` on; `row` when none may.

        A stream that becomes active starts at the position of the slowest.
        """
        self._row = row
        self.slice_weight = Fraction(slice_rows, self._weight)
        if not self.is_active:
            slowest_other = self._scheduler.slowest_position(excluding=self)
            self._offset += Fraction(0) if slowest_other is None else slowest_other - self.position
            self.is_active = True
        slowest = self._scheduler.slowest_position()
        assert slowest is not None  # noqa: S101 - this stream is active
        limit = slowest + self._scheduler.lead_max() - self._offset
        end = max(row, min(row + slice_rows, ceil(limit * self._weight)))
        self.is_waiting = end == row
        return end

    def advance(self, row: int) -> None:
        """Record that the rows before `row` were taken."""
        self._row = row
        self._scheduler.wake_waiting()

    def leave(self) -> None:
        """Stop taking part, until the next call of `rows_allowed`."""
        self.is_waiting = False
        if self.is_active:
            self.is_active = False
            self._scheduler.wake_waiting()

    def wake_if_waiting(self) -> None:
        """Call `wake` if the stream waits for the others."""
        if self.is_waiting:
            self.is_waiting = False
            self._wake()
