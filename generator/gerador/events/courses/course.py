"""What every course answers: rows 0, 1, 2, … against nanoseconds since it began. No instants.

A course never ends by itself: it repeats, or holds its last rate. Whole numbers throughout.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Final

from gerador.rates import NS_PER_S  # noqa: F401

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NS_PER_MS: Final = 1_000_000
STRETCH_ROWS_MAX: Final = 1 << 20
"""Rows whose times are computed in one piece of 64-bit arithmetic."""
PRODUCT_MAX: Final = 1 << 62
"""What products of 64-bit arithmetic stay below."""


class Course(ABC):
    """A monotone function from row to elapsed nanoseconds, and its exact inverse."""

    @property
    def total(self) -> int | None:
        """Rows that ever fall due; None without an end. Later rows have the last one's time."""
        return None

    @property
    def rows_max(self) -> int:
        """Rows that one call of `elapsed_many` or `ms_many` may ask for."""
        return STRETCH_ROWS_MAX

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
