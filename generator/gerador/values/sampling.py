"""Sample indices: by weight (alias method), or without repetition (keyed permutation)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from gerador.randomness import Rng, StreamSeeds


def are_weights(weights: Collection[float]) -> bool:
    """Return whether weights are finite and 0 or more, and one of them is above 0."""
    return min(weights, default=0) >= 0 and 0 < sum(weights) < math.inf


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

    def index(self, rng: Rng, items: int) -> NDArray[np.int64]:
        """Return (items,) int64 indices."""
        cell = rng.index(items, len(self.keep))
        kept = rng.bits(items, 32) < self.keep[cell]
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
        rng = seeds.rng(f"{path}~unique", 0)
        if size > SHUFFLE_TABLE_MAX:
            return cls(size, rng.words(FEISTEL_ROUNDS), None)
        table = np.argsort(rng.words(size), kind="stable").astype(np.int64)
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


def unique_steps(seeds: StreamSeeds, path: str, size: int) -> tuple[int, Permutation]:
    """Return a stride through `size` steps, and a permutation of the steps that it visits.

    The stride is 1, or more where `size` exceeds PERMUTATION_SIZE_MAX.
    """
    stride = -(-size // PERMUTATION_SIZE_MAX)
    return stride, Permutation.of(seeds, path, size // stride)
