"""Counters of a stream's produce loop, and the meter of its delivery rate."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gerador.delivery.sink import RowFailure


@dataclass(slots=True)
class Progress:
    """State of one stream's loop. Written by the loop only, in the event loop's thread."""

    next_row: int = 0
    """First row that is not part of a slice yet."""
    made: int = 0
    """Rows generated."""
    errors: int = 0
    """Slices that failed."""
    last_error: str | None = None
    is_failing: bool = False
    """Whether the latest slice failed."""
    is_finished: bool = False
    """Whether a bounded stream has generated its last row and every outcome is known."""
    generation_at: datetime | None = None
    """When the latest generation was finished."""
    duration_ns: int | None = None
    """Clock time of the whole run; None while it is running."""
    notices: tuple[str, ...] = ()

    def take(self, end: int) -> tuple[int, int]:
        """Take the rows up to `end` for the next slice and return them as [a, b)."""
        a, self.next_row = self.next_row, end
        return a, end

    def record_generated(self, rows: int) -> None:
        """Count a generated slice."""
        self.is_failing = False
        self.made += rows

    def record_failure(self, a: int, b: int, error: Exception) -> str:
        """Count rows [a, b) as a failed slice; return the reason in one line."""
        reason = f"{type(error).__name__}: {error}".partition("\n")[0]
        self.is_failing = True
        self.errors += 1
        self.last_error = f"rows {a} to {b - 1}: {reason}"
        return reason

    def record_row_failures(self, failures: Sequence[RowFailure]) -> None:
        """Record rows that failed alone: the others of their slice are sent."""
        self.last_error = f"row {failures[-1].row}: {failures[-1].message}"


WINDOW_S: Final = 5.0
"""Seconds over which the rate is measured; longer for a counter that changes less often."""
SAMPLE_INTERVAL_S: Final = 0.25
"""Seconds between two samples of the counter."""
STALL_INTERVALS: Final = 2.0
"""Mean intervals between changes after which an unchanged counter counts as stalled."""


class RateMeter:
    """Mean rate of a counter, measured from change to change.

    A thousand rows once a second are 1,000/s at any time: the rate is taken between the first
    and the latest change in the window. When the counter has not changed for longer than usual,
    the rate is taken over the window that ends now, and falls to zero.
    """

    def __init__(self) -> None:
        self._changes: deque[tuple[float, int]] = deque()

    def sample(self, now_s: float, count: int) -> None:
        """Add a sample of the counter; call it every SAMPLE_INTERVAL_S seconds. Cost: O(1)."""
        if count == (self._changes[-1][1] if self._changes else 0):
            return
        self._changes.append((now_s, count))
        while len(self._changes) > 2 and now_s - self._changes[1][0] >= WINDOW_S:
            self._changes.popleft()

    def per_s(self, now_s: float) -> float:
        """Return the rate per second; 0.0 before the counter has changed twice."""
        if len(self._changes) < 2:
            return 0.0
        (first_s, first), (last_s, last) = self._changes[0], self._changes[-1]
        mean_interval_s = (last_s - first_s) / (len(self._changes) - 1)
        if now_s - last_s <= STALL_INTERVALS * mean_interval_s + SAMPLE_INTERVAL_S:
            return (last - first) / (last_s - first_s)
        window_s = max(WINDOW_S, STALL_INTERVALS * mean_interval_s)
        before = max((c for s, c in self._changes if s <= now_s - window_s), default=first)
        return (last - before) / window_s
