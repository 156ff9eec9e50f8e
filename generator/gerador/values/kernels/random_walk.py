"""Random walks at any step, by Brownian bridges between anchors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from numba import types

from gerador.kernel_compiler import IN_F64, IN_U64, OUT_F64, kernel
from gerador.values.kernels.normal_exponential_quantiles import normal_quantile
from gerador.values.kernels.random_bits import unit, word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


EPOCH_STEPS: Final = 1_024
"""Steps between the points that a walk passes. Part of what a seed means."""


@kernel(types.void(IN_U64, IN_U64, IN_U64, IN_F64, IN_F64, IN_F64, OUT_F64))
def walk(
    words: NDArray[np.uint64],
    next_words: NDArray[np.uint64],
    step_of_epoch: NDArray[np.uint64],
    mean: NDArray[np.float64],
    sd: NDArray[np.float64],
    step: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Write the position of each walk, (items,) float64.

    `words` and `next_words` are the random words of the key in its epoch and in the next one;
    `step_of_epoch` is below EPOCH_STEPS. Word 0 of an epoch is its first point; word n that of
    midpoint n, where 1 is the middle of the epoch, 2 and 3 those of its halves, and so on.
    """
    for item in range(out.size):
        state, steps = words[item], step_of_epoch[item]
        left = mean[item] + sd[item] * normal_quantile(unit(word(state, 0)))
        right = mean[item] + sd[item] * normal_quantile(unit(word(next_words[item], 0)))
        node, low, size = 1, 0, EPOCH_STEPS
        while low != steps:
            size >>= 1
            drift = step[item] * math.sqrt(size * 0.5) * normal_quantile(unit(word(state, node)))
            middle = 0.5 * (left + right) + drift
            if steps < low + size:
                node, right = 2 * node, middle
            else:
                node, left, low = 2 * node + 1, middle, low + size
        out[item] = left
