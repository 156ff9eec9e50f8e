"""The loguniform distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gerador.values.declaration import Limit
from gerador.values.distributions.base import TruncatedDistribution
from gerador.values.distributions.quantile_sampler import F64, QuantileSampler
from gerador.values.number_parameters import Number, bind_parameters
from gerador.values.number_ranges import NUMBER_MAX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.values.column import BuildContext
    from gerador.values.number_parameters import Parameter


class LoguniformDistribution(TruncatedDistribution):
    """Numbers whose logarithm is uniform: each power of ten is equally likely."""

    kind: Literal["loguniform"] = "loguniform"
    min: Number
    """Minimum value, above 0."""
    max: Number
    """Maximum value, above 0."""

    def _limits(self) -> Mapping[str, Limit]:
        return dict.fromkeys(("min", "max"), Limit(1 / NUMBER_MAX, NUMBER_MAX))

    def sampler(self, context: BuildContext, path: str, half_step: float = 0.0) -> Parameter:
        """Return the sampler: min * (max / min) ** unit."""

        def quantile(units: F64, low: Any, high: Any) -> F64:
            from gerador.values.kernels.exp_log import (  # noqa: PLC0415 - loads numba
                exponentials,
                logarithms,
            )

            start, end = np.maximum(low - half_step, low / 2), high + half_step
            log_ratio = np.atleast_1d(np.asarray(np.maximum(end / start, 1.0)))
            logarithms(log_ratio, log_ratio)
            factors = units * log_ratio
            exponentials(factors, factors)
            return np.clip(start * factors, low, high)

        return QuantileSampler(path, quantile, bind_parameters(context, path, self, "min", "max"))
