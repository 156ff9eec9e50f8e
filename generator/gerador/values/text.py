"""Random text and random bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

import numpy as np
import pyarrow as pa

from gerador.values.arrow_arrays import offsets_from_lengths, variable_width_array
from gerador.values.column import BaseColumn, Column, Positions
from gerador.values.declaration import Affix, LengthRange
from gerador.values.regex.distinct_texts import distinct_count
from gerador.values.regex.generator import regex_column
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
    """Random characters of `alphabet` (ASCII), `length_min` to `length_max` of them.

    They stand between `prefix` and `suffix`, which the lengths do not count. An alphabet of 2, 4,
    … 256 characters is drawn several times as fast as another.
    """

    suits: ClassVar[frozenset[str]] = frozenset({"string"})
    kind: Literal["text"] = "text"
    alphabet: str = ALPHANUMERIC
    """Characters that are drawn from, ASCII; letters and digits when not said."""
    prefix: Affix = ""
    """Text before it, which the lengths do not count."""
    suffix: Affix = ""
    """Text behind it, which the lengths do not count."""

    def natural_type(self) -> Any:
        """Return string."""
        return "string"

    def space(self, avro_type: AvroType) -> int:  # noqa: ARG002
        """Return how many texts differ in the characters that all of them have."""
        return distinct_count(self.tree, *self.lengths)

    @property
    def lengths(self) -> tuple[int, int]:
        """The fewest and the most characters of a text, without prefix and suffix."""
        return self.length_min, self.length_max

    @property
    def tree(self) -> RegexNode:
        """The pattern that the texts have, without prefix and suffix."""
        return CharactersNode(self.alphabet, self.length_min, self.length_max)

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield lengths and an alphabet that make no sense."""
        yield from super().refusals(avro_type)
        if not (self.alphabet and self.alphabet.isascii()):
            yield "alphabet", f"alphabet {self.alphabet!r}; give ASCII characters"


class BytesGenerator(LengthRange):
    """Random bytes, `length_min` to `length_max` of them; a fixed has its own length."""

    suits: ClassVar[frozenset[str]] = frozenset({"bytes", "fixed"})
    kind: Literal["bytes"] = "bytes"

    def natural_type(self) -> Any:
        """Return bytes."""
        return "bytes"


BYTE_VALUES: Final = 256
"""How many bytes there are: an alphabet whose size divides it takes one a character."""


@dataclass(frozen=True, slots=True)
class TextColumn(BaseColumn):
    """Texts of `length_min` to `length_max` characters of an ASCII alphabet, (size,) uint8."""

    length_min: int
    length_max: int
    alphabet: NDArray[np.uint8]

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) texts."""
        draws = block.draws(self.path)
        offsets = offsets_from_lengths(
            draws.integers(len(at), self.length_min, self.length_max), self.path
        )
        return variable_width_array(self.type, offsets, self._characters(draws, int(offsets[-1])))

    def _characters(self, draws: Rng, count: int) -> NDArray[np.uint8]:
        """Return (count,) characters. Cost: a fair byte each where all of them are as likely."""
        share, left = divmod(BYTE_VALUES, len(self.alphabet))
        if left:
            return random_characters(draws, count, self.alphabet)
        table = np.repeat(self.alphabet, share).tobytes()
        return np.frombuffer(draws.octets(count).tobytes().translate(table), np.uint8)


@dataclass(frozen=True, slots=True)
class BytesColumn(BaseColumn):
    """Byte strings of `length_min` to `length_max` fair random bytes."""

    length_min: int
    length_max: int

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) binary values."""
        draws = block.draws(self.path)
        offsets = offsets_from_lengths(
            draws.integers(len(at), self.length_min, self.length_max), self.path
        )
        return variable_width_array(self.type, offsets, draws.octets(int(offsets[-1])))


@dataclass(frozen=True, slots=True)
class FixedBytesColumn(BaseColumn):
    """Byte strings of the type's width."""

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) fixed-size binary values."""
        octets = block.draws(self.path).octets(len(at) * self.type.byte_width)
        return pa.Array.from_buffers(self.type, len(at), [None, pa.py_buffer(octets)])


def bytes_column(
    path: str, declared: BytesGenerator, arrow_type: pa.DataType
) -> BytesColumn | FixedBytesColumn:
    """Return the column of random bytes; a fixed type's width goes before declared lengths."""
    if pa.types.is_fixed_size_binary(arrow_type):
        return FixedBytesColumn(path, arrow_type)
    return BytesColumn(path, arrow_type, declared.length_min, declared.length_max)


def text_column(making: BuildContext, place: ColumnTarget, declared: TextGenerator) -> Column:
    if declared.prefix or declared.suffix or declared.unique:
        return regex_column(making, place, declared)  # type: ignore[arg-type]
    alphabet = np.frombuffer(declared.alphabet.encode("ascii"), np.uint8)
    return TextColumn(place.path, pa.string(), *declared.lengths, alphabet)
