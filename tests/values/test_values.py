"""Numbers and choices of all kinds: the same in any cut, and independent of other fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from gerador.limits import BLOCK_ROWS
from gerador.values.array_map import LengthGenerator
from gerador.values.choice import ChoiceGenerator, ConstantGenerator
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
from tests.values.generated_rows import table

if TYPE_CHECKING:
    from gerador.values import AnyGenerator

ARRAY = {"type": "array", "items": "double"}
FIELDS: dict[str, tuple[Any, AnyGenerator]] = {
    "uniform": ("int", UniformDistribution(min=0, max=9)),
    "ends": (
        "double",
        UniformDistribution(min=NormalDistribution(), max=PoissonDistribution(mean=9)),
    ),
    "normal": ("double", NormalDistribution(mean=5, min=3)),
    "lognormal": ("float", LognormalDistribution(sigma=UniformDistribution(min=0, max=1))),
    "exponential": ("long", ExponentialDistribution(mean=3)),
    "poisson": ("int", PoissonDistribution(mean=4)),
    "counts": ("int", PoissonDistribution(mean=LognormalDistribution(median=9))),
    "zipf": ("int", ZipfDistribution(exponent=1.5, max=99)),
    "beta": ("double", BetaDistribution(a=2, b=2)),
    "loguniform": ("double", LoguniformDistribution(min=1, max=100)),
    "triangular": ("double", TriangularDistribution(min=0, mode=1, max=2)),
    "gamma": ("double", GammaDistribution(shape=2)),
    "gammas": (
        "float",
        GammaDistribution(
            shape=UniformDistribution(min=1, max=9), scale=ExponentialDistribution(mean=1)
        ),
    ),
    "weibull": ("double", WeibullDistribution(shape=2, scale=UniformDistribution(min=1, max=2))),
    "pareto": ("double", ParetoDistribution(alpha=1, min=PoissonDistribution(mean=9, min=1))),
    "histogram": ("double", HistogramDistribution(edges=[0, 1, 9], weights=[1, 2])),
    "ranks": (
        "int",
        ZipfDistribution(
            exponent=BetaDistribution(a=2, b=2), max=NormalDistribution(mean=50, min=2)
        ),
    ),
    "shape": (
        "double",
        BetaDistribution(
            a=UniformDistribution(min=1, max=9), b=2, max=PoissonDistribution(mean=9, min=1)
        ),
    ),
    "mode": (
        "double",
        TriangularDistribution(min=0, mode=LoguniformDistribution(min=1, max=2), max=9),
    ),
    "factor": ("double", LoguniformDistribution(min=1, max=UniformDistribution(min=2, max=9))),
    "sequence": ("long", SequenceGenerator(step=7, restart=1_000)),
    "turns": ("int", RoundRobinGenerator(count=5)),
    "constant": ("string", ConstantGenerator(value="c")),
    "choice": ("string", ChoiceGenerator(values=["a", "b"], weights=[1, 2])),
    "unique": ("int", UniformDistribution(min=0, max=10**6, unique=True)),
}
TYPES = {name: kind for name, (kind, _) in FIELDS.items()} | {"items": ARRAY}
SPECS = {name: spec for name, (_, spec) in FIELDS.items()} | {
    "items": LengthGenerator(length=PoissonDistribution(mean=2, min=1)),
    "items[]": NormalDistribution(mean=UniformDistribution(min=0, max=100)),
}
FIRST, AFTER = BLOCK_ROWS - 40, BLOCK_ROWS + 40


def rows(names: list[str], a: int = FIRST, b: int = AFTER) -> pa.RecordBatch:
    """Return rows of a new table with these fields, in this order."""
    types = {n: TYPES[n] for n in names}
    fields = {p: s for p, s in SPECS.items() if p.removesuffix("[]") in names}
    return table(types, fields, rows=100_000).rows(a, b)


WHOLE = rows(list(TYPES))


@settings(max_examples=4, deadline=None)
@given(st.integers(FIRST, AFTER))
def test_any_cut_has_the_same_values(cut: int):
    """Rows generated at once equal those generated in two parts by other tables."""
    parts = [rows(list(TYPES), FIRST, cut), rows(list(TYPES), cut, AFTER)]
    assert pa.concat_batches(parts).equals(WHOLE)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.sampled_from(list(TYPES)), min_size=1, unique=True))
def test_fields_do_not_depend_on_each_other(names: list[str]):
    """Any subset of the fields in any order has the same values."""
    found = rows(names)
    assert all(found[name].equals(WHOLE[name]) for name in names)


def test_parameters_have_their_own_random_words():
    """A random parameter does not change the random words of the values."""
    one = table(
        {"x": "double"}, {"x": NormalDistribution(mean=UniformDistribution(min=0, max=0))}
    ).rows(0, 50)
    plain = table({"x": "double"}, {"x": NormalDistribution(mean=0)}).rows(0, 50)
    assert one.equals(plain)


def test_arrays_can_be_empty():
    """Generators of any kind can generate no values."""
    for name, (kind, declared) in FIELDS.items():
        fields = {"x": LengthGenerator(length_max=0), "x[]": declared}
        if not declared.unique:
            found = table({"x": {"type": "array", "items": kind}}, fields).rows(0, 3)["x"]
            assert found.to_pylist() == [[], [], []], name


def test_arrays_have_random_lengths():
    """A zero-truncated Poisson length is never 0, and varies."""
    lengths = {len(items) for items in WHOLE["items"].to_pylist()}
    assert 0 not in lengths
    assert len(lengths) > 2
