"""Distributions: ranges, decimals, and shares against the laws' own formulas."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gerador.errors import SettingError
from gerador.values.distributions.beta import BetaDistribution
from gerador.values.distributions.exponential import ExponentialDistribution
from gerador.values.distributions.loguniform import LoguniformDistribution
from gerador.values.distributions.normal import LognormalDistribution, NormalDistribution
from gerador.values.distributions.poisson import PoissonDistribution
from gerador.values.distributions.triangular import TriangularDistribution
from gerador.values.distributions.uniform import UniformDistribution
from gerador.values.distributions.zipf import ZipfDistribution
from tests.values.generated_rows import assert_share, column, decimal, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from gerador.values import AnyGenerator

ROWS = 50_000


def phi(x: float) -> float:
    """Return the standard normal's share below x."""
    return 0.5 * math.erfc(-x / math.sqrt(2))


def poisson(mean: float) -> Callable[[float], float]:
    """Return the share of counts up to k."""
    return lambda k: math.fsum(
        math.exp(i * math.log(mean) - mean - math.lgamma(i + 1)) for i in range(math.floor(k) + 1)
    )


def zipf(exponent: float, ranks: int) -> Callable[[float], float]:
    """Return the share of ranks up to k."""
    weights = [k**-exponent for k in range(1, ranks + 1)]
    return lambda k: math.fsum(weights[: max(0, math.floor(k))]) / math.fsum(weights)


def cut(share: Callable[[float], float], low: float, high: float) -> Callable[[float], float]:
    """Return a law of which only what lies in a range is left."""
    below, within = share(low), share(high) - share(low)
    return lambda x: min(max((share(x) - below) / within, 0.0), 1.0)


def triangle(x: float) -> float:
    """Return the share below x of the triangular law on [0, 4] with its peak at 1."""
    return x * x / 4 if x < 1 else 1 - (4 - x) ** 2 / 12


def beta_2_3(x: float) -> float:
    """Return the share below x of the beta law with a of 2 and b of 3."""
    return x * x * (6 - 8 * x + 3 * x * x)


def same(value: float) -> UniformDistribution:
    """Return a number that is drawn, and is always the same."""
    return UniformDistribution(min=value, max=value, decimals=7)


@dataclass
class Law:
    """A declaration, the share of values up to x before they are rounded, and where to look."""

    declared: AnyGenerator
    below: Callable[[float], float]
    points: tuple[float, ...]
    kind: Any = "double"
    step: float = 1e-6


