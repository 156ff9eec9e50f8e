"""The loguniform distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gerador.values.declaration import Limit
from gerador.values.distributions.base import F64, QuantileSampler, TruncatedDistribution
from gerador.values.number_ranges import NUMBER_MAX
from gerador.values.parameters import (
    Number,
    bind_parameters,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.values.column import BuildContext
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

    def sampler(self, context: BuildContext, path: str, half: float = 0.0) -> Parameter:
        """Return loguniform numbers: min * (max / min) ** unit."""

        def quantile(drawn: F64, low: Any, high: Any) -> F64:
            from gerador.values.kernels.exp_log import exponentials, logarithms  # noqa: PLC0415 - compiled

            least, most = np.maximum(low - half, low / 2), high + half
            log_width = np.atleast_1d(np.asarray(np.maximum(most / least, 1.0)))
            logarithms(log_width, log_width)
            found = drawn * log_width
            exponentials(found, found)
            return np.clip(least * found, low, high)

        return QuantileSampler(path, quantile, bind_parameters(context, path, self, "min", "max"))
