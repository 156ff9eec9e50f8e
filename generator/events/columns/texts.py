"""Columns of random text and bytes, of varying or fixed length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from generator.events.columns.column import Leaf, Positions, offsets_of, varying

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from generator.events.block import Block
    from generator.scenario.fields import BytesField, TextField


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
        characters = self.alphabet[draws.index(int(offsets[-1]), len(self.alphabet))]
        return varying(self.type, offsets, characters)


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


def text_column(path: str, declared: TextField) -> Texts:
    """Return the column of random text."""
    alphabet = np.frombuffer(declared.alphabet.encode("ascii"), np.uint8)
    return Texts(path, pa.string(), declared.length_min, declared.length_max, alphabet)


def bytes_column(path: str, declared: BytesField, arrow_type: pa.DataType) -> Octets | FixedOctets:
    """Return the column of random bytes; a fixed type's width goes before declared lengths."""
    if pa.types.is_fixed_size_binary(arrow_type):
        return FixedOctets(path, arrow_type)
    return Octets(path, arrow_type, declared.length_min, declared.length_max)
