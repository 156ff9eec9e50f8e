"""Distributions: ranges, decimal places, and probabilities against exact formulas."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gerador.errors import SettingError
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
from tests.values.generated_rows import assert_share, column, decimal, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from gerador.values import AnyGenerator

ROWS = 50_000


def phi(x: float) -> float:
    """Return the standard normal probability of values up to x."""
    return 0.5 * math.erfc(-x / math.sqrt(2))


def poisson(mean: float) -> Callable[[float], float]:
    """Return the probability of counts up to k."""
    return lambda k: math.fsum(
        math.exp(i * math.log(mean) - mean - math.lgamma(i + 1)) for i in range(math.floor(k) + 1)
    )


def zipf(exponent: float, ranks: int) -> Callable[[float], float]:
    """Return the probability of ranks up to k."""
    weights = [k**-exponent for k in range(1, ranks + 1)]
    return lambda k: math.fsum(weights[: max(0, math.floor(k))]) / math.fsum(weights)


def truncated(share: Callable[[float], float], low: float, high: float) -> Callable[[float], float]:
    """Return a distribution function truncated to a range."""
    below, within = share(low), share(high) - share(low)
    return lambda x: min(max((share(x) - below) / within, 0.0), 1.0)


def triangle(x: float) -> float:
    """Return the probability of values up to x, triangular on [0, 4] with its peak at 1."""
    return x * x / 4 if x < 1 else 1 - (4 - x) ** 2 / 12


def beta_2_3(x: float) -> float:
    """Return the probability of values up to x, beta with a of 2 and b of 3."""
    return x * x * (6 - 8 * x + 3 * x * x)


def erlang(shape: int) -> Callable[[float], float]:
    """Return the probability of values up to x, gamma with an integer shape and scale 1."""
    return lambda x: 1 - math.exp(-x) * math.fsum(x**n / math.factorial(n) for n in range(shape))


def half_gamma(x: float) -> float:
    """Return the probability of values up to x, gamma with a shape of 0.5 and scale 1."""
    return math.erf(math.sqrt(max(x, 0.0)))


def bins(x: float) -> float:
    """Return the probability of values up to x: 2/8 on [0, 1], nothing to 4, and 6/8 on [4, 10]."""
    return 0.25 * min(x, 1.0) + 0.75 * max(x - 4, 0.0) / 6


def same(value: float) -> UniformDistribution:
    """Return a random parameter that always has the same value."""
    return UniformDistribution(min=value, max=value, decimals=7)


@dataclass
class Case:
    """A distribution, the probability of values up to x before rounding, and points to check."""

    declared: AnyGenerator
    below: Callable[[float], float]
    points: tuple[float, ...]
    kind: Any = "double"
    step: float = 1e-6


NORMAL = NormalDistribution(mean=10, sd=2)
CASES = {
    "uniform": Case(
        UniformDistribution(min=-3, max=6), lambda x: (x + 3.5) / 10, (-3, 0, 5), "int", 1
    ),
    "uniform by step": Case(
        UniformDistribution(min=0, max=1, step=0.25),
        lambda x: (x + 0.125) / 1.25,
        (0, 0.5, 0.75),
        step=0.25,
    ),
    "normal": Case(NORMAL, lambda x: phi((x - 10) / 2), (4, 8, 10, 11.5, 15)),
    "normal cut": Case(
        NormalDistribution(mean=10, sd=2, min=9, max=10.5),
        truncated(lambda x: phi((x - 10) / 2), 9, 10.5),
        (9.1, 9.5, 10, 10.4),
    ),
    "normal of whole numbers": Case(NORMAL, lambda x: phi((x - 10) / 2), (5, 8, 10, 14), "long", 1),
    "normal cut, whole": Case(
        NormalDistribution(mean=10, sd=2, min=9, max=12),
        truncated(lambda x: phi((x - 10) / 2), 8.5, 12.5),
        (9, 10, 11),
        "int",
        1,
    ),
    "normal far out": Case(
        NormalDistribution(min=5, decimals=3),
        lambda x: 1 - math.erfc(x / 2**0.5) / math.erfc(4.9995 / 2**0.5),
        (5.01, 5.1, 5.5),
        step=1e-3,
    ),
    "lognormal": Case(
        LognormalDistribution(median=80, sigma=0.6, decimals=2),
        lambda x: phi(math.log(x / 80) / 0.6),
        (20, 50, 80, 200),
        step=0.01,
    ),
    "exponential": Case(
        ExponentialDistribution(mean=30), lambda x: 1 - math.exp(-x / 30), (1, 20, 90)
    ),
    "exponential as decimals": Case(
        ExponentialDistribution(mean=30),
        lambda x: 1 - math.exp(-x / 30),
        (1, 20, 90),
        decimal(9, 2),
        0.01,
    ),
    "poisson": Case(PoissonDistribution(mean=2), poisson(2), (0, 1, 2, 5), "int", 1),
    "poisson cut": Case(
        PoissonDistribution(mean=2, min=1, max=6), truncated(poisson(2), 0, 6), (1, 2, 5), "int", 1
    ),
    "poisson far out": Case(
        PoissonDistribution(mean=2, min=14), truncated(poisson(2), 13, 60), (14, 15), "int", 1
    ),
    "poisson of a million": Case(
        PoissonDistribution(mean=1_000_000),
        lambda x: phi((x - 1e6 + 1 / 6) / 1e3),
        (998_000, 1_000_000, 1_001_500),
        "int",
        1,
    ),
    "zipf": Case(
        ZipfDistribution(exponent=1.2, max=1_000), zipf(1.2, 1_000), (1, 2, 10, 500), "int", 1
    ),
    "zipf, equal": Case(
        ZipfDistribution(exponent=0, max=10), lambda x: math.floor(x) / 10, (1, 5), "long", 1
    ),
    "beta": Case(
        BetaDistribution(a=2, b=3, min=10, max=20),
        lambda x: beta_2_3((x - 10) / 10),
        (11, 14, 17),
    ),
    "beta of two peaks": Case(
        BetaDistribution(a=0.5, b=0.5),
        lambda x: 2 / math.pi * math.asin(math.sqrt(x)),
        (0.01, 0.5, 0.99),
    ),
    "beta, steep": Case(
        BetaDistribution(a=1, b=200), lambda x: 1 - (1 - x) ** 200, (0.001, 0.01, 0.03)
    ),
    "beta, flat": Case(BetaDistribution(a=1, b=1), lambda x: x, (0.001, 0.3, 0.999)),
    "triangular": Case(TriangularDistribution(min=0, mode=1, max=4), triangle, (0.2, 1, 3)),
    "loguniform": Case(
        LoguniformDistribution(min=1, max=10_000), lambda x: math.log10(x) / 4, (2, 10, 500, 9_000)
    ),
    "gamma": Case(
        GammaDistribution(shape=3, scale=2), lambda x: erlang(3)(x / 2), (0.5, 2, 5, 8, 16)
    ),
    "gamma of a small shape": Case(GammaDistribution(shape=0.5), half_gamma, (1e-4, 0.1, 1, 3)),
    "gamma, exponential": Case(
        GammaDistribution(shape=1, scale=30), lambda x: 1 - math.exp(-x / 30), (1, 20, 90)
    ),
    "gamma of a large shape": Case(
        GammaDistribution(shape=100), erlang(100), (80, 95, 100, 110, 125)
    ),
    "gamma cut, whole": Case(
        GammaDistribution(shape=3, min=2, max=6), truncated(erlang(3), 1.5, 6.5), (2, 4), "int", 1
    ),
    "gamma far out": Case(
        GammaDistribution(shape=2, min=15), truncated(erlang(2), 15, 60), (15.2, 16, 18)
    ),
    "weibull": Case(
        WeibullDistribution(shape=1.5, scale=10),
        lambda x: 1 - math.exp(-((x / 10) ** 1.5)),
        (1, 5, 10, 20),
    ),
    "weibull cut": Case(
        WeibullDistribution(shape=0.5, min=1, max=9),
        truncated(lambda x: 1 - math.exp(-math.sqrt(x)), 1, 9),
        (1.1, 2, 5),
    ),
    "pareto": Case(ParetoDistribution(alpha=2, min=3), lambda x: 1 - (3 / x) ** 2, (3.1, 4, 9, 50)),
    "pareto cut": Case(
        ParetoDistribution(alpha=0.5, max=100),
        truncated(lambda x: 1 - x**-0.5, 1, 100),
        (1.5, 5, 60),
    ),
    "histogram": Case(
        HistogramDistribution(edges=[0, 1, 4, 10], weights=[2, 0, 6]), bins, (0.1, 0.9, 2, 5, 9)
    ),
    "histogram cut": Case(
        HistogramDistribution(edges=[0, 1, 4, 10], weights=[2, 0, 6], min=0.5, max=7),
        truncated(bins, 0.5, 7),
        (0.6, 3, 5, 6.5),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_probabilities_are_exact(name: str):
    """The share of values up to each point is within exact binomial bounds."""
    case = CASES[name]
    values = np.array(column(case.declared, case.kind, ROWS).to_pylist(), np.float64)
    for point in case.points:
        found = int((values <= point + case.step / 4).sum())
        assert_share(found, ROWS, case.below(point + case.step / 2), (name, point))


@pytest.mark.parametrize("name", CASES)
def test_values_are_in_range_and_rounded(name: str):
    """Every value is a multiple of the step, within the declared bounds."""
    case = CASES[name]
    values = np.array(column(case.declared, case.kind, 20_000).to_pylist(), np.float64)
    assert np.allclose(values / case.step, np.rint(values / case.step), atol=1e-3)
    low, high = (getattr(case.declared, end, None) for end in ("min", "max"))
    assert low is None or values.min() >= low
    assert high is None or values.max() <= high


RANDOM_PARAMETERS = {
    "mean": (NormalDistribution(mean=UniformDistribution(min=0, max=1), sd=0), 0.5, 0.5),
    "sd": (
        NormalDistribution(mean=0, sd=UniformDistribution(min=1, max=2)),
        1,
        (phi(1) + phi(0.5)) / 2,
    ),
    "clamped": (
        NormalDistribution(mean=UniformDistribution(min=0, max=0), min=0.5, max=1),
        0.5,
        phi(0.5),
    ),
    "exponential": (
        ExponentialDistribution(mean=UniformDistribution(min=1, max=2)),
        1,
        1 - (math.exp(-1) + math.exp(-0.5)) / 2,
    ),
    "median": (
        LognormalDistribution(median=UniformDistribution(min=1, max=2), sigma=1),
        1.5,
        (phi(math.log(1.5)) + phi(math.log(0.75))) / 2,
    ),
    "poisson": (
        PoissonDistribution(mean=UniformDistribution(min=1, max=2)),
        1,
        (poisson(1)(1) + poisson(2)(1)) / 2,
    ),
    "poisson, large": (
        PoissonDistribution(mean=UniformDistribution(min=2_000, max=3_000, step=1_000)),
        2_000,
        poisson(2_000)(2_000) / 2,
    ),
    "ends": (
        UniformDistribution(min=0, max=UniformDistribution(min=1, max=2), decimals=0),
        0,
        (1 / 2 + 1 / 3) / 2,
    ),
    "ends crossed": (
        UniformDistribution(min=5, max=UniformDistribution(min=4, max=6), decimals=0),
        4.5,
        1 / 6,
    ),
    "chained": (PoissonDistribution(mean=ExponentialDistribution(mean=1)), 0, 0.5),
    "an end of a cut law": (
        NormalDistribution(max=UniformDistribution(min=-1, max=1, step=2)),
        -1,
        (1 + phi(-1)) / 2,
    ),
    "exponent": (
        ZipfDistribution(exponent=UniformDistribution(min=1, max=2), max=50),
        3,
        (zipf(1, 50)(3) + zipf(2, 50)(3)) / 2,
    ),
    "exponent of 0": (ZipfDistribution(exponent=same(0), max=9), 3, 1 / 3),
    "exponent about 1": (
        ZipfDistribution(exponent=same(1.0000001), max=9_999),
        20,
        zipf(1, 9_999)(20),
    ),
    "exponent of 20": (ZipfDistribution(exponent=same(20), max=10**6), 1, zipf(20, 9)(1)),
    "the most ranks": (ZipfDistribution(exponent=same(0), max=10**7), 2_500_000, 1 / 4),
    "one rank": (ZipfDistribution(exponent=same(3), min=5, max=5), 5, 1),
    "ranks": (
        ZipfDistribution(exponent=1.5, max=UniformDistribution(min=2, max=8, step=6)),
        1,
        (zipf(1.5, 2)(1) + zipf(1.5, 8)(1)) / 2,
    ),
    "first rank": (
        ZipfDistribution(exponent=1, min=UniformDistribution(min=0, max=1), max=4),
        1,
        (zipf(1, 5)(2) + zipf(1, 4)(1)) / 2,
    ),
    "shape": (
        BetaDistribution(a=UniformDistribution(min=1, max=2), b=3),
        0.3,
        (1 - 0.7**3 + beta_2_3(0.3)) / 2,
    ),
    "shapes below 1": (
        BetaDistribution(a=same(0.5), b=same(0.5)),
        0.01,
        2 / math.pi * math.asin(0.1),
    ),
    "a steep shape": (BetaDistribution(a=1, b=same(200)), 0.01, 1 - 0.99**200),
    "the least shapes": (BetaDistribution(a=same(0.001), b=same(0.001)), 0.5, 0.5),
    "the largest shapes": (BetaDistribution(a=same(1_000), b=same(1_000)), 0.5, 0.5),
    "ends of a beta law": (
        BetaDistribution(a=1, b=1, min=same(10), max=UniformDistribution(min=20, max=30, step=10)),
        15,
        (1 / 2 + 1 / 4) / 2,
    ),
    "mode": (
        TriangularDistribution(min=0, mode=UniformDistribution(min=0, max=4, step=4), max=4),
        1,
        (1 - 9 / 16 + 1 / 16) / 2,
    ),
    "ends of a triangle": (
        TriangularDistribution(min=UniformDistribution(min=-1, max=0), mode=1, max=4),
        0.2,
        (triangle(0.2) + 1.2**2 / 10) / 2,
    ),
    "a flat triangle": (TriangularDistribution(min=same(3), mode=same(3), max=3), 3, 1),
    "loguniform": (
        LoguniformDistribution(min=1, max=UniformDistribution(min=100, max=10_000, step=9_900)),
        10,
        (1 / 2 + 1 / 4) / 2,
    ),
    "shape of a gamma law": (
        GammaDistribution(shape=UniformDistribution(min=1, max=3, step=2), scale=same(2)),
        3,
        (erlang(1)(1.5) + erlang(3)(1.5)) / 2,
    ),
    "a small shape": (GammaDistribution(shape=same(0.5)), 0.1, half_gamma(0.1)),
    "scale": (
        GammaDistribution(shape=3, scale=UniformDistribution(min=1, max=2)),
        3,
        (erlang(3)(3) + erlang(3)(1.5)) / 2,
    ),
    "weibull": (
        WeibullDistribution(shape=UniformDistribution(min=1, max=2), scale=same(2)),
        1,
        (1 - math.exp(-0.5) + 1 - math.exp(-0.25)) / 2,
    ),
    "pareto": (
        ParetoDistribution(alpha=UniformDistribution(min=1, max=2), min=same(2)),
        3,
        (1 - 2 / 3 + 1 - 4 / 9) / 2,
    ),
    "an end of a histogram": (
        HistogramDistribution(
            edges=[0, 8], weights=[1], max=UniformDistribution(min=2, max=6, step=4)
        ),
        2,
        (1 + 2 / 8) / 2,
    ),
}


@pytest.mark.parametrize("name", RANDOM_PARAMETERS)
def test_parameters_can_be_random(name: str):
    """Each row has its own parameter: probabilities are those of the mixture."""
    declared, point, share = RANDOM_PARAMETERS[name]
    values = column(declared, "double", ROWS).to_numpy()
    assert_share(int((values <= point + 1e-7).sum()), ROWS, share, name)


@pytest.mark.parametrize("kind", ["int", "long", "float", "double", decimal(6, 2), decimal(40, 20)])
@pytest.mark.parametrize("name", CASES)
def test_every_number_type_accepts_every_distribution(name: str, kind: Any):
    """Every distribution gives a valid column of every number type."""
    declared = CASES[name].declared
    places = 0 if kind in ("int", "long") else kind["scale"] if isinstance(kind, dict) else 9
    if (getattr(declared, "decimals", 0) or 0) > places or (places == 0 and "step" in name):
        return
    if kind == decimal(6, 2) and ("million" in name or name == "loguniform"):
        return  # rejected: almost no value has four digits, or a bound has five
    column(declared, kind, 100).validate(full=True)


def test_decimals_equal_doubles():
    """A decimal of any width has the digits of a double of the same distribution."""
    declared = NormalDistribution(mean=-5, sd=300, decimals=3)
    doubles = [f"{v:.3f}" for v in column(declared, "double", 500).to_pylist()]
    for kind in (decimal(18, 3), decimal(30, 12), decimal(70, 45)):
        wide = [f"{v:.3f}" for v in column(declared, kind, 500).to_pylist()]
        assert wide == doubles


def test_random_parameters_are_clipped_to_the_type():
    """Numbers outside the range of a type become its bounds; there are no infinities."""
    wild = LognormalDistribution(median=1, sigma=same(50))
    assert max(column(wild, "int", 2_000).to_pylist()) == 2**31 - 1
    assert math.isfinite(max(column(wild, "float", 2_000).to_pylist()))
    assert math.isfinite(max(column(wild, "double", 20_000).to_pylist()))
    assert str(max(column(wild, decimal(5, 2), 2_000).to_pylist())) == "999.99"


@pytest.mark.parametrize(
    ("declared", "kind", "end"),
    [
        (NormalDistribution(mean=990, sd=3.3), decimal(5, 2), 999.99),
        (ExponentialDistribution(mean=450_000_000), "int", 2**31 - 1),
        (PoissonDistribution(mean=3.5), decimal(1, 0), 9),
    ],
)
def test_constant_parameters_are_truncated_to_the_type(
    declared: AnyGenerator, kind: Any, end: float
):
    """Values do not accumulate at the bounds of the type."""
    values = np.array(column(declared, kind, ROWS).to_pylist(), np.float64)
    assert values.max() <= end
    last = poisson(3.5)(9) - poisson(3.5)(8) if end == 9 else 0.0001
    assert (values == end).mean() <= 1.2 * last / poisson(3.5)(9)


@pytest.mark.parametrize(
    ("declared", "kind", "message"),
    [
        (
            NormalDistribution(sd=1e15),
            "int",
            "100% of the values are outside -2147483648 to 2147483647",
        ),
        (
            PoissonDistribution(mean=9),
            decimal(1, 0),
            "41% of the values are outside -9 to 9, the range of 'decimal'",
        ),
        (PoissonDistribution(mean=9, min=1), decimal(1, 0), "; add max, or change the type"),
        (LognormalDistribution(sigma=50), "int", "33% of the values are outside"),
        (LognormalDistribution(sigma=50), "float", "; add min and max, or change the type"),
        (NormalDistribution(mean=1e12), "int", "almost no value fits 'int'"),
    ],
)
def test_distributions_outside_a_type_are_rejected(declared: AnyGenerator, kind: Any, message: str):
    """More than 1% of the values are outside the type; the message names the missing bounds."""
    with pytest.raises(SettingError) as error:
        table({"x": kind}, {"x": declared})
    assert message in str(error.value)


def test_declared_bounds_truncate_any_distribution():
    """A distribution that is rejected without min and max is accepted with them."""
    within = NormalDistribution(sd=1e15, min=-1e9, max=1e9)
    values = np.array(column(within, "int", ROWS).to_pylist(), np.float64)
    assert_share(int((values <= 5e8).sum()), ROWS, 0.75)


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        (
            BetaDistribution(a=ExponentialDistribution(mean=2), b=1),
            "has values from 0 to 42 but a must be from 0.001 to 1000; add min: 0.001",
        ),
        (
            BetaDistribution(a=1, b=UniformDistribution(min=-9, max=-1)),
            "values from -9 to -1 but b must be from 0.001 to 1000; use another range",
        ),
        (
            NormalDistribution(sd=NormalDistribution(mean=1, sd=1)),
            "'normal' has values from -5 to 7 but sd must be 0 or more; add min: 0",
        ),
        (
            PoissonDistribution(mean=LognormalDistribution(median=100, sigma=3)),
            "but mean must be from 0 to 1000000; add max: 1000000",
        ),
        (
            ZipfDistribution(
                exponent=NormalDistribution(mean=10, sd=NormalDistribution(mean=5, min=1)), max=9
            ),
            "from -74 to 94 but exponent must be from 0 to 20; add min: 0 and max: 20",
        ),
        (
            ZipfDistribution(exponent=1, max=UniformDistribution(min=5, max=10**8)),
            "100,000,000 ranks exceed the maximum of 10,000,000",
        ),
        (
            ZipfDistribution(
                exponent=1,
                min=UniformDistribution(min=1, max=5),
                max=UniformDistribution(min=4, max=9),
            ),
            "min can be 5 and max can be 4; use ranges that do not overlap",
        ),
        (ZipfDistribution(exponent=1, max=2.5), "max is 2.5 but ranks are integers"),
        (
            TriangularDistribution(min=-2, mode=NormalDistribution(mean=5), max=9),
            "mode can be 11 and max can be 9; use ranges that do not overlap",
        ),
        (
            LoguniformDistribution(min=ExponentialDistribution(mean=1), max=99),
            "but min must be from 1e-100 to 1e+100; add min: 1e-100",
        ),
        (
            NormalDistribution(min=UniformDistribution(min=0, max=1), max=0.5),
            "min can be 1 and max can be 0.5; use ranges that do not overlap",
        ),
    ],
)
def test_random_parameters_outside_their_limits_are_rejected(declared: AnyGenerator, message: str):
    """The message names the values of the parameter, its limits and a solution."""
    with pytest.raises(SettingError) as error:
        table({"x": "double"}, {"x": declared})
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("declared", [
    *(c.declared for c in CASES.values() if c.declared.kind != "uniform" or c.step == 1),
    *(declared for declared, _, _ in RANDOM_PARAMETERS.values()),
])  # fmt: skip
def test_values_are_in_the_interval(declared: Any):
    """None of fifty thousand values is outside the interval of the distribution."""
    values = column(declared, "double", ROWS).to_numpy()
    low, high = declared.interval()
    places = getattr(declared, "decimals", 0)
    half = 0.5 / 10 ** (6 if places is None else places)
    assert low - half <= values.min()
    assert values.max() <= high + half


def test_random_bounds_must_fit_the_type():
    """A random bound outside the range of the type is rejected."""
    wide = UniformDistribution(min=0, max=NormalDistribution(mean=1e9, sd=1e9))
    with pytest.raises(SettingError, match="max must be from -2147483648 to 2147483647; add min: "):
        table({"x": "int"}, {"x": wide})


def test_golden_numbers():
    """Numbers are the same on every processor and in every release."""
    distributions = {
        "n": NormalDistribution(),
        "l": LognormalDistribution(),
        "e": ExponentialDistribution(mean=1),
        "p": PoissonDistribution(mean=UniformDistribution(min=1, max=5_000)),
        "b": BetaDistribution(a=2, b=3),
        "z": ZipfDistribution(exponent=1.1, max=10**5),
        "t": TriangularDistribution(min=0, mode=1, max=2),
        "g": GammaDistribution(shape=2.5),
        "v": GammaDistribution(shape=UniformDistribution(min=1, max=5)),
        "w": WeibullDistribution(shape=1.5),
        "o": ParetoDistribution(alpha=1.5),
        "h": HistogramDistribution(edges=[0, 1, 4, 10], weights=[2, 0, 6]),
    }
    rows = table(dict.fromkeys(distributions, "double"), distributions).rows(0, 3)
    assert {name: rows[name].to_pylist() for name in distributions} == GOLDEN


GOLDEN = {
    "n": [-1.059257, 0.769896, 1.552556],
    "l": [0.646934, 0.275986, 0.377893],
    "e": [0.388671, 0.544392, 0.33117],
    "p": [3700.0, 2235.0, 165.0],
    "b": [0.559539, 0.782965, 0.544627],
    "z": [3671.0, 67463.0, 7600.0],
    "t": [0.841462, 0.883596, 1.221351],
    "g": [2.726503, 2.106511, 6.75844],
    "v": [3.80773, 6.74803, 3.557013],
    "w": [1.383546, 0.899137, 0.323612],
    "o": [1.248681, 1.239773, 3.373635],
    "h": [8.652627, 4.359427, 4.759827],
}


@pytest.mark.parametrize(
    ("declared", "kind", "message"),
    [
        (NormalDistribution(sd=-1), "double", "sd is -1 but must be 0 or more"),
        (NormalDistribution(mean=5, max=10), decimal(2, 1), "max 10 does not fit 'decimal'"),
        (NormalDistribution(min=2, max=1), "double", "min 2 is above max 1"),
        (
            NormalDistribution(mean=0, sd=1, min=9),
            "double",
            "almost no value is in the range from 9; widen it",
        ),
        (NormalDistribution(decimals=2), "int", "'int' has no decimal places; set decimals: 0"),
        (
            NormalDistribution(decimals=3),
            decimal(9, 2),
            "3 decimal places exceed the scale 2",
        ),
        (LognormalDistribution(median=0), "double", "median is 0 but must be above 0"),
        (LognormalDistribution(sigma=51), "double", "sigma is 51 but must be from 0 to 50"),
        (ExponentialDistribution(mean=0), "double", "mean is 0 but must be above 0"),
        (
            ExponentialDistribution(mean=1, max=-1),
            "double",
            "almost no value is in the range to -1",
        ),
        (PoissonDistribution(mean=-1), "int", "mean is -1 but must be from 0 to 1000000"),
        (
            PoissonDistribution(mean=1_000_001),
            "int",
            "mean is 1000001 but must be from 0 to 1000000",
        ),
        (PoissonDistribution(mean=1, max=-1), "int", "max is -1 but counts are 0 or more"),
        (PoissonDistribution(mean=2, min=100), "int", "almost no value is in the range from 100"),
        (ZipfDistribution(exponent=1, max=0), "int", "min 1 is above max 0"),
        (
            ZipfDistribution(exponent=1, max=10_000_001),
            "int",
            "10,000,001 ranks exceed the maximum of 10,000,000",
        ),
        (ZipfDistribution(exponent=1, min=2**31, max=2**31), "int", "do not fit 'int'"),
        (BetaDistribution(a=1, b=1, min=2, max=1), "double", "min 2 is above max 1"),
        (GammaDistribution(shape=0), "double", "shape is 0 but must be from 0.01 to 1000"),
        (GammaDistribution(shape=1, scale=0), "double", "scale is 0 but must be above 0"),
        (GammaDistribution(shape=1, max=-1), "double", "almost no value is in the range to -1"),
        (GammaDistribution(shape=9, scale=1e9), "int", "of the values are outside"),
        (WeibullDistribution(shape=0), "double", "shape is 0 but must be from 0.1 to 1000"),
        (WeibullDistribution(shape=1, min=99), "double", "almost no value is in the range from 99"),
        (ParetoDistribution(alpha=-1), "double", "alpha is -1 but must be from 0.1 to 1000"),
        (ParetoDistribution(alpha=1, min=0), "double", "min is 0 but must be from 1e-100"),
        (ParetoDistribution(alpha=1, min=3, max=2), "double", "min 3 is above max 2"),
        (ParetoDistribution(alpha=0.1), "int", "of the values are outside"),
        (
            HistogramDistribution(edges=[0, 1], weights=[1, 2]),
            "double",
            "2 weights for 2 edges; give one edge more than weights",
        ),
        (
            HistogramDistribution(edges=[0, 2, 1], weights=[1, 2]),
            "double",
            "edge 1 is not above 2; sort the edges",
        ),
        (HistogramDistribution(edges=[0, 1], weights=[0]), "double", "every weight is 0"),
        (
            HistogramDistribution(edges=[0, 1e200], weights=[1]),
            "double",
            "edge 1e+200 is outside [-1e+100, 1e+100]",
        ),
        (
            HistogramDistribution(edges=[0, 1, 5, 9], weights=[1, 0, 1], min=2, max=3),
            "double",
            "almost no value is in the range from 2 to 3",
        ),
        (LoguniformDistribution(min=5, max=4), "double", "min 5 is above max 4"),
        (TriangularDistribution(min=0, mode=5, max=4), "double", "mode 5 is outside [0, 4]"),
        (
            UniformDistribution(min=0, max=1, step=0.3, decimals=0),
            "double",
            "step 0.3 has more than 0",
        ),
        (
            UniformDistribution(min=0, max=1_000),
            decimal(5, 2),
            "range 0 to 1000 does not fit 'decimal'",
        ),
        (
            UniformDistribution(min=0, max=0.125),
            decimal(5, 2),
            "0.125 has more than 2 decimal places",
        ),
        (
            PoissonDistribution(mean=NormalDistribution(mean=ExponentialDistribution(mean=0))),
            "int",
            "mean is 0 but must be above 0",
        ),
    ],
)
def test_invalid_parameters_are_rejected(declared: AnyGenerator, kind: Any, message: str):
    """The message is one line that names the parameter."""
    with pytest.raises(SettingError) as error:
        table({"x": kind}, {"x": declared})
    assert message in str(error.value)
    assert "\n" not in str(error.value)
