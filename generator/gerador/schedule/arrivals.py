"""The arrival process interface: row index to due time and its exact inverse; and periodic arrivals, for constant rates and generations."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from gerador.limits import ROW_INDEX_MAX
from gerador.units import NS_PER_MS, NS_PER_S

if TYPE_CHECKING:
    from numpy.typing import NDArray


ROWS_PER_CALL_MAX: Final = 1 << 20
"""Rows whose times are computed in one piece of 64-bit arithmetic."""
INT64_PRODUCT_MAX: Final = 1 << 62
"""What products of 64-bit arithmetic stay below."""


class ArrivalProcess(ABC):
    """A monotone function from row to elapsed nanoseconds, and its exact inverse."""

    @property
    def total(self) -> int | None:
        """Rows that ever fall due; None without an end. Later rows have the last one's time."""
        return None

    @property
    def rows_max(self) -> int:
        """Rows that one call of `elapsed_many` or `ms_many` may ask for."""
        return ROWS_PER_CALL_MAX

    @abstractmethod
    def elapsed_ns(self, row: int) -> int:
        """Return nanoseconds from the beginning until `row` is due."""

    @abstractmethod
    def due(self, elapsed_ns: int) -> int:
        """Return how many rows are due `elapsed_ns` after the beginning, 0 before it."""

    @abstractmethod
    def elapsed_many(self, a: int, b: int) -> NDArray[np.int64]:
        """Return `elapsed_ns` of rows [a, b), (b - a,) int64; b - a in [1, rows_max]."""

    @abstractmethod
    def due_many(self, elapsed_ns: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return `due` of each of the ascending instants, the same shape, int64."""

    @abstractmethod
    def rate_at(self, elapsed_ns: int) -> float:
        """Return the rows per second that are asked for then."""

    def ms_many(self, base_ns: int, a: int, b: int) -> NDArray[np.int64]:
        """Return whole milliseconds of `base_ns` plus elapsed time, rows [a, b), as above."""
        return (self.elapsed_many(a, b) + base_ns) // NS_PER_MS


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


@dataclass(frozen=True, slots=True)
class PeriodicArrivals(ArrivalProcess):
    """`rows` rows due together every `num` / `den` nanoseconds; all three from 1 on."""

    rows: int
    num: int
    den: int

    @property
    def rows_max(self) -> int:
        """Rows that one call may ask for."""
        return min(ROWS_PER_CALL_MAX, INT64_PRODUCT_MAX // self.num)

    def elapsed_ns(self, row: int) -> int:
        """Return nanoseconds until the tick of `row`."""
        return row // self.rows * self.num // self.den

    def due(self, elapsed_ns: int) -> int:
        """Return the rows of the ticks so far.

        Tick t is due when t * num // den <= elapsed, that is t * num < (elapsed + 1) * den.
        """
        return max(0, ((elapsed_ns + 1) * self.den - 1) // self.num + 1) * self.rows

    def elapsed_many(self, a: int, b: int) -> NDArray[np.int64]:
        """Return the nanoseconds of rows [a, b)."""
        return self._scaled(0, a, b, 1)

    def ms_many(self, base_ns: int, a: int, b: int) -> NDArray[np.int64]:
        """Return the milliseconds of rows [a, b).

        floor(floor(x / den) / 10**6) is floor(x / (den * 10**6)), so one division does.
        """
        return self._scaled(base_ns, a, b, NS_PER_MS)

    def due_many(self, elapsed_ns: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows due at each instant; beyond the last row index, just beyond it."""
        if self.num * self.den >= INT64_PRODUCT_MAX:  # generations of odd sizes over odd hours
            return np.array([min(self.due(int(e)), ROW_INDEX_MAX + 1) for e in elapsed_ns])
        turns, rest = np.divmod(np.maximum(elapsed_ns + 1, 0), self.num)
        ticks = turns * self.den + (rest * self.den - 1) // self.num + 1
        return np.minimum(ticks, ROW_INDEX_MAX // self.rows + 1) * self.rows

    def rate_at(self, elapsed_ns: int) -> float:  # noqa: ARG002 - it is constant
        """Return the mean rate."""
        return self.rows * NS_PER_S * self.den / self.num

    def _scaled(self, base_ns: int, a: int, b: int, unit_ns: int) -> NDArray[np.int64]:
        lengths = run_lengths(a, b - a, self.rows)
        scale = self.den * unit_ns
        base, rest = divmod(base_ns * self.den + a // self.rows * self.num, scale)
        ticks = np.arange(len(lengths), dtype=np.int64)
        times = base + (rest + ticks * self.num) // scale
        return times if self.rows == 1 else np.repeat(times, lengths)
