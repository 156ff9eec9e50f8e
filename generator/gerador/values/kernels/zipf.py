"""Zipf ranks with an exponent and a size per row."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from gerador.kernel_compiler import F64, IN_F64, IN_U64, OUT_F64, U64, inlined, kernel
from gerador.values.kernels.exp_log import exp_of, log_of
from gerador.values.kernels.random_words import unit, word

TRIES_MAX = 64
"""Each try is taken with a probability of three quarters at least: 2**-128 are left."""


@inlined
def _expm1_over_x(x: float) -> Any:
    """Return (exp(x) - 1) / x, exact about 0 too (W. Kahan's way)."""
    grown = exp_of(x)
    if grown == 1.0:
        return 1.0
    return (grown - 1.0) / x if abs(x) > 1.0 else (grown - 1.0) / log_of(grown)


@inlined
def _integral(x: float, exponent: float) -> Any:
    """Return the integral of t ** -exponent from 1 to `x`."""
    log_x = log_of(x)
    return _expm1_over_x((1.0 - exponent) * log_x) * log_x


@inlined
def _inverse(area: float, exponent: float) -> Any:
    """Return the `x` up to which the integral is `area`."""
    t = area * (1.0 - exponent)
    one_more = max(1.0 + t, 1e-300)
    if one_more == 1.0:
        return exp_of(area)
    return exp_of(
        log_of(one_more) / t * area if abs(t) > 0.5 else log_of(one_more) / (one_more - 1.0) * area
    )


@kernel(types.void(IN_U64, IN_F64, IN_F64, OUT_F64))
def zipf_ranks(states: U64, exponents: F64, counts: F64, out: F64) -> None:
    """Put a rank from 1 to its count into `out` for each item; rank k weighs k ** -exponent.

    `states` name each item's generator of words; `counts` are whole numbers from 1 on.
    """
    for i in range(out.size):
        exponent, count = exponents[i], counts[i]
        first = _integral(1.5, exponent) - 1.0
        last = _integral(count + 0.5, exponent)
        sure = 2.0 - _inverse(_integral(2.5, exponent) - exp_of(-exponent * log_of(2.0)), exponent)
        rank = 1.0
        for attempt in range(TRIES_MAX):
            area = last + unit(word(states[i], attempt)) * (first - last)
            x = _inverse(area, exponent)
            rank = min(max(np.floor(x + 0.5), 1.0), count)
            if rank - x <= sure:
                break
            if area >= _integral(rank + 0.5, exponent) - exp_of(-exponent * log_of(rank)):
                break
        out[i] = rank
