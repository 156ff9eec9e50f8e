"""Sample texts of given lengths from a syntax tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gerador.values.arrow_arrays import offsets_from_lengths, variable_width_array
from gerador.values.regex.tree import (
    AlternativesNode,
    CharactersNode,
    LiteralNode,
    RegexNode,
    RepeatNode,
    SequenceNode,
)

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import NDArray

    from gerador.randomness import Rng

    LengthProbabilities: TypeAlias = NDArray[np.float64]
    """Probabilities of 0, 1, 2, … characters, up to the most that are allowed."""
    TextLengths: TypeAlias = NDArray[np.int64]
    """(items,) int64 characters of each item."""


UNIT_32: Final = 2.0**-32
_EMPTY_TEXT: Final = pa.scalar("", pa.string())


class TextSampler(Protocol):
    """Draws texts of given lengths."""

    @property
    def law(self) -> LengthProbabilities:
        """How likely each length is."""
        ...

    def draw(self, draws: Rng, lengths: TextLengths) -> pa.StringArray:
        """Return one text of each of the lengths, which are possible ones."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class StateChoice:
    """Chooses by weights that depend on a row's state: `ends` are running shares, state by state.

    State s has its shares in (s, s + 1], so that one search finds the state's choice.
    """

    ends: NDArray[np.float64]
    choices: int

    @classmethod
    def of(cls, weights: NDArray[np.float64]) -> StateChoice:
        """Return the chooser of (states, choices) weights; a state of zeros is never asked."""
        running = np.cumsum(weights, axis=1)
        # The last choice that has a weight ends at exactly 1: a sum divided by itself.
        shares = running / np.where(running[:, -1:] > 0, running[:, -1:], 1)
        shares += np.arange(len(weights))[:, None]
        return cls(shares.ravel(), weights.shape[1])

    def choose(self, draws: Rng, states: TextLengths) -> NDArray[np.int64]:
        """Return (items,) choices; shares are met to within 2**-32."""
        unit = draws.parts(len(states), 32) * UNIT_32
        return np.searchsorted(self.ends, states + unit, side="right") - states * self.choices


@dataclass(frozen=True, slots=True, eq=False)
class LiteralSampler:
    """The same text always."""

    law: LengthProbabilities
    text: str

    def draw(self, _draws: Rng, lengths: TextLengths) -> pa.StringArray:
        """Return (items,) texts."""
        return pa.repeat(pa.scalar(self.text, pa.string()), len(lengths))


@dataclass(frozen=True, slots=True, eq=False)
class CharactersSampler:
    """Characters of an alphabet, as many as the length says."""

    path: str
    law: LengthProbabilities
    alphabet: str

    def draw(self, draws: Rng, lengths: TextLengths) -> pa.StringArray:
        """Return (items,) texts. Cost: about 2 ns a character in ASCII, else 30."""
        offsets = offsets_from_lengths(lengths, self.path)
        count = int(offsets[-1])
        if self.alphabet.isascii():
            octets = np.frombuffer(self.alphabet.encode(), np.uint8)
            return variable_width_array(
                pa.string(), offsets, random_characters(draws, count, octets)
            )
        index = draws.index(count, len(self.alphabet))
        return concatenate_runs(pa.array(list(self.alphabet)).take(pa.array(index)), offsets)


@dataclass(frozen=True, slots=True, eq=False)
class SequenceSampler:
    """Parts one after another.

    `splits` says by part how many of the characters left it takes: ``(a, b)`` is a * left + b,
    always so many or all but some; else by a choice.
    """

    law: LengthProbabilities
    parts: tuple[TextSampler, ...]
    splits: tuple[tuple[int, int] | StateChoice, ...]

    def draw(self, draws: Rng, lengths: TextLengths) -> pa.StringArray:
        """Return (items,) texts."""
        left, made = lengths, []
        for part, split in zip(self.parts, self.splits, strict=True):
            if isinstance(split, StateChoice):
                taken = split.choose(draws, left)
            else:
                taken = split[0] * left + split[1]
            left = left - taken
            if isinstance(part, LiteralSampler):
                made.append(pa.scalar(part.text, pa.string()))
            else:
                made.append(part.draw(draws, taken))
        return pc.binary_join_element_wise(*made, _EMPTY_TEXT)


@dataclass(frozen=True, slots=True, eq=False)
class AlternativesSampler:
    """One of several branches, chosen by the length."""

    law: LengthProbabilities
    branches: tuple[TextSampler, ...]
    chooser: StateChoice

    def draw(self, draws: Rng, lengths: TextLengths) -> pa.StringArray:
        """Return (items,) texts."""
        chosen = self.chooser.choose(draws, lengths)
        place, made, first = np.empty(len(lengths), np.int64), [], 0
        for number, branch in enumerate(self.branches):
            mine = np.flatnonzero(chosen == number)
            place[mine] = np.arange(first, first + len(mine))
            first += len(mine)
            made.append(branch.draw(draws, lengths[mine]))
        return pa.concat_arrays(made).take(pa.array(place))


