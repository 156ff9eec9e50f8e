"""Normal and lognormal distributions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

import numpy as np

from gerador.values.declaration import Limit
from gerador.values.distributions.base import TruncatedDistribution, constant_values
from gerador.values.distributions.quantile_sampler import F64, quantile_sampler
from gerador.values.number_parameters import (
    NORMAL_SDS,
    TRUNCATED_NORMAL_SDS,
    Interval,
    Number,
    interval_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.values.column import BuildContext
    from gerador.values.number_parameters import Parameter


SIGMA_MAX: Final = 50
EXPONENT_MAX: Final = 600.0
"""Exponents of intervals are limited to this, so that they stay finite."""


class NormalDistribution(TruncatedDistribution):
    """Normal with a mean and a standard deviation (`sd`)."""

    kind: Literal["normal"] = "normal"
    mean: Number = 0.0
    """Mean."""
    sd: Number = 1.0
    """Standard deviation, 0 or more."""

    def _limits(self) -> Mapping[str, Limit]:
        return {"sd": Limit(0)}

    def _interval(self, *, truncated: bool) -> Interval:
        sds = TRUNCATED_NORMAL_SDS if truncated else NORMAL_SDS
        mean, width = interval_of(self.mean), sds * interval_of(self.sd).high
        return Interval(mean.low - width, mean.high + width)

    def _probability(self, low: float, high: float) -> float:
        mean, sd = constant_values(self.mean, self.sd)
        if not sd:
            return float(low <= mean <= high)
        return normal_probability((low - mean) / sd, (high - mean) / sd)

    def sampler(self, context: BuildContext, path: str, half_step: float = 0.0) -> Parameter:
        """Return the sampler: inversion."""
        return quantile_sampler(context, path, self, _normal_quantile, half_step, "mean", "sd")


class LognormalDistribution(TruncatedDistribution):
    """Lognormal with a median and the standard deviation `sigma` of the logarithm."""

    unitless: ClassVar[frozenset[str]] = frozenset({"sigma"})
    kind: Literal["lognormal"] = "lognormal"
    median: Number = 1.0
    """Median, above 0."""
    sigma: Number = 1.0
    """Standard deviation of the natural logarithm of the values, 0 to 50."""

    def _limits(self) -> Mapping[str, Limit]:
        return {"median": Limit(0, exclusive=True), "sigma": Limit(0, SIGMA_MAX)}

    def _interval(self, *, truncated: bool) -> Interval:
        sds = TRUNCATED_NORMAL_SDS if truncated else NORMAL_SDS
        median = interval_of(self.median)
        factor = math.exp(min(sds * interval_of(self.sigma).high, EXPONENT_MAX))
        return Interval(max(median.low, 0.0) / factor, median.high * factor)

    def _probability(self, low: float, high: float) -> float:
        median, sigma = constant_values(self.median, self.sigma)
        if not sigma:
            return float(low <= median <= high)
        logs = [-math.inf if bound <= 0 else math.log(bound / median) for bound in (low, high)]
        return normal_probability(logs[0] / sigma, logs[1] / sigma)

    def sampler(self, context: BuildContext, path: str, half_step: float = 0.0) -> Parameter:
        """Return the sampler: inversion."""
        names = "median", "sigma"
        return quantile_sampler(context, path, self, _lognormal_quantile, half_step, *names)


def normal_probability(low: float, high: float) -> float:
    """Return the standard normal probability of [low, high], accurate in both tails."""
    if low > 0:
        low, high = -high, -low
    return 0.5 * (math.erfc(-high / math.sqrt(2)) - math.erfc(-low / math.sqrt(2)))


def _normal_quantile(units: F64, mean: Any, sd: Any) -> F64:
    return mean + np.maximum(sd, 0.0) * _standard_quantile(units)


def _lognormal_quantile(units: F64, median: Any, sigma: Any) -> F64:
    from gerador.values.kernels.exp_log import exponentials  # noqa: PLC0415 - loads numba

    logs = _standard_quantile(units)
    logs *= np.maximum(sigma, 0.0)
    exponentials(logs, logs)
    with np.errstate(over="ignore"):  # infinite numbers are clipped when they are rounded
        return np.maximum(median, 0.0) * logs


def _standard_quantile(units: F64) -> F64:
    from gerador.values.kernels.normal_exponential_quantiles import normal_quantiles  # noqa: PLC0415 - loads numba

    quantiles = np.empty_like(units)
    normal_quantiles(units, quantiles)
    return quantiles
