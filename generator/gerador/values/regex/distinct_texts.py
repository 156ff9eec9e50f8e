"""Distinct texts of a regular expression: all texts of a small one, fixed positions of a large one, and the column of unique texts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple, Self

import numpy as np

from gerador.values.arrow_arrays import variable_width_array
from gerador.values.regex.tree import (
    AlternativesNode,
    CharactersNode,
    LiteralNode,
    RegexNode,
    RepeatNode,
    SequenceNode,
    is_unbounded,
)
from gerador.values.sampling import Permutation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from gerador.randomness import StreamSeeds
    from gerador.values.column import Block, Column, Positions


TEXTS_MAX: Final = 16_384
"""Texts of a pattern that are kept as a table: small enough for a core's cache."""

TextShares = dict[str, float]


def all_texts(tree: RegexNode, low: int, high: int) -> TextShares | None:
    """Return the texts of `low` to `high` characters with their shares; None: too many.

    Ways to make a text are counted, not texts: ``(a|a)`` has two.
    """
    if is_unbounded(tree) or count_derivations(tree) > TEXTS_MAX:
        return None
    found = {text: share for text, share in _text_shares(tree).items() if low <= len(text) <= high}
    total = math.fsum(found.values())
    return {text: share / total for text, share in found.items()}


def count_derivations(tree: RegexNode) -> int:
    """Return in how many ways a closed pattern makes texts, counted up to `TEXTS_MAX` + 1."""
    match tree:
        case LiteralNode():
            found = 1
        case CharactersNode():
            found = _count_repeats(len(tree.alphabet), tree.low, tree.high or 0)
        case SequenceNode():
            found = math.prod(map(count_derivations, tree.parts))
        case AlternativesNode():
            found = sum(map(count_derivations, tree.branches))
        case RepeatNode():
            found = _count_repeats(count_derivations(tree.inner), tree.low, tree.high or 0)
    return min(found, TEXTS_MAX + 1)


def _count_repeats(size: int, low: int, high: int) -> int:
    return sum(size**n for n in range(low, high + 1))


def _text_shares(tree: RegexNode) -> TextShares:
    match tree:
        case LiteralNode():
            return {tree.text: 1.0}
        case CharactersNode():
            return _repeat_shares(
                _average([{c: 1.0} for c in tree.alphabet]), tree.low, tree.high or 0
            )
        case SequenceNode():
            found = {"": 1.0}
            for part in tree.parts:
                found = _concatenate(found, _text_shares(part))
            return found
        case AlternativesNode():
            return _average([_text_shares(branch) for branch in tree.branches])
        case RepeatNode():
            return _repeat_shares(_text_shares(tree.inner), tree.low, tree.high or 0)


def _repeat_shares(inner: TextShares, low: int, high: int) -> TextShares:
    power, powers = {"": 1.0}, []
    for copies in range(high + 1):
        if copies >= low:
            powers.append(power)
        if copies < high:
            power = _concatenate(power, inner)
    return _average(powers)


def _concatenate(first: TextShares, second: TextShares) -> TextShares:
    found: TextShares = {}
    for (a, share_a), (b, share_b) in product(first.items(), second.items()):
        found[a + b] = found.get(a + b, 0.0) + share_a * share_b
    return found


def _average(laws: list[TextShares]) -> TextShares:
    found: TextShares = {}
    for law in laws:
        for text, share in law.items():
            found[text] = found.get(text, 0.0) + share / len(laws)
    return found


DISTINCT_COUNT_MAX: Final = 2**63 - 1
"""The most numbers that a permutation of rows goes over."""
EXPANDED_COPIES_MAX: Final = 63
"""Copies of a part that are looked into; more spots than there are bits count no further."""


class FixedPosition(NamedTuple):
    """One of `alphabet`'s characters, all different and in ASCII, at byte `place` of every text.

    Below zero a place counts from the end, as an index of Python does.
    """

    place: int
    alphabet: str


def fixed_positions(tree: RegexNode) -> list[FixedPosition]:
    """Return the spots of a pattern's texts, from the first on; as many as `DISTINCT_COUNT_MAX` counts."""
    spots, space = list[FixedPosition](), 1
    for spot in _find_positions(tree):
        if space * len(spot.alphabet) > DISTINCT_COUNT_MAX:
            break
        space *= len(spot.alphabet)
        spots.append(spot)
    return spots


def _find_positions(tree: RegexNode) -> Iterator[FixedPosition]:
    place = 0
    for part in _flatten(tree):
        yield from _positions_of(part, place)
        width = _fixed_width(part)
        if width is None:
            break
        place += width
    else:
        return
    place = 0
    for part in _flatten(tree, backwards=True):
        width = _fixed_width(part)
        if width is None:
            return
        place -= width
        yield from _positions_of(part, place)


def _positions_of(part: RegexNode, place: int) -> Iterator[FixedPosition]:
    if isinstance(part, CharactersNode) and part.alphabet.isascii():
        alphabet = "".join(dict.fromkeys(part.alphabet))
        yield from (FixedPosition(place + n, alphabet) for n in range(part.low))


def _flatten(tree: RegexNode, *, backwards: bool = False) -> Iterator[RegexNode]:
    """Yield what stands one behind the other, with copies of a fixed number written out.

    As far as is asked for: copies of copies may be billions.
    """
    match tree:
        case SequenceNode():
            for part in reversed(tree.parts) if backwards else tree.parts:
                yield from _flatten(part, backwards=backwards)
        case RepeatNode() if (
            tree.low == tree.high and tree.low <= EXPANDED_COPIES_MAX and _fixed_width(tree) != 0
        ):
            for _ in range(tree.low):
                yield from _flatten(tree.inner, backwards=backwards)
        case _:
            yield tree


def _fixed_width(tree: RegexNode) -> int | None:
    """Return the bytes that every text of a pattern has; None where they differ."""
    match tree:
        case LiteralNode():
            return len(tree.text.encode())
        case CharactersNode() if tree.low == tree.high and tree.alphabet.isascii():
            return tree.low
        case AlternativesNode():
            widths = {_fixed_width(branch) for branch in tree.branches}
            return widths.pop() if len(widths) == 1 else None
        case SequenceNode():
            inner = [_fixed_width(part) for part in tree.parts]
            return None if None in inner else sum(w for w in inner if w is not None)
        case RepeatNode() if tree.low == tree.high:
            width = _fixed_width(tree.inner)
            return None if width is None else width * tree.low
    return None


def distinct_count(tree: RegexNode, low: int, high: int) -> int:
    """Return how many texts of `low` to `high` characters can be made that all differ."""
    few = all_texts(tree, low, high)
    if few is not None:
        return len(few)
    return math.prod(len(spot.alphabet) for spot in fixed_positions(tree))


@dataclass(frozen=True, slots=True, eq=False)
class UniqueTextColumn:
    """Another column's texts; at each spot a digit of the row's number is written over them.

    `spots` are (byte of the text, from its end below zero; (size,) uint8 characters).
    """

    column: Column
    spots: tuple[tuple[int, NDArray[np.uint8]], ...]
    permutation: Permutation

    @classmethod
    def of(
        cls, column: Column, path: str, spots: Sequence[FixedPosition], seeds: StreamSeeds
    ) -> Self:
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
        return variable_width_array(self.type, starts, octets)
