"""Numbers of rows that are all different: a keyed permutation of what there is to choose from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gerador.events.seeds import StreamSeeds

TABLE_MAX: Final = 1 << 16
"""Sizes up to it are shuffled as a table; a cipher of few bits would be a poor shuffle."""
ROUNDS: Final = 8
PERMUTED_MAX: Final = 2**63 - 1


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
        if size > TABLE_MAX:
            return cls(size, draws.words(ROUNDS), None)
        table = np.argsort(draws.words(size), kind="stable").astype(np.int64)
        return cls(size, np.zeros(0, np.uint64), table)

    def __call__(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return where each of (rows,) int64 row indices goes, (rows,) int64 in [0, size).

        Cost: about 90 ns a row at most, 5 where there is a table.
        """
        numbers = rows % self.size
        if self.table is not None:
            return self.table[numbers]
        from gerador.events.kernels.permute import permute  # noqa: PLC0415 - compiled, if needed

        out = np.empty_like(numbers)
        permute(numbers, self.keys, self.size, (self.size - 1).bit_length(), out)
        return out
