"""The triangular distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gerador.values.distributions.base import TruncatedDistribution, constant_values
from gerador.values.distributions.quantile_sampler import F64, QuantileSampler
from gerador.values.number_parameter_errors import order_errors
from gerador.values.number_parameters import Number, bind_parameters, has_random_parameter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gerador.values.column import BuildContext
    from gerador.values.number_parameters import Parameter


class TriangularDistribution(TruncatedDistribution):
    """Triangular from `min` to `max` with its peak at `mode`."""

    kind: Literal["triangular"] = "triangular"
    min: Number
    """Minimum value."""
    mode: Number
    """Most likely value, from min to max."""
    max: Number
    """Maximum value."""

    def _parameter_errors(self) -> Iterator[tuple[str, str]]:
        yield from order_errors(self, "min", "mode", "max")
        if not has_random_parameter(self, "min", "mode", "max"):
            low, mode, high = constant_values(self.min, self.mode, self.max)
            if not low <= mode <= high:
                yield "mode", f"mode {mode} is outside [{low}, {high}]"

    def sampler(self, context: BuildContext, path: str, half_step: float = 0.0) -> Parameter:  # noqa: ARG002
        """Return the sampler: inversion."""
        parameters = bind_parameters(context, path, self, "min", "mode", "max")
        return QuantileSampler(path, _quantile, parameters)


def _quantile(units: F64, low: Any, mode: Any, high: Any) -> F64:
    width = np.maximum(high - low, 0.0)
    mode = np.clip(mode, low, low + width)
    above_low = np.sqrt(units * (width * (mode - low)))
    below_high = np.sqrt((1.0 - units) * (width * (high - mode)))
    probability_below_mode = (mode - low) / np.where(width > 0.0, width, 1.0)
    return np.where(units < probability_below_mode, low + above_low, high - below_high)
