"""Run lengths: rows per run of equal size."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gerador.schedule.arrivals import run_lengths


@given(st.integers(0, 10**12), st.integers(1, 5_000), st.integers(1, 6_000))
def test_run_lengths_equal_division(first: int, rows: int, size: int):
    """The lengths are the counts of each quotient row // size."""
    quotients = np.arange(first, first + rows) // size
    _, counts = np.unique(quotients, return_counts=True)
    assert run_lengths(first, rows, size).tolist() == counts.tolist()
