"""The Poisson distribution."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

import numpy as np

from gerador.values.declaration import Limit
from gerador.values.distributions.base import (
    QuantileSampler,
    TruncatedDistribution,
    constant_values,
)
from gerador.values.parameters import (
    NORMAL_SDS,
    TRUNCATED_NORMAL_SDS,
    Interval,
    Number,
    bind_bounds,
    bind_parameters,
    constant_value,
    interval_of,
    is_drawn,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gerador.values.column import BuildContext
    from gerador.values.distributions.base import F64
    from gerador.values.parameters import Parameter


POISSON_MEAN_MAX: Final = 1_000_000


class PoissonDistribution(TruncatedDistribution):
    """Poisson counts with a mean of 0 to 1,000,000, by exact shares.

    Where the mean is drawn and 1,000 or more, shares are within 3e-5 of the exact ones.
    """

    main_parameter: ClassVar[str | None] = "mean"
    kind: Literal["poisson"] = "poisson"
    mean: Number
    """The mean count, 0 to 1,000,000."""
    decimals: Literal[0] = 0
    """Counts have none."""

    def _limits(self) -> Mapping[str, Limit]:
        return {"mean": Limit(0, POISSON_MEAN_MAX)}

    def _about_parameters(self) -> Iterator[tuple[str, str]]:
        yield from super()._about_parameters()
        if (most := constant_value(self.max)) is not None and most < 0:
            yield "max", f"max {self.max}; counts are 0 or more"

    def _reach(self, *, far: bool) -> Interval:
        low, high = (max(end, 0.0) for end in interval_of(self.mean))
        sds = TRUNCATED_NORMAL_SDS if far else NORMAL_SDS
        spread = sds * math.sqrt(high) + sds * sds / 2
        return Interval(max(0.0, low - sds * math.sqrt(low)), high + spread)

    def _between(self, low: float, high: float) -> float:
        (mean,) = constant_values(self.mean)
        return poisson_probability(mean, low, high)

    def sampler(self, context: BuildContext, path: str, half: float = 0.0) -> Parameter:  # noqa: ARG002
        """Return Poisson counts; a range is truncated to whole counts."""
        if is_drawn(self):
            mean = bind_parameters(context, path, self, "mean")
            return QuantileSampler(
                path, _poisson_counts, mean, ends=bind_bounds(context, path, self)
            )
        number: Any = self.mean
        first, shares = poisson_table(
            float(number), constant_value(self.min), constant_value(self.max)
        )
        return QuantileSampler(path, lambda drawn: _search_table(shares, drawn) + first)


_PROBABILITY_SDS: Final = 10.0
"""Standard deviations from the mean beyond which less than 1e-18 of the counts lie."""


def poisson_probability(mean: float, low: float, high: float) -> float:
    """Return the share of the counts from `low` to `high`. Cost: a few milliseconds at most."""
    reach = _PROBABILITY_SDS * math.sqrt(mean) + 40
    first = max(math.ceil(low), 0) if math.isfinite(low) else 0
    last = math.floor(high) if math.isfinite(high) else math.ceil(max(first, mean) + reach)
    if last < first:
        return 0.0
    if not mean:
        return float(first == 0)
    mode = min(max(math.floor(mean), first), last)
    top = math.exp(mode * math.log(mean) - mean - math.lgamma(mode + 1))
    return top * (
        1.0
        + _sum_of_products(
            mean / count for count in range(mode + 1, min(last, math.ceil(mode + reach)) + 1)
        )
        + _sum_of_products(
            count / mean for count in range(mode, max(first, math.floor(mode - reach)), -1)
        )
    )


def _sum_of_products(ratios: Iterable[float]) -> float:
    """Return the sum of the products of the first one, two, three … ratios."""
    total, product = 0.0, 1.0
    for ratio in ratios:
        product *= ratio
        total += product
    return total


_TABLE_SDS: Final = 10.0
"""Standard deviations from the mean within which counts are tabled; beyond lie less than 1e-18."""


def _search_table(shares: F64, drawn: F64) -> F64:
    return np.asarray(np.searchsorted(shares, drawn, "right"), np.float64)


def poisson_table(mean: float, low: float | None, high: float | None) -> tuple[float, F64]:
    """Return the first count, and the shares of counts up to it and to each one after it.

    Shares are products of neighbours' ratios from the one nearest to the mean on, so that a
    range far from the mean has them as exact as any.
    """
    reach = int(_TABLE_SDS * math.sqrt(mean)) + 40
    least = 0 if low is None else max(0, int(np.ceil(low)))
    most = None if high is None else max(least, int(np.floor(high)))
    mode = max(least, int(mean) if most is None else min(int(mean), most))
    last = mode + reach if most is None else min(mode + reach, most)
    first = max(least, mode - reach)
    above = np.cumprod(mean / np.arange(mode + 1, last + 1))
    below = np.cumprod(np.arange(mode, first, -1) / max(mean, 1e-300))
    shares = np.cumsum(np.concatenate([below[::-1], [1.0], above]))
    return float(first), shares / shares[-1]


def _poisson_counts(drawn: F64, mean: Any) -> F64:
    from gerador.values.kernels.poisson import poisson_counts  # noqa: PLC0415 - compiled

    counts = np.empty_like(drawn)
    means = np.broadcast_to(np.clip(mean, 0.0, float(POISSON_MEAN_MAX)), drawn.shape)
    poisson_counts(drawn, np.ascontiguousarray(means), _log_factorials(), counts)
    return counts


@lru_cache(maxsize=1)
def _log_factorials() -> F64:
    """Return the logarithms of the factorials of 0 to EXACT_MEAN_MAX."""
    from gerador.values.kernels.exp_log import logarithms  # noqa: PLC0415 - compiled
    from gerador.values.kernels.poisson import EXACT_MEAN_MAX  # noqa: PLC0415 - compiled

    numbers = np.arange(1.0, EXACT_MEAN_MAX + 1)
    logarithms(numbers, numbers)
    return np.concatenate([[0.0], np.cumsum(numbers)])
