"""Spots of texts: the characters that every text of a pattern has at the same place.

A place is counted from the start, or from the end behind what varies in length. Texts that differ
at their spots are different, whatever stands between: that is how they are made unique.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from gerador.scenario.fields.pattern_texts import texts_of
from gerador.scenario.fields.patterns import (
    Alternatives,
    Characters,
    Pattern,
    Repeated,
    Sequence,
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

SPACE_MAX: Final = 2**63 - 1
"""The most numbers that a permutation of rows goes over."""
COPIES_MAX: Final = 63
"""Copies of a part that are looked into; more spots than there are bits count no further."""


class Spot(NamedTuple):
    """One of `alphabet`'s characters, all different and in ASCII, at byte `place` of every text.

    Below zero a place counts from the end, as an index of Python does.
    """

    place: int
    alphabet: str


def spots_of(tree: Pattern) -> list[Spot]:
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
    for part in _parts(tree):
        yield from _within(part, place)
        width = _width(part)
        if width is None:
            break
        place += width
    else:
        return
    place = 0
    for part in _parts(tree, backwards=True):
        width = _width(part)
        if width is None:
            return
        place -= width
        yield from _within(part, place)


def _within(part: Pattern, place: int) -> Iterator[Spot]:
    if isinstance(part, Characters) and part.alphabet.isascii():
        alphabet = "".join(dict.fromkeys(part.alphabet))
        yield from (Spot(place + n, alphabet) for n in range(part.low))


def _parts(tree: Pattern, *, backwards: bool = False) -> Iterator[Pattern]:
    """Yield what stands one behind the other, with copies of a fixed number written out.

    As far as is asked for: copies of copies may be billions.
    """
    match tree:
        case Sequence():
            for part in reversed(tree.parts) if backwards else tree.parts:
                yield from _parts(part, backwards=backwards)
        case Repeated() if tree.low == tree.high and tree.low <= COPIES_MAX and _width(tree) != 0:
            for _ in range(tree.low):
                yield from _parts(tree.inner, backwards=backwards)
        case _:
            yield tree


def _width(tree: Pattern) -> int | None:
    """Return the bytes that every text of a pattern has; None where they differ."""
    match tree:
        case Text():
            return len(tree.text.encode())
        case Characters() if tree.low == tree.high and tree.alphabet.isascii():
            return tree.low
        case Alternatives():
            widths = {_width(branch) for branch in tree.branches}
            return widths.pop() if len(widths) == 1 else None
        case Sequence():
            inner = [_width(part) for part in tree.parts]
            return None if None in inner else sum(w for w in inner if w is not None)
        case Repeated() if tree.low == tree.high:
            width = _width(tree.inner)
            return None if width is None else width * tree.low
    return None


def space_of(tree: Pattern, low: int, high: int) -> int:
    """Return how many texts of `low` to `high` characters can be made that all differ."""
    few = texts_of(tree, low, high)
    if few is not None:
        return len(few)
    return math.prod(len(spot.alphabet) for spot in spots_of(tree))
