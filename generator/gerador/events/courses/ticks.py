"""Ticks of a whole fraction of nanoseconds, each making some rows due together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gerador.events.courses.course import (
    NS_PER_MS,
    NS_PER_S,
    PRODUCT_MAX,
    STRETCH_ROWS_MAX,
    Course,
)
from gerador.events.limits import ROW_INDEX_MAX
from gerador.events.runs import run_lengths

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Ticks(Course):
    """`rows` rows due together every `num` / `den` nanoseconds; all three from 1 on."""

    rows: int
    num: int
    den: int

    @property
    def rows_max(self) -> int:
        """Rows that one call may ask for."""
        return min(STRETCH_ROWS_MAX, PRODUCT_MAX // self.num)

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
        if self.num * self.den >= PRODUCT_MAX:  # generations of odd sizes over odd hours
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
