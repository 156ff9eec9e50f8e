"""Columns of texts that match a pattern, or are random characters.

The law of a text is the pattern's natural one: alternatives equally likely, the counts of a
quantifier equally likely, characters of a class equally likely; given that the text's length lies
within the bounds. So a length is drawn by that law, and then a text of that length (`drawers`).
Patterns of few texts become a table of them; those of one width are written in place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from gerador.events.columns.column import Column, Leaf, Positions
from gerador.events.columns.drawers import (
    Chooser,
    Copies,
    Drawer,
    InTurn,
    Literal,
    OneBranch,
    Runs,
)
from gerador.events.columns.fixed_width import fixed_width
from gerador.events.columns.numbered import Numbered
from gerador.events.columns.permutation import Permutation
from gerador.events.columns.pooled import Pooled, pooled_column
from gerador.events.columns.texts import Texts
from gerador.scenario.fields import RegexField, TextField
from gerador.scenario.fields.pattern_lengths import possible_lengths
from gerador.scenario.fields.pattern_spots import spots_of
from gerador.scenario.fields.pattern_texts import texts_of
from gerador.scenario.fields.patterns import (
    Alternatives,
    Characters,
    Pattern,
    Repeated,
    Sequence,
    Text,
    joined,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.events.block import Block
    from gerador.events.columns.drawers import Law
    from gerador.events.columns.making import Make, Making, Place
    from gerador.events.seeds import StreamSeeds


@dataclass(frozen=True, slots=True)
class Matching(Leaf):
    """Texts of a pattern whose lengths have the shares of `lengths`."""

    lengths: Chooser
    drawer: Drawer

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) texts."""
        draws = block.draws(self.path)
        return self.drawer.draw(draws, self.lengths.choose(draws, np.zeros(len(at), np.int64)))


def pattern_column(
    path: str, tree: Pattern, low: int, high: int, unique: StreamSeeds | None = None
) -> Column:
    """Return the column of texts of a pattern with `low` to `high` characters.

    With seeds, no two rows have the same text, as far as `pattern_spots.space_of` goes.
    """
    few = texts_of(tree, low, high)
    if few is not None:
        return _table(path, few, unique)
    made = fixed_width(path, tree) or _matching(path, tree, low, high)
    return made if unique is None else Numbered.of(made, path, spots_of(tree), unique)


def _table(path: str, few: Mapping[str, float], unique: StreamSeeds | None) -> Pooled:
    entries = pa.array(list(few), pa.string())
    if unique is None:
        return pooled_column(path, entries, list(few.values()))
    return pooled_column(path, entries, permutation=Permutation.of(unique, path, len(entries)))


def _matching(path: str, tree: Pattern, low: int, high: int) -> Matching:
    drawer = _Drawers(path, possible_lengths(tree, high).bit_length() - 1).of(tree)
    law = drawer.law.copy()
    law[:low] = 0
    return Matching(path, pa.string(), Chooser.of(law[None, :]), drawer)


@dataclass(frozen=True, slots=True)
class _Drawers:
    """Makes what draws a pattern's texts of up to `most` characters."""

    path: str
    most: int

    def of(self, tree: Pattern) -> Drawer:
        match tree:
            case Text():
                return Literal(self._at(len(tree.text)), tree.text)
            case Characters():
                high = self.most if tree.high is None else tree.high
                law = np.zeros(self.most + 1)
                law[tree.low : high + 1] = 1 / (high - tree.low + 1) if high >= tree.low else 0
                return Runs(self.path, law, tree.alphabet)
            case Sequence():
                return self._in_turn(tuple(map(self.of, tree.parts)))
            case Alternatives():
                branches = tuple(map(self.of, tree.branches))
                laws = np.array([b.law for b in branches])
                return OneBranch(laws.mean(axis=0), branches, Chooser.of(laws.T))
            case Repeated():
                return self._copies(tree)

    def _at(self, length: int) -> Law:
        law = np.zeros(self.most + 1)
        law[length : length + 1] = 1
        return law

    def _sum(self, a: Law, b: Law) -> Law:
        """Return the law of the sum of two lengths, by products and sums in one order.

        `np.convolve` adds as the processor's library likes, and its last digit with it.
        """
        few, many = sorted((a, b), key=np.count_nonzero)
        law = np.zeros(self.most + 1)
        for length in np.flatnonzero(few):
            law[length:] += few[length] * many[: self.most + 1 - length]
        return law

    def _in_turn(self, parts: tuple[Drawer, ...]) -> InTurn:
        behind, splits = self._at(0), list[tuple[int, int] | Chooser]()
        for part in reversed(parts):
            if np.count_nonzero(part.law) <= 1:
                splits.append((0, int(np.argmax(part.law))))
            elif np.count_nonzero(behind) <= 1:
                splits.append((1, -int(np.argmax(behind))))
            else:
                splits.append(self._split(part.law, behind))
            behind = self._sum(part.law, behind)
        return InTurn(behind, parts, tuple(reversed(splits)))

    def _split(self, law: Law, behind: Law) -> Chooser:
        """Return what chooses a part's length from the characters left for it and those behind."""
        left, mine = np.ogrid[: self.most + 1, : self.most + 1]
        rest = left - mine
        return Chooser.of(np.where(rest >= 0, law[mine] * behind[np.maximum(rest, 0)], 0.0))

    def _copies(self, tree: Repeated) -> Copies:
        inner = self.of(tree.inner)
        laws, choosers = [self._at(0)], []
        for _ in range(self._copies_max(tree, inner.law)):
            choosers.append(self._split(inner.law, laws[-1]))
            laws.append(self._sum(inner.law, laws[-1]))
        weights = np.array(laws).T
        weights[:, : tree.low] = 0
        shares = max(weights.shape[1] - tree.low, 1)
        law = weights.sum(axis=1) / shares
        return Copies(self.path, law, inner, Chooser.of(weights), tuple(choosers))

    def _copies_max(self, tree: Repeated, law: Law) -> int:
        """Return how many copies there may be, so that those with a character in them fit."""
        shortest = max(int(np.flatnonzero(law)[0]) if law.any() else 1, 1)
        fitting = max(self.most // shortest, tree.low)
        return fitting if tree.high is None else min(tree.high, fitting)


def _column(making: Making, place: Place, declared: RegexField) -> Column:
    """Return the column of a pattern between its prefix and suffix, which no length counts."""
    around = len(declared.prefix) + len(declared.suffix)
    low, high = (length + around for length in declared.lengths)
    tree = joined([Text(declared.prefix), declared.tree, Text(declared.suffix)])
    return pattern_column(place.path, tree, low, high, making.seeds if declared.unique else None)


def _text(making: Making, place: Place, declared: TextField) -> Column:
    if declared.prefix or declared.suffix or declared.unique:
        return _column(making, place, declared)  # type: ignore[arg-type]
    alphabet = np.frombuffer(declared.alphabet.encode("ascii"), np.uint8)
    return Texts(place.path, pa.string(), *declared.lengths, alphabet)


MAKERS: Final[Mapping[type, Make]] = {RegexField: _column, TextField: _text}
