"""Texts of which no two rows have the same: their spots are the digits of a permuted number."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from gerador.events.columns.column import varying
from gerador.events.columns.permutation import Permutation

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from gerador.events.block import Block
    from gerador.events.columns.column import Column, Positions
    from gerador.events.seeds import StreamSeeds
    from gerador.scenario.fields.pattern_spots import Spot


@dataclass(frozen=True, slots=True, eq=False)
class Numbered:
    """Another column's texts; at each spot a digit of the row's number is written over them.

    `spots` are (byte of the text, from its end below zero; (size,) uint8 characters).
    """

    column: Column
    spots: tuple[tuple[int, NDArray[np.uint8]], ...]
    permutation: Permutation

    @classmethod
    def of(cls, column: Column, path: str, spots: Sequence[Spot], seeds: StreamSeeds) -> Self:
        """Return the column; every text is long enough for its spots."""
        octets = tuple((s.place, np.frombuffer(s.alphabet.encode(), np.uint8)) for s in spots)
        size = math.prod(len(table) for _, table in octets)
        return cls(column, octets, Permutation.of(seeds, path, size))

    @property
    def type(self) -> pa.DataType:
        """The Arrow type of the texts."""
        return self.column.type

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) texts. Cost: that of the texts, and about 10 ns a spot."""
        texts = self.column.draw(block, at)
        _, offsets, data = texts.buffers()
        starts = np.frombuffer(offsets, np.int32, len(texts) + 1)
        octets = np.frombuffer(data, np.uint8).copy()
        number = self.permutation(block.first_row + at)
        for place, table in self.spots:
            number, digit = np.divmod(number, len(table))
            edges = starts[:-1] if place >= 0 else starts[1:]
            octets[edges + place] = table[digit]
        return varying(self.type, starts, octets)
