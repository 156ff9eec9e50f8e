"""Generate texts of given lengths from a syntax tree."""

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
    """Probabilities of 0, 1, 2, … characters, up to the maximum length."""
    TextLengths: TypeAlias = NDArray[np.int64]
    """(items,) int64 characters of each item."""


UNIT_32: Final = 2.0**-32
_EMPTY_TEXT: Final = pa.scalar("", pa.string())


class TextSampler(Protocol):
    """Generates random texts of given lengths."""

    @property
    def probabilities(self) -> LengthProbabilities:
        """The probability of each length."""
        ...

    def sample(self, rng: Rng, lengths: TextLengths) -> pa.StringArray:
        """Return one text of each of the lengths, which must be possible."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class StateChoice:
    """Chooses by weights that depend on the state of each item.

    `ends` are cumulative probabilities, those of state s in (s, s + 1], so that one search finds
    the choice.
    """

    ends: NDArray[np.float64]
    choices: int

    @classmethod
    def of(cls, weights: NDArray[np.float64]) -> StateChoice:
        """Build from (states, choices) weights; a state with zero weights must not occur."""
        running = np.cumsum(weights, axis=1)
        # The last choice with a weight ends at exactly 1: a sum divided by itself.
        shares = running / np.where(running[:, -1:] > 0, running[:, -1:], 1)
        shares += np.arange(len(weights))[:, None]
        return cls(shares.ravel(), weights.shape[1])

    def choose(self, rng: Rng, states: TextLengths) -> NDArray[np.int64]:
        """Return (items,) choices; probabilities are exact to within 2**-32."""
        unit = rng.bits(len(states), 32) * UNIT_32
        return np.searchsorted(self.ends, states + unit, side="right") - states * self.choices


@dataclass(frozen=True, slots=True, eq=False)
class LiteralSampler:
    """A fixed text."""

    probabilities: LengthProbabilities
    text: str

    def sample(self, _rng: Rng, lengths: TextLengths) -> pa.StringArray:
        """Return (items,) texts."""
        return pa.repeat(pa.scalar(self.text, pa.string()), len(lengths))


@dataclass(frozen=True, slots=True, eq=False)
class CharactersSampler:
    """Random characters of an alphabet."""

    path: str
    probabilities: LengthProbabilities
    alphabet: str

    def sample(self, rng: Rng, lengths: TextLengths) -> pa.StringArray:
        """Return (items,) texts. Cost: about 2 ns per ASCII character, else 30."""
        offsets = offsets_from_lengths(lengths, self.path)
        count = int(offsets[-1])
        if self.alphabet.isascii():
            data = np.frombuffer(self.alphabet.encode(), np.uint8)
            return variable_width_array(pa.string(), offsets, random_characters(rng, count, data))
        index = rng.index(count, len(self.alphabet))
        return concatenate_runs(pa.array(list(self.alphabet)).take(pa.array(index)), offsets)


@dataclass(frozen=True, slots=True, eq=False)
class SequenceSampler:
    """Parts in sequence.

    `splits` has the length of each part, given the length `left` for it and the parts after it:
    ``(a, b)`` is a * left + b, a fixed length or the rest; otherwise it is chosen at random.
    """

    probabilities: LengthProbabilities
    parts: tuple[TextSampler, ...]
    splits: tuple[tuple[int, int] | StateChoice, ...]

    def sample(self, rng: Rng, lengths: TextLengths) -> pa.StringArray:
        """Return (items,) texts."""
        left, parts = lengths, []
        for part, split in zip(self.parts, self.splits, strict=True):
            if isinstance(split, StateChoice):
                taken = split.choose(rng, left)
            else:
                taken = split[0] * left + split[1]
            left = left - taken
            if isinstance(part, LiteralSampler):
                parts.append(pa.scalar(part.text, pa.string()))
            else:
                parts.append(part.sample(rng, taken))
        return pc.binary_join_element_wise(*parts, _EMPTY_TEXT)


@dataclass(frozen=True, slots=True, eq=False)
class AlternativesSampler:
    """One of several branches, chosen given the length."""

    probabilities: LengthProbabilities
    branches: tuple[TextSampler, ...]
    chooser: StateChoice

    def sample(self, rng: Rng, lengths: TextLengths) -> pa.StringArray:
        """Return (items,) texts."""
        chosen = self.chooser.choose(rng, lengths)
        order, parts, first = np.empty(len(lengths), np.int64), [], 0
        for number, branch in enumerate(self.branches):
            mine = np.flatnonzero(chosen == number)
            order[mine] = np.arange(first, first + len(mine))
            first += len(mine)
            parts.append(branch.sample(rng, lengths[mine]))
        return pa.concat_arrays(parts).take(pa.array(order))


@dataclass(frozen=True, slots=True, eq=False)
class RepeatSampler:
    """Copies of a part: their number is chosen given the length, then the length of each.

    `lengths_of[k - 1]` chooses the length of a copy that is followed by k - 1 others.
    """

    path: str
    probabilities: LengthProbabilities
    inner: TextSampler
    count: StateChoice
    lengths_of: tuple[StateChoice, ...]

    def sample(self, rng: Rng, lengths: TextLengths) -> pa.StringArray:
        """Return (items,) texts."""
        counts = self.count.choose(rng, lengths)
        offsets = offsets_from_lengths(counts, self.path)
        copies, left = np.zeros(int(offsets[-1]), np.int64), lengths.copy()
        for remaining in range(int(counts.max(initial=0)), 0, -1):
            mine = np.flatnonzero(counts >= remaining)
            taken = self.lengths_of[remaining - 1].choose(rng, left[mine])
            copies[offsets[1:][mine] - remaining] = taken
            left[mine] -= taken
        return concatenate_runs(self.inner.sample(rng, copies), offsets)


def concatenate_runs(texts: pa.StringArray, offsets: NDArray[np.int32]) -> pa.StringArray:
    """Concatenate texts: item i is the texts [offsets[i], offsets[i + 1])."""
    starts = np.frombuffer(texts.buffers()[1], np.int32, len(texts) + 1, 4 * texts.offset)
    buffer = texts.buffers()[2]
    data = np.empty(0, np.uint8) if buffer is None else np.frombuffer(buffer, np.uint8)
    return variable_width_array(pa.string(), starts[offsets], data)


@dataclass(frozen=True, slots=True)
class SamplerBuilder:
    """Builds samplers of texts of up to `length_max` characters."""

    path: str
    length_max: int

    def of(self, tree: RegexNode) -> TextSampler:
        """Return the sampler of a node."""
        match tree:
            case LiteralNode():
                return LiteralSampler(self._certain(len(tree.text)), tree.text)
            case CharactersNode():
                high = self.length_max if tree.high is None else tree.high
                probabilities = np.zeros(self.length_max + 1)
                probabilities[tree.low : high + 1] = (
                    1 / (high - tree.low + 1) if high >= tree.low else 0
                )
                return CharactersSampler(self.path, probabilities, tree.alphabet)
            case SequenceNode():
                return self._sequence(tuple(map(self.of, tree.parts)))
            case AlternativesNode():
                branches = tuple(map(self.of, tree.branches))
                distributions = np.array([b.probabilities for b in branches])
                return AlternativesSampler(
                    distributions.mean(axis=0), branches, StateChoice.of(distributions.T)
                )
            case RepeatNode():
                return self._repeat(tree)

    def _certain(self, length: int) -> LengthProbabilities:
        probabilities = np.zeros(self.length_max + 1)
        probabilities[length : length + 1] = 1
        return probabilities

    def _sum(self, a: LengthProbabilities, b: LengthProbabilities) -> LengthProbabilities:
        """Return the distribution of the sum of two lengths, summed in a fixed order.

        The last digit of `np.convolve` depends on the processor.
        """
        few, many = sorted((a, b), key=np.count_nonzero)
        probabilities = np.zeros(self.length_max + 1)
        for length in np.flatnonzero(few):
            probabilities[length:] += few[length] * many[: self.length_max + 1 - length]
        return probabilities

    def _sequence(self, parts: tuple[TextSampler, ...]) -> SequenceSampler:
        rest_probabilities, splits = self._certain(0), list[tuple[int, int] | StateChoice]()
        for part in reversed(parts):
            if np.count_nonzero(part.probabilities) <= 1:
                splits.append((0, int(np.argmax(part.probabilities))))
            elif np.count_nonzero(rest_probabilities) <= 1:
                splits.append((1, -int(np.argmax(rest_probabilities))))
            else:
                splits.append(self._split(part.probabilities, rest_probabilities))
            rest_probabilities = self._sum(part.probabilities, rest_probabilities)
        return SequenceSampler(rest_probabilities, parts, tuple(reversed(splits)))

    def _split(
        self, probabilities: LengthProbabilities, rest_probabilities: LengthProbabilities
    ) -> StateChoice:
        """Return the choice of a part's length, given the length left for it and later parts."""
        left, mine = np.ogrid[: self.length_max + 1, : self.length_max + 1]
        rest = left - mine
        return StateChoice.of(
            np.where(rest >= 0, probabilities[mine] * rest_probabilities[np.maximum(rest, 0)], 0.0)
        )

    def _repeat(self, tree: RepeatNode) -> RepeatSampler:
        inner = self.of(tree.inner)
        distributions, choosers = [self._certain(0)], []
        for _ in range(self._copies_max(tree, inner.probabilities)):
            choosers.append(self._split(inner.probabilities, distributions[-1]))
            distributions.append(self._sum(inner.probabilities, distributions[-1]))
        weights = np.array(distributions).T
        weights[:, : tree.low] = 0
        shares = max(weights.shape[1] - tree.low, 1)
        probabilities = weights.sum(axis=1) / shares
        return RepeatSampler(
            self.path, probabilities, inner, StateChoice.of(weights), tuple(choosers)
        )

    def _copies_max(self, tree: RepeatNode, probabilities: LengthProbabilities) -> int:
        """Return the maximum number of copies that fit if none of them is empty."""
        shortest = max(int(np.flatnonzero(probabilities)[0]) if probabilities.any() else 1, 1)
        fitting = max(self.length_max // shortest, tree.low)
        return fitting if tree.high is None else min(tree.high, fitting)


def random_characters(rng: Rng, count: int, alphabet: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return (count,) random characters, those at the indices that `Rng.index` returns."""
    if len(alphabet) & (len(alphabet) - 1) == 0:
        return alphabet[rng.index(count, len(alphabet))]
    from gerador.values.kernels.alphabet_characters import choose_characters  # noqa: PLC0415 - compiled, if needed

    out = np.empty(count, np.uint8)
    choose_characters(rng.bits(count, 32), alphabet, out)
    return out
