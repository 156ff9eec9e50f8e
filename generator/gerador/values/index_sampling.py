"""Sample indices: by weight (alias method), or without repetition (keyed permutation)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from numpy.typing import NDArray

    from gerador.randomness import Rng, StreamSeeds


WEIGHT_TOLERANCE: Final = 1e-9
"""Weights that differ by less than this share of the largest count as equal."""


def weight_errors(weights: Collection[float]) -> Iterator[str]:
    """Yield an error of weights: all must be finite and 0 or more, at least one above 0."""
    wrong = next((w for w in weights if not 0 <= w < math.inf), None)
    if wrong is not None:
        yield f"weight {wrong:g} is invalid; weights must be finite and 0 or more"
    elif not sum(weights):
        yield "every weight is 0; at least one must be above 0"
    elif math.isinf(sum(weights)):
        yield f"weight {max(weights):g} is too large: the sum of the weights must be finite"


def are_equal(weights: Sequence[float]) -> bool:
    """Return whether weights are equal except for rounding errors."""
    return max(weights) - min(weights) <= WEIGHT_TOLERANCE * max(weights)


@dataclass(frozen=True, slots=True, eq=False)
class AliasTable:
    """Random indices in [0, n) by weight, exact to 2**-32 / n.

    Source: A. J. Walker, "An Efficient Method for Generating Discrete Random Variables with
    General Distributions" (1977). A random cell keeps its own index in `keep` (n,) uint32 of
    2**32 cases, and is replaced by `alias` (n,) int32 in the others.
    """

    keep: NDArray[np.uint32]
    alias: NDArray[np.int32]

    @classmethod
    def of(cls, weights: Sequence[float] | NDArray[np.float64]) -> Self:
        """Return the table of 1 to 2**31 - 1 valid weights (`weight_errors`).

        Cost: about 50 ns and 8 bytes per weight.
        """
        from gerador.values.kernels.alias_table import alias_tables, total_of  # noqa: PLC0415

        values = np.ascontiguousarray(weights, np.float64)
        keep, alias = np.empty(len(values), np.uint32), np.empty(len(values), np.int32)
        alias_tables(values, total_of(values), keep, alias)
        return cls(keep, alias)

    def index(self, rng: Rng, items: int) -> NDArray[np.int64]:
        """Return (items,) int64 indices."""
        cell = rng.index(items, len(self.keep))
        is_kept = rng.bits(items, 32) < self.keep[cell]
        return np.where(is_kept, cell, self.alias[cell])


def random_index(rng: Rng, items: int, size: int, weights: AliasTable | None) -> NDArray[np.int64]:
    """Return (items,) int64 in [0, size), equally likely or by weight; `size` up to 2**32."""
    return rng.index(items, size) if weights is None else weights.index(rng, items)


SHUFFLE_TABLE_MAX: Final = 1 << 16
"""Sizes up to this are shuffled as a table: a cipher of few bits is a poor shuffle."""
FEISTEL_ROUNDS: Final = 8
PERMUTATION_SIZE_MAX: Final = 2**63 - 1


@dataclass(frozen=True, slots=True, eq=False)
class Permutation:
    """A random permutation of [0, size), repeated for rows from `size` on.

    Either a `table`, (size,) int64, or a Feistel network with `keys` (`kernels.permutation`).
    """

    size: int
    keys: NDArray[np.uint64]
    table: NDArray[np.int64] | None

    @classmethod
    def of(cls, seeds: StreamSeeds, path: str, size: int) -> Self:
        """Return the permutation of a field, the same for all blocks.

        `size` is in [1, PERMUTATION_SIZE_MAX]. The random words are those of ``path~unique``.
        """
        rng = seeds.rng(f"{path}~unique", 0)
        if size > SHUFFLE_TABLE_MAX:
            return cls(size, rng.words(FEISTEL_ROUNDS), None)
        table = np.argsort(rng.words(size), kind="stable").astype(np.int64)
        return cls(size, np.zeros(0, np.uint64), table)

    def __call__(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the permuted indices of (rows,) int64 row indices, (rows,) int64 in [0, size).

        Cost: up to 90 ns per row, 5 ns with a table.
        """
        numbers = rows % self.size
        if self.table is not None:
            return self.table[numbers]
        from gerador.values.kernels.permutation import permute  # noqa: PLC0415 - loads numba

        permuted = np.empty_like(numbers)
        permute(numbers, self.keys, self.size, (self.size - 1).bit_length(), permuted)
        return permuted


def unique_steps(seeds: StreamSeeds, path: str, size: int) -> tuple[int, Permutation]:
    """Return a stride and a permutation, which visit each of `size` steps, or every n-th, once.

    The stride is 1 for sizes up to PERMUTATION_SIZE_MAX.
    """
    stride = -(-size // PERMUTATION_SIZE_MAX)
    return stride, Permutation.of(seeds, path, size // stride)
