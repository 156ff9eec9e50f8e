"""Normal and lognormal distributions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from gerador.values.declaration import Limit
from gerador.values.distributions.base import (
    F64,
    TruncatedDistribution,
    constant_values,
    quantile_sampler,
)
from gerador.values.parameters import (
    NORMAL_SDS,
    TRUNCATED_NORMAL_SDS,
    Interval,
    Number,
    interval_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.values.column import BuildContext
    from gerador.values.parameters import Parameter


LOGNORMAL_SIGMA_MAX: Final = 50


class NormalDistribution(TruncatedDistribution):
    """Normal with a mean and a standard deviation (`sd`)."""

    kind: Literal["normal"] = "normal"
    mean: Number = 0.0
    """The mean, and the value that comes most."""
    sd: Number = 1.0
    """The standard deviation, 0 or more."""

    def _limits(self) -> Mapping[str, Limit]:
        return {"sd": Limit(0)}

    def _reach(self, *, far: bool) -> Interval:
        (low, high), sds = interval_of(self.mean), TRUNCATED_NORMAL_SDS if far else NORMAL_SDS
        width = sds * interval_of(self.sd).high
        return Interval(low - width, high + width)

    def _between(self, low: float, high: float) -> float:
        mean, sd = constant_values(self.mean, self.sd)
        if not sd:
            return float(low <= mean <= high)
        return normal_probability((low - mean) / sd, (high - mean) / sd)

    def sampler(self, context: BuildContext, path: str, half: float = 0.0) -> Parameter:
        """Return normal numbers."""
        return quantile_sampler(context, path, self, _normal_quantile, half, "mean", "sd")


class LognormalDistribution(TruncatedDistribution):
    """Lognormal: its median, and the standard deviation `sigma` of its logarithm."""

    kind: Literal["lognormal"] = "lognormal"
    median: Number = 1.0
    """Half of the values are below it; above 0."""
    sigma: Number = 1.0
    """Standard deviation of the values' natural logarithm, 0 to 50."""

    def _limits(self) -> Mapping[str, Limit]:
        return {"median": Limit(0, above=True), "sigma": Limit(0, LOGNORMAL_SIGMA_MAX)}

    def _reach(self, *, far: bool) -> Interval:
        (low, high), sds = interval_of(self.median), TRUNCATED_NORMAL_SDS if far else NORMAL_SDS
        factor = math.exp(min(sds * interval_of(self.sigma).high, 600.0))
        return Interval(max(low, 0.0) / factor, high * factor)

    def _between(self, low: float, high: float) -> float:
        median, sigma = constant_values(self.median, self.sigma)
        if not sigma:
            return float(low <= median <= high)
        ends = [-math.inf if e <= 0 else math.log(e / median) for e in (low, high)]
        return normal_probability(ends[0] / sigma, ends[1] / sigma)

    def sampler(self, context: BuildContext, path: str, half: float = 0.0) -> Parameter:
        """Return lognormal numbers."""
        return quantile_sampler(context, path, self, _lognormal_quantile, half, "median", "sigma")


def normal_probability(low: float, high: float) -> float:
    """Return the share of the standard normal between two ends, either of them far out."""
    if low > 0:
        low, high = -high, -low
    return 0.5 * (math.erfc(-high / math.sqrt(2)) - math.erfc(-low / math.sqrt(2)))


def _normal_quantile(drawn: F64, mean: Any, sd: Any) -> F64:
    from gerador.values.kernels.quantiles import normal_quantiles  # noqa: PLC0415 - compiled

    z = np.empty_like(drawn)
    normal_quantiles(drawn, z)
    return mean + np.maximum(sd, 0.0) * z


def _lognormal_quantile(drawn: F64, median: Any, sigma: Any) -> F64:
    from gerador.values.kernels.exp_log import exponentials  # noqa: PLC0415 - compiled
    from gerador.values.kernels.quantiles import normal_quantiles  # noqa: PLC0415 - compiled

    z = np.empty_like(drawn)
    normal_quantiles(drawn, z)
    z *= np.maximum(sigma, 0.0)
    exponentials(z, z)
    with np.errstate(over="ignore"):  # what is too large is cut where it is rounded
        return np.maximum(median, 0.0) * z
