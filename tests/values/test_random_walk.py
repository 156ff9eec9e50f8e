"""Random walks: one per key, computed at any step, within bounds, with their distribution."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from gerador.errors import SettingError
from gerador.values.counters import RoundRobinGenerator, SequenceGenerator
from gerador.values.distributions.beta import BetaDistribution
from gerador.values.distributions.exponential import ExponentialDistribution
from gerador.values.distributions.gamma import GammaDistribution
from gerador.values.distributions.histogram import HistogramDistribution
from gerador.values.distributions.loguniform import LoguniformDistribution
from gerador.values.distributions.normal import LognormalDistribution, NormalDistribution
from gerador.values.distributions.poisson import PoissonDistribution
from gerador.values.distributions.triangular import TriangularDistribution
from gerador.values.distributions.uniform import UniformDistribution
from gerador.values.distributions.weibull_pareto import ParetoDistribution, WeibullDistribution
from gerador.values.distributions.zipf import ZipfDistribution
from gerador.values.kernels.random_walk import EPOCH_STEPS, walk
from gerador.values.per_key_state import key_ids
from gerador.values.random_walk import RandomWalkGenerator, reflect
from tests.values.generated_rows import assert_share, decimal
from tests.values.generated_streams import assert_any_cut, columns, spec, tables


def sensors(
    walk: RandomWalkGenerator, kind: Any = "double", of: int = 4, rows: int = 4_000
) -> np.ndarray:
    """Return the value of each sensor at each step, (steps, of)."""
    fields = {"k": RoundRobinGenerator(count=of), "v": walk}
    made = spec("s", {"k": "int", "v": kind}, fields)
    return np.array(columns(tables(made), "s", 0, rows)["v"], float).reshape(-1, of)


def test_steps_are_normal_across_epochs():
    """Steps are Normal(0, step), also between epochs of 1,024 steps."""
    values = sensors(
        RandomWalkGenerator(key="k", sd=0, step_sd=1, decimals=6), of=8, rows=8 * 4_000
    )
    steps = np.diff(values, axis=0).ravel()
    for sigma in (0.5, 1.0, 2.0):
        share = math.erf(sigma / math.sqrt(2))
        # In bridges of 1,024 steps, 1,023 are free: probabilities are those of independent
        # steps to 0.001.
        found = int((abs(steps) <= sigma).sum())
        assert abs(found / len(steps) - share) < 0.015
    assert abs(steps).max() < 7


def test_epochs_start_around_the_mean():
    """At the start of an epoch, values of many keys are Normal(mean, sd)."""
    values = sensors(RandomWalkGenerator(key="k", mean=20, sd=3), of=5_000, rows=5_000)[0]
    for sigma in (-1.0, 0.0, 1.5):
        share = 0.5 * (1 + math.erf(sigma / math.sqrt(2)))
        assert_share(int((values <= 20 + 3 * sigma).sum()), len(values), share)


def test_keys_are_independent():
    """The steps of two keys are not correlated."""
    steps = np.diff(sensors(RandomWalkGenerator(key="k", decimals=6), of=2, rows=8_000), axis=0)
    assert abs(np.corrcoef(steps.T)[0, 1]) < 6 / math.sqrt(len(steps))


@pytest.mark.parametrize(("low", "high"), [(0, 10), (None, 10), (0, None), (-0.25, 0.25)])
def test_bounds_hold(low: float | None, high: float | None):
    """No value is outside, and the walk does not stick to the bounds."""
    values = sensors(RandomWalkGenerator(key="k", mean=5, sd=20, step_sd=3, min=low, max=high))
    assert values.min() >= (low if low is not None else -math.inf)
    assert values.max() <= (high if high is not None else math.inf)
    assert len(np.unique(values)) > 30


@pytest.mark.parametrize(
    ("kind", "decimals", "wanted"),
    [("int", None, 0), ("long", 0, 0), ("double", None, 2), ("double", 3, 3), ("float", 1, 1),
     (decimal(12, 4), None, 2), (decimal(40, 1), None, 1)],
)  # fmt: skip
def test_values_have_their_decimals(kind: Any, decimals: int | None, wanted: int):
    """Two decimal places, none for integers, or as declared."""
    values = sensors(
        RandomWalkGenerator(key="k", mean=7, decimals=decimals), kind, rows=400
    ).ravel()
    assert np.abs(values - np.round(values, wanted)).max() < 1e-5
    assert len(np.unique(values)) > 10


def test_steps_by_event_time_depend_on_the_key():
    """With `every`, each key changes its value at times of its own, a step apart."""
    fields = {"k": UniformDistribution(min=1, max=5), "v": RandomWalkGenerator(key="k", every=0.5)}
    rows = columns(tables(spec("s", {"k": "long", "v": "double"}, fields)), "s", 0, 10_000)
    phases = set()
    for key in range(1, 6):
        of_key = [n for n in range(10_000) if rows["k"][n] == key]
        changes = [b for a, b in pairwise(of_key) if rows["v"][a] != rows["v"][b]]
        assert len(changes) in (18, 19)
        assert all(b - a == pytest.approx(500, abs=60) for a, b in pairwise(changes))
        phases.add(changes[0] // 50)
    assert len(phases) >= 3


def test_walks_are_the_same_in_any_cut():
    """Any cut gives the same values."""
    fields = {"k": RoundRobinGenerator(count=7), "v": RandomWalkGenerator(key="k", mean=1)}
    assert_any_cut(spec("s", {"k": "int", "v": "double"}, fields), name="s")


def test_walks_do_not_depend_on_other_fields():
    """Another field changes no value."""
    fields = {"k": RoundRobinGenerator(count=3), "v": RandomWalkGenerator(key="k")}
    alone = columns(tables(spec("s", {"k": "int", "v": "double"}, fields)), "s", 0, 99)["v"]
    more = spec("s", {"x": "string", "k": "int", "v": "double"}, fields)
    assert columns(tables(more), "s", 0, 99)["v"] == alone


@pytest.mark.parametrize(
    ("declared", "kind", "message"),
    [
        (
            RandomWalkGenerator(key="k", min=2, max=1),
            "double",
            "min 2 is not below max 1",
        ),
        (
            RandomWalkGenerator(key="k", min=0.2, max=0.8),
            "int",
            "no number with 0 decimal places is in [0.2, 0.8]; widen it",
        ),
        (
            RandomWalkGenerator(key="k", sd=-1),
            "double",
            "sd is -1 but must be from 0 to 100000000000",
        ),
        (
            RandomWalkGenerator(key="k", mean=1e12),
            "double",
            "mean is 1000000000000.0 but must be from -100000000000 to 100000000000",
        ),
        (
            RandomWalkGenerator(key="k", step_sd=NormalDistribution()),
            "double",
            "from -6 to 6 but step_sd must be from 0 to 100000000000; add min: 0",
        ),
        (
            RandomWalkGenerator(key="k", min=UniformDistribution(min=0, max=1), max=1),
            "double",
            "min can be 1 and max can be 1; use ranges that do not overlap",
        ),
        (RandomWalkGenerator(key="k", decimals=1), "int", "'int' has no decimal places"),
        (
            RandomWalkGenerator(key="k", decimals=3),
            decimal(9, 2),
            "3 decimal places exceed the scale 2",
        ),
        (RandomWalkGenerator(key="kk"), "double", "unknown field 'kk'; did you mean 'k'?"),
        (
            RandomWalkGenerator(key="n"),
            "double",
            "is of kind 'sequence'; add every: 1s",
        ),
        (RandomWalkGenerator(key="x", every=1), "double", "field 'x' is 'double'; "),
    ],
)
def test_invalid_walks_are_rejected(declared: RandomWalkGenerator, kind: Any, message: str):
    """The message names invalid bounds, decimal places and keys."""
    fields = {"k": RoundRobinGenerator(count=3), "n": SequenceGenerator(), "v": declared}
    with pytest.raises(SettingError) as error:
        spec("s", {"k": "int", "n": "long", "x": "double", "v": kind}, fields)
    assert message in str(error.value)


def test_a_bridge_ends_at_the_next_epoch():
    """The last position of an epoch is one step from the first of the next epoch."""
    here, after = np.arange(500, dtype=np.uint64), np.arange(500, 1_000, dtype=np.uint64)
    last, first = np.empty(500), np.empty(500)
    law = np.zeros(500), np.full(500, 50.0), np.full(500, 0.1)
    walk(here, after, np.full(500, EPOCH_STEPS - 1, np.uint64), *law, last)
    walk(after, here, np.zeros(500, np.uint64), *law, first)
    apart = first - last - (first - last).mean()
    assert abs(apart).max() < 0.1 * 7


def test_reflection():
    """Values outside are reflected, repeatedly, at bounds for all or per item."""
    values = np.array([-3.0, -0.5, 0.0, 1.0, 2.5, 4.25])
    assert reflect(values, 0.0, 2.0).tolist() == [1.0, 0.5, 0.0, 1.0, 1.5, 0.25]
    assert reflect(values, np.arange(6.0), None).tolist() == [3.0, 2.5, 4.0, 5.0, 5.5, 5.75]


def test_random_parameters_are_constant_per_key():
    """Each sensor has its own mean and step, in all blocks and epochs."""
    walk_of_each = RandomWalkGenerator(
        key="k", mean=UniformDistribution(min=0, max=1_000), sd=0, step_sd=0, decimals=3
    )
    values = sensors(walk_of_each, of=500, rows=40_000)
    assert (values == values[0]).all()
    assert len(np.unique(values[0])) > 300
    assert_share(int((values[0] < 250.5).sum()), 500, 250.5 / 1_001)
    steps = np.diff(
        sensors(
            RandomWalkGenerator(
                key="k", sd=0, step_sd=UniformDistribution(min=0, max=5, step=5), decimals=6
            ),
            of=40,
            rows=8_000,
        ),
        axis=0,
    ).std(axis=0)
    assert set(np.where(steps < 1, 0, 5)) == {0, 5}
    assert (abs(steps[steps > 1] - 5) < 1.5).all()
    assert (steps[steps < 1] == 0).all()


def test_parameters_of_any_distribution_are_constant_per_key():
    """All rows of a key have the same parameter, for each way to sample."""
    distributions = [
        NormalDistribution(mean=UniformDistribution(min=0, max=9)),
        LognormalDistribution(),
        ExponentialDistribution(mean=3),
        PoissonDistribution(mean=4),
        PoissonDistribution(mean=ExponentialDistribution(mean=9)),
        ZipfDistribution(exponent=1, max=99),
        ZipfDistribution(exponent=UniformDistribution(min=1, max=2), max=99),
        BetaDistribution(a=2, b=3),
        BetaDistribution(a=UniformDistribution(min=1, max=2), b=3),
        TriangularDistribution(min=0, mode=1, max=2),
        LoguniformDistribution(min=1, max=9),
        GammaDistribution(shape=2),
        GammaDistribution(shape=UniformDistribution(min=1, max=2)),
        WeibullDistribution(shape=2),
        ParetoDistribution(alpha=2),
        HistogramDistribution(edges=[0, 1, 9], weights=[1, 2]),
    ]
    for distribution in distributions:
        values = sensors(
            RandomWalkGenerator(key="k", mean=distribution, sd=0, step_sd=0), of=60, rows=20_040
        )
        assert (values == values[0]).all(), distribution.kind
        assert len(np.unique(values[0])) > 3, distribution.kind


def test_random_bounds_hold():
    """Random bounds differ by key, and reflect the walk of the key."""
    low, high = (
        UniformDistribution(min=0, max=4, decimals=0),
        UniformDistribution(min=6, max=9, decimals=0),
    )
    values = sensors(
        RandomWalkGenerator(key="k", mean=5, sd=9, min=low, max=high), of=50, rows=50_000
    )
    assert np.isin(np.round(values.min(axis=0)), range(5)).all()
    assert np.isin(np.round(values.max(axis=0)), range(6, 10)).all()
    assert len(set(np.round(values.max(axis=0)))) == 4


def test_walks_with_random_parameters_are_the_same_in_any_cut():
    """Any cut gives the same values."""
    drawn = RandomWalkGenerator(
        key="k", mean=NormalDistribution(), step_sd=ExponentialDistribution(mean=1)
    )
    fields = {"k": RoundRobinGenerator(count=7), "v": drawn}
    assert_any_cut(spec("s", {"k": "int", "v": "double"}, fields), name="s")


def test_keys_of_any_type_are_distinct():
    """Strings, numbers, bytes, dates and dictionaries of them have distinct ids, and null too."""
    import pyarrow as pa  # noqa: PLC0415

    arrays = [
        pa.array(["a", "b", None, "a"]),
        pa.array([b"a", b"b", None, b"a"]),
        pa.array([1, 2, None, 1], pa.int32()),
        pa.array([1, -2, None, 1], pa.int64()),
        pa.array([b"xy", b"yx", None, b"xy"], pa.binary(2)),
        pa.array([1, 2, None, 1], pa.int32()).cast(pa.date32()),
        pa.array([True, False, None, True]),
        pa.array([1, 2, None, 1]).cast(pa.decimal128(20, 0)),
    ]
    for values in [*arrays, *(a.dictionary_encode() for a in arrays)]:
        a, b, none, again = key_ids(values).tolist()
        assert a == again
        assert len({a, b, none}) == 3
        assert key_ids(values.slice(1)).tolist() == [b, none, again]
