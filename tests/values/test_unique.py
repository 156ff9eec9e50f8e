"""Unique values: all rows have distinct values, if there are enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gerador.errors import SettingError
from gerador.randomness import StreamSeeds
from gerador.values.array_map import LengthGenerator
from gerador.values.choice import ChoiceGenerator
from gerador.values.counters import RoundRobinGenerator, SequenceGenerator
from gerador.values.distributions.normal import NormalDistribution
from gerador.values.distributions.uniform import UniformDistribution
from gerador.values.index_sampling import SHUFFLE_TABLE_MAX, Permutation
from gerador.values.uuids import UuidGenerator
from tests.values.generated_rows import column, table

if TYPE_CHECKING:
    from gerador.values import AnyGenerator

SEEDS = StreamSeeds(1, "s")


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 500) | st.integers(SHUFFLE_TABLE_MAX - 2, SHUFFLE_TABLE_MAX + 3))
def test_a_permutation_has_every_number_once(size: int):
    """Every number below the size occurs once, and then again in the same order."""
    rows = np.arange(2 * size)
    found = Permutation.of(SEEDS, "x", size)(rows)
    assert (np.sort(found[:size]) == rows[:size]).all()
    assert (found[size:] == found[:size]).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 2**63 - 1), st.integers(0, 2**53))
def test_large_permutations_stay_below_their_size(size: int, first: int):
    """Numbers of any size are in range and distinct, the same for any cut."""
    made = Permutation.of(SEEDS, "x", size)
    rows = np.arange(first, first + min(size, 200))
    found = made(rows)
    assert found.min() >= 0
    assert found.max() < size
    assert len(set(found.tolist())) == len(rows)
    assert (np.concatenate([made(rows[:7]), made(rows[7:])]) == found).all()


def test_permutations_are_shuffled():
    """Paths have different orders, in which adjacent numbers do not stay adjacent."""
    rows = np.arange(100_000)
    for size in (50_000, 100_000, 2**40):
        one, other = (Permutation.of(SEEDS, path, size)(rows) for path in "ab")
        assert (one == other).mean() < 0.01
        assert (np.abs(np.diff(one)) < size / 100).mean() < 0.05
        assert abs(np.corrcoef(rows % size, one)[0, 1]) < 0.03


@pytest.mark.parametrize(
    ("declared", "kind", "rows"),
    [
        (UniformDistribution(min=1, max=9_999, unique=True), "int", 9_999),
        (UniformDistribution(min=-10, max=1e6, unique=True), "long", 40_000),
        (UniformDistribution(min=0, max=100, decimals=2, unique=True), "double", 10_001),
        (UniformDistribution(min=0, max=100, step=0.25, unique=True), "float", 401),
        (UniformDistribution(min=-(2**63), max=2**63 - 1, unique=True), "long", 20_000),
        (ChoiceGenerator(values=["a", "b", "c"], unique=True), "string", 3),
        (SequenceGenerator(start=5, unique=True), "string", 20_000),
        (SequenceGenerator(start=0, step=3, restart=10, unique=True), "int", 10),
        (RoundRobinGenerator(count=500, unique=True), "int", 500),
        (UuidGenerator(unique=True), "string", 20_000),
    ],
)
def test_values_are_distinct(declared: AnyGenerator, kind: Any, rows: int):
    """All rows have distinct values, up to the number of values."""
    found = table({"x": kind}, {"x": declared}, rows=rows).rows(0, rows)["x"]
    assert len(found.unique()) == rows


def test_all_values_occur():
    """With as many rows as values, every value occurs."""
    declared = UniformDistribution(min=1, max=9_999, unique=True)
    found = table({"x": "int"}, {"x": declared}, rows=9_999).rows(0, 9_999)["x"].to_pylist()
    assert sorted(found) == list(range(1, 10_000))
    assert found != sorted(found)


@pytest.mark.parametrize(
    ("declared", "kind", "rows", "message"),
    [
        (
            UniformDistribution(min=1, max=9_999, unique=True),
            "int",
            12_000,
            "unique: 12,000 rows but uniform 1 to 9,999 has 9,999 distinct values",
        ),
        (UniformDistribution(min=1, max=9, unique=True), "int", None, "endless"),
        (
            UniformDistribution(min=0, max=1e6, decimals=2, unique=True),
            "float",
            5,
            "not supported by generator 'uniform'",
        ),
        (
            UniformDistribution(min=NormalDistribution(), max=9, unique=True),
            "double",
            5,
            "not supported by generator 'uniform'",
        ),
        (
            NormalDistribution(unique=True),
            "double",
            5,
            "not supported by generator 'normal'; use uuid",
        ),
        (ChoiceGenerator(values=[1, 1.0, 2], unique=True), "double", 3, "choice has 2"),
        (
            ChoiceGenerator(values=["a"], weights=[1], unique=True),
            "string",
            1,
            "cannot have weights",
        ),
        (SequenceGenerator(start=0, step=2, restart=10, unique=True), "int", 6, "sequence has 5"),
        (SequenceGenerator(start=0, unique=True), "int", None, "endless"),
        (RoundRobinGenerator(count=3, unique=True), "int", 4, "round_robin has 3"),
    ],
)
def test_too_few_values_are_rejected(
    declared: AnyGenerator, kind: Any, rows: int | None, message: str
):
    """The message has the number of distinct values and a solution."""
    with pytest.raises(SettingError) as error:
        table({"x": kind}, {"x": declared}, rows=rows)
    assert message in str(error.value)


def test_items_cannot_be_unique():
    """The number of items of arrays is unknown."""
    fields = {"x": LengthGenerator(), "x[]": UniformDistribution(min=0, max=9, unique=True)}
    with pytest.raises(SettingError, match="not supported inside arrays and maps"):
        table({"x": {"type": "array", "items": "int"}}, fields, rows=1)


def test_endless_streams_may_have_endless_values():
    """Sequences of longs and uuids never run out."""
    for declared, kind in (
        (SequenceGenerator(unique=True), "long"),
        (UuidGenerator(unique=True), "string"),
    ):
        assert len(column(declared, kind, 10)) == 10
