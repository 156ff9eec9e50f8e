"""Rows in runs of equal size: generations, and the ticks of a pace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def run_lengths(first: int, rows: int, size: int) -> NDArray[np.int64]:
    """Return how many of the rows [first, first + rows) lie in each run of `size` rows.

    Run k holds the rows [k * size, (k + 1) * size); the result begins with the run of `first`
    and ends with that of the last row, both perhaps cut. `rows` and `size` from 1 on.
    Repeating a value a run by it costs less than dividing each row by `size`.
    """
    last = first + rows - 1
    lengths = np.full(last // size - first // size + 1, size, np.int64)
    lengths[-1] = last % size + 1
    lengths[0] = min(rows, size - first % size)
    return lengths
