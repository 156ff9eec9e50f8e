"""Random walks at any step, by Brownian bridges between anchors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from numba import types

from gerador.kernel_compiler import IN_F64, IN_U64, OUT_F64, kernel
from gerador.values.kernels.quantiles import normal_quantile
from gerador.values.kernels.random_words import unit, word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


EPOCH_STEPS: Final = 1_024


@kernel(types.void(IN_U64, IN_U64, IN_U64, IN_F64, IN_F64, IN_F64, OUT_F64))
def walk(
    here: NDArray[np.uint64],
    after: NDArray[np.uint64],
    into: NDArray[np.uint64],
    mean: NDArray[np.float64],
    spread: NDArray[np.float64],
    step: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Write where each walk is, (items,) float64.

    `here` and `after` are the words of the key's epoch and of the one after it, `into` the steps
    into the epoch, below EPOCH_STEPS; `mean`, `spread` and `step` are those of the key. Word 0 of
    an epoch is its anchor's; midpoint number n (1 is the first, 2 and 3 those of its halves, …)
    has word n.
    """
    for item in range(out.size):
        state, steps = here[item], into[item]
        left = mean[item] + spread[item] * normal_quantile(unit(word(state, 0)))
        right = mean[item] + spread[item] * normal_quantile(unit(word(after[item], 0)))
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
