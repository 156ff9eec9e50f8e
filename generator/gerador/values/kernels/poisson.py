"""Poisson counts with a mean per item."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from gerador.kernel_compiler import F64, IN_F64, OUT_F64, inlined, kernel
from gerador.values.kernels.exp_log import exp_of, log_of
from gerador.values.kernels.normal_exponential_quantiles import normal_quantile

EXACT_MEAN_MAX = 1_000.0
"""Counts with smaller means are exact; with larger ones, an expansion approximates them."""
NEGLIGIBLE = 1e-18
"""Probabilities that do not change a sum."""


@inlined
def _search_outwards(u: float, mean: float, mode_probability: float) -> Any:
    """Return the count at which the sum of probabilities, from the mode outwards, exceeds `u`."""
    mode = np.floor(mean)
    low = high = mode
    below = above = mode_probability
    u -= mode_probability
    while u >= 0.0 and (above > NEGLIGIBLE or below > NEGLIGIBLE):
        high += 1.0
        above *= mean / high
        u -= above
        if u < 0.0:
            return high
        if low > 0.0:
            below *= low / mean
            low -= 1.0
            u -= below
            if u < 0.0:
                return low
        else:
            below = 0.0
    return mode


@inlined
def _expanded_quantile(u: float, mean: float) -> Any:
    """Return the rounded quantile of the count plus a uniform number in [-0.5, 0.5).

    Source: E. A. Cornish, R. A. Fisher, "Moments and Cumulants in the Specification of
    Distributions" (1938), to the fourth cumulant. Probabilities are exact to 3e-5.
    """
    z = normal_quantile(u)
    variance = mean + 1.0 / 12.0
    sd = np.sqrt(variance)
    skew = mean / (variance * sd)
    excess = mean / (variance * variance)
    z2 = z * z
    x = z + (z2 - 1.0) * skew / 6.0 + z * (z2 - 3.0) * excess / 24.0
    x -= z * (2.0 * z2 - 5.0) * skew * skew / 36.0
    return np.floor(mean + sd * x + 0.5)


@kernel(types.void(IN_F64, IN_F64, IN_F64, OUT_F64))
def poisson_counts(units: F64, means: F64, log_factorials: F64, out: F64) -> None:
    """Write a count for each unit in (0, 1) and mean in [0, 1,000,000].

    `log_factorials` are those of 0 to EXACT_MEAN_MAX.
    """
    for i in range(units.size):
        mean = means[i]
        if mean <= 0.0:
            out[i] = 0.0
        elif mean < EXACT_MEAN_MAX:
            mode = np.floor(mean)
            log_p = mode * log_of(mean) - mean - log_factorials[np.int64(mode)]
            out[i] = _search_outwards(units[i], mean, exp_of(log_p))
        else:
            out[i] = _expanded_quantile(units[i], mean)
