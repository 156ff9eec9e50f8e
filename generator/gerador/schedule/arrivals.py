"""Arrival processes: row index to due time and its exact inverse; periodic arrivals."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from gerador.limits import INT64_PRODUCT_MAX, ROW_INDEX_MAX
from gerador.units import NS_PER_MS, NS_PER_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROWS_PER_CALL_MAX: Final = 1 << 20
"""Rows of one call, so that 64-bit arithmetic does not overflow."""


class ArrivalProcess(ABC):
    """A monotone function from row index to elapsed nanoseconds, and its exact inverse."""

    @property
    def rows_total(self) -> int | None:
        """Rows that are ever due; None if endless. Later rows have the time of the last one."""
        return None

    @property
    def rows_per_call_max(self) -> int:
        """Rows that one call of `elapsed_ns_range` or `timestamps_ms` accepts."""
        return ROWS_PER_CALL_MAX

    @abstractmethod
    def elapsed_ns(self, row: int) -> int:
        """Return the nanoseconds from the start until `row` is due."""

    @abstractmethod
    def due_rows(self, elapsed_ns: int) -> int:
        """Return the number of rows due `elapsed_ns` after the start; 0 before the start."""

    @abstractmethod
    def elapsed_ns_range(self, a: int, b: int) -> NDArray[np.int64]:
        """Return `elapsed_ns` of rows [a, b), (b - a,) int64; b - a in [1, rows_per_call_max]."""

    @abstractmethod
    def due_rows_many(self, elapsed_ns: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return `due_rows` of each of the ascending times, same shape, int64."""

    @abstractmethod
    def rate_at(self, elapsed_ns: int) -> float:
        """Return the target rate at that time, in rows per second."""

    def timestamps_ms(self, base_ns: int, a: int, b: int) -> NDArray[np.int64]:
        """Return `base_ns` plus elapsed time in whole milliseconds, as `elapsed_ns_range`."""
        return (self.elapsed_ns_range(a, b) + base_ns) // NS_PER_MS


def run_lengths(first: int, rows: int, size: int) -> NDArray[np.int64]:
    """Return the number of rows of [first, first + rows) in each run of `size` rows.

    Run k is rows [k * size, (k + 1) * size). The result covers the run of `first` to the run of
    the last row; both may be partial. `rows` and `size` are at least 1. To repeat a value per run
    is faster than to divide each row by `size`.
    """
    last = first + rows - 1
    lengths = np.full(last // size - first // size + 1, size, np.int64)
    lengths[-1] = last % size + 1
    lengths[0] = min(rows, size - first % size)
    return lengths


@dataclass(frozen=True, slots=True)
class PeriodicArrivals(ArrivalProcess):
    """`rows` rows due together every `num` / `den` nanoseconds; all three at least 1."""

    rows: int
    num: int
    den: int

    @property
    def rows_per_call_max(self) -> int:
        """Rows that one call accepts."""
        return min(ROWS_PER_CALL_MAX, INT64_PRODUCT_MAX // self.num)

    def elapsed_ns(self, row: int) -> int:
        """Return the nanoseconds until the tick of `row`."""
        return row // self.rows * self.num // self.den

    def due_rows(self, elapsed_ns: int) -> int:
        """Return the rows of the ticks so far.

        Tick t is due when t * num // den <= elapsed, that is t * num < (elapsed + 1) * den.
        """
        return max(0, ((elapsed_ns + 1) * self.den - 1) // self.num + 1) * self.rows

    def elapsed_ns_range(self, a: int, b: int) -> NDArray[np.int64]:
        """Return the nanoseconds of rows [a, b)."""
        return self._times(0, a, b, 1)

    def timestamps_ms(self, base_ns: int, a: int, b: int) -> NDArray[np.int64]:
        """Return the milliseconds of rows [a, b).

        floor(floor(x / den) / 10**6) is floor(x / (den * 10**6)), so one division is enough.
        """
        return self._times(base_ns, a, b, NS_PER_MS)

    def due_rows_many(self, elapsed_ns: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows due at each time, at most one more than the last row index."""
        if self.num * self.den >= INT64_PRODUCT_MAX:  # odd generation sizes at odd long intervals
            return np.array([min(self.due_rows(int(e)), ROW_INDEX_MAX + 1) for e in elapsed_ns])
        periods, rest = np.divmod(np.maximum(elapsed_ns + 1, 0), self.num)
        ticks = periods * self.den + (rest * self.den - 1) // self.num + 1
        return np.minimum(ticks, ROW_INDEX_MAX // self.rows + 1) * self.rows

    def rate_at(self, elapsed_ns: int) -> float:  # noqa: ARG002 - constant
        """Return the mean rate."""
        return self.rows * NS_PER_S * self.den / self.num

    def _times(self, base_ns: int, a: int, b: int, unit_ns: int) -> NDArray[np.int64]:
        """Return `base_ns` plus the elapsed time of rows [a, b), in units of `unit_ns`."""
        lengths = run_lengths(a, b - a, self.rows)
        scale = self.den * unit_ns
        base, rest = divmod(base_ns * self.den + a // self.rows * self.num, scale)
        ticks = np.arange(len(lengths), dtype=np.int64)
        times = base + (rest + ticks * self.num) // scale
        return times if self.rows == 1 else np.repeat(times, lengths)
