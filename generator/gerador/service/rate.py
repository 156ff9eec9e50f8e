"""The delivered rate: confirmed rows over the last seconds, from samples of a counter."""

from __future__ import annotations

from collections import deque
from typing import Final

WINDOW_S: Final = 5.0
"""Seconds that the rate looks back; further for what happens more rarely."""
SAMPLE_S: Final = 0.25
"""Seconds between two looks at the counter."""
STALL_GAPS: Final = 2.0
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
        if now_s - last_s <= STALL_GAPS * usual_gap_s + SAMPLE_S:
            return (last - first) / (last_s - first_s)
        window_s = max(WINDOW_S, STALL_GAPS * usual_gap_s)
        before = max((c for s, c in self._changes if s <= now_s - window_s), default=first)
        return (last - before) / window_s
