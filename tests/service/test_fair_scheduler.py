"""Unpaced streams keep the proportion of their weights and never deadlock."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gerador.errors import SettingError
from gerador.service.fair_scheduler import LEAD_SLICES_MAX, FairScheduler, ScheduledStream

weights = st.lists(st.integers(1, 100), min_size=2, max_size=5)


class StreamGroup:
    """Streams of one scheduler that take rows in any order."""

    def __init__(self, weights: list[int]) -> None:
        self.rows = [0] * len(weights)
        self.woken: list[int] = []
        scheduler = FairScheduler({str(n): weight for n, weight in enumerate(weights)})
        self.streams: list[ScheduledStream] = [
            scheduler.add_stream(str(n), lambda n=n: self.woken.append(n), is_unpaced=True)  # type: ignore[misc]
            for n in range(len(weights))
        ]

    def take(self, n: int, slice_rows: int) -> bool:
        """Let stream `n` take the rows that it may; return whether there were any."""
        end = self.streams[n].rows_allowed(self.rows[n], slice_rows)
        took_rows = end > self.rows[n]
        if took_rows:
            self.rows[n] = end
            self.streams[n].advance(end)
        return took_rows


@given(weights, st.lists(st.tuples(st.integers(0, 4), st.integers(1, 500)), max_size=200))
def test_no_stream_is_far_ahead_of_the_slowest(each: list[int], moves: list[tuple[int, int]]):
    """In any order, positions differ by at most two slices of 500 rows, and a row."""
    group = StreamGroup(each)
    for n, slice_rows in moves:
        group.take(n % len(each), slice_rows)
    positions = [Fraction(rows, weight) for rows, weight in zip(group.rows, each, strict=True)]
    assert max(positions) - min(positions) <= LEAD_SLICES_MAX * 500 + 1


@given(weights, st.integers(1, 500))
def test_the_slowest_stream_may_always_continue(each: list[int], slice_rows: int):
    """At least one stream may always take rows: there is no deadlock."""
    group = StreamGroup(each)
    for _ in range(50):
        positions = [Fraction(rows, weight) for rows, weight in zip(group.rows, each, strict=True)]
        assert group.take(positions.index(min(positions)), slice_rows)


def test_rows_keep_the_proportion_of_their_weights():
    """Streams that always want rows take them in the proportion 1 : 3 : 46 of their weights."""
    group = StreamGroup([1, 3, 46])
    for _ in range(3_000):
        for n in range(3):
            group.take(n, 1_000)
    assert group.rows[2] > 100_000
    assert group.rows[1] / group.rows[0] == pytest.approx(3, rel=0.01)
    assert group.rows[2] / group.rows[0] == pytest.approx(46, rel=0.01)


def test_a_waiting_stream_is_woken_by_the_others():
    """A stream that is too far ahead waits, and is woken when another one advances."""
    group = StreamGroup([1, 1])
    while group.take(0, 10):
        pass
    assert group.streams[0].is_waiting
    assert not group.woken
    group.take(1, 10)
    assert group.woken == [0]
    assert group.take(0, 10)


def test_the_others_do_not_wait_for_a_stream_that_left():
    """A stream that ended, or has a target rate now, does not delay the others."""
    group = StreamGroup([1, 1])
    while group.take(0, 10):
        pass
    group.streams[1].leave()
    assert group.woken == [0]
    assert all(group.take(0, 10) for _ in range(100))


def test_a_stream_that_returns_starts_at_the_slowest():
    """After a pause a stream does not have to catch up with the rows of the others."""
    group = StreamGroup([1, 2])
    for turn in (1, 2, 3):
        group.streams[0].leave()
        for _ in range(100):
            group.take(1, 10)
        before = group.rows[:]
        assert group.take(0, 10)
        assert group.take(1, 10)
        assert not all(group.take(1, 10) for _ in range(10)), turn
        assert not all(group.take(0, 10) for _ in range(10)), turn
        assert group.rows[1] - before[1] <= 60
        assert group.rows[0] - before[0] <= 60


def test_a_weight_below_one_is_rejected():
    """A stream with weight 0 would block the others; the error names it."""
    with pytest.raises(SettingError, match="stream 'x': weight 0 is below 1"):
        FairScheduler({"x": 0})
