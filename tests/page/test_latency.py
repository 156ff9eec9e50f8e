from __future__ import annotations

from bisect import bisect_left
from math import ceil, inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gerador.page.latency import WINDOW_READINGS, LatencyWindow, histogram_quantile, read_buckets
from gerador.service.metrics import SECONDS_BUCKETS, Metrics

BOUNDS = (*SECONDS_BUCKETS, inf)


@given(
    st.lists(st.floats(1e-5, 60), min_size=1, max_size=50), st.sampled_from([0.01, 0.5, 0.99, 1.0])
)
def test_a_percentile_is_in_the_bucket_of_the_exact_one(seconds: list[float], share: float):
    """The estimate is in the bucket that contains the exact percentile."""
    buckets = [(bound, float(sum(s <= bound for s in seconds))) for bound in BOUNDS]
    exact = sorted(seconds)[ceil(share * len(seconds)) - 1]
    at = bisect_left(BOUNDS, exact)
    low, high = (BOUNDS[at - 1] if at else 0.0), BOUNDS[at]
    assert low <= histogram_quantile(share, buckets) <= high


def test_the_buckets_are_those_of_the_metrics():
    """The histogram of /metrics is read for each stream."""
    metrics = Metrics("1")
    metrics.observe_acked("a", 0.002, 100, 1)
    metrics.observe_acked("a", 0.02, 100, 1)
    metrics.observe_acked("b", 99.0, 100, 1)
    found = read_buckets(metrics)
    assert [bound for bound, _ in found["a"]] == list(BOUNDS)
    assert dict(found["a"])[0.0025] == 1
    assert dict(found["a"])[inf] == 2
    assert dict(found["b"])[30.0] == 0


def test_percentiles_cover_the_window_only():
    """Older acknowledgements do not count; without any the result is None."""
    metrics, window = Metrics("1"), LatencyWindow()
    metrics.observe_acked("a", 20.0, 100, 1)
    assert window.add(read_buckets(metrics)["a"]) is None
    metrics.observe_acked("a", 0.0007, 100, 1)
    latency = window.add(read_buckets(metrics)["a"])
    assert latency is not None
    assert latency.p99_s == pytest.approx(0.0005 + 0.99 * 0.0005)
    for _ in range(WINDOW_READINGS):
        latency = window.add(read_buckets(metrics)["a"])
    assert latency is None


def test_the_first_acknowledgements_count():
    """A stream may have its first acknowledgement after the first reading."""
    window = LatencyWindow()
    assert window.add(()) is None
    assert window.add(((0.5, 4.0), (inf, 4.0))) == (0.25, 0.495)
