"""Texts of one width in ASCII: written in place, two or four characters at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pyarrow as pa

from gerador.events.columns.column import Leaf, Positions, varying
from gerador.events.seeds import HALF_SIZE_MAX
from gerador.scenario.fields.patterns import Characters, Pattern, Sequence, Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gerador.events.block import Block

AT_ONCE: Final = (4, 2, 1)
"""Characters that one draw may stand for: as many as a table of few enough entries has."""


class Stretch(NamedTuple):
    """Characters at one place of every text: one entry of `table`, an integer of their bytes."""

    place: int
    table: NDArray[np.unsignedinteger]


@dataclass(frozen=True, slots=True, eq=False)
class FixedWidth(Leaf):
    """Texts like `template`, (width,) uint8, in which each stretch is drawn."""

    template: NDArray[np.uint8]
    stretches: tuple[Stretch, ...]

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
        return varying(self.type, offsets, texts)


def fixed_width(path: str, tree: Pattern) -> FixedWidth | None:
    """Return the column of a pattern whose texts have one width, in ASCII; None: another one."""
    parts = tree.parts if isinstance(tree, Sequence) else (tree,)
    template, stretches = b"", list[Stretch]()
    for part in parts:
        match part:
            case Text() if part.text.isascii():
                template += part.text.encode()
            case Characters(high=count) if part.low == count and part.alphabet.isascii():
                stretches += _stretches(len(template), part.alphabet, part.low)
                template += b" " * part.low
            case _:
                return None
    return FixedWidth(path, pa.string(), np.frombuffer(template, np.uint8), tuple(stretches))


def _stretches(place: int, alphabet: str, count: int) -> list[Stretch]:
    found = []
    while count:
        size = next(n for n in AT_ONCE if n <= count and len(alphabet) ** n <= HALF_SIZE_MAX)
        found.append(Stretch(place, _table(alphabet, size)))
        place, count = place + size, count - size
    return found


def _table(alphabet: str, size: int) -> NDArray[np.unsignedinteger]:
    """Return every text of `size` characters as one integer each, little-endian."""
    octets = np.frombuffer(alphabet.encode(), np.uint8)
    digits = np.indices((len(octets),) * size).reshape(size, -1)
    return np.ascontiguousarray(octets[digits].T).view(f"<u{size}").ravel()
