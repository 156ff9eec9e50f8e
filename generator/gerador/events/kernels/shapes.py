"""Beta numbers where every row has shapes of its own: from two gamma variates each.

Source: G. Marsaglia, W. W. Tsang, "A Simple Method for Generating Gamma Variables", ACM TOMS 26
(2000); shapes below 1 by their power of a unit. In logarithms, so that the smallest shapes give
no 0 / 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from gerador.events.kernels.compiled import (
    F64,
    IN_F64,
    IN_U64,
    OUT_F64,
    U64,
    inlined,
    kernel,
    unit,
    word,
)
from gerador.events.kernels.elementary import exp_of, log_of
from gerador.events.kernels.quantiles import normal_quantile

TRIES_MAX = 64
"""Each try is taken with a probability of 0.95 at least: nothing is left."""
WORDS = 2 * TRIES_MAX + 1
"""Words that one gamma variate may take."""


@inlined
def _log_gamma_variate(shape: float, state: int, first: int) -> Any:
    """Return the logarithm of a gamma variate, from the words `first` and after."""
    d = (shape if shape >= 1.0 else shape + 1.0) - 1.0 / 3.0
    c = 1.0 / np.sqrt(9.0 * d)
    log_v = 0.0
    for attempt in range(TRIES_MAX):
        x = normal_quantile(unit(word(state, first + 2 * attempt)))
        root = 1.0 + c * x
        if root <= 0.0:
            continue
        log_v = 3.0 * log_of(root)
        log_u = log_of(unit(word(state, first + 2 * attempt + 1)))
        if log_u < 0.5 * x * x + d - d * root * root * root + d * log_v:
            break
    boost = 0.0 if shape >= 1.0 else log_of(unit(word(state, first + WORDS - 1))) / shape
    return log_of(d) + log_v + boost


@kernel(types.void(IN_U64, IN_F64, IN_F64, OUT_F64))
def beta_numbers(states: U64, a: F64, b: F64, out: F64) -> None:
    """Put a number in [0, 1] by Beta(a, b) into `out` for each item.

    `states` name each item's generator of words; `a` and `b` are more than 0.
    """
    for i in range(out.size):
        above = _log_gamma_variate(b[i], states[i], WORDS)
        below = _log_gamma_variate(a[i], states[i], 0)
        out[i] = 1.0 / (1.0 + exp_of(above - below))
