"""Weibull and Pareto distributions: powers of exponential numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

import numpy as np

from gerador.values.declaration import Limit
from gerador.values.distributions.base import TruncatedDistribution, constant_values
from gerador.values.distributions.quantile_sampler import F64, quantile_sampler
from gerador.values.number_parameters import (
    EXPONENTIAL_MEANS,
    TRUNCATED_EXPONENTIAL_MEANS,
    Interval,
    Number,
    interval_of,
)
from gerador.values.number_ranges import NUMBER_MAX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.values.column import BuildContext
    from gerador.values.number_parameters import Parameter


SHAPE_MIN: Final = 0.1
SHAPE_MAX: Final = 1_000
EXPONENT_MAX: Final = 600.0
"""Exponents of intervals are limited to this, so that they stay finite."""


class WeibullDistribution(TruncatedDistribution):
    """Weibull with a `shape` and a `scale`, such as times until a failure."""

    main_parameter: ClassVar[str | None] = "shape"
    unitless: ClassVar[frozenset[str]] = frozenset({"shape"})
    kind: Literal["weibull"] = "weibull"
    shape: Number
    """Shape, 0.1 to 1,000: below 1 failures become rarer with time, above 1 more frequent."""
    scale: Number = 1.0
    """Scale, above 0: 63.2% of the values are below it."""

    def approximate_mean(self) -> float:
        """Return the mean, from the middles of random parameters."""
        shape, scale = (sum(interval_of(number)) / 2 for number in (self.shape, self.scale))
        return scale * math.gamma(1 + 1 / max(shape, SHAPE_MIN))

    def _limits(self) -> Mapping[str, Limit]:
        return {"shape": Limit(SHAPE_MIN, SHAPE_MAX), "scale": Limit(0, exclusive=True)}

    def _interval(self, *, truncated: bool) -> Interval:
        means = TRUNCATED_EXPONENTIAL_MEANS if truncated else EXPONENTIAL_MEANS
        exponent = math.log(means) / max(interval_of(self.shape).low, SHAPE_MIN)
        return Interval(0.0, interval_of(self.scale).high * math.exp(exponent))

    def _probability(self, low: float, high: float) -> float:
        shape, scale = constant_values(self.shape, self.scale)
        above = [
            1.0 if x <= 0 else math.exp(-math.exp(min(shape * math.log(x / scale), EXPONENT_MAX)))
            for x in (low, high)
        ]
        return above[0] - above[1]

    def sampler(self, context: BuildContext, path: str, half_step: float = 0.0) -> Parameter:
        """Return the sampler: inversion."""
        names = "shape", "scale"
        return quantile_sampler(context, path, self, _weibull_quantile, half_step, *names)


class ParetoDistribution(TruncatedDistribution):
    """Pareto from `min` on, with the tail exponent `alpha`: few values are very large."""

    main_parameter: ClassVar[str | None] = "alpha"
    unitless: ClassVar[frozenset[str]] = frozenset({"alpha"})
    kind: Literal["pareto"] = "pareto"
    alpha: Number
    """Tail exponent, 0.1 to 1,000: the share of values above x is (min / x) ** alpha."""
    min: Number = 1.0
    """Minimum value, above 0."""

    def approximate_mean(self) -> float:
        """Return the mean, from the middles of random parameters; without a mean, the median."""
        alpha, low = (sum(interval_of(number)) / 2 for number in (self.alpha, self.min))
        return float(low * alpha / (alpha - 1) if alpha > 1 else low * 2 ** (1 / alpha))

    def _limits(self) -> Mapping[str, Limit]:
        return {"alpha": Limit(SHAPE_MIN, SHAPE_MAX), "min": Limit(1 / NUMBER_MAX, NUMBER_MAX)}

    def _interval(self, *, truncated: bool) -> Interval:
        means = TRUNCATED_EXPONENTIAL_MEANS if truncated else EXPONENTIAL_MEANS
        exponent = means / max(interval_of(self.alpha).low, SHAPE_MIN)
        low = interval_of(self.min)
        return Interval(low.low, low.high * math.exp(min(exponent, EXPONENT_MAX)))

    def _probability(self, low: float, high: float) -> float:
        alpha, start = constant_values(self.alpha, self.min)
        above = [
            1.0 if x <= start else math.exp(-min(alpha * math.log(x / start), EXPONENT_MAX))
            for x in (low, high)
        ]
        return above[0] - above[1]

    def sampler(self, context: BuildContext, path: str, half_step: float = 0.0) -> Parameter:
        """Return the sampler: inversion."""
        return quantile_sampler(context, path, self, _pareto_quantile, half_step, "alpha", "min")


def _exponential(units: F64) -> F64:
    from gerador.values.kernels.normal_exponential_quantiles import exponential_quantiles  # noqa: PLC0415 - loads numba

    quantiles = np.empty_like(units)
    exponential_quantiles(units, quantiles)
    return quantiles


def _weibull_quantile(units: F64, shape: Any, scale: Any) -> F64:
    from gerador.values.kernels.exp_log import exponentials, logarithms  # noqa: PLC0415

    numbers = _exponential(units)
    logarithms(numbers, numbers)
    numbers /= np.maximum(shape, SHAPE_MIN)
    exponentials(numbers, numbers)
    return np.maximum(scale, 0.0) * numbers


def _pareto_quantile(units: F64, alpha: Any, low: Any) -> F64:
    from gerador.values.kernels.exp_log import exponentials  # noqa: PLC0415 - loads numba

    numbers = _exponential(units)
    numbers /= np.maximum(alpha, SHAPE_MIN)
    exponentials(numbers, numbers)
    with np.errstate(over="ignore"):  # infinite numbers are clipped when they are rounded
        return np.asarray(low * numbers)
