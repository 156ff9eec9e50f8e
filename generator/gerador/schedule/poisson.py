"""Poisson arrivals over any arrival process, computable at any row, with an exact long-run rate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from gerador.schedule.arrivals import ArrivalProcess

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gerador.randomness import StreamSeeds


CELL_ROWS: Final = 1_024
"""Rows whose arrivals are drawn together. Part of what a seed means, so it never changes."""
SEED_PATH: Final = "~arrivals"
_ROWS_PER_CALL_MAX: Final = 1 << 14
_POSITION_BITS: Final = 42
"""Of a place in a cell: ten for the row, the rest for the way to the next one."""
_FRACTION_BITS: Final = 32
_HALF_BITS: Final = 31


@dataclass(frozen=True, eq=False)
class PoissonArrivals(ArrivalProcess):
    """The arrivals over `base`; `origin` tells apart the courses of one stream.

    An arrival at place i + f of the axis, f in [0, 1), is due f of the way, in whole nanoseconds,
    from row i of the base to row i + 1. Cost: 50 ns a row, 60 µs for a single one.
    """

    base: ArrivalProcess
    seeds: StreamSeeds
    origin: int
    _kept: dict[int, NDArray[np.int64]] = field(default_factory=dict, repr=False)

    @property
    def total(self) -> int | None:
        """Rows that ever fall due: the arrivals before the base's end."""
        end = self.base.total
        if end is None:
            return None
        cell, rest = divmod(end, CELL_ROWS)
        places = self._places(cell, cell + 1) >> _FRACTION_BITS
        return cell * CELL_ROWS + int(np.searchsorted(places[0], rest, "left"))

    @property
    def rows_max(self) -> int:
        """Rows that one call may ask for."""
        return min(_ROWS_PER_CALL_MAX, max(1, self.base.rows_max - 2 * CELL_ROWS - 1))

    def elapsed_ns(self, row: int) -> int:
        """Return nanoseconds until `row` arrives."""
        return int(self._cell(row // CELL_ROWS)[row % CELL_ROWS])

    def due(self, elapsed_ns: int) -> int:
        """Return the arrivals so far.

        With n rows of the base due, places before n - 1 have arrived and places from n on have
        not, so that only the cell of n - 1 has to be looked at.
        """
        cell = (self.base.due(elapsed_ns) - 1) // CELL_ROWS
        if cell < 0:
            return 0
        within = int(np.searchsorted(self._cell(cell), elapsed_ns, "right"))
        return self._bounded(cell * CELL_ROWS + within)

    def elapsed_many(self, a: int, b: int) -> NDArray[np.int64]:
        """Return the nanoseconds of rows [a, b)."""
        first = a // CELL_ROWS
        times = self._times(first, -(-b // CELL_ROWS)).reshape(-1)
        return times[a - first * CELL_ROWS : b - first * CELL_ROWS]

    def due_many(self, elapsed_ns: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the arrivals at each of the ascending instants.

        Cost: 60 µs for each cell in which an instant lies.
        """
        cell = (self.base.due_many(elapsed_ns) - 1) // CELL_ROWS
        cells, nth = np.unique(cell[cell >= 0], return_inverse=True)
        if not len(cells):
            return np.zeros(len(elapsed_ns), np.int64)
        # Times ascend over the cells, so that one search serves all of them.
        times = np.concatenate([self._times(int(c), int(c) + 1)[0] for c in cells])
        begun = len(elapsed_ns) - len(nth)
        within = np.searchsorted(times, elapsed_ns[begun:], "right") - nth * CELL_ROWS
        out = np.concatenate((np.zeros(begun, np.int64), cells[nth] * CELL_ROWS + within))
        total = self.total
        return out if total is None else np.minimum(out, total)

    def rate_at(self, elapsed_ns: int) -> float:
        """Return the mean rate then."""
        return self.base.rate_at(elapsed_ns)

    def _bounded(self, row: int) -> int:
        total = self.total
        return row if total is None else min(row, total)

    def _cell(self, cell: int) -> NDArray[np.int64]:
        """Return the times of a cell; the latest one is kept, for who asks what is due now."""
        times = self._kept.get(cell)
        if times is None:
            times = self._times(cell, cell + 1)[0]
            self._kept.clear()
            self._kept[cell] = times
        return times

    def _places(self, a: int, b: int) -> NDArray[np.int64]:
        """Return the places in cells [a, b), (b - a, CELL_ROWS) int64, ascending in each cell."""
        words = np.empty((b - a, CELL_ROWS), np.uint64)
        for cell in range(a, b):
            words[cell - a] = self.seeds.draws(SEED_PATH, self.origin + cell).words(CELL_ROWS)
        words >>= np.uint64(64 - _POSITION_BITS)
        words.sort(axis=1)
        return words.view(np.int64)

    def _times(self, a: int, b: int) -> NDArray[np.int64]:
        """Return the nanoseconds of the arrivals in cells [a, b), (b - a, CELL_ROWS) int64."""
        base_ns = self.base.elapsed_many(a * CELL_ROWS, b * CELL_ROWS + 1)
        places = self._places(a, b)
        row = (places >> _FRACTION_BITS) + np.arange(b - a)[:, None] * CELL_ROWS
        fraction = places & ((1 << _FRACTION_BITS) - 1)
        gap_ns = np.diff(base_ns)
        part = _scale_small if gap_ns.max() < 1 << _HALF_BITS else _scale
        return base_ns.take(row) + part(gap_ns.take(row), fraction)


def _scale_small(gap_ns: NDArray[np.int64], fraction: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return gap * fraction // 2**32, exactly, for gaps below 2**31."""
    return (gap_ns * fraction) >> _FRACTION_BITS


def _scale(gap_ns: NDArray[np.int64], fraction: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return gap * fraction // 2**32, exactly, for gaps below 2**61.

    The gap is split into high * 2**31 + low, so that no product leaves 63 bits.
    """
    high = (gap_ns >> _HALF_BITS) * fraction
    low = (gap_ns & ((1 << _HALF_BITS) - 1)) * fraction
    return (high + (low >> _HALF_BITS)) >> 1
