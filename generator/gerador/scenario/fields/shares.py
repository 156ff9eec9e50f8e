"""Which share of a law lies in a range, for judgements: exact to about ten digits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

POISSON_SDS: Final = 10.0
"""Standard deviations from the mean beyond which less than 1e-18 of the counts lie."""


def normal_share(low: float, high: float) -> float:
    """Return the share of the standard normal between two ends, either of them far out."""
    if low > 0:
        low, high = -high, -low
    return 0.5 * (math.erfc(-high / math.sqrt(2)) - math.erfc(-low / math.sqrt(2)))


def poisson_share(mean: float, low: float, high: float) -> float:
    """Return the share of the counts from `low` to `high`. Cost: a few milliseconds at most."""
    reach = POISSON_SDS * math.sqrt(mean) + 40
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
        + _sum(mean / count for count in range(mode + 1, min(last, math.ceil(mode + reach)) + 1))
        + _sum(count / mean for count in range(mode, max(first, math.floor(mode - reach)), -1))
    )


def _sum(ratios: Iterable[float]) -> float:
    """Return the sum of the products of the first one, two, three … ratios."""
    total, product = 0.0, 1.0
    for ratio in ratios:
        product *= ratio
        total += product
    return total
