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
from gerador.values.kernels.random_bits import unit, word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@inlined
def _search_row(cumulative: NDArray[np.float64], row: int, unit: float) -> int:
    """Return the first index of a row whose value is above `unit`, or the last index."""
    low, high = 0, cumulative.shape[1] - 1
    while low < high:
        middle = (low + high) // 2
        if cumulative[row, middle] > unit:
            high = middle
        else:
            low = middle + 1
    return low


@kernel(types.void(IN_U64, IN_I64, types.int64, IN_TABLE_F64, IN_TABLE_F64, IN_F64, OUT_I32))
def states_at(
    machines: NDArray[np.uint64],
    steps: NDArray[np.int64],
    start: int,
    durations: NDArray[np.float64],
    transitions: NDArray[np.float64],
    has_successor: NDArray[np.float64],
    out: NDArray[np.int32],
) -> None:
    """Write the state of each machine `steps` steps after its restart, (items,) int32.

    `machines` are the random words of a restart of a key. ``durations[s, d]`` is the probability
    that state s lasts at most d + 1 steps, ``transitions[s, t]`` that its successor is at most t;
    ``has_successor[s]`` is 0 if the machine restarts after it. Cost: O(transitions · log(states)).
    """
    for item in range(out.size):
        machine, remaining = machines[item], steps[item]
        state, count = start, 0
        while True:
            remaining -= 1 + _search_row(durations, state, unit(word(machine, count)))
            if remaining < 0:
                break
            if has_successor[state] == 0.0:
                state = start
            else:
                state = _search_row(transitions, state, unit(word(machine, count + 1)))
            count += 2
        out[item] = as_i32(state)