NORMAL = NormalDistribution(mean=10, sd=2)
LAWS = {
    "uniform": Law(UniformDistribution(min=-3, max=6), lambda x: (x + 3.5) / 10, (-3, 0, 5), "int", 1),
    "uniform by step": Law(
        UniformDistribution(min=0, max=1, step=0.25), lambda x: (x + 0.125) / 1.25,
        (0, 0.5, 0.75), step=0.25,
    ),
    "normal": Law(NORMAL, lambda x: phi((x - 10) / 2), (4, 8, 10, 11.5, 15)),
    "normal cut": Law(
        NormalDistribution(mean=10, sd=2, min=9, max=10.5),
        cut(lambda x: phi((x - 10) / 2), 9, 10.5), (9.1, 9.5, 10, 10.4),
    ),
    "normal of whole numbers": Law(NORMAL, lambda x: phi((x - 10) / 2), (5, 8, 10, 14), "long", 1),
    "normal cut, whole": Law(
        NormalDistribution(mean=10, sd=2, min=9, max=12),
        cut(lambda x: phi((x - 10) / 2), 8.5, 12.5), (9, 10, 11), "int", 1,
    ),
    "normal far out": Law(
        NormalDistribution(min=5, decimals=3),
        lambda x: 1 - math.erfc(x / 2**0.5) / math.erfc(4.9995 / 2**0.5),
        (5.01, 5.1, 5.5), step=1e-3,
    ),
    "lognormal": Law(
        LognormalDistribution(median=80, sigma=0.6, decimals=2),
        lambda x: phi(math.log(x / 80) / 0.6), (20, 50, 80, 200), step=0.01,
    ),
    "exponential": Law(ExponentialDistribution(mean=30), lambda x: 1 - math.exp(-x / 30), (1, 20, 90)),
    "exponential as decimals": Law(
        ExponentialDistribution(mean=30), lambda x: 1 - math.exp(-x / 30), (1, 20, 90), decimal(9, 2), 0.01
    ),
    "poisson": Law(PoissonDistribution(mean=2), poisson(2), (0, 1, 2, 5), "int", 1),
    "poisson cut": Law(
        PoissonDistribution(mean=2, min=1, max=6), cut(poisson(2), 0, 6), (1, 2, 5), "int", 1
    ),
    "poisson far out": Law(
        PoissonDistribution(mean=2, min=14), cut(poisson(2), 13, 60), (14, 15), "int", 1
    ),
    "poisson of a million": Law(
        PoissonDistribution(mean=1_000_000), lambda x: phi((x - 1e6 + 1 / 6) / 1e3),
        (998_000, 1_000_000, 1_001_500), "int", 1,
    ),
    "zipf": Law(ZipfDistribution(exponent=1.2, max=1_000), zipf(1.2, 1_000), (1, 2, 10, 500), "int", 1),
    "zipf, equal": Law(
        ZipfDistribution(exponent=0, max=10), lambda x: math.floor(x) / 10, (1, 5), "long", 1
    ),
    "beta": Law(
        BetaDistribution(a=2, b=3, min=10, max=20),
        lambda x: beta_2_3((x - 10) / 10), (11, 14, 17),
    ),
    "beta of two peaks": Law(
        BetaDistribution(a=0.5, b=0.5), lambda x: 2 / math.pi * math.asin(math.sqrt(x)), (0.01, 0.5, 0.99)
    ),
    "beta, steep": Law(BetaDistribution(a=1, b=200), lambda x: 1 - (1 - x) ** 200, (0.001, 0.01, 0.03)),
    "beta, flat": Law(BetaDistribution(a=1, b=1), lambda x: x, (0.001, 0.3, 0.999)),
    "triangular": Law(TriangularDistribution(min=0, mode=1, max=4), triangle, (0.2, 1, 3)),
    "loguniform": Law(
        LoguniformDistribution(min=1, max=10_000), lambda x: math.log10(x) / 4, (2, 10, 500, 9_000)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LAWS)
def test_shares_are_those_of_the_law(name: str):
    """At several points the share of values up to there is within exact binomial bounds."""
    law = LAWS[name]
    values = np.array(column(law.declared, law.kind, ROWS).to_pylist(), np.float64)
    for point in law.points:
        found = int((values <= point + law.step / 4).sum())
        assert_share(found, ROWS, law.below(point + law.step / 2), (name, point))


@pytest.mark.parametrize("name", LAWS)
def test_values_are_in_range_and_rounded(name: str):
    """Every value is a multiple of the step, within the declared ends."""
    law = LAWS[name]
    values = np.array(column(law.declared, law.kind, 20_000).to_pylist(), np.float64)
    assert np.allclose(values / law.step, np.rint(values / law.step), atol=1e-3)
    low, high = (getattr(law.declared, end, None) for end in ("min", "max"))
    assert low is None or values.min() >= low
    assert high is None or values.max() <= high


DRAWN = {
    "mean": (NormalDistribution(mean=UniformDistribution(min=0, max=1), sd=0), 0.5, 0.5),
    "sd": (NormalDistribution(mean=0, sd=UniformDistribution(min=1, max=2)), 1, (phi(1) + phi(0.5)) / 2),
    "clamped": (NormalDistribution(mean=UniformDistribution(min=0, max=0), min=0.5, max=1), 0.5, phi(0.5)),
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
        PoissonDistribution(mean=UniformDistribution(min=1, max=2)), 1, (poisson(1)(1) + poisson(2)(1)) / 2
    ),
    "poisson, large": (
        PoissonDistribution(mean=UniformDistribution(min=2_000, max=3_000, step=1_000)),
        2_000, poisson(2_000)(2_000) / 2,
    ),
    "ends": (
        UniformDistribution(min=0, max=UniformDistribution(min=1, max=2), decimals=0), 0, (1 / 2 + 1 / 3) / 2
    ),
    "ends crossed": (
        UniformDistribution(min=5, max=UniformDistribution(min=4, max=6), decimals=0), 4.5, 1 / 6
    ),
    "chained": (PoissonDistribution(mean=ExponentialDistribution(mean=1)), 0, 0.5),
    "an end of a cut law": (
        NormalDistribution(max=UniformDistribution(min=-1, max=1, step=2)), -1, (1 + phi(-1)) / 2
    ),
    "exponent": (
        ZipfDistribution(exponent=UniformDistribution(min=1, max=2), max=50), 3,
        (zipf(1, 50)(3) + zipf(2, 50)(3)) / 2,
    ),
    "exponent of 0": (ZipfDistribution(exponent=same(0), max=9), 3, 1 / 3),
    "exponent about 1": (ZipfDistribution(exponent=same(1.0000001), max=9_999), 20, zipf(1, 9_999)(20)),
    "exponent of 20": (ZipfDistribution(exponent=same(20), max=10**6), 1, zipf(20, 9)(1)),
    "the most ranks": (ZipfDistribution(exponent=same(0), max=10**7), 2_500_000, 1 / 4),
    "one rank": (ZipfDistribution(exponent=same(3), min=5, max=5), 5, 1),
    "ranks": (
        ZipfDistribution(exponent=1.5, max=UniformDistribution(min=2, max=8, step=6)), 1,
        (zipf(1.5, 2)(1) + zipf(1.5, 8)(1)) / 2,
    ),
    "first rank": (
        ZipfDistribution(exponent=1, min=UniformDistribution(min=0, max=1), max=4), 1,
        (zipf(1, 5)(2) + zipf(1, 4)(1)) / 2,
    ),
    "shape": (
        BetaDistribution(a=UniformDistribution(min=1, max=2), b=3), 0.3, (1 - 0.7**3 + beta_2_3(0.3)) / 2
    ),
    "shapes below 1": (
        BetaDistribution(a=same(0.5), b=same(0.5)), 0.01, 2 / math.pi * math.asin(0.1)
    ),
    "a steep shape": (BetaDistribution(a=1, b=same(200)), 0.01, 1 - 0.99**200),
    "the least shapes": (BetaDistribution(a=same(0.001), b=same(0.001)), 0.5, 0.5),
    "the largest shapes": (BetaDistribution(a=same(1_000), b=same(1_000)), 0.5, 0.5),
    "ends of a beta law": (
        BetaDistribution(a=1, b=1, min=same(10), max=UniformDistribution(min=20, max=30, step=10)), 15,
        (1 / 2 + 1 / 4) / 2,
    ),
    "mode": (
        TriangularDistribution(min=0, mode=UniformDistribution(min=0, max=4, step=4), max=4), 1,
        (1 - 9 / 16 + 1 / 16) / 2,
    ),
    "ends of a triangle": (
        TriangularDistribution(min=UniformDistribution(min=-1, max=0), mode=1, max=4), 0.2,
        (triangle(0.2) + 1.2**2 / 10) / 2,
    ),
    "a flat triangle": (TriangularDistribution(min=same(3), mode=same(3), max=3), 3, 1),
    "loguniform": (
        LoguniformDistribution(min=1, max=UniformDistribution(min=100, max=10_000, step=9_900)), 10,
        (1 / 2 + 1 / 4) / 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DRAWN)
def test_parameters_may_be_drawn(name: str):
    """A row's own parameter is drawn first: shares are those of the mixture."""
    declared, point, share = DRAWN[name]
    values = column(declared, "double", ROWS).to_numpy()
    assert_share(int((values <= point + 1e-7).sum()), ROWS, share, name)


@pytest.mark.parametrize("kind", ["int", "long", "float", "double", decimal(6, 2), decimal(40, 20)])
@pytest.mark.parametrize("name", LAWS)
def test_every_number_type_takes_every_law(name: str, kind: Any):
    """A law suits every type of numbers, and its column is valid in it."""
    declared = LAWS[name].declared
    places = 0 if kind in ("int", "long") else kind["scale"] if isinstance(kind, dict) else 9
    if (getattr(declared, "decimals", 0) or 0) > places or (places == 0 and "step" in name):
        return
    if kind == decimal(6, 2) and ("million" in name or name == "loguniform"):
        return  # refused: hardly a value of it has four digits, or its end has five
    column(declared, kind, 100).validate(full=True)


def test_decimals_are_the_doubles():
    """A decimal of any width has the digits that a double of the same law prints."""
    declared = NormalDistribution(mean=-5, sd=300, decimals=3)
    doubles = [f"{v:.3f}" for v in column(declared, "double", 500).to_pylist()]
    for kind in (decimal(18, 3), decimal(30, 12), decimal(70, 45)):
        wide = [f"{v:.3f}" for v in column(declared, kind, 500).to_pylist()]
        assert wide == doubles


def test_of_drawn_parameters_what_a_type_does_not_hold_is_its_end():
    """Draws beyond a type's numbers become its last ones; there are no infinities."""
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
def test_few_values_that_a_type_does_not_hold_never_come(
    declared: AnyGenerator, kind: Any, end: float
):
    """Of constant parameters the law is cut at the type's end: no values heap up there."""
    values = np.array(column(declared, kind, ROWS).to_pylist(), np.float64)
    assert values.max() <= end
    last = poisson(3.5)(9) - poisson(3.5)(8) if end == 9 else 0.0001
    assert (values == end).mean() <= 1.2 * last / poisson(3.5)(9)


@pytest.mark.parametrize(
    ("declared", "kind", "told"),
    [
        (
            NormalDistribution(sd=1e15),
            "int",
            "100% of the values lie beyond -2147483648 to 2147483647",
        ),
        (
            PoissonDistribution(mean=9),
            decimal(1, 0),
            "41% of the values lie beyond -9 to 9, which 'dec",
        ),
        (PoissonDistribution(mean=9, min=1), decimal(1, 0), "holds; say max, or another type"),
        (LognormalDistribution(sigma=50), "int", "33% of the values lie beyond"),
        (LognormalDistribution(sigma=50), "float", "holds; say min and max, or another type"),
        (NormalDistribution(mean=1e12), "int", "hardly a value fits 'int'"),
    ],
)
def test_laws_that_a_type_does_not_hold_are_refused(declared: AnyGenerator, kind: Any, told: str):
    """More than one in a hundred beyond the type's numbers: the ends and the way out are told."""
    with pytest.raises(SettingError) as refused:
        table({"x": kind}, {"x": declared})
    assert told in str(refused.value)


def test_whoever_says_the_ends_has_the_law_cut_there():
    """What is refused without min and max is taken with them."""
    cut_out = NormalDistribution(sd=1e15, min=-1e9, max=1e9)
    values = np.array(column(cut_out, "int", ROWS).to_pylist(), np.float64)
    assert_share(int((values <= 5e8).sum()), ROWS, 0.75)


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        (
            BetaDistribution(a=ExponentialDistribution(mean=2), b=1),
            "'exponential' gives 0 to 42, and a is 0.001 to 1000; say min: 0.001 in it",
        ),
        (
            BetaDistribution(a=1, b=UniformDistribution(min=-9, max=-1)),
            "'uniform' gives -9 to -1, and b is 0.001 to 1000; draw it there",
        ),
        (
            NormalDistribution(sd=NormalDistribution(mean=1, sd=1)),
            "'normal' gives -5 to 7, and sd is 0 or more; say min: 0 in it",
        ),
        (
            PoissonDistribution(mean=LognormalDistribution(median=100, sigma=3)),
            "and mean is 0 to 1000000; say max: 1000000 in it",
        ),
        (
            ZipfDistribution(
                exponent=NormalDistribution(mean=10, sd=NormalDistribution(mean=5, min=1)), max=9
            ),
            "gives -74 to 94, and exponent is 0 to 20; say min: 0 and max: 20 in it",
        ),
        (
            ZipfDistribution(exponent=1, max=UniformDistribution(min=5, max=10**8)),
            "100,000,000 ranks; give 10,000,000 at most",
        ),
        (
            ZipfDistribution(
                exponent=1,
                min=UniformDistribution(min=1, max=5),
                max=UniformDistribution(min=4, max=9),
            ),
            "min comes to 5 and max to 4; keep them apart",
        ),
        (ZipfDistribution(exponent=1, max=2.5), "max 2.5; ranks are whole numbers"),
        (
            TriangularDistribution(min=-2, mode=NormalDistribution(mean=5), max=9),
            "mode comes to 11 and max to 9; keep them apart",
        ),
        (
            LoguniformDistribution(min=ExponentialDistribution(mean=1), max=99),
            "and min is 1e-100 to 1e+100; say min: 1e-100 in it",
        ),
        (
            NormalDistribution(min=UniformDistribution(min=0, max=1), max=0.5),
            "min comes to 1 and max to 0.5; keep them apart",
        ),
    ],
)
def test_parameters_that_may_be_drawn_beyond_their_limits_are_refused(
    declared: AnyGenerator, told: str
):
    """Before a row is made: from where to where it is drawn, what it may be, and the way out."""
    with pytest.raises(SettingError) as refused:
        table({"x": "double"}, {"x": declared})
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("declared", [
    *(law.declared for law in LAWS.values() if law.declared.kind != "uniform" or law.step == 1),
    *(declared for declared, _, _ in DRAWN.values()),
])  # fmt: skip
def test_numbers_come_from_where_they_are_said_to_reach(declared: Any):
    """What is judged by is true: of fifty thousand values none lies beyond the reach."""
    values = column(declared, "double", ROWS).to_numpy()
    low, high = declared.reach()
    places = getattr(declared, "decimals", 0)
    half = 0.5 / 10 ** (6 if places is None else places)
    assert low - half <= values.min()
    assert values.max() <= high + half


