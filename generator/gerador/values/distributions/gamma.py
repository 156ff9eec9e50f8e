"""The gamma distribution."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

import numpy as np

from gerador.values.declaration import Limit
from gerador.values.distributions.base import TruncatedDistribution, constant_values
from gerador.values.distributions.quantile_sampler import quantile_sampler
from gerador.values.number_parameters import (
    EXPONENTIAL_MEANS,
    NORMAL_SDS,
    TRUNCATED_EXPONENTIAL_MEANS,
    TRUNCATED_NORMAL_SDS,
    Distribution,
    Interval,
    Number,
    bind_bounds,
    bind_parameters,
    bounds_at,
    interval_of,
    per_item,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.values.column import BuildContext, Positions
    from gerador.values.distributions.quantile_sampler import F64
    from gerador.values.number_parameters import Bounds, Parameter, RngSource


SHAPE_MIN: Final = 0.01
SHAPE_MAX: Final = 1_000
KNOTS: Final = 4_097
"""Knots of the quantile function."""


class GammaDistribution(TruncatedDistribution):
    """Gamma with a `shape` and a `scale`: the mean is their product.

    With a constant shape, values differ from the exact quantile by less than a part in 1e9. With a
    random shape they are exact.
    """

    main_parameter: ClassVar[str | None] = "shape"
    unitless: ClassVar[frozenset[str]] = frozenset({"shape"})
    kind: Literal["gamma"] = "gamma"
    shape: Number
    """Shape, 0.01 to 1,000: 1 is exponential, larger numbers approach a normal distribution."""
    scale: Number = 1.0
    """Scale, above 0."""

    def approximate_mean(self) -> float:
        """Return the mean, from the middles of random parameters."""
        shape, scale = (interval_of(number) for number in (self.shape, self.scale))
        return (shape.low + shape.high) / 2 * (scale.low + scale.high) / 2

    def _limits(self) -> Mapping[str, Limit]:
        return {"shape": Limit(SHAPE_MIN, SHAPE_MAX), "scale": Limit(0, exclusive=True)}

    def _interval(self, *, truncated: bool) -> Interval:
        shape, scale = interval_of(self.shape).high, interval_of(self.scale).high
        sds = TRUNCATED_NORMAL_SDS if truncated else NORMAL_SDS
        means = TRUNCATED_EXPONENTIAL_MEANS if truncated else EXPONENTIAL_MEANS
        return Interval(0.0, scale * (shape + sds * math.sqrt(max(shape, 0.0)) + means))

    def _probability(self, low: float, high: float) -> float:
        from gerador.values.kernels.gamma import gamma_probabilities  # noqa: PLC0415 - loads numba

        shape, scale = constant_values(self.shape, self.scale)
        bounds = np.clip(np.array([low, high]) / scale, 1e-300, 1e6)
        below, above = np.empty(2), np.empty(2)
        gamma_probabilities(float(shape), bounds, below, above)
        return float(max(below[1] - below[0], above[0] - above[1]))

    def sampler(self, context: BuildContext, path: str, half_step: float = 0.0) -> Parameter:
        """Return the sampler: a table of quantiles, or variates if the shape is random."""
        if isinstance(self.shape, Distribution):
            shape, scale = bind_parameters(context, path, self, "shape", "scale")
            return GammaVariates(path, shape, scale, bind_bounds(context, path, self))
        knots, slopes = _quantile_table(float(self.shape))

        def quantile(units: F64, scale: Any) -> F64:
            from gerador.values.kernels.gamma import interpolate_logs  # noqa: PLC0415

            quantiles = np.empty_like(units)
            interpolate_logs(units, knots, slopes, quantiles)
            return np.maximum(scale, 0.0) * quantiles

        return quantile_sampler(context, path, self, quantile, half_step, "scale")


@lru_cache(maxsize=64)
def _quantile_table(shape: float) -> tuple[F64, F64]:
    """Return logarithms of quantiles and slopes at evenly spaced logits, (KNOTS,) float64 each."""
    from gerador.values.kernels.gamma import gamma_knots  # noqa: PLC0415 - loads numba

    knots, slopes = np.empty(KNOTS), np.empty(KNOTS)
    gamma_knots(shape, knots, slopes)
    return knots, slopes


@dataclass(frozen=True, slots=True)
class GammaVariates:
    """Samples gamma numbers with a shape per item, clipped to `bounds`."""

    path: str
    shape: Parameter
    scale: Parameter
    bounds: Bounds

    def __call__(self, source: RngSource, positions: Positions) -> F64:
        """Return (items,) float64. Cost: about 75 ns per item."""
        from gerador.values.kernels.gamma import gamma_variates  # noqa: PLC0415 - loads numba

        shape = np.clip(self.shape(source, positions), SHAPE_MIN, float(SHAPE_MAX))
        numbers = np.empty(len(positions))
        words = source.rng(self.path).words(len(positions))
        gamma_variates(words, per_item(shape, positions), numbers)
        numbers *= np.maximum(self.scale(source, positions), 0.0)
        if self.bounds == (None, None):
            return numbers
        return np.clip(numbers, *bounds_at(self.bounds, source, positions))
