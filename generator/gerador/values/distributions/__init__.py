"""Number distributions, which can also be the value of a number parameter."""

from __future__ import annotations

from typing import Final

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
from gerador.values.shorthand import register_distributions

DISTRIBUTIONS: Final = (
    UniformDistribution,
    NormalDistribution,
    LognormalDistribution,
    ExponentialDistribution,
    PoissonDistribution,
    ZipfDistribution,
    BetaDistribution,
    TriangularDistribution,
    LoguniformDistribution,
    GammaDistribution,
    WeibullDistribution,
    ParetoDistribution,
    HistogramDistribution,
)

register_distributions({kind.model_fields["kind"].default: kind for kind in DISTRIBUTIONS})