def test_ends_are_drawn_within_the_type():
    """An end beyond what the type holds is refused, as one that is written is."""
    wide = UniformDistribution(min=0, max=NormalDistribution(mean=1e9, sd=1e9))
    with pytest.raises(SettingError, match="max is -2147483648 to 2147483647; say min: "):
        table({"x": "int"}, {"x": wide})


def test_the_numbers_are_golden():
    """Bytes are the same on every processor and in every release."""
    laws = {
        "n": NormalDistribution(), "l": LognormalDistribution(), "e": ExponentialDistribution(mean=1),
        "p": PoissonDistribution(mean=UniformDistribution(min=1, max=5_000)), "b": BetaDistribution(a=2, b=3),
        "z": ZipfDistribution(exponent=1.1, max=10**5), "t": TriangularDistribution(min=0, mode=1, max=2),
    }  # fmt: skip
    rows = table(dict.fromkeys(laws, "double"), laws).rows(0, 3)
    assert {name: rows[name].to_pylist() for name in laws} == GOLDEN


GOLDEN = {
    "n": [-1.059257, 0.769896, 1.552556],
    "l": [0.646934, 0.275986, 0.377893],
    "e": [0.388671, 0.544392, 0.33117],
    "p": [3700.0, 2235.0, 165.0],
    "b": [0.559539, 0.782965, 0.544627],
    "z": [3671.0, 67463.0, 7600.0],
    "t": [0.841462, 0.883596, 1.221351],
}


