"""Percentiles of the acknowledgement latency, estimated from the metrics' histogram."""

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
"""Readings that are kept: at one a second, percentiles are of the last ten seconds."""
P50: Final = 0.50
P99: Final = 0.99

Buckets = tuple[tuple[float, float], ...]
"""Upper bound in seconds and count of observations up to it, in ascending order."""


class Latency(NamedTuple):
    """Half of the acknowledgements, and 99 of 100, took at most so many seconds."""

    p50_s: float
    p99_s: float


class LatencyWindow:
    """The latest readings of one stream's buckets."""

    def __init__(self) -> None:
        self._readings: deque[Buckets] = deque(maxlen=WINDOW_READINGS)

    def read(self, buckets: Buckets) -> Latency | None:
        """Note a reading; return the percentiles since the oldest one, None without any."""
        self._readings.append(buckets)
        grown = _increase(self._readings[0], buckets)
        if not grown or not grown[-1][1]:
            return None
        return Latency(histogram_quantile(P50, grown), histogram_quantile(P99, grown))


def read_buckets(metrics: Metrics) -> Mapping[str, Buckets]:
    """Return the cumulative buckets now, by stream; none before the first acknowledgement.

    Only this one histogram is collected. Cost: tens of microseconds a stream.
    """
    found: dict[str, list[tuple[float, float]]] = {}
    for family in metrics.registry.restricted_registry([f"{HISTOGRAM}_bucket"]).collect():
        for sample in family.samples:
            if "le" in sample.labels:
                bucket = float(sample.labels["le"]), sample.value
                found.setdefault(sample.labels["stream"], []).append(bucket)
    return {stream: tuple(sorted(buckets)) for stream, buckets in found.items()}


def histogram_quantile(share: float, buckets: Sequence[tuple[float, float]]) -> float:
    """Return the value that `share` (0.0, 1.0] of the observations do not exceed.

    `buckets` is cumulative, ascending, not empty, with at least one observation. What lies in the
    last bucket, which has no end, is told as that bucket's beginning.
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
