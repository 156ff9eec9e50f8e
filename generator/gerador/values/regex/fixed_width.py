"""Columns of ASCII texts of one width, written in place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pyarrow as pa

from gerador.randomness import HALF_SIZE_MAX
from gerador.values.arrow_arrays import variable_width_array
from gerador.values.column import BaseColumn, Positions
from gerador.values.regex.tree import CharactersNode, LiteralNode, RegexNode, SequenceNode

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gerador.values.column import Block


SEGMENT_SIZES: Final = (4, 2, 1)
"""Characters that one draw may stand for: as many as a table of few enough entries has."""


class DrawnSegment(NamedTuple):
    """Characters at one place of every text: one entry of `table`, an integer of their bytes."""

    place: int
    table: NDArray[np.unsignedinteger]


@dataclass(frozen=True, slots=True, eq=False)
class FixedWidthColumn(BaseColumn):
    """Texts like `template`, (width,) uint8, in which each stretch is drawn."""

    template: NDArray[np.uint8]
    stretches: tuple[DrawnSegment, ...]

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) texts. Cost: about 6 ns for every four characters."""
        draws, width = block.draws(self.path), len(self.template)
        texts = np.tile(self.template, len(at))
        for place, table in self.stretches:
            layout = np.dtype(
                {"names": ["at"], "formats": [table.dtype], "offsets": [place], "itemsize": width}
            )
            texts.view(layout)["at"] = table[draws.index(len(at), len(table))]
        offsets = np.arange(len(at) + 1, dtype=np.int32) * np.int32(width)
        return variable_width_array(self.type, offsets, texts)


def fixed_width_column(path: str, tree: RegexNode) -> FixedWidthColumn | None:
    """Return the column of a pattern whose texts have one width, in ASCII; None: another one."""
    parts = tree.parts if isinstance(tree, SequenceNode) else (tree,)
    template, stretches = b"", list[DrawnSegment]()
    for part in parts:
        match part:
            case LiteralNode() if part.text.isascii():
                template += part.text.encode()
            case CharactersNode(high=count) if part.low == count and part.alphabet.isascii():
                stretches += _segments(len(template), part.alphabet, part.low)
                template += b" " * part.low
            case _:
                return None
    return FixedWidthColumn(path, pa.string(), np.frombuffer(template, np.uint8), tuple(stretches))


def _segments(place: int, alphabet: str, count: int) -> list[DrawnSegment]:
    found = []
    while count:
        size = next(n for n in SEGMENT_SIZES if n <= count and len(alphabet) ** n <= HALF_SIZE_MAX)
        found.append(DrawnSegment(place, _segment_table(alphabet, size)))
        place, count = place + size, count - size
    return found


def _segment_table(alphabet: str, size: int) -> NDArray[np.unsignedinteger]:
    """Return every text of `size` characters as one integer each, little-endian."""
    octets = np.frombuffer(alphabet.encode(), np.uint8)
    digits = np.indices((len(octets),) * size).reshape(size, -1)
    return np.ascontiguousarray(octets[digits].T).view(f"<u{size}").ravel()
