"""A course of pieces, each so many rows spread evenly over so many nanoseconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gerador.events.courses.course import Course

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gerador.events.courses.ticks import Ticks


@dataclass(frozen=True, eq=False)
class Pieces(Course):
    """Piece p holds rows [rows[p], rows[p + 1]) from starts_ns[p] until starts_ns[p + 1].

    Row i of a piece of n rows and D nanoseconds is due i * D // n after its start; n * D is below
    2**62. After the last piece all of them are repeated, or `tail` goes on, or nothing is due.

    Attributes:
        starts_ns: (pieces + 1,) int64 from 0, strictly ascending.
        rows: (pieces + 1,) int64 from 0, ascending; a repeated course has at least one row.
        rates: (pieces,) float64, the rate meant in the middle of each piece, in rows/s.
        repeats: whether the pieces are repeated.
        tail: what goes on after them, where they are not repeated.
    """

    starts_ns: NDArray[np.int64]
    rows: NDArray[np.int64]
    rates: NDArray[np.float64]
    repeats: bool = False
    tail: Ticks | None = None

    @property
    def total(self) -> int | None:
        """Rows of the pieces, when nothing follows them."""
        return None if self.repeats or self.tail is not None else self._rows

    def elapsed_ns(self, row: int) -> int:
        """Return nanoseconds until `row` is due."""
        if row >= self._rows and not self.repeats:
            held_ns = 0 if self.tail is None else self.tail.elapsed_ns(row - self._rows)
            return self._span_ns + held_ns
        turn, within = divmod(row, self._rows)
        at = int(np.searchsorted(self.rows, within, "right")) - 1
        first, after = int(self.rows[at]), int(self.rows[at + 1])
        start_ns, end_ns = int(self.starts_ns[at]), int(self.starts_ns[at + 1])
        into_ns = (within - first) * (end_ns - start_ns) // (after - first)
        return turn * self._span_ns + start_ns + into_ns

    def due(self, elapsed_ns: int) -> int:
        """Return the rows due: row i of a piece when i * D < (nanoseconds into it + 1) * n."""
        if elapsed_ns < 0:
            return 0
        if elapsed_ns >= self._span_ns and not self.repeats:
            held = 0 if self.tail is None else self.tail.due(elapsed_ns - self._span_ns)
            return self._rows + held
        turn, within_ns = divmod(elapsed_ns, self._span_ns)
        at = int(np.searchsorted(self.starts_ns, within_ns, "right")) - 1
        first, after = int(self.rows[at]), int(self.rows[at + 1])
        start_ns, end_ns = int(self.starts_ns[at]), int(self.starts_ns[at + 1])
        into = ((within_ns - start_ns + 1) * (after - first) - 1) // (end_ns - start_ns) + 1
        return turn * self._rows + first + into

    def elapsed_many(self, a: int, b: int) -> NDArray[np.int64]:
        """Return the nanoseconds of rows [a, b). Cost: some ns a row, 70 over many turns."""
        if self.repeats:
            turn, within = divmod(a, self._rows)
            if within + b - a > self._rows:
                return self._elapsed(np.arange(a, b, dtype=np.int64))
            return self._in_one_turn(within, within + b - a) + turn * self._span_ns
        if b <= self._rows:
            return self._in_one_turn(a, b)
        if a < self._rows:
            return np.concatenate((self.elapsed_many(a, self._rows), self._held(self._rows, b)))
        return self._held(a, b)

    def due_many(self, elapsed_ns: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows due at each of the ascending instants."""
        if self.repeats:
            return self._due(elapsed_ns)
        cut = int(np.searchsorted(elapsed_ns, self._span_ns, "left"))
        if self.tail is None:
            held = np.zeros(len(elapsed_ns) - cut, np.int64)
        else:
            held = self.tail.due_many(elapsed_ns[cut:] - self._span_ns)
        return np.concatenate((self._due(elapsed_ns[:cut]), held + self._rows))

    def rate_at(self, elapsed_ns: int) -> float:
        """Return the rate that was meant in the middle of the piece."""
        if elapsed_ns >= self._span_ns and not self.repeats:
            return 0.0 if self.tail is None else self.tail.rate_at(0)
        within_ns = max(elapsed_ns, 0) % self._span_ns
        return float(self.rates[int(np.searchsorted(self.starts_ns, within_ns, "right")) - 1])

    @property
    def _span_ns(self) -> int:
        return int(self.starts_ns[-1])

    @property
    def _rows(self) -> int:
        return int(self.rows[-1])

    def _held(self, a: int, b: int) -> NDArray[np.int64]:
        """Return the nanoseconds of rows [a, b) after the last piece."""
        if self.tail is None:
            return np.full(b - a, self._span_ns, np.int64)
        return self.tail.elapsed_many(a - self._rows, b - self._rows) + self._span_ns

    def _in_one_turn(self, a: int, b: int) -> NDArray[np.int64]:
        """Return the nanoseconds of rows [a, b), all of the first turn, piece by piece."""
        at = np.searchsorted(self.rows, (a, b - 1), "right")
        bounds = slice(at[0] - 1, at[1] + 1)
        rows, starts_ns = self.rows[bounds], self.starts_ns[bounds]
        bounded = np.clip(rows, a, b)
        here, held = bounded[1:] - bounded[:-1], rows[1:] - rows[:-1]
        lasts_ns = starts_ns[1:] - starts_ns[:-1]
        into = np.arange(a, b, dtype=np.int64) - np.repeat(rows[:-1], here)
        into *= np.repeat(lasts_ns, here)
        into //= np.repeat(np.maximum(held, 1), here)
        into += np.repeat(starts_ns[:-1], here)
        return into

    def _elapsed(self, row: NDArray[np.int64]) -> NDArray[np.int64]:
        turn, within = np.divmod(row, self._rows)
        at = np.searchsorted(self.rows, within, "right") - 1
        first, start_ns = self.rows[at], self.starts_ns[at]
        held, lasts_ns = self.rows[at + 1] - first, self.starts_ns[at + 1] - start_ns
        return turn * self._span_ns + start_ns + (within - first) * lasts_ns // held

    def _due(self, elapsed_ns: NDArray[np.int64]) -> NDArray[np.int64]:
        turn, within_ns = np.divmod(np.maximum(elapsed_ns, 0), self._span_ns)
        at = np.searchsorted(self.starts_ns, within_ns, "right") - 1
        first, start_ns = self.rows[at], self.starts_ns[at]
        held, lasts_ns = self.rows[at + 1] - first, self.starts_ns[at + 1] - start_ns
        into = ((within_ns - start_ns + 1) * held - 1) // lasts_ns + 1
        return np.where(elapsed_ns < 0, 0, turn * self._rows + first + into)
