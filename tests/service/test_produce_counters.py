"""The delivery rate, measured from samples of a counter."""

from __future__ import annotations

import pytest

from gerador.service.produce_counters import SAMPLE_INTERVAL_S, RateMeter


def sampled(meter: RateMeter, seconds: float, rows_by: float, every_s: float) -> float:
    """Sample a counter that gains `rows_by` rows every `every_s` seconds; return the last time."""
    now_s = 0.0
    while now_s < seconds:
        meter.sample(now_s, int(now_s / every_s) * round(rows_by))
        now_s += SAMPLE_INTERVAL_S
    return now_s


@pytest.mark.parametrize(("rows", "every_s"), [(1000, 1.0), (1, 1.0), (250, 0.25), (7, 3.0)])
def test_bursts_have_their_mean_rate(rows: int, every_s: float) -> None:
    """Rows in bursts have the rate rows / interval, at any time of measurement."""
    meter = RateMeter()
    now_s = sampled(meter, 20, rows, every_s)
    assert meter.per_s(now_s) == pytest.approx(rows / every_s, rel=0.01)


def test_the_rate_of_a_stalled_counter_falls_to_zero() -> None:
    """After the last change the rate falls to zero within the window."""
    meter = RateMeter()
    now_s = sampled(meter, 10, 100, 0.25)
    assert meter.per_s(now_s + 5) < 250
    assert meter.per_s(now_s + 2) == pytest.approx(240, rel=0.2)
    assert meter.per_s(now_s + 6) == 0


def test_the_rate_is_zero_before_two_changes() -> None:
    """Before the second change there is no rate."""
    meter = RateMeter()
    assert meter.per_s(1) == 0
    meter.sample(1, 10)
    assert meter.per_s(2) == 0
