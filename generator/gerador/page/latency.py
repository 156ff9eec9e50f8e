"""Percentiles of the acknowledgement latency, estimated from the histogram of the metrics."""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gerador.service.metrics import Metrics


HISTOGRAM: Final = "gerador_ack_duration_seconds"
WINDOW_READINGS: Final = 11
"""Readings kept, one per second: percentiles cover the last ten seconds."""
P50: Final = 0.50
P99: Final = 0.99

Buckets = tuple[tuple[float, float], ...]
"""Upper bound in seconds and count of observations up to it, in ascending order."""


class Latency(NamedTuple):
    """Median and 99th percentile of the acknowledgement latency."""

    p50_s: float
    p99_s: float


class LatencyWindow:
    """The latest readings of the histogram of one stream."""

    def __init__(self) -> None:
        self._readings: deque[Buckets] = deque(maxlen=WINDOW_READINGS)

    def add(self, buckets: Buckets) -> Latency | None:
        """Add a reading; return the percentiles since the oldest one, None without observations."""
        self._readings.append(buckets)
        increase = _increase(self._readings[0], buckets)
        if not increase or not increase[-1][1]:
            return None
        return Latency(histogram_quantile(P50, increase), histogram_quantile(P99, increase))


def read_buckets(metrics: Metrics) -> Mapping[str, Buckets]:
    """Return the current cumulative buckets by stream; none before the first acknowledgement.

    Collects only this histogram. Cost: tens of microseconds per stream.
    """
    found: dict[str, list[tuple[float, float]]] = {}
    for family in metrics.registry.restricted_registry([f"{HISTOGRAM}_bucket"]).collect():
        for sample in family.samples:
            if "le" in sample.labels:
                bucket = float(sample.labels["le"]), sample.value
                found.setdefault(sample.labels["stream"], []).append(bucket)
    return {stream: tuple(sorted(buckets)) for stream, buckets in found.items()}


def histogram_quantile(share: float, buckets: Sequence[tuple[float, float]]) -> float:
    """Return the `share` quantile, (0.0, 1.0], interpolated linearly within its bucket.

    `buckets` is cumulative, ascending and not empty, with at least one observation. For the last
    bucket, which has no upper bound, the lower bound is returned.
    """
    rank = share * buckets[-1][1]
    for (low, below), (high, up_to) in pairwise([(0.0, 0.0), *buckets]):
        if up_to >= rank and up_to > below:
            inside = (rank - below) / (up_to - below)
            return low if high == inf else low + (high - low) * inside
    return buckets[-1][0]


def _increase(before: Buckets, now: Buckets) -> list[tuple[float, float]]:
    if len(before) != len(now):
        return list(now)
    return [(bound, count - old) for (bound, count), (_, old) in zip(now, before, strict=True)]
