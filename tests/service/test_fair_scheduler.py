"""Streams at full speed keep the proportion of their weights, and hold nobody up for ever."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gerador.errors import SettingError
from gerador.service.fair_scheduler import LEAD_SLICES_MAX, FairScheduler, ScheduledStream

weights = st.lists(st.integers(1, 100), min_size=2, max_size=5)


class Walk:
    """Streams of a convoy that are asked to go on in any order."""

    def __init__(self, each: list[int]) -> None:
        self.rows = [0] * len(each)
        self.woken: list[int] = []
        convoy = FairScheduler({str(n): weight for n, weight in enumerate(each)})
        self.places: list[ScheduledStream] = [
            convoy.place(str(n), lambda n=n: self.woken.append(n), flows=True)  # type: ignore[misc]
            for n in range(len(each))
        ]

    def go(self, n: int, at_once: int) -> bool:
        """Let stream `n` take what it may; tell whether that was anything."""
        end = self.places[n].reach(self.rows[n], at_once)
        went = end > self.rows[n]
        if went:
            self.rows[n] = end
            self.places[n].note(end)
        return went


@given(weights, st.lists(st.tuples(st.integers(0, 4), st.integers(1, 500)), max_size=200))
def test_none_is_far_ahead_of_the_slowest(each: list[int], moves: list[tuple[int, int]]):
    """In any order of moves, rows by weight differ by two slices of 500 rows at most, and a row."""
    walk = Walk(each)
    for n, at_once in moves:
        walk.go(n % len(each), at_once)
    far = [Fraction(rows, weight) for rows, weight in zip(walk.rows, each, strict=True)]
    assert max(far) - min(far) <= LEAD_SLICES_MAX * 500 + 1


@given(weights, st.integers(1, 500))
def test_the_slowest_may_always_go_on(each: list[int], at_once: int):
    """There is always somebody who may go on: the streams never wait for each other in a ring."""
    walk = Walk(each)
    for _ in range(50):
        far = [Fraction(rows, weight) for rows, weight in zip(walk.rows, each, strict=True)]
        assert walk.go(far.index(min(far)), at_once)


def test_rows_keep_the_proportion_of_their_weights():
    """Asked in turn and always eager, streams of weights 1, 3 and 46 make rows like these."""
    walk = Walk([1, 3, 46])
    for _ in range(3_000):
        for n in range(3):
            walk.go(n, 1_000)
    assert walk.rows[2] > 100_000
    assert walk.rows[1] / walk.rows[0] == pytest.approx(3, rel=0.01)
    assert walk.rows[2] / walk.rows[0] == pytest.approx(46, rel=0.01)


def test_who_waits_is_woken_by_the_others():
    """A stream that is too far ahead is held, and woken when another one went on."""
    walk = Walk([1, 1])
    while walk.go(0, 10):
        pass
    assert walk.places[0].held
    assert not walk.woken
    walk.go(1, 10)
    assert walk.woken == [0]
    assert walk.go(0, 10)


def test_who_left_holds_nobody_up():
    """A stream that ended, or goes by the clock now, is waited for no more."""
    walk = Walk([1, 1])
    while walk.go(0, 10):
        pass
    walk.places[1].leave()
    assert walk.woken == [0]
    assert all(walk.go(0, 10) for _ in range(100))


def test_who_comes_back_begins_beside_the_slowest():
    """After each pause a stream does not have to make up for what the others made."""
    walk = Walk([1, 2])
    for turn in (1, 2, 3):
        walk.places[0].leave()
        for _ in range(100):
            walk.go(1, 10)
        before = walk.rows[:]
        assert walk.go(0, 10)
        assert walk.go(1, 10)
        assert not all(walk.go(1, 10) for _ in range(10)), turn
        assert not all(walk.go(0, 10) for _ in range(10)), turn
        assert walk.rows[1] - before[1] <= 60
        assert walk.rows[0] - before[0] <= 60


def test_a_weight_is_one_or_more():
    """A stream without weight would hold the others for ever, and is refused by name."""
    with pytest.raises(SettingError, match="stream 'x': weight 0: give 1 or more"):
        FairScheduler({"x": 0})
