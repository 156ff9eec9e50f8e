"""The gamma distribution: probabilities, quantiles by interpolation, and variates per item."""

from __future__ import annotations

from typing import Any

from numba import types

from gerador.kernel_compiler import F64, IN_F64, IN_U64, OUT_F64, U64, inlined, kernel
from gerador.values.kernels.beta import LOGIT_MAX, hermite, log_gamma, log_gamma_variate
from gerador.values.kernels.exp_log import exp_of, log_of

SMALLEST = 1e-300
TERMS_MAX = 10_000
NEWTON_STEPS_MAX = 200
PRECISION = 1e-16


@inlined
def _log_below(a: float, t: float, log_gamma_a: float) -> Any:
    """Return log P(a, x) of x = e ** t, up to about a + 1, by its series (DLMF 8.11.4)."""
    x = exp_of(t)
    term = 1.0 / a
    total = term
    for n in range(1, TERMS_MAX):
        term *= x / (a + n)
        total += term
        if term < total * PRECISION:
            break
    return a * t - x - log_gamma_a + log_of(total)


@inlined
def _log_above(a: float, t: float, log_gamma_a: float) -> Any:
    """Return log Q(a, x) of x = e ** t: by a continued fraction above a + 1 (DLMF 8.9.2)."""
    x = exp_of(t)
    if x < a + 1.0:
        return log_of(max(1.0 - exp_of(_log_below(a, t, log_gamma_a)), SMALLEST))
    b = x + 1.0 - a
    c = 1.0 / SMALLEST
    d = 1.0 / b
    h = d
    for n in range(1, TERMS_MAX):
        factor = -n * (n - a)
        b += 2.0
        d = factor * d + b
        d = 1.0 / (d if abs(d) > SMALLEST else SMALLEST)
        c = b + factor / c
        c = c if abs(c) > SMALLEST else SMALLEST
        h *= d * c
        if abs(d * c - 1.0) < PRECISION:
            break
    return a * t - x - log_gamma_a + log_of(h)


@inlined
def _log_quantile_below(a: float, log_u: float, t: float, log_gamma_a: float) -> Any:
    """Return t where log P(a, e ** t) is `log_u`, by Newton steps on a concave function."""
    for _ in range(NEWTON_STEPS_MAX):
        log_p = _log_below(a, t, log_gamma_a)
        slope = exp_of(a * t - exp_of(t) - log_gamma_a - log_p)
        step = (log_u - log_p) / max(slope, SMALLEST)
        t += step
        if abs(step) <= 1e-14 * max(abs(t), 1e-2):
            break
    return t


@inlined
def _log_quantile_above(a: float, log_v: float, t: float, log_gamma_a: float) -> Any:
    """Return t where log Q(a, e ** t) is `log_v`, by Newton steps on a concave function."""
    for _ in range(NEWTON_STEPS_MAX):
        log_q = _log_above(a, t, log_gamma_a)
        slope = exp_of(a * t - exp_of(t) - log_gamma_a - log_q)
        step = (log_q - log_v) / max(slope, SMALLEST)
        t += step
        if abs(step) <= 1e-14 * max(abs(t), 1e-2):
            break
    return t


@kernel(types.void(types.float64, OUT_F64, OUT_F64))
def gamma_knots(a: float, knots: F64, slopes: F64) -> None:
    """Write logarithms of quantiles, and their slopes, at evenly spaced logits.

    The logits are from -LOGIT_MAX to LOGIT_MAX; `knots.size` is odd.
    """
    log_gamma_a = log_gamma(a)
    middle = knots.size // 2
    step = LOGIT_MAX / middle
    log_half = log_of(0.5)
    first = (log_half + log_gamma_a + log_of(a)) / a
    t = _log_quantile_below(a, log_half, first, log_gamma_a)
    median = t
    for j in range(middle, -1, -1):
        logit = (j - middle) * step
        log_u = logit - log_of(1.0 + exp_of(logit))
        t = _log_quantile_below(a, log_u, t, log_gamma_a)
        knots[j] = t
        slopes[j] = exp_of(log_u + log_u - logit - (a * t - exp_of(t) - log_gamma_a))
    t = median
    for j in range(middle + 1, knots.size):
        logit = (j - middle) * step
        log_v = -logit - log_of(1.0 + exp_of(-logit))
        t = _log_quantile_above(a, log_v, t, log_gamma_a)
        knots[j] = t
        slopes[j] = exp_of(log_v + log_v + logit - (a * t - exp_of(t) - log_gamma_a))


@kernel(types.void(IN_F64, IN_F64, IN_F64, OUT_F64))
def interpolate_logs(units: F64, knots: F64, slopes: F64, out: F64) -> None:
    """Write e ** the interpolated knot of each unit in (0, 1); see `beta.interpolate`."""
    for i in range(units.size):
        out[i] = exp_of(hermite(units[i], knots, slopes))


@kernel(types.void(types.float64, IN_F64, OUT_F64, OUT_F64))
def gamma_probabilities(a: float, values: F64, below: F64, above: F64) -> None:
    """Write the probability of values below and above each positive value."""
    log_gamma_a = log_gamma(a)
    for i in range(values.size):
        t = log_of(values[i])
        if values[i] < a + 1.0:
            below[i] = exp_of(_log_below(a, t, log_gamma_a))
            above[i] = 1.0 - below[i]
        else:
            above[i] = exp_of(_log_above(a, t, log_gamma_a))
            below[i] = 1.0 - above[i]


@kernel(types.void(IN_U64, IN_F64, OUT_F64))
def gamma_variates(states: U64, shapes: F64, out: F64) -> None:
    """Write a number with the gamma distribution of each shape above 0, and scale 1.

    `states` are the states of the random words of each item.
    """
    for i in range(out.size):
        out[i] = exp_of(log_gamma_variate(shapes[i], states[i], 0))
