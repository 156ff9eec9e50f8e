"""The delivered rate: confirmed rows over the last seconds, from samples of a counter."""

from __future__ import annotations

from collections import deque
from typing import Final

WINDOW_S: Final = 5.0
"""Seconds that the rate looks back."""
SAMPLE_S: Final = 0.25
"""Seconds between two samples that are kept."""


class RateMeter:
    """Mean rate of a counter over the last WINDOW_S seconds, or since it began if that is less."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()

    def sample(self, now_s: float, count: int) -> None:
        """Note the counter. Cost: O(1); more often than SAMPLE_S changes nothing."""
        if self._samples and now_s - self._samples[-1][0] < SAMPLE_S:
            return
        self._samples.append((now_s, count))
        while len(self._samples) > 1 and now_s - self._samples[1][0] >= WINDOW_S:
            self._samples.popleft()

    def per_s(self, now_s: float, count: int) -> float:
        """Return the rate up to now, in 1/s; 0.0 before the first sample."""
        if not self._samples:
            return 0.0
        then_s, then = self._samples[0]
        elapsed_s = now_s - then_s
        return (count - then) / elapsed_s if elapsed_s > 0 else 0.0
