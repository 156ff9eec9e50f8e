"""Build alias tables from weights (Walker, Vose), and the weights of ranks."""

from __future__ import annotations

import numpy as np
from numba import types

from gerador.kernel_compiler import F64, I32, IN_F64, OUT_F64, OUT_I32, OUT_U32, U32, kernel
from gerador.values.kernels.exp_log import exp_of, log_of

CELL = 2.0**32
CELL_FULL = 2**32 - 1


@kernel(types.void(IN_F64, types.float64, OUT_U32, OUT_I32))
def alias_tables(weights: F64, total: float, keep: U32, alias: I32) -> None:
    """Write an alias table: how many of 2**32 samples keep a cell, and the index of the others.

    Source: M. D. Vose, "A Linear Algorithm for Generating Random Numbers with a Given
    Distribution" (1991). Pending cells share one array: those with less than the mean weight from
    its start, those with more from its end.
    """
    n = weights.size
    scaled = weights * (n / total)
    pending = np.empty(n, np.int32)
    less, more = 0, n
    for i in range(n):
        keep[i] = CELL_FULL
        alias[i] = i
        if scaled[i] < 1.0:
            pending[less] = i
            less += 1
        else:
            more -= 1
            pending[more] = i
    while less > 0:
        less -= 1
        small = pending[less]
        large = pending[min(more, n - 1)]
        keep[small] = np.uint32(min(np.rint(scaled[small] * CELL), CELL_FULL))
        alias[small] = large
        if more < n:
            scaled[large] -= 1.0 - scaled[small]
            if scaled[large] < 1.0:
                more += 1
                pending[less] = large
                less += 1


@kernel(types.float64(IN_F64))
def total_of(values: F64) -> float:
    """Return the sum with compensated rounding errors (Kahan)."""
    total = rest = 0.0
    for i in range(values.size):
        value = values[i] - rest
        new = total + value
        rest = (new - total) - value
        total = new
    return total


@kernel(types.void(types.float64, OUT_F64))
def rank_weights(exponent: float, out: F64) -> None:
    """Write k ** -exponent for the ranks k from 1 on."""
    for i in range(out.size):
        out[i] = exp_of(-exponent * log_of(i + 1.0))
