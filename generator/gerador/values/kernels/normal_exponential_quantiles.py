"""Quantile functions of the normal and the exponential distribution."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from gerador.kernel_compiler import F64, IN_F64, OUT_F64, inlined, kernel
from gerador.values.kernels.exp_log import log_of

CENTRAL = 0.425
NEAR = 5.0


@inlined
def _central(q: float) -> Any:
    r = 0.180625 - q * q
    above = 2.5090809287301226727e3
    above = above * r + 3.3430575583588128105e4
    above = above * r + 6.7265770927008700853e4
    above = above * r + 4.5921953931549871457e4
    above = above * r + 1.3731693765509461125e4
    above = above * r + 1.9715909503065514427e3
    above = above * r + 1.3314166789178437745e2
    above = above * r + 3.3871328727963666080e0
    below = 5.2264952788528545610e3
    below = below * r + 2.8729085735721942674e4
    below = below * r + 3.9307895800092710610e4
    below = below * r + 2.1213794301586595867e4
    below = below * r + 5.3941960214247511077e3
    below = below * r + 6.8718700749205790830e2
    below = below * r + 4.2313330701600911252e1
    below = below * r + 1.0
    return above * q / below


@inlined
def _near(r: float) -> Any:
    above = 7.74545014278341407640e-4
    above = above * r + 2.27238449892691845833e-2
    above = above * r + 2.41780725177450611770e-1
    above = above * r + 1.27045825245236838258e0
    above = above * r + 3.64784832476320460504e0
    above = above * r + 5.76949722146069140550e0
    above = above * r + 4.63033784615654529590e0
    above = above * r + 1.42343711074968357734e0
    below = 1.05075007164441684324e-9
    below = below * r + 5.47593808499534494600e-4
    below = below * r + 1.51986665636164571966e-2
    below = below * r + 1.48103976427480074590e-1
    below = below * r + 6.89767334985100004550e-1
    below = below * r + 1.67638483018380384940e0
    below = below * r + 2.05319162663775882187e0
    below = below * r + 1.0
    return above / below


@inlined
def _far(r: float) -> Any:
    above = 2.01033439929228813265e-7
    above = above * r + 2.71155556874348757815e-5
    above = above * r + 1.24266094738807843860e-3
    above = above * r + 2.65321895265761230930e-2
    above = above * r + 2.96560571828504891230e-1
    above = above * r + 1.78482653991729133580e0
    above = above * r + 5.46378491116411436990e0
    above = above * r + 6.65790464350110377720e0
    below = 2.04426310338993978564e-15
    below = below * r + 1.42151175831644588870e-7
    below = below * r + 1.84631831751005468180e-5
    below = below * r + 7.86869131145613259100e-4
    below = below * r + 1.48753612908506148525e-2
    below = below * r + 1.36929880922737805310e-1
    below = below * r + 5.99832206555887937690e-1
    below = below * r + 1.0
    return above / below


@inlined
def normal_quantile(u: float) -> Any:
    """Return the standard normal quantile of `u` in (0, 1), to about 16 digits.

    Source: M. J. Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution",
    Applied Statistics 37 (1988), routine PPND16.
    """
    q = u - 0.5
    if -CENTRAL <= q <= CENTRAL:
        return _central(q)
    r = np.sqrt(-log_of(u if q < 0.0 else 1.0 - u))
    x = _near(r - 1.6) if r <= NEAR else _far(r - NEAR)
    return -x if q < 0.0 else x


@kernel(types.void(IN_F64, OUT_F64))
def normal_quantiles(units: F64, out: F64) -> None:
    """Write the standard normal quantile of each unit in (0, 1)."""
    for i in range(units.size):
        out[i] = normal_quantile(units[i])


@kernel(types.void(IN_F64, OUT_F64))
def exponential_quantiles(units: F64, out: F64) -> None:
    """Write -log(1 - unit) of each unit in (0, 1)."""
    for i in range(units.size):
        out[i] = -log_of(1.0 - units[i])
