"""The possible text lengths of a regular expression, as bit sets: bit n is n characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gerador.values.regex.tree import (
    AlternativesNode,
    CharactersNode,
    LiteralNode,
    RegexNode,
    RepeatNode,
    SequenceNode,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


def possible_lengths(tree: RegexNode, most: int) -> int:
    """Return the possible lengths of a pattern's texts, up to `most` characters.

    Cost: O(copies · most) shifts of `most` bits.
    """
    match tree:
        case LiteralNode():
            return 1 << len(tree.text) if len(tree.text) <= most else 0
        case CharactersNode():
            high = most if tree.high is None else min(tree.high, most)
            return (1 << (high + 1)) - (1 << tree.low) if tree.low <= high else 0
        case SequenceNode():
            found = 1
            for part in tree.parts:
                found = _length_sums(found, possible_lengths(part, most), most)
            return found
        case AlternativesNode():
            found = 0
            for branch in tree.branches:
                found |= possible_lengths(branch, most)
            return found
        case RepeatNode():
            return _repeat_lengths(possible_lengths(tree.inner, most), tree.low, tree.high, most)


def _repeat_lengths(inner: int, low: int, high: int | None, most: int) -> int:
    found, power = 0, 1
    for copies in range((most if high is None else high) + 1):
        if copies >= low:
            grown = found | power
            if grown == found:
                break
            found = grown
        power = _length_sums(power, inner, most)
        if not power:
            break
    return found


def _length_sums(a: int, b: int, most: int) -> int:
    """Return all sums of one length of `a` and one of `b`."""
    fewer, more = sorted((a, b), key=int.bit_count)
    found = 0
    for length in lengths_in(fewer):
        found |= more << length
    return found & ((1 << (most + 1)) - 1)


def lengths_in(bits: int) -> Iterator[int]:
    """Yield the lengths in ascending order."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def format_lengths(bits: int) -> str:
    """Return a set of lengths as text: ``6 characters``, ``5 to 8 characters``."""
    lengths = list(lengths_in(bits))
    runs: list[list[int]] = []
    for length in lengths:
        if runs and runs[-1][-1] == length - 1:
            runs[-1][1:] = [length]
        else:
            runs.append([length])
    shown = [" to ".join(map(str, run)) for run in runs[:4]]
    more = ", …" if len(runs) > 4 else ""
    return f"{', '.join(shown)}{more} character{'s' if lengths != [1] else ''}"
