"""The exponential distribution."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar, Literal

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

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.values.column import BuildContext
    from gerador.values.number_parameters import Parameter


class ExponentialDistribution(TruncatedDistribution):
    """Exponential with a mean."""

    main_parameter: ClassVar[str | None] = "mean"
    kind: Literal["exponential"] = "exponential"
    mean: Number
    """Mean, above 0."""

    def _limits(self) -> Mapping[str, Limit]:
        return {"mean": Limit(0, exclusive=True)}

    def _interval(self, *, truncated: bool) -> Interval:
        means = TRUNCATED_EXPONENTIAL_MEANS if truncated else EXPONENTIAL_MEANS
        return Interval(0.0, means * interval_of(self.mean).high)

    def _probability(self, low: float, high: float) -> float:
        (mean,) = constant_values(self.mean)
        return math.exp(-max(low, 0) / mean) - math.exp(-max(high, 0) / mean)

    def sampler(self, context: BuildContext, path: str, half_step: float = 0.0) -> Parameter:
        """Return the sampler: inversion."""
        return quantile_sampler(context, path, self, _quantile, half_step, "mean")


def _quantile(units: F64, mean: Any) -> F64:
    from gerador.values.kernels.normal_exponential_quantiles import exponential_quantiles  # noqa: PLC0415 - loads numba

    quantiles = np.empty_like(units)
    exponential_quantiles(units, quantiles)
    return np.maximum(mean, 0.0) * quantiles
