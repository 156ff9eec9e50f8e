"""Rows in runs of equal size."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gerador.schedule.arrivals import run_lengths


@given(st.integers(0, 10**12), st.integers(1, 5_000), st.integers(1, 6_000))
def test_runs_are_what_division_says(first: int, rows: int, size: int):
    """Lengths are the counts of each quotient of the rows by the size."""
    quotients = np.arange(first, first + rows) // size
    _, counts = np.unique(quotients, return_counts=True)
    assert run_lengths(first, rows, size).tolist() == counts.tolist()
