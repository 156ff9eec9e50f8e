"""Exponential and logarithm, the same bits on every processor."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from gerador.kernel_compiler import F64, IN_F64, OUT_F64, inlined, kernel

LN2_HIGH = 6.93147180369123816490e-01
LN2_LOW = 1.90821492927058770002e-10
INVERSE_LN2 = 1.44269504088896338700e00
SQRT2 = 1.4142135623730951
MANTISSA = (1 << 52) - 1
BIAS = 1_023
EXP_MAX = 709.78
"""Above this, the exponential is the largest double, not infinity."""
EXP_MIN = -700.0
"""Below this, the exponential is 0."""
LARGEST = 1.7976931348623157e308


@inlined
def log_of(x: float) -> Any:
    """Return the natural logarithm of a positive normal double. Source: fdlibm, `e_log.c`."""
    bits = np.float64(x).view(np.int64)
    k = (bits >> 52) - BIAS
    m = np.int64((bits & MANTISSA) | (BIAS << 52)).view(np.float64)
    if m > SQRT2:
        m *= 0.5
        k += 1
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    odd = w * (
        3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01)
    )
    even = z * (6.666666666666735130e-01 + w * (2.857142874366239149e-01 + w * (
        1.818357216161805012e-01 + w * 1.479819860511658591e-01)))  # fmt: skip
    half = 0.5 * f * f
    return k * LN2_HIGH - ((half - (s * (half + (odd + even)) + k * LN2_LOW)) - f)


@inlined
def exp_of(x: float) -> Any:
    """Return e ** x: 0 below EXP_MIN, LARGEST above EXP_MAX. Source: fdlibm, `e_exp.c`."""
    if x > EXP_MAX:
        return LARGEST
    if x < EXP_MIN:
        return 0.0
    k = np.int64(np.floor(x * INVERSE_LN2 + 0.5))
    high = x - k * LN2_HIGH
    low = k * LN2_LOW
    r = high - low
    t = r * r
    c = r - t * (1.66666666666666019037e-01 + t * (-2.77777777770155933842e-03 + t * (
        6.61375632143793436117e-05 + t * (-1.65339022054652515390e-06
        + t * 4.13813679705723846039e-08))))  # fmt: skip
    y = 1.0 - ((low - (r * c) / (2.0 - c)) - high)
    if k == BIAS + 1:
        return y * 2.0 * np.int64((2 * BIAS) << 52).view(np.float64)
    return y * np.int64((k + BIAS) << 52).view(np.float64)


@kernel(types.void(IN_F64, OUT_F64))
def logarithms(values: F64, out: F64) -> None:
    """Write the natural logarithm of each positive value."""
    for i in range(values.size):
        out[i] = log_of(values[i])


@kernel(types.void(IN_F64, OUT_F64))
def exponentials(values: F64, out: F64) -> None:
    """Write e ** value of each value; never infinity."""
    for i in range(values.size):
        out[i] = exp_of(values[i])
