"""Generators of random text and random bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

import numpy as np
import pyarrow as pa

from gerador.values.arrow_arrays import offsets_from_lengths, variable_width_array
from gerador.values.column import BaseColumn, Column, Positions
from gerador.values.declaration import Affix, LengthRange
from gerador.values.regex.distinct_texts import distinct_count
from gerador.values.regex.generator import affixed_column
from gerador.values.regex.samplers import random_characters
from gerador.values.regex.tree import CharactersNode, RegexNode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gerador.avro.schema import AvroType
    from gerador.randomness import Rng
    from gerador.values.column import Block, BuildContext, ColumnTarget


ALPHANUMERIC: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class TextGenerator(LengthRange):
    """`length_min` to `length_max` random characters of `alphabet` (ASCII).

    The lengths do not include `prefix` and `suffix`. Alphabets of 2, 4, … 256 characters are
    several times as fast as others.
    """

    types: ClassVar[frozenset[str]] = frozenset({"string"})
    kind: Literal["text"] = "text"
    alphabet: str = ALPHANUMERIC
    """Characters to choose from, ASCII. Default: letters and digits."""
    prefix: Affix = ""
    """Text before the random characters."""
    suffix: Affix = ""
    """Text after the random characters."""

    def default_type(self) -> Any:
        """Return string."""
        return "string"

    def distinct_values(self, avro_type: AvroType) -> int:  # noqa: ARG002
        """Return the number of texts that differ in the positions that all of them have."""
        return distinct_count(self.tree, *self.lengths)

    @property
    def lengths(self) -> tuple[int, int]:
        """Minimum and maximum length, without prefix and suffix."""
        return self.length_min, self.length_max

    @property
    def tree(self) -> RegexNode:
        """The texts as a regular expression, without prefix and suffix."""
        return CharactersNode(self.alphabet, self.length_min, self.length_max)

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield errors of the lengths and the alphabet."""
        yield from super().errors(avro_type)
        if not (self.alphabet and self.alphabet.isascii()):
            yield "alphabet", f"alphabet {self.alphabet!r} is empty or not ASCII"

    def column(self, context: BuildContext, target: ColumnTarget) -> Column:
        """Return the column of the field."""
        if self.prefix or self.suffix or self.unique:
            return affixed_column(context, target, self)
        alphabet = np.frombuffer(self.alphabet.encode("ascii"), np.uint8)
        return TextColumn(target.path, pa.string(), *self.lengths, alphabet)


class BytesGenerator(LengthRange):
    """`length_min` to `length_max` random bytes; a fixed has its own size."""

    types: ClassVar[frozenset[str]] = frozenset({"bytes", "fixed"})
    kind: Literal["bytes"] = "bytes"

    def default_type(self) -> Any:
        """Return bytes."""
        return "bytes"

    def column(self, context: BuildContext, target: ColumnTarget) -> BytesColumn | FixedBytesColumn:  # noqa: ARG002
        """Return the column of random bytes; a fixed type has its own length."""
        if pa.types.is_fixed_size_binary(target.type):
            return FixedBytesColumn(target.path, target.type)
        return BytesColumn(target.path, target.type, self.length_min, self.length_max)


BYTE_VALUES: Final = 256
"""Alphabets whose size divides this take one random byte per character."""


@dataclass(frozen=True, slots=True)
class TextColumn(BaseColumn):
    """Texts of `length_min` to `length_max` characters of an ASCII alphabet, (size,) uint8."""

    length_min: int
    length_max: int
    alphabet: NDArray[np.uint8]

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) texts."""
        rng = block.rng(self.path)
        offsets = offsets_from_lengths(
            rng.integers(len(positions), self.length_min, self.length_max), self.path
        )
        return variable_width_array(self.type, offsets, self._characters(rng, int(offsets[-1])))

    def _characters(self, rng: Rng, count: int) -> NDArray[np.uint8]:
        """Return (count,) characters. Cost: one random byte each if their number divides 256."""
        share, remainder = divmod(BYTE_VALUES, len(self.alphabet))
        if remainder:
            return random_characters(rng, count, self.alphabet)
        table = np.repeat(self.alphabet, share).tobytes()
        return np.frombuffer(rng.bytes(count).tobytes().translate(table), np.uint8)


@dataclass(frozen=True, slots=True)
class BytesColumn(BaseColumn):
    """Random byte strings of `length_min` to `length_max` bytes."""

    length_min: int
    length_max: int

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) binary values."""
        rng = block.rng(self.path)
        offsets = offsets_from_lengths(
            rng.integers(len(positions), self.length_min, self.length_max), self.path
        )
        return variable_width_array(self.type, offsets, rng.bytes(int(offsets[-1])))


@dataclass(frozen=True, slots=True)
class FixedBytesColumn(BaseColumn):
    """Random byte strings of the type's width."""

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) fixed-size binary values."""
        data = block.rng(self.path).bytes(len(positions) * self.type.byte_width)
        return pa.Array.from_buffers(self.type, len(positions), [None, pa.py_buffer(data)])
