"""Zipf ranks with an exponent and a number of ranks per item, by rejection-inversion."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from gerador.kernel_compiler import F64, IN_F64, IN_U64, OUT_F64, U64, inlined, kernel
from gerador.values.kernels.exp_log import exp_of, log_of
from gerador.values.kernels.random_bits import unit, word

TRIES_MAX = 64
"""Each try is accepted with a probability of at least 3/4: all are rejected in 2**-128 cases."""


@inlined
def _expm1_over_x(x: float) -> Any:
    """Return (exp(x) - 1) / x, accurate near 0 too (W. Kahan)."""
    exp_x = exp_of(x)
    if exp_x == 1.0:
        return 1.0
    return (exp_x - 1.0) / x if abs(x) > 1.0 else (exp_x - 1.0) / log_of(exp_x)


@inlined
def _integral(x: float, exponent: float) -> Any:
    """Return the integral of t ** -exponent from 1 to `x`."""
    log_x = log_of(x)
    return _expm1_over_x((1.0 - exponent) * log_x) * log_x


@inlined
def _inverse(area: float, exponent: float) -> Any:
    """Return the x whose integral is `area`."""
    t = area * (1.0 - exponent)
    one_more = max(1.0 + t, 1e-300)
    if one_more == 1.0:
        return exp_of(area)
    return exp_of(
        log_of(one_more) / t * area if abs(t) > 0.5 else log_of(one_more) / (one_more - 1.0) * area
    )


@kernel(types.void(IN_U64, IN_F64, IN_F64, OUT_F64))
def zipf_ranks(states: U64, exponents: F64, counts: F64, out: F64) -> None:
    """Write a rank in [1, count] for each item, where rank k has the weight k ** -exponent.

    `states` are the states of the random words of each item; `counts` are integers from 1 on.
    Source: W. Hörmann, G. Derflinger, "Rejection-Inversion to Generate Variates from Monotone
    Discrete Distributions" (1996).
    """
    for i in range(out.size):
        exponent, count = exponents[i], counts[i]
        first = _integral(1.5, exponent) - 1.0
        last = _integral(count + 0.5, exponent)
        accepted = 2.0 - _inverse(
            _integral(2.5, exponent) - exp_of(-exponent * log_of(2.0)), exponent
        )
        rank = 1.0
        for attempt in range(TRIES_MAX):
            area = last + unit(word(states[i], attempt)) * (first - last)
            x = _inverse(area, exponent)
            rank = min(max(np.floor(x + 0.5), 1.0), count)
            if rank - x <= accepted:
                break
            if area >= _integral(rank + 0.5, exponent) - exp_of(-exponent * log_of(rank)):
                break
        out[i] = rank
