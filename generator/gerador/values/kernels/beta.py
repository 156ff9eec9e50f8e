"""The beta distribution: quantiles by interpolation, and variates with shapes per item."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from gerador.kernel_compiler import F64, IN_F64, IN_U64, OUT_F64, U64, inlined, kernel
from gerador.values.kernels.exp_log import exp_of, log_of
from gerador.values.kernels.normal_exponential_quantiles import normal_quantile
from gerador.values.kernels.random_bits import unit, word

LOGIT_MAX = 37.0
"""Logits of doubles between 0 and 1 are between -36.8 and 36.8."""
HALF_LOG_TAU = 0.9189385332046727
SMALLEST = 1e-300
LOG_SMALLEST = -690.0
FRACTION_TERMS_MAX = 2_000
NEWTON_STEPS_MAX = 80


@inlined
def log_gamma(x: float) -> Any:
    """Return the logarithm of gamma(x) for x > 0, by Stirling's series above 10."""
    shift = 0.0
    while x < 10.0:
        shift += log_of(x)
        x += 1.0
    inverse = 1.0 / x
    square = inverse * inverse
    series = 1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)))
    return (x - 0.5) * log_of(x) - x + HALF_LOG_TAU + inverse * series - shift


@inlined
def _continued_fraction(a: float, b: float, x: float) -> Any:
    """Return the continued fraction of the incomplete beta function, by Lentz's method.

    Source: NIST Digital Library of Mathematical Functions, 8.17.22.
    """
    c = 1.0
    d = 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / (d if abs(d) > SMALLEST else SMALLEST)
    h = d
    for m in range(1, FRACTION_TERMS_MAX):
        term = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
        d = 1.0 + term * d
        c = 1.0 + term / c
        d = 1.0 / (d if abs(d) > SMALLEST else SMALLEST)
        c = c if abs(c) > SMALLEST else SMALLEST
        h *= d * c
        term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
        d = 1.0 + term * d
        c = 1.0 + term / c
        d = 1.0 / (d if abs(d) > SMALLEST else SMALLEST)
        c = c if abs(c) > SMALLEST else SMALLEST
        h *= d * c
        if abs(d * c - 1.0) < 1e-15:
            break
    return h


@inlined
def _log_probability(a: float, b: float, log_x: float, log_beta: float) -> Any:
    """Return the logarithm of the probability of values up to x."""
    x = exp_of(log_x)
    log_y = log_of(max(1.0 - x, SMALLEST))
    front = a * log_x + b * log_y - log_beta
    if x < (a + 1.0) / (a + b + 2.0):
        return front + log_of(_continued_fraction(a, b, x) / a)
    above = exp_of(front) * _continued_fraction(b, a, 1.0 - x) / b
    return log_of(max(1.0 - above, SMALLEST))


@inlined
def _log_quantile(a: float, b: float, log_u: float, log_beta: float, start: float) -> Any:
    """Return the logarithm of the quantile of u, by bracketed Newton steps."""
    low, high, t = LOG_SMALLEST, 0.0, start
    for _ in range(NEWTON_STEPS_MAX):
        log_p = _log_probability(a, b, t, log_beta)
        if log_p < log_u:
            low = t
        else:
            high = t
        log_y = log_of(max(1.0 - exp_of(t), SMALLEST))
        slope = exp_of(a * t + (b - 1.0) * log_y - log_beta - log_p)
        next_t = t - (log_p - log_u) / max(slope, SMALLEST)
        if not low < next_t < high:
            next_t = 0.5 * (low + high)
        if abs(next_t - t) <= 1e-14 * max(abs(t), 1e-3):
            return next_t
        t = next_t
    return t


@kernel(types.void(types.float64, types.float64, OUT_F64, OUT_F64))
def lower_knots(a: float, b: float, knots: F64, slopes: F64) -> None:
    """Write quantiles and their slopes at evenly spaced logits from 0 down to -LOGIT_MAX."""
    log_beta = log_gamma(a) + log_gamma(b) - log_gamma(a + b)
    step = LOGIT_MAX / (knots.size - 1)
    t = log_of(a / (a + b))
    for j in range(knots.size):
        logit = -j * step
        log_u = logit - log_of(1.0 + exp_of(logit))
        t = min(max(t, LOG_SMALLEST), -1e-16)
        t = _log_quantile(a, b, log_u, log_beta, t)
        x = exp_of(t)
        log_y = log_of(max(1.0 - x, SMALLEST))
        knots[j] = x
        slopes[j] = exp_of(log_u + log_u - logit + log_beta + (1.0 - a) * t + (1.0 - b) * log_y)


@inlined
def hermite(u: float, knots: F64, slopes: F64) -> Any:
    """Return the value at the unit `u` in (0, 1), by cubic Hermite interpolation.

    `knots` and `slopes` are those at evenly spaced logits from -LOGIT_MAX to LOGIT_MAX.
    """
    per_logit = (knots.size - 1) / (2.0 * LOGIT_MAX)
    step = 1.0 / per_logit
    at = (log_of(u / (1.0 - u)) + LOGIT_MAX) * per_logit
    j = int(at)
    j = min(j, knots.size - 2)
    f = at - j
    rise = knots[j + 1] - knots[j]
    begin, end = slopes[j] * step, slopes[j + 1] * step
    return knots[j] + f * (begin + f * (
        3.0 * rise - 2.0 * begin - end + f * (begin + end - 2.0 * rise)))  # fmt: skip


@kernel(types.void(IN_F64, IN_F64, IN_F64, OUT_F64))
def interpolate(units: F64, knots: F64, slopes: F64, out: F64) -> None:
    """Write the quantile in [0, 1] of each unit in (0, 1); see `hermite`."""
    for i in range(units.size):
        out[i] = min(max(hermite(units[i], knots, slopes), 0.0), 1.0)


TRIES_MAX = 64
"""Each try is accepted with a probability of at least 0.95."""
GAMMA_WORDS_MAX = 2 * TRIES_MAX + 1
"""Maximum random words of a gamma variate."""


@inlined
def log_gamma_variate(shape: float, state: int, first: int) -> Any:
    """Return the logarithm of a gamma variate, from random words `first` on.

    Source: G. Marsaglia, W. W. Tsang, "A Simple Method for Generating Gamma Variables" (2000).
    """
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
    boost = 0.0 if shape >= 1.0 else log_of(unit(word(state, first + GAMMA_WORDS_MAX - 1))) / shape
    return log_of(d) + log_v + boost


@kernel(types.void(IN_U64, IN_F64, IN_F64, OUT_F64))
def beta_variates(states: U64, a: F64, b: F64, out: F64) -> None:
    """Write a number in [0, 1] with the distribution Beta(a, b) for each item.

    `states` are the states of the random words of each item; `a` and `b` are above 0.
    """
    for i in range(out.size):
        above = log_gamma_variate(b[i], states[i], GAMMA_WORDS_MAX)
        below = log_gamma_variate(a[i], states[i], 0)
        out[i] = 1.0 / (1.0 + exp_of(above - below))
