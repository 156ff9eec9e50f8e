"""The beta distribution."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

import numpy as np

from gerador.values.declaration import Limit
from gerador.values.distributions.base import TruncatedDistribution
from gerador.values.distributions.quantile_sampler import QuantileSampler
from gerador.values.number_parameters import Number, bind_parameters, has_random_parameter, per_item

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.values.column import BuildContext, Positions
    from gerador.values.distributions.quantile_sampler import F64
    from gerador.values.number_parameters import Parameter, RngSource


SHAPE_MIN: Final = 0.001
SHAPE_MAX: Final = 1_000
KNOTS: Final = 2_049
"""Knots of each half of the quantile function."""


class BetaDistribution(TruncatedDistribution):
    """Beta(a, b), scaled to [min, max].

    With constant shapes from 0.1 on, values are within 1e-7 of (max - min) of the exact quantile.
    With a random shape they are exact.
    """

    unitless: ClassVar[frozenset[str]] = frozenset({"a", "b"})
    kind: Literal["beta"] = "beta"
    a: Number
    """First shape, 0.001 to 1,000: larger numbers move values towards max."""
    b: Number
    """Second shape, 0.001 to 1,000: larger numbers move values towards min."""
    min: Number = 0.0
    """Minimum value."""
    max: Number = 1.0
    """Maximum value."""

    def _limits(self) -> Mapping[str, Limit]:
        return dict.fromkeys(("a", "b"), Limit(SHAPE_MIN, SHAPE_MAX))

    def sampler(self, context: BuildContext, path: str, half_step: float = 0.0) -> Parameter:  # noqa: ARG002
        """Return the sampler: a table of quantiles, or variates if a shape is random."""
        low, high = bind_parameters(context, path, self, "min", "max")
        if has_random_parameter(self, "a", "b"):
            a, b = bind_parameters(context, path, self, "a", "b")
            return BetaVariates(path, a, b, low, high)
        shapes: Any = self.a, self.b
        knots, slopes = _quantile_table(*map(float, shapes))

        def quantile(units: F64, low: Any, high: Any) -> F64:
            from gerador.values.kernels.beta import interpolate  # noqa: PLC0415 - loads numba

            quantiles = np.empty_like(units)
            interpolate(units, knots, slopes, quantiles)
            return np.asarray(low + (high - low) * quantiles)

        return QuantileSampler(path, quantile, (low, high))


@lru_cache(maxsize=64)
def _quantile_table(a: float, b: float) -> tuple[F64, F64]:
    """Return the quantiles and slopes at evenly spaced logits, (2 * KNOTS - 1,) float64 each."""
    from gerador.values.kernels.beta import lower_knots  # noqa: PLC0415 - loads numba

    lower, lower_slopes = np.empty(KNOTS), np.empty(KNOTS)
    upper, upper_slopes = np.empty(KNOTS), np.empty(KNOTS)
    lower_knots(a, b, lower, lower_slopes)
    lower_knots(b, a, upper, upper_slopes)
    knots = np.concatenate([lower[::-1], 1.0 - upper[1:]])
    return knots, np.concatenate([lower_slopes[::-1], upper_slopes[1:]])


@dataclass(frozen=True, slots=True)
class BetaVariates:
    """Samples beta numbers with a shape per item, scaled to [low, high]."""

    path: str
    a: Parameter
    b: Parameter
    low: Parameter
    high: Parameter

    def __call__(self, source: RngSource, positions: Positions) -> F64:
        """Return (items,) float64. Cost: about 150 ns per item."""
        from gerador.values.kernels.beta import beta_variates  # noqa: PLC0415 - loads numba

        a, b = (
            per_item(np.clip(shape(source, positions), SHAPE_MIN, float(SHAPE_MAX)), positions)
            for shape in (self.a, self.b)
        )
        variates = np.empty(len(positions))
        beta_variates(source.rng(self.path).words(len(positions)), a, b, variates)
        low = self.low(source, positions)
        return np.asarray(low + (self.high(source, positions) - low) * variates)
