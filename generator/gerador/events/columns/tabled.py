"""The laws that numbers are drawn by from tables: Poisson counts, ranks, and the beta law."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from gerador.events.columns.laws import Law
from gerador.events.columns.parameters import ends_of, parameters_of
from gerador.events.columns.shaped import Ranked, Shaped
from gerador.events.columns.weights import ranks_of
from gerador.scenario.fields.laws import POISSON_MEAN_MAX
from gerador.scenario.fields.reach import is_drawn, plain

if TYPE_CHECKING:
    from gerador.events.columns.laws import F64
    from gerador.events.columns.making import Making
    from gerador.events.columns.parameters import Parameter
    from gerador.scenario.fields import BetaField, PoissonField, ZipfField

POISSON_REACH: Final = 10.0
"""Standard deviations from the mean within which counts are tabled; beyond lie less than 1e-18."""
BETA_KNOTS: Final = 2_049


def poisson(making: Making, path: str, declared: PoissonField, half: float = 0.0) -> Parameter:  # noqa: ARG001
    """Return counts by the Poisson law; a range is cut out of whole counts."""
    if is_drawn(declared):
        mean = parameters_of(making, path, declared, "mean")
        return Law(path, _poisson, mean, ends=ends_of(making, path, declared))
    number: Any = declared.mean
    first, shares = poisson_table(float(number), plain(declared.min), plain(declared.max))
    return Law(path, lambda drawn: _searched(shares, drawn) + first)


def _searched(shares: F64, drawn: F64) -> F64:
    return np.asarray(np.searchsorted(shares, drawn, "right"), np.float64)


def poisson_table(mean: float, low: float | None, high: float | None) -> tuple[float, F64]:
    """Return the first count, and the shares of counts up to it and to each one after it.

    Shares are products of neighbours' ratios from the one nearest to the mean on, so that a
    range far from the mean has them as exact as any.
    """
    reach = int(POISSON_REACH * math.sqrt(mean)) + 40
    least = 0 if low is None else max(0, int(np.ceil(low)))
    most = None if high is None else max(least, int(np.floor(high)))
    mode = max(least, int(mean) if most is None else min(int(mean), most))
    last = mode + reach if most is None else min(mode + reach, most)
    first = max(least, mode - reach)
    above = np.cumprod(mean / np.arange(mode + 1, last + 1))
    below = np.cumprod(np.arange(mode, first, -1) / max(mean, 1e-300))
    shares = np.cumsum(np.concatenate([below[::-1], [1.0], above]))
    return float(first), shares / shares[-1]


def _poisson(drawn: F64, mean: Any) -> F64:
    from gerador.events.kernels.poisson import poisson_counts  # noqa: PLC0415 - compiled

    counts = np.empty_like(drawn)
    means = np.broadcast_to(np.clip(mean, 0.0, float(POISSON_MEAN_MAX)), drawn.shape)
    poisson_counts(drawn, np.ascontiguousarray(means), _log_factorials(), counts)
    return counts


@lru_cache(maxsize=1)
def _log_factorials() -> F64:
    """Return the logarithms of the factorials of 0 to EXACT_MEAN_MAX."""
    from gerador.events.kernels.elementary import logarithms  # noqa: PLC0415 - compiled
    from gerador.events.kernels.poisson import EXACT_MEAN_MAX  # noqa: PLC0415 - compiled

    numbers = np.arange(1.0, EXACT_MEAN_MAX + 1)
    logarithms(numbers, numbers)
    return np.concatenate([[0.0], np.cumsum(numbers)])


def zipf(making: Making, path: str, declared: ZipfField, half: float = 0.0) -> Parameter:  # noqa: ARG001
    """Return ranks by weight."""
    if is_drawn(declared):
        return Ranked(path, *parameters_of(making, path, declared, "exponent", "min", "max"))
    first, weights = ranks_of(declared)
    return lambda block, at: first + weights.index(block.draws(path), len(at)).astype(np.float64)


def beta(making: Making, path: str, declared: BetaField, half: float = 0.0) -> Parameter:  # noqa: ARG001
    """Return numbers by the beta law, stretched."""
    if is_drawn(declared, "a", "b"):
        return Shaped(path, *parameters_of(making, path, declared, "a", "b", "min", "max"))
    shapes: Any = declared.a, declared.b
    knots, slopes = _beta_table(*map(float, shapes))

    def quantile(drawn: F64, low: Any, high: Any) -> F64:
        from gerador.events.kernels.beta import interpolate  # noqa: PLC0415 - compiled

        found = np.empty_like(drawn)
        interpolate(drawn, knots, slopes, found)
        return np.asarray(low + (high - low) * found)

    return Law(path, quantile, parameters_of(making, path, declared, "min", "max"))


@lru_cache(maxsize=64)
def _beta_table(a: float, b: float) -> tuple[F64, F64]:
    """Return quantiles and slopes at logits from end to end: both halves from the middle out."""
    from gerador.events.kernels.beta import lower_knots  # noqa: PLC0415 - compiled

    lower, slopes = np.empty(BETA_KNOTS), np.empty(BETA_KNOTS)
    upper, falls = np.empty(BETA_KNOTS), np.empty(BETA_KNOTS)
    lower_knots(a, b, lower, slopes)
    lower_knots(b, a, upper, falls)
    knots = np.concatenate([lower[::-1], 1.0 - upper[1:]])
    return knots, np.concatenate([slopes[::-1], falls[1:]])
