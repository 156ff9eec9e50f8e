"""Counters of a stream's produce loop, and the meter of its delivered rate."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(slots=True)
class Progress:
    """The state of one stream's loop. Changed only by the loop, on the event loop's thread."""

    row: int = 0
    """The first row that no slice has taken yet."""
    made: int = 0
    """Rows that were computed."""
    errors: int = 0
    """Slices that could not be made."""
    last_error: str | None = None
    failing: bool = False
    """Whether the latest slice could not be made."""
    finished: bool = False
    """Whether the last row of a bounded stream was made, and what became of all is known."""
    generation_at: datetime | None = None
    """When the latest generation was finished."""
    span_ns: int | None = None
    """What the whole run took by the clock; None while it goes on."""
    notices: tuple[str, ...] = ()

    def take(self, end: int) -> tuple[int, int]:
        """Take the rows up to `end` for the next slice and return them as [a, b)."""
        a, self.row = self.row, end
        return a, end

    def note_made(self, rows: int) -> None:
        """Note that a slice was made."""
        self.failing = False
        self.made += rows

    def note_failure(self, a: int, b: int, error: Exception) -> str:
        """Note that rows [a, b) could not be made; return why, in one line."""
        what = f"{type(error).__name__}: {error}".partition("\n")[0]
        self.failing = True
        self.errors += 1
        self.last_error = f"rows {a} to {b - 1}: {what}"
        return what


WINDOW_S: Final = 5.0
"""Seconds that the rate looks back; further for what happens more rarely."""
SAMPLE_INTERVAL_S: Final = 0.25
"""Seconds between two looks at the counter."""
STALL_INTERVALS: Final = 2.0
"""Usual gaps between two changes after which a counter that stands still counts as stalled."""


class RateMeter:
    """Mean rate of a counter from change to change, so that rows in bursts are told truly.

    A thousand rows once a second are 1,000/s at any instant: the rate is taken between the
    first and the latest change in the window, not up to now. Once no change came for longer
    than usual, it is taken over the window that ends now, and falls to zero with it.
    """

    def __init__(self) -> None:
        self._changes: deque[tuple[float, int]] = deque()

    def sample(self, now_s: float, count: int) -> None:
        """Look at the counter; call it about every SAMPLE_S seconds. Cost: O(1)."""
        if count == (self._changes[-1][1] if self._changes else 0):
            return
        self._changes.append((now_s, count))
        while len(self._changes) > 2 and now_s - self._changes[1][0] >= WINDOW_S:
            self._changes.popleft()

    def per_s(self, now_s: float) -> float:
        """Return the rate, in 1/s; 0.0 before the counter changed twice."""
        if len(self._changes) < 2:
            return 0.0
        (first_s, first), (last_s, last) = self._changes[0], self._changes[-1]
        usual_gap_s = (last_s - first_s) / (len(self._changes) - 1)
        if now_s - last_s <= STALL_INTERVALS * usual_gap_s + SAMPLE_INTERVAL_S:
            return (last - first) / (last_s - first_s)
        window_s = max(WINDOW_S, STALL_INTERVALS * usual_gap_s)
        before = max((c for s, c in self._changes if s <= now_s - window_s), default=first)
        return (last - before) / window_s