@dataclass(frozen=True, slots=True, eq=False)
class RepeatSampler:
    """Copies of what is inside: how many is chosen by the length, then the length of each.

    `lengths_of[k - 1]` chooses the length of a copy that k - 1 others follow.
    """

    path: str
    law: LengthProbabilities
    inner: TextSampler
    count: StateChoice
    lengths_of: tuple[StateChoice, ...]

    def draw(self, draws: Rng, lengths: TextLengths) -> pa.StringArray:
        """Return (items,) texts."""
        counts = self.count.choose(draws, lengths)
        offsets = offsets_from_lengths(counts, self.path)
        copies, left = np.zeros(int(offsets[-1]), np.int64), lengths.copy()
        for to_come in range(int(counts.max(initial=0)), 0, -1):
            mine = np.flatnonzero(counts >= to_come)
            taken = self.lengths_of[to_come - 1].choose(draws, left[mine])
            copies[offsets[1:][mine] - to_come] = taken
            left[mine] -= taken
        return concatenate_runs(self.inner.draw(draws, copies), offsets)


def concatenate_runs(texts: pa.StringArray, offsets: NDArray[np.int32]) -> pa.StringArray:
    """Return texts run together: item i holds those from offsets[i] to before offsets[i + 1]."""
    starts = np.frombuffer(texts.buffers()[1], np.int32, len(texts) + 1, 4 * texts.offset)
    data = texts.buffers()[2]
    octets = np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)
    return variable_width_array(pa.string(), starts[offsets], octets)


@dataclass(frozen=True, slots=True)
class SamplerBuilder:
    """Makes what draws a pattern's texts of up to `most` characters."""

    path: str
    most: int

    def of(self, tree: RegexNode) -> TextSampler:
        """Return the sampler of a node."""
        match tree:
            case LiteralNode():
                return LiteralSampler(self._at(len(tree.text)), tree.text)
            case CharactersNode():
                high = self.most if tree.high is None else tree.high
                law = np.zeros(self.most + 1)
                law[tree.low : high + 1] = 1 / (high - tree.low + 1) if high >= tree.low else 0
                return CharactersSampler(self.path, law, tree.alphabet)
            case SequenceNode():
                return self._in_turn(tuple(map(self.of, tree.parts)))
            case AlternativesNode():
                branches = tuple(map(self.of, tree.branches))
                laws = np.array([b.law for b in branches])
                return AlternativesSampler(laws.mean(axis=0), branches, StateChoice.of(laws.T))
            case RepeatNode():
                return self._copies(tree)

    def _at(self, length: int) -> LengthProbabilities:
        law = np.zeros(self.most + 1)
        law[length : length + 1] = 1
        return law

    def _sum(self, a: LengthProbabilities, b: LengthProbabilities) -> LengthProbabilities:
        """Return the law of the sum of two lengths, by products and sums in one order.

        `np.convolve` adds as the processor's library likes, and its last digit with it.
        """
        few, many = sorted((a, b), key=np.count_nonzero)
        law = np.zeros(self.most + 1)
        for length in np.flatnonzero(few):
            law[length:] += few[length] * many[: self.most + 1 - length]
        return law

    def _in_turn(self, parts: tuple[TextSampler, ...]) -> SequenceSampler:
        behind, splits = self._at(0), list[tuple[int, int] | StateChoice]()
        for part in reversed(parts):
            if np.count_nonzero(part.law) <= 1:
                splits.append((0, int(np.argmax(part.law))))
            elif np.count_nonzero(behind) <= 1:
                splits.append((1, -int(np.argmax(behind))))
            else:
                splits.append(self._split(part.law, behind))
            behind = self._sum(part.law, behind)
        return SequenceSampler(behind, parts, tuple(reversed(splits)))

    def _split(self, law: LengthProbabilities, behind: LengthProbabilities) -> StateChoice:
        """Return what chooses a part's length from the characters left for it and those behind."""
        left, mine = np.ogrid[: self.most + 1, : self.most + 1]
        rest = left - mine
        return StateChoice.of(np.where(rest >= 0, law[mine] * behind[np.maximum(rest, 0)], 0.0))

    def _copies(self, tree: RepeatNode) -> RepeatSampler:
        inner = self.of(tree.inner)
        laws, choosers = [self._at(0)], []
        for _ in range(self._copies_max(tree, inner.law)):
            choosers.append(self._split(inner.law, laws[-1]))
            laws.append(self._sum(inner.law, laws[-1]))
        weights = np.array(laws).T
        weights[:, : tree.low] = 0
        shares = max(weights.shape[1] - tree.low, 1)
        law = weights.sum(axis=1) / shares
        return RepeatSampler(self.path, law, inner, StateChoice.of(weights), tuple(choosers))

    def _copies_max(self, tree: RepeatNode, law: LengthProbabilities) -> int:
        """Return how many copies there may be, so that those with a character in them fit."""
        shortest = max(int(np.flatnonzero(law)[0]) if law.any() else 1, 1)
        fitting = max(self.most // shortest, tree.low)
        return fitting if tree.high is None else min(tree.high, fitting)


def random_characters(draws: Rng, count: int, alphabet: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return (count,) bytes of an alphabet, those at the places that `Draws.index` would draw."""
    if len(alphabet) & (len(alphabet) - 1) == 0:
        return alphabet[draws.index(count, len(alphabet))]
    from gerador.values.kernels.text import choose_characters  # noqa: PLC0415 - compiled, if needed

    out = np.empty(count, np.uint8)
    choose_characters(draws.parts(count, 32), alphabet, out)
    return out
