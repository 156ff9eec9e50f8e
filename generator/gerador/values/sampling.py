"""Sample indices: by weight (alias method), or without repetition (keyed permutation)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gerador.randomness import Rng, StreamSeeds


@dataclass(frozen=True, slots=True, eq=False)
class AliasTable:
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
        from gerador.values.kernels.alias_table import alias_tables, total_of  # noqa: PLC0415

        values = np.ascontiguousarray(weights, np.float64)
        keep, alias = np.empty(len(values), np.uint32), np.empty(len(values), np.int32)
        alias_tables(values, total_of(values), keep, alias)
        return cls(keep, alias)

    def index(self, draws: Rng, items: int) -> NDArray[np.int64]:
        """Return (items,) int64 indices."""
        cell = draws.index(items, len(self.keep))
        kept = draws.parts(items, 32) < self.keep[cell]
        return np.where(kept, cell, self.alias[cell])


SHUFFLE_TABLE_MAX: Final = 1 << 16
"""Sizes up to it are shuffled as a table; a cipher of few bits would be a poor shuffle."""
FEISTEL_ROUNDS: Final = 8
PERMUTATION_SIZE_MAX: Final = 2**63 - 1


@dataclass(frozen=True, slots=True, eq=False)
class Permutation:
    """A permutation of [0, size); rows from `size` on begin again.

    Either a `table` (size,) int64, or a Feistel network under `keys` (`kernels.permute`).
    """

    size: int
    keys: NDArray[np.uint64]
    table: NDArray[np.int64] | None

    @classmethod
    def of(cls, seeds: StreamSeeds, path: str, size: int) -> Self:
        """Return the permutation of a field path; `size` is in [1, PERMUTED_MAX].

        Its words are those of ``path~unique``, of no block: one permutation holds for all rows.
        """
        draws = seeds.draws(f"{path}~unique", 0)
        if size > SHUFFLE_TABLE_MAX:
            return cls(size, draws.words(FEISTEL_ROUNDS), None)
        table = np.argsort(draws.words(size), kind="stable").astype(np.int64)
        return cls(size, np.zeros(0, np.uint64), table)

    def __call__(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return where each of (rows,) int64 row indices goes, (rows,) int64 in [0, size).

        Cost: about 90 ns a row at most, 5 where there is a table.
        """
        numbers = rows % self.size
        if self.table is not None:
            return self.table[numbers]
        from gerador.values.kernels.permutation import permute  # noqa: PLC0415 - compiled, if needed

        out = np.empty_like(numbers)
        permute(numbers, self.keys, self.size, (self.size - 1).bit_length(), out)
        return out
