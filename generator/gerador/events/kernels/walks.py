"""The kernel of random walks that are known at any step without the steps before it.

Every 1,024 steps a walk stands at an anchor, and between two anchors it is a Brownian bridge,
which is refined by midpoints: the middle of a bridge over n steps from a to b is Normal((a + b) /
2, step² · n / 4), and its halves are bridges again (P. Lévy, 1940; L. Devroye, "Non-Uniform Random
Variate Generation", 1986, XIV.8.1 for the construction). Ten levels lead to any step.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from numba import types

from gerador.events.kernels.compiled import IN_F64, IN_U64, OUT_F64, kernel, unit, word
from gerador.events.kernels.quantiles import normal_quantile

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
