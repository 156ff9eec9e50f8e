"""Randomness by address: stable words, fair transforms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gerador.randomness import Rng, StreamSeeds, address_key, hash_ids

SEEDS = StreamSeeds(42, "s")


def rng(path: str = "p", block: int = 0) -> Rng:
    """Return the random numbers of an address."""
    return StreamSeeds(42, "s").rng(path, block)


def test_words_are_golden():
    """The words of an address never change: a change would give every seed other rows."""
    assert [hex(word) for word in rng().words(4)] == [
        "0x35837ca0d311e0fa",
        "0x150acdf57322471c",
        "0xdedcd712e614b09e",
        "0x210a803e3a96f78a",
    ]


def test_parts_of_an_address_are_separate():
    """A character moved from the stream to the path or the seed gives another address."""
    keys = [address_key(1, "ab", "c"), address_key(1, "a", "bc"), address_key(11, "b", "c")]
    assert len({k.tobytes() for k in keys}) == 3


def test_blocks_and_paths_have_different_words():
    """No two blocks or paths share words."""
    words = [rng(path, block).words(1_000) for path in "pq" for block in (0, 1, 2**40)]
    assert len(np.unique(np.concatenate(words))) == 6_000


@given(st.integers(0, 50), st.integers(0, 50))
def test_consecutive_calls_have_different_words(first: int, second: int):
    """A second call returns new words; the same calls return the same words."""
    one, other = rng(), rng()
    a = np.concatenate([one.words(first), one.words(second)])
    b = np.concatenate([other.words(first), other.words(second)])
    assert np.array_equal(a, b)
    assert len(np.unique(a)) == first + second


def test_a_counter_value_skips_words():
    """Numbers from a counter value on are those of an address after as many counter values."""
    assert np.array_equal(SEEDS.rng("p", 0, count=2).words(4), rng().words(12)[8:])


@given(st.integers(0, 10_000), st.integers(1, 2**32))
def test_indices_are_below_the_size(items: int, size: int):
    """An index is never negative and never the size."""
    index = rng().index(items, size)
    assert len(index) == items
    assert ((index >= 0) & (index < size)).all()


@given(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1))
def test_integers_are_in_their_range(a: int, b: int):
    """Integers are within any bounds of 64 bits."""
    low, high = sorted((a, b))
    values = rng().integers(1_000, low, high)
    assert low <= int(values.min())
    assert int(values.max()) <= high


@pytest.mark.parametrize("size", [2**33 + 1, 3 * 2**40, 2**63, 2**64])
def test_wide_ranges_match_exact_arithmetic(size: int):
    """The product of two 64-bit words is that of Python's integers."""
    words = [int(w) for w in rng().words(500)]
    values = rng().integers(500, 0, size - 1).view(np.uint64)
    assert [int(v) for v in values] == [w * size >> 64 for w in words]


@pytest.mark.parametrize("size", [2, 7, 64, 63, 1_000, 65_536, 65_537, 1_400_001])
def test_indices_are_uniform(size: int):
    """Eighths of the range are equally likely, within five standard deviations."""
    items = 200_000
    counts = np.bincount(rng().index(items, size) * 8 // size, minlength=8)
    shares = np.bincount(np.arange(size) * 8 // size, minlength=8) / size
    deviation = np.sqrt(items * shares * (1 - shares)) + 1e-9
    assert (np.abs(counts - items * shares) < 5 * deviation + 1).all()


def test_bernoulli_and_unit():
    """A share of 0 is never true, a share of 1 always; units fill [0, 1)."""
    assert not rng().bernoulli(10_000, 0).any()
    assert rng().bernoulli(10_000, 1).all()
    assert 2_800 < rng().bernoulli(10_000, 0.3).sum() < 3_200
    unit = rng().unit(10_000)
    assert 0 <= unit.min() < 0.001
    assert 0.999 < unit.max() < 1


def test_hashed_words_are_those_of_splitmix64():
    """The word of one id is two steps of the authors' SplitMix64."""
    key = np.array([5, 9], np.uint64)
    (word,) = hash_ids(key, np.array([7], np.int64)).tolist()
    assert word == _splitmix(_splitmix(5 ^ 7) ^ 9)


def _splitmix(state: int) -> int:
    """Return the next word of SplitMix64, in Python integers."""
    z = (state + 0x9E3779B97F4A7C15) % 2**64
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ z >> 27) * 0x94D049BB133111EB % 2**64
    return z ^ z >> 31


def test_reference_splitmix64():
    """The reference returns the published first words of the state 1234567."""
    states = [(1234567 + n * 0x9E3779B97F4A7C15) % 2**64 for n in range(3)]
    assert [_splitmix(s) for s in states] == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
    ]


def test_hashed_words_depend_on_all_ids_and_their_order():
    """Different ids have different words; equal ids have equal words at any position."""
    key = SEEDS.key("p")
    a, b = np.divmod(np.arange(10_000, dtype=np.int64), 100)
    words = hash_ids(key, a, b)
    assert len(set(words.tolist())) == 10_000
    assert (words != hash_ids(key, b, a)).sum() == 10_000 - 100
    assert (hash_ids(key, a[50:60], b[50:60]) == words[50:60]).all()
    assert (words != hash_ids(SEEDS.key("q"), a, b)).all()


def test_hashed_words_are_fair():
    """Each bit is set for half of consecutive ids, within five standard deviations."""
    words = hash_ids(SEEDS.key("p"), np.arange(40_000, dtype=np.int64))
    for bit in range(64):
        ones = int(((words >> np.uint64(bit)) & np.uint64(1)).sum())
        assert abs(ones - 20_000) < 5 * 100


def test_numpy_generators_depend_on_their_address():
    """A numpy generator repeats for the same address and differs for others."""
    first = rng().generator().integers(0, 1_000, 50).tolist()
    assert rng().generator().integers(0, 1_000, 50).tolist() == first
    assert rng(block=1).generator().integers(0, 1_000, 50).tolist() != first
    assert rng("q").generator().integers(0, 1_000, 50).tolist() != first
