"""The loguniform distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gerador.values.declaration import Limit
from gerador.values.distributions.base import F64, QuantileSampler, TruncatedDistribution
from gerador.values.number_ranges import NUMBER_MAX
from gerador.values.parameters import bind_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.values.column import BuildContext
    from gerador.values.distributions import Number
    from gerador.values.parameters import Parameter


class LoguniformDistribution(TruncatedDistribution):
    """From `min` to `max` with a logarithm that is uniform: each factor of ten as often."""

    kind: Literal["loguniform"] = "loguniform"
    min: Number
    """The least value, above 0."""
    max: Number
    """The largest value, above 0."""

    def _limits(self) -> Mapping[str, Limit]:
        return dict.fromkeys(("min", "max"), Limit(1 / NUMBER_MAX, NUMBER_MAX))


def loguniform_sampler(
    making: BuildContext,
    path: str,
    declared: LoguniformDistribution,
    half: float = 0.0,
) -> Parameter:
    """Return numbers by the loguniform law: min * (max / min) ** unit."""

    def quantile(drawn: F64, low: Any, high: Any) -> F64:
        from gerador.values.kernels.exp_log import exponentials, logarithms  # noqa: PLC0415 - compiled

        least, most = np.maximum(low - half, low / 2), high + half
        span = np.atleast_1d(np.asarray(np.maximum(most / least, 1.0)))
        logarithms(span, span)
        found = drawn * span
        exponentials(found, found)
        return np.clip(least * found, low, high)

    return QuantileSampler(path, quantile, bind_parameters(making, path, declared, "min", "max"))
