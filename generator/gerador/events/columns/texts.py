"""Columns of random text and bytes, of varying or fixed length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from gerador.events.columns.column import Leaf, Positions, offsets_of, varying
from gerador.scenario.fields import BytesField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gerador.events.block import Block
    from gerador.events.columns.making import Make
    from gerador.events.seeds import Draws

OCTETS: Final = 256
"""How many bytes there are: an alphabet whose size divides it takes one a character."""


@dataclass(frozen=True, slots=True)
class Texts(Leaf):
    """Texts of `length_min` to `length_max` characters of an ASCII alphabet, (size,) uint8."""

    length_min: int
    length_max: int
    alphabet: NDArray[np.uint8]

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) texts."""
        draws = block.draws(self.path)
        offsets = offsets_of(draws.integers(len(at), self.length_min, self.length_max), self.path)
        return varying(self.type, offsets, self._characters(draws, int(offsets[-1])))

    def _characters(self, draws: Draws, count: int) -> NDArray[np.uint8]:
        """Return (count,) characters. Cost: a fair byte each where all of them are as likely."""
        share, left = divmod(OCTETS, len(self.alphabet))
        if left:
            return letters(draws, count, self.alphabet)
        table = np.repeat(self.alphabet, share).tobytes()
        return np.frombuffer(draws.octets(count).tobytes().translate(table), np.uint8)


def letters(draws: Draws, count: int, alphabet: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return (count,) bytes of an alphabet, those at the places that `Draws.index` would draw."""
    if len(alphabet) & (len(alphabet) - 1) == 0:
        return alphabet[draws.index(count, len(alphabet))]
    from gerador.events.kernels.octets import letters_of  # noqa: PLC0415 - compiled, if needed

    out = np.empty(count, np.uint8)
    letters_of(draws.parts(count, 32), alphabet, out)
    return out


@dataclass(frozen=True, slots=True)
class Octets(Leaf):
    """Byte strings of `length_min` to `length_max` fair random bytes."""

    length_min: int
    length_max: int

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) binary values."""
        draws = block.draws(self.path)
        offsets = offsets_of(draws.integers(len(at), self.length_min, self.length_max), self.path)
        return varying(self.type, offsets, draws.octets(int(offsets[-1])))


@dataclass(frozen=True, slots=True)
class FixedOctets(Leaf):
    """Byte strings of the type's width."""

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) fixed-size binary values."""
        octets = block.draws(self.path).octets(len(at) * self.type.byte_width)
        return pa.Array.from_buffers(self.type, len(at), [None, pa.py_buffer(octets)])


def bytes_column(path: str, declared: BytesField, arrow_type: pa.DataType) -> Octets | FixedOctets:
    """Return the column of random bytes; a fixed type's width goes before declared lengths."""
    if pa.types.is_fixed_size_binary(arrow_type):
        return FixedOctets(path, arrow_type)
    return Octets(path, arrow_type, declared.length_min, declared.length_max)


MAKERS: Final[Mapping[type, Make]] = {
    BytesField: lambda _, place, declared: bytes_column(place.path, declared, place.type),
}
