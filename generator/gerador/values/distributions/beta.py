"""The beta distribution."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from gerador.values.declaration import Limit
from gerador.values.distributions.base import (
    QuantileSampler,
    TruncatedDistribution,
)
from gerador.values.parameters import Number, bind_parameters, is_drawn, per_item

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.values.column import BuildContext, Positions
    from gerador.values.distributions.base import F64
    from gerador.values.parameters import Parameter, RngSource


BETA_MIN: Final = 0.001
BETA_MAX: Final = 1_000


class BetaDistribution(TruncatedDistribution):
    """Beta(a, b), stretched over [min, max].

    By a table of 4,097 quantiles and slopes: a value is within 1e-7 of (max - min) of the exact
    quantile for a and b from 0.1 on. Where a or b is drawn, exactly: by two gamma variates.
    """

    kind: Literal["beta"] = "beta"
    a: Number
    """The first shape, 0.001 to 1,000: more of it moves values towards max."""
    b: Number
    """The second shape, 0.001 to 1,000: more of it moves values towards min."""
    min: Number = 0.0
    """The least value."""
    max: Number = 1.0
    """The largest value."""

    def _limits(self) -> Mapping[str, Limit]:
        return dict.fromkeys(("a", "b"), Limit(BETA_MIN, BETA_MAX))

    def sampler(self, context: BuildContext, path: str, half: float = 0.0) -> Parameter:  # noqa: ARG002
        """Return beta numbers, scaled to [min, max]."""
        if is_drawn(self, "a", "b"):
            return DrawnBetaSampler(
                path, *bind_parameters(context, path, self, "a", "b", "min", "max")
            )
        shapes: Any = self.a, self.b
        knots, slopes = _beta_table(*map(float, shapes))

        def quantile(drawn: F64, low: Any, high: Any) -> F64:
            from gerador.values.kernels.beta import interpolate  # noqa: PLC0415 - compiled

            found = np.empty_like(drawn)
            interpolate(drawn, knots, slopes, found)
            return np.asarray(low + (high - low) * found)

        return QuantileSampler(path, quantile, bind_parameters(context, path, self, "min", "max"))


BETA_KNOTS: Final = 2_049


@lru_cache(maxsize=64)
def _beta_table(a: float, b: float) -> tuple[F64, F64]:
    """Return quantiles and slopes at logits from end to end: both halves from the middle out."""
    from gerador.values.kernels.beta import lower_knots  # noqa: PLC0415 - compiled

    lower, slopes = np.empty(BETA_KNOTS), np.empty(BETA_KNOTS)
    upper, falls = np.empty(BETA_KNOTS), np.empty(BETA_KNOTS)
    lower_knots(a, b, lower, slopes)
    lower_knots(b, a, upper, falls)
    knots = np.concatenate([lower[::-1], 1.0 - upper[1:]])
    return knots, np.concatenate([slopes[::-1], falls[1:]])


@dataclass(frozen=True, slots=True)
class DrawnBetaSampler:
    """Beta numbers, stretched from `low` to `high`."""

    path: str
    a: Parameter
    b: Parameter
    low: Parameter
    high: Parameter

    def __call__(self, block: RngSource, positions: Positions) -> F64:
        """Return (items,) float64. Cost: about 150 ns an item."""
        from gerador.values.kernels.beta import beta_variates  # noqa: PLC0415 - compiled

        a, b = (
            per_item(np.clip(p(block, positions), BETA_MIN, float(BETA_MAX)), positions)
            for p in (self.a, self.b)
        )
        found = np.empty(len(positions))
        beta_variates(block.rng(self.path).words(len(positions)), a, b, found)
        low = self.low(block, positions)
        return np.asarray(low + (self.high(block, positions) - low) * found)
