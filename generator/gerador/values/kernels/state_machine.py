"""The state of a state machine after a number of steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import types

from gerador.kernel_compiler import (
    IN_F64,
    IN_I64,
    IN_TABLE_F64,
    IN_U64,
    OUT_I32,
    as_i32,
    inlined,
    kernel,
)
from gerador.values.kernels.random_words import unit, word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@inlined
def _search_row(cumulative: NDArray[np.float64], row: int, share: float) -> int:
    """Return the first place of a table's row whose value is above `share`, or the last."""
    low, high = 0, cumulative.shape[1] - 1
    while low < high:
        middle = (low + high) // 2
        if cumulative[row, middle] > share:
            high = middle
        else:
            low = middle + 1
    return low


@kernel(types.void(IN_U64, IN_I64, types.int64, IN_TABLE_F64, IN_TABLE_F64, IN_F64, OUT_I32))
def states_at(
    machines: NDArray[np.uint64],
    steps: NDArray[np.int64],
    start: int,
    dwells: NDArray[np.float64],
    follows: NDArray[np.float64],
    leads_on: NDArray[np.float64],
    out: NDArray[np.int32],
) -> None:
    """Write the state of each machine `steps` steps after it began, (items,) int32.

    `machines` are the words of a key's restart. ``dwells[s, d]`` is how likely state s lasts at
    most d + 1 steps, ``follows[s, t]`` how likely one up to t follows; ``leads_on[s]`` is 0 where
    none does, and the machine begins again. Cost: O(jumps before the step · log(sizes)) an item.
    """
    for item in range(out.size):
        machine, left = machines[item], steps[item]
        state, jump = start, 0
        while True:
            left -= 1 + _search_row(dwells, state, unit(word(machine, jump)))
            if left < 0:
                break
            if leads_on[state] == 0.0:
                state = start
            else:
                state = _search_row(follows, state, unit(word(machine, jump + 1)))
            jump += 2
        out[item] = as_i32(state)
