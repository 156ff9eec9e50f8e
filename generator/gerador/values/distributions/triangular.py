"""The triangular distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gerador.values.distributions.base import (
    F64,
    QuantileSampler,
    TruncatedDistribution,
    constant_values,
)
from gerador.values.parameters import (
    Number,
    bind_parameters,
    is_drawn,
    order_errors,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gerador.values.column import BuildContext
    from gerador.values.parameters import Parameter


class TriangularDistribution(TruncatedDistribution):
    """Triangular over [min, max] with its peak at `mode`."""

    kind: Literal["triangular"] = "triangular"
    min: Number
    """The least value."""
    mode: Number
    """The value that comes most, from min to max."""
    max: Number
    """The largest value."""

    def _about_parameters(self) -> Iterator[tuple[str, str]]:
        yield from order_errors(self, "min", "mode", "max")
        if not is_drawn(self, "min", "mode", "max"):
            low, mode, high = constant_values(self.min, self.mode, self.max)
            if not low <= mode <= high:
                yield "mode", f"mode {mode} lies beyond {low} to {high}; move it inside"

    def sampler(self, context: BuildContext, path: str, half: float = 0.0) -> Parameter:  # noqa: ARG002
        """Return triangular numbers."""
        parameters = bind_parameters(context, path, self, "min", "mode", "max")
        return QuantileSampler(path, _triangular_quantile, parameters)


def _triangular_quantile(drawn: F64, low: Any, mode: Any, high: Any) -> F64:
    width = np.maximum(high - low, 0.0)
    mode = np.clip(mode, low, low + width)
    up, down = (
        np.sqrt(drawn * (width * (mode - low))),
        np.sqrt((1.0 - drawn) * (width * (high - mode))),
    )
    turn = (mode - low) / np.where(width > 0.0, width, 1.0)
    return np.where(drawn < turn, low + up, high - down)
