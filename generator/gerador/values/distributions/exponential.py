"""The exponential distribution."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from gerador.values.declaration import Limit
from gerador.values.distributions.base import (
    F64,
    TruncatedDistribution,
    constant_values,
    quantile_sampler,
)
from gerador.values.parameters import (
    EXPONENTIAL_MEANS,
    TRUNCATED_EXPONENTIAL_MEANS,
    Interval,
    Number,
    interval_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.values.column import BuildContext
    from gerador.values.parameters import Parameter


class ExponentialDistribution(TruncatedDistribution):
    """Exponential with a mean."""

    main_parameter: ClassVar[str | None] = "mean"
    kind: Literal["exponential"] = "exponential"
    mean: Number
    """The mean, above 0."""

    def _limits(self) -> Mapping[str, Limit]:
        return {"mean": Limit(0, above=True)}

    def _reach(self, *, far: bool) -> Interval:
        return Interval(
            0.0,
            (TRUNCATED_EXPONENTIAL_MEANS if far else EXPONENTIAL_MEANS)
            * interval_of(self.mean).high,
        )

    def _between(self, low: float, high: float) -> float:
        (mean,) = constant_values(self.mean)
        return math.exp(-max(low, 0) / mean) - math.exp(-max(high, 0) / mean)

    def sampler(self, context: BuildContext, path: str, half: float = 0.0) -> Parameter:
        """Return exponential numbers."""
        return quantile_sampler(context, path, self, _exponential_quantile, half, "mean")


def _exponential_quantile(drawn: F64, mean: Any) -> F64:
    from gerador.values.kernels.quantiles import exponential_quantiles  # noqa: PLC0415 - compiled

    found = np.empty_like(drawn)
    exponential_quantiles(drawn, found)
    return np.maximum(mean, 0.0) * found
