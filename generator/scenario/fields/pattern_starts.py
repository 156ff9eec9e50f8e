"""How texts begin: the characters that every text of a pattern has at the same place.

Texts whose beginnings differ are different, whatever follows: that is how they are made unique.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from generator.scenario.fields.pattern_texts import texts_of
from generator.scenario.fields.patterns import Characters, Pattern, Sequence, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

SPACE_MAX: Final = 2**63 - 1
"""The most numbers that a permutation of rows goes over."""


class Spot(NamedTuple):
    """One of `alphabet`'s characters, all different and in ASCII, at byte `place` of every text."""

    place: int
    alphabet: str


def starts_of(tree: Pattern) -> list[Spot]:
    """Return the spots of a pattern's texts, from the first on; as many as `SPACE_MAX` counts."""
    spots, space = list[Spot](), 1
    for spot in _spots(tree):
        if space * len(spot.alphabet) > SPACE_MAX:
            break
        space *= len(spot.alphabet)
        spots.append(spot)
    return spots


def _spots(tree: Pattern) -> Iterator[Spot]:
    place = 0
    for part in tree.parts if isinstance(tree, Sequence) else (tree,):
        match part:
            case Text() if part.text.isascii():
                place += len(part.text)
            case Characters() if part.alphabet.isascii():
                alphabet = "".join(dict.fromkeys(part.alphabet))
                yield from (Spot(place + n, alphabet) for n in range(part.low))
                place += part.low
                if part.high != part.low:
                    return
            case _:
                return


def space_of(tree: Pattern, low: int, high: int) -> int:
    """Return how many texts of `low` to `high` characters can be made that all differ."""
    few = texts_of(tree, low, high)
    if few is not None:
        return len(few)
    return math.prod(len(spot.alphabet) for spot in starts_of(tree))
