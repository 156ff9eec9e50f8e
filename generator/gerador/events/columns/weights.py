"""Choices by weight, in constant time: Walker's alias method.

Source: A. J. Walker, "An Efficient Method for Generating Discrete Random Variables with General
Distributions", ACM TOMS 3 (1977); the tables are built as M. D. Vose (1991) does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gerador.events.seeds import Draws
    from gerador.scenario.fields import ZipfField

TABLES_KEPT: Final = 8
"""Tables of ranks that stay in memory, for fields that have the same law."""


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """Indices in [0, n), each with its weight's share, to within 2**-32 / n.

    `keep` (n,) uint32: how often, of 2**32, a cell's own index is kept; else its `alias` (n,) int32
    is taken, which of a cell that is always kept is its own.
    """

    keep: NDArray[np.uint32]
    alias: NDArray[np.int32]

    @classmethod
    def of(cls, weights: Sequence[float] | NDArray[np.float64]) -> Self:
        """Return the tables of 1 to 2**31 - 1 weights, 0 or more and not all 0.

        Cost: O(n), about 50 ns a weight; 8 bytes a weight stay.
        """
        from gerador.events.kernels.aliases import (  # noqa: PLC0415 - compiled, if needed
            alias_tables,
            total_of,
        )

        values = np.ascontiguousarray(weights, np.float64)
        keep, alias = np.empty(len(values), np.uint32), np.empty(len(values), np.int32)
        alias_tables(values, total_of(values), keep, alias)
        return cls(keep, alias)

    def index(self, draws: Draws, items: int) -> NDArray[np.int64]:
        """Return (items,) int64 indices."""
        cell = draws.index(items, len(self.keep))
        kept = draws.parts(items, 32) < self.keep[cell]
        return np.where(kept, cell, self.alias[cell])


def ranks_of(declared: ZipfField) -> tuple[int, Weights]:
    """Return the first rank of a declaration whose parameters are constant, and the tables."""
    numbers: Any = declared.exponent, declared.min, declared.max
    exponent, first, last = float(numbers[0]), int(numbers[1]), int(numbers[2])
    return first, zipf_weights(exponent, last - first + 1)


@lru_cache(maxsize=TABLES_KEPT)
def zipf_weights(exponent: float, ranks: int) -> Weights:
    """Return the tables of ranks 1 to `ranks` (as indices 0 on) with weights rank ** -exponent.

    Cost: about 120 ns a rank at the first call for these two numbers.
    """
    from gerador.events.kernels.aliases import rank_weights  # noqa: PLC0415 - as above

    weights = np.empty(ranks)
    rank_weights(exponent, weights)
    return Weights.of(weights)
