"""Distinct texts of a regular expression.

A small language is enumerated; for a large one, the characters at fixed positions are counted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple, Self, TypeAlias

import numpy as np

from gerador.values.arrow_arrays import variable_width_array
from gerador.values.index_sampling import Permutation
from gerador.values.regex.tree import (
    AlternativesNode,
    CharactersNode,
    LiteralNode,
    RegexNode,
    RepeatNode,
    SequenceNode,
    is_unbounded,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from gerador.randomness import StreamSeeds
    from gerador.values.column import Block, Column, Positions


TEXTS_MAX: Final = 16_384
"""Maximum number of texts that are kept in a table, which fits in a core's cache."""

TextShares: TypeAlias = dict[str, float]
"""Probabilities by text."""


def all_texts(tree: RegexNode, low: int, high: int) -> TextShares | None:
    """Return the texts of `low` to `high` characters with their probabilities; None: too many.

    The limit is on derivations, not texts: ``(a|a)`` has two.
    """
    if is_unbounded(tree) or count_derivations(tree) > TEXTS_MAX:
        return None
    found = {text: share for text, share in _text_shares(tree).items() if low <= len(text) <= high}
    total = math.fsum(found.values())
    return {text: share / total for text, share in found.items()}


def count_derivations(tree: RegexNode) -> int:
    """Return the number of derivations of a bounded pattern, at most `TEXTS_MAX` + 1."""
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


def _average(shares: list[TextShares]) -> TextShares:
    found: TextShares = {}
    for branch in shares:
        for text, share in branch.items():
            found[text] = found.get(text, 0.0) + share / len(shares)
    return found


DISTINCT_COUNT_MAX: Final = 2**63 - 1
"""Maximum size of a permutation of rows."""
EXPANDED_COPIES_MAX: Final = 63
"""Maximum copies of a part that are expanded: 63 positions reach `DISTINCT_COUNT_MAX`."""


class FixedPosition(NamedTuple):
    """A position that all texts have: a character of `alphabet` (distinct, ASCII) at byte `offset`.

    A negative offset counts from the end.
    """

    offset: int
    alphabet: str


def fixed_positions(tree: RegexNode) -> list[FixedPosition]:
    """Return positions that all texts of a pattern have, for at most `DISTINCT_COUNT_MAX` texts."""
    positions, count = list[FixedPosition](), 1
    for position in _find_positions(tree):
        if count * len(position.alphabet) > DISTINCT_COUNT_MAX:
            break
        count *= len(position.alphabet)
        positions.append(position)
    return positions


def _find_positions(tree: RegexNode) -> Iterator[FixedPosition]:
    offset = 0
    for part in _flatten(tree):
        yield from _positions_of(part, offset)
        width = _fixed_width(part)
        if width is None:
            break
        offset += width
    else:
        return
    offset = 0
    for part in _flatten(tree, backwards=True):
        width = _fixed_width(part)
        if width is None:
            return
        offset -= width
        yield from _positions_of(part, offset)


def _positions_of(part: RegexNode, offset: int) -> Iterator[FixedPosition]:
    if isinstance(part, CharactersNode) and part.alphabet.isascii():
        alphabet = "".join(dict.fromkeys(part.alphabet))
        yield from (FixedPosition(offset + n, alphabet) for n in range(part.low))


def _flatten(tree: RegexNode, *, backwards: bool = False) -> Iterator[RegexNode]:
    """Yield the parts of a pattern in sequence, with a fixed number of copies expanded.

    Lazily: copies of copies may be billions.
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
    """Return the size of all texts of a pattern in bytes; None if it varies."""
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
    """Return the number of unique texts of `low` to `high` characters that are available."""
    texts = all_texts(tree, low, high)
    if texts is not None:
        return len(texts)
    return math.prod(len(position.alphabet) for position in fixed_positions(tree))


@dataclass(frozen=True, slots=True, eq=False)
class UniqueTextColumn:
    """Texts of another column with a permuted row number written over fixed positions.

    `positions` are pairs of a byte offset and its (size,) uint8 characters, the digits.
    """

    column: Column
    positions: tuple[tuple[int, NDArray[np.uint8]], ...]
    permutation: Permutation

    @classmethod
    def of(
        cls, column: Column, path: str, positions: Sequence[FixedPosition], seeds: StreamSeeds
    ) -> Self:
        """Return the column; all texts have the positions."""
        digits = tuple((p.offset, np.frombuffer(p.alphabet.encode(), np.uint8)) for p in positions)
        size = math.prod(len(table) for _, table in digits)
        return cls(column, digits, Permutation.of(seeds, path, size))

    @property
    def type(self) -> pa.DataType:
        """The Arrow type of the texts."""
        return self.column.type

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) texts. Cost: that of the other column, and about 10 ns per position."""
        texts = self.column.generate(block, positions)
        _, offsets, data = texts.buffers()
        starts = np.frombuffer(offsets, np.int32, len(texts) + 1)
        characters = np.frombuffer(data, np.uint8).copy()
        number = self.permutation(block.first_row + positions)
        for offset, table in self.positions:
            number, digit = np.divmod(number, len(table))
            edges = starts[:-1] if offset >= 0 else starts[1:]
            characters[edges + offset] = table[digit]
        return variable_width_array(self.type, starts, characters)
