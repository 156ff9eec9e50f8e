"""All texts of a pattern that has few, each with its share under the pattern's law."""

from __future__ import annotations

import math
from itertools import product
from typing import Final

from gerador.scenario.fields.patterns import (
    Alternatives,
    Characters,
    Pattern,
    Repeated,
    Sequence,
    Text,
    is_open,
)

TEXTS_MAX: Final = 16_384
"""Texts of a pattern that are kept as a table: small enough for a core's cache."""

Shares = dict[str, float]


def texts_of(tree: Pattern, low: int, high: int) -> Shares | None:
    """Return the texts of `low` to `high` characters with their shares; None: too many.

    Ways to make a text are counted, not texts: ``(a|a)`` has two.
    """
    if is_open(tree) or ways(tree) > TEXTS_MAX:
        return None
    found = {text: share for text, share in _shares(tree).items() if low <= len(text) <= high}
    total = math.fsum(found.values())
    return {text: share / total for text, share in found.items()}


def ways(tree: Pattern) -> int:
    """Return in how many ways a closed pattern makes texts, counted up to `TEXTS_MAX` + 1."""
    match tree:
        case Text():
            found = 1
        case Characters():
            found = _repeats(len(tree.alphabet), tree.low, tree.high or 0)
        case Sequence():
            found = math.prod(map(ways, tree.parts))
        case Alternatives():
            found = sum(map(ways, tree.branches))
        case Repeated():
            found = _repeats(ways(tree.inner), tree.low, tree.high or 0)
    return min(found, TEXTS_MAX + 1)


def _repeats(size: int, low: int, high: int) -> int:
    return sum(size**n for n in range(low, high + 1))


def _shares(tree: Pattern) -> Shares:
    match tree:
        case Text():
            return {tree.text: 1.0}
        case Characters():
            return _copies(_mixed([{c: 1.0} for c in tree.alphabet]), tree.low, tree.high or 0)
        case Sequence():
            found = {"": 1.0}
            for part in tree.parts:
                found = _after(found, _shares(part))
            return found
        case Alternatives():
            return _mixed([_shares(branch) for branch in tree.branches])
        case Repeated():
            return _copies(_shares(tree.inner), tree.low, tree.high or 0)


def _copies(inner: Shares, low: int, high: int) -> Shares:
    power, powers = {"": 1.0}, []
    for copies in range(high + 1):
        if copies >= low:
            powers.append(power)
        if copies < high:
            power = _after(power, inner)
    return _mixed(powers)


def _after(first: Shares, second: Shares) -> Shares:
    found: Shares = {}
    for (a, share_a), (b, share_b) in product(first.items(), second.items()):
        found[a + b] = found.get(a + b, 0.0) + share_a * share_b
    return found


def _mixed(laws: list[Shares]) -> Shares:
    found: Shares = {}
    for law in laws:
        for text, share in law.items():
            found[text] = found.get(text, 0.0) + share / len(laws)
    return found