@pytest.mark.parametrize(
    ("declared", "kind", "told"),
    [
        (NormalDistribution(sd=-1), "double", "sd -1; give at least 0"),
        (NormalDistribution(mean=5, max=10), decimal(2, 1), "max 10 does not fit 'decimal'"),
        (NormalDistribution(min=2, max=1), "double", "range 2 to 1; give the smaller first"),
        (
            NormalDistribution(mean=0, sd=1, min=9),
            "double",
            "hardly a value lies from 9; widen that",
        ),
        (NormalDistribution(decimals=2), "int", "2 decimals do not suit 'int'; set decimals: 0"),
        (
            NormalDistribution(decimals=3),
            decimal(9, 2),
            "3 decimals, but the type has 2; use those",
        ),
        (LognormalDistribution(median=0), "double", "median 0; give more than 0"),
        (LognormalDistribution(sigma=51), "double", "sigma 51; give 50 at most"),
        (ExponentialDistribution(mean=0), "double", "mean 0; give more than 0"),
        (ExponentialDistribution(mean=1, max=-1), "double", "hardly a value lies to -1"),
        (PoissonDistribution(mean=-1), "int", "mean -1; give at least 0"),
        (PoissonDistribution(mean=1_000_001), "int", "mean 1000001; give 1000000 at most"),
        (PoissonDistribution(mean=1, max=-1), "int", "max -1; counts are 0 or more"),
        (PoissonDistribution(mean=2, min=100), "int", "hardly a value lies from 100"),
        (ZipfDistribution(exponent=1, max=0), "int", "range 1 to 0; give the smaller first"),
        (
            ZipfDistribution(exponent=1, max=10_000_001),
            "int",
            "10,000,001 ranks; give 10,000,000 at most",
        ),
        (ZipfDistribution(exponent=1, min=2**31, max=2**31), "int", "does not fit 'int'"),
        (BetaDistribution(a=1, b=1, min=2, max=1), "double", "give the smaller first"),
        (LoguniformDistribution(min=5, max=4), "double", "range 5 to 4; give the smaller first"),
        (TriangularDistribution(min=0, mode=5, max=4), "double", "mode 5 lies beyond 0 to 4"),
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
        (UniformDistribution(min=0, max=0.125), decimal(5, 2), "0.125 has more than 2 decimals"),
        (
            PoissonDistribution(mean=NormalDistribution(mean=ExponentialDistribution(mean=0))),
            "int",
            "mean 0; give more than 0",
        ),
    ],
)
def test_laws_without_sense_are_refused(declared: AnyGenerator, kind: Any, told: str):
    """A parameter that makes no sense is one line that names it and the way out."""
    with pytest.raises(SettingError) as refused:
        table({"x": kind}, {"x": declared})
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)
