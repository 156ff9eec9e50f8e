"""Poisson arrivals over an arrival process, computable at any row, with an exact long-run rate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from gerador.schedule.arrivals import ArrivalProcess

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gerador.randomness import StreamSeeds

CELL_ROWS: Final = 1_024
"""Rows whose arrivals are drawn together. Random values are addressed by cell: never changes."""
SEED_PATH: Final = "~arrivals"
_ROWS_PER_CALL_MAX: Final = 1 << 14
_POSITION_BITS: Final = 42
"""Bits of a position in a cell: ten for the base row, the others for the fraction after it."""
_FRACTION_BITS: Final = 32
_HALF_BITS: Final = 31


@dataclass(frozen=True, eq=False)
class PoissonArrivals(ArrivalProcess):
    """Random arrivals over `base`: each cell of base rows has as many arrivals as rows.

    An arrival at position i + f of a cell, f in [0, 1), is due at fraction f between base rows i
    and i + 1, in whole nanoseconds. `origin` separates the arrivals of a stream's segments.
    Cost: 50 ns per row, 60 µs for a single one.
    """

    base: ArrivalProcess
    seeds: StreamSeeds
    origin: int
    _cache: dict[int, NDArray[np.int64]] = field(default_factory=dict, repr=False)

    @property
    def rows_total(self) -> int | None:
        """Rows that are ever due: the arrivals before the end of the base."""
        base_rows = self.base.rows_total
        if base_rows is None:
            return None
        cell, rest = divmod(base_rows, CELL_ROWS)
        base_row = self._positions(cell, cell + 1)[0] >> _FRACTION_BITS
        return cell * CELL_ROWS + int(np.searchsorted(base_row, rest, "left"))

    @property
    def rows_per_call_max(self) -> int:
        """Rows that one call accepts."""
        return min(_ROWS_PER_CALL_MAX, max(1, self.base.rows_per_call_max - 2 * CELL_ROWS - 1))

    def elapsed_ns(self, row: int) -> int:
        """Return the nanoseconds until `row` arrives."""
        return int(self._cell(row // CELL_ROWS)[row % CELL_ROWS])

    def due_rows(self, elapsed_ns: int) -> int:
        """Return the arrivals so far.

        With n rows of the base due, positions before n - 1 have arrived and positions from n on
        have not: only the cell of n - 1 must be searched.
        """
        cell = (self.base.due_rows(elapsed_ns) - 1) // CELL_ROWS
        if cell < 0:
            return 0
        rows = cell * CELL_ROWS + int(np.searchsorted(self._cell(cell), elapsed_ns, "right"))
        rows_total = self.rows_total
        return rows if rows_total is None else min(rows, rows_total)

    def elapsed_ns_range(self, a: int, b: int) -> NDArray[np.int64]:
        """Return the nanoseconds of rows [a, b)."""
        first = a // CELL_ROWS
        times = self._times(first, -(-b // CELL_ROWS)).reshape(-1)
        return times[a - first * CELL_ROWS : b - first * CELL_ROWS]

    def due_rows_many(self, elapsed_ns: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the arrivals at each of the ascending times.

        Cost: 60 µs for each cell that contains one of the times.
        """
        cell = (self.base.due_rows_many(elapsed_ns) - 1) // CELL_ROWS
        cells, cell_index = np.unique(cell[cell >= 0], return_inverse=True)
        if not len(cells):
            return np.zeros(len(elapsed_ns), np.int64)
        # Times ascend across cells: one search is enough for all of them.
        times = np.concatenate([self._times(int(c), int(c) + 1)[0] for c in cells])
        before_start = len(elapsed_ns) - len(cell_index)
        in_cell = np.searchsorted(times, elapsed_ns[before_start:], "right")
        rows = cells[cell_index] * CELL_ROWS + in_cell - cell_index * CELL_ROWS
        rows = np.concatenate((np.zeros(before_start, np.int64), rows))
        rows_total = self.rows_total
        return rows if rows_total is None else np.minimum(rows, rows_total)

    def rate_at(self, elapsed_ns: int) -> float:
        """Return the mean rate at that time."""
        return self.base.rate_at(elapsed_ns)

    def _cell(self, cell: int) -> NDArray[np.int64]:
        """Return the times of a cell. The latest is cached: calls about the present repeat it."""
        times = self._cache.get(cell)
        if times is None:
            times = self._times(cell, cell + 1)[0]
            self._cache.clear()
            self._cache[cell] = times
        return times

    def _positions(self, a: int, b: int) -> NDArray[np.int64]:
        """Return positions in cells [a, b), (b - a, CELL_ROWS) int64, ascending in each cell."""
        words = np.empty((b - a, CELL_ROWS), np.uint64)
        for cell in range(a, b):
            words[cell - a] = self.seeds.rng(SEED_PATH, self.origin + cell).words(CELL_ROWS)
        words >>= np.uint64(64 - _POSITION_BITS)
        words.sort(axis=1)
        return words.view(np.int64)

    def _times(self, a: int, b: int) -> NDArray[np.int64]:
        """Return the nanoseconds of the arrivals in cells [a, b), (b - a, CELL_ROWS) int64."""
        base_ns = self.base.elapsed_ns_range(a * CELL_ROWS, b * CELL_ROWS + 1)
        positions = self._positions(a, b)
        base_row = (positions >> _FRACTION_BITS) + np.arange(b - a)[:, None] * CELL_ROWS
        fraction = positions & ((1 << _FRACTION_BITS) - 1)
        gap_ns = np.diff(base_ns)
        scale = _scale_small if gap_ns.max() < 1 << _HALF_BITS else _scale
        return base_ns.take(base_row) + scale(gap_ns.take(base_row), fraction)


def _scale_small(gap_ns: NDArray[np.int64], fraction: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return gap * fraction // 2**32, exactly, for gaps below 2**31."""
    return (gap_ns * fraction) >> _FRACTION_BITS


def _scale(gap_ns: NDArray[np.int64], fraction: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return gap * fraction // 2**32, exactly, for gaps below 2**61.

    The gap is split into high * 2**31 + low, so that products fit in 63 bits.
    """
    high = (gap_ns >> _HALF_BITS) * fraction
    low = (gap_ns & ((1 << _HALF_BITS) - 1)) * fraction
    return (high + (low >> _HALF_BITS)) >> 1
