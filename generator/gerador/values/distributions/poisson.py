"""The Poisson distribution."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

import numpy as np

from gerador.values.declaration import Limit
from gerador.values.distributions.base import TruncatedDistribution, constant_values
from gerador.values.distributions.quantile_sampler import QuantileSampler
from gerador.values.number_parameters import (
    NORMAL_SDS,
    TRUNCATED_NORMAL_SDS,
    Interval,
    Number,
    bind_bounds,
    bind_parameters,
    constant_value,
    has_random_parameter,
    interval_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gerador.values.column import BuildContext
    from gerador.values.distributions.quantile_sampler import F64
    from gerador.values.number_parameters import Parameter


MEAN_MAX: Final = 1_000_000
SUMMED_SDS: Final = 10.0
SUMMED_COUNTS_MIN: Final = 40
"""Counts around the mode whose probabilities are summed: the others have less than 1e-18."""


class PoissonDistribution(TruncatedDistribution):
    """Poisson counts with a mean of 0 to 1,000,000.

    Probabilities are exact, except with a random mean from 1,000 on: within 3e-5.
    """

    main_parameter: ClassVar[str | None] = "mean"
    kind: Literal["poisson"] = "poisson"
    mean: Number
    """Mean, 0 to 1,000,000."""
    decimals: Literal[0] = 0
    """Always 0: counts are integers."""

    def _limits(self) -> Mapping[str, Limit]:
        return {"mean": Limit(0, MEAN_MAX)}

    def _parameter_errors(self) -> Iterator[tuple[str, str]]:
        yield from super()._parameter_errors()
        if (high := constant_value(self.max)) is not None and high < 0:
            yield "max", f"max is {self.max} but counts are 0 or more"

    def _interval(self, *, truncated: bool) -> Interval:
        low, high = (max(mean, 0.0) for mean in interval_of(self.mean))
        sds = TRUNCATED_NORMAL_SDS if truncated else NORMAL_SDS
        above = sds * math.sqrt(high) + sds * sds / 2
        return Interval(max(0.0, low - sds * math.sqrt(low)), high + above)

    def _probability(self, low: float, high: float) -> float:
        (mean,) = constant_values(self.mean)
        return poisson_probability(mean, low, high)

    def sampler(self, context: BuildContext, path: str, half_step: float = 0.0) -> Parameter:  # noqa: ARG002
        """Return the sampler: a table of cumulative probabilities, or a kernel for random means."""
        if has_random_parameter(self):
            mean = bind_parameters(context, path, self, "mean")
            bounds = bind_bounds(context, path, self)
            return QuantileSampler(path, _poisson_counts, mean, bounds=bounds)
        (mean_number,) = constant_values(self.mean)
        low, high = constant_value(self.min), constant_value(self.max)
        first, cumulative = poisson_table(float(mean_number), low, high)
        return QuantileSampler(path, lambda units: _search(cumulative, units) + first)


def poisson_probability(mean: float, low: float, high: float) -> float:
    """Return the probability of counts in [low, high]. Cost: up to a few milliseconds."""
    reach = SUMMED_SDS * math.sqrt(mean) + SUMMED_COUNTS_MIN
    first = max(math.ceil(low), 0) if math.isfinite(low) else 0
    last = math.floor(high) if math.isfinite(high) else math.ceil(max(first, mean) + reach)
    if last < first:
        return 0.0
    if not mean:
        return float(first == 0)
    mode = min(max(math.floor(mean), first), last)
    end, start = min(last, math.ceil(mode + reach)), max(first, math.floor(mode - reach))
    above = _sum_of_products(mean / count for count in range(mode + 1, end + 1))
    below = _sum_of_products(count / mean for count in range(mode, start, -1))
    mode_probability = math.exp(mode * math.log(mean) - mean - math.lgamma(mode + 1))
    return mode_probability * (1.0 + above + below)


def _sum_of_products(ratios: Iterable[float]) -> float:
    """Return the sum of the products of the first one, two, three … ratios."""
    total, product = 0.0, 1.0
    for ratio in ratios:
        product *= ratio
        total += product
    return total


def poisson_table(mean: float, low: float | None, high: float | None) -> tuple[float, F64]:
    """Return the first count, and the cumulative probabilities from it on, within [low, high].

    They are products of the ratios of consecutive probabilities, from the count nearest to the
    mean on, so that they are exact for ranges far from the mean too.
    """
    reach = int(SUMMED_SDS * math.sqrt(mean)) + SUMMED_COUNTS_MIN
    start = 0 if low is None else max(0, int(np.ceil(low)))
    end = None if high is None else max(start, int(np.floor(high)))
    mode = max(start, int(mean) if end is None else min(int(mean), end))
    last = mode + reach if end is None else min(mode + reach, end)
    first = max(start, mode - reach)
    above = np.cumprod(mean / np.arange(mode + 1, last + 1))
    below = np.cumprod(np.arange(mode, first, -1) / max(mean, 1e-300))
    cumulative = np.cumsum(np.concatenate([below[::-1], [1.0], above]))
    return float(first), cumulative / cumulative[-1]


def _search(cumulative: F64, units: F64) -> F64:
    return np.asarray(np.searchsorted(cumulative, units, "right"), np.float64)


def _poisson_counts(units: F64, mean: Any) -> F64:
    from gerador.values.kernels.poisson import poisson_counts  # noqa: PLC0415 - loads numba

    counts = np.empty_like(units)
    means = np.broadcast_to(np.clip(mean, 0.0, float(MEAN_MAX)), units.shape)
    poisson_counts(units, np.ascontiguousarray(means), _log_factorials(), counts)
    return counts


@lru_cache(maxsize=1)
def _log_factorials() -> F64:
    """Return the logarithms of the factorials of 0 to EXACT_MEAN_MAX."""
    from gerador.values.kernels.exp_log import logarithms  # noqa: PLC0415 - loads numba
    from gerador.values.kernels.poisson import EXACT_MEAN_MAX  # noqa: PLC0415 - loads numba

    logs = np.arange(1.0, EXACT_MEAN_MAX + 1)
    logarithms(logs, logs)
    return np.concatenate([[0.0], np.cumsum(logs)])
