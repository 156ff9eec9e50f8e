"""What draws texts of given lengths: literals, runs of characters, parts, alternatives, copies.

Rows at once, a part at a time; no pattern is read here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gerador.events.columns.column import offsets_of, varying
from gerador.events.columns.texts import letters

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gerador.events.seeds import Draws

    Law: TypeAlias = NDArray[np.float64]
    """Probabilities of 0, 1, 2, … characters, up to the most that are allowed."""
    Lengths: TypeAlias = NDArray[np.int64]
    """(items,) int64 characters of each item."""

UNIT_32: Final = 2.0**-32
NOTHING: Final = pa.scalar("", pa.string())


class Drawer(Protocol):
    """Draws texts of given lengths."""

    @property
    def law(self) -> Law:
        """How likely each length is."""
        ...

    def draw(self, draws: Draws, lengths: Lengths) -> pa.StringArray:
        """Return one text of each of the lengths, which are possible ones."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Chooser:
    """Chooses by weights that depend on a row's state: `ends` are running shares, state by state.

    State s has its shares in (s, s + 1], so that one search finds the state's choice.
    """

    ends: NDArray[np.float64]
    choices: int

    @classmethod
    def of(cls, weights: NDArray[np.float64]) -> Chooser:
        """Return the chooser of (states, choices) weights; a state of zeros is never asked."""
        running = np.cumsum(weights, axis=1)
        # The last choice that has a weight ends at exactly 1: a sum divided by itself.
        shares = running / np.where(running[:, -1:] > 0, running[:, -1:], 1)
        shares += np.arange(len(weights))[:, None]
        return cls(shares.ravel(), weights.shape[1])

    def choose(self, draws: Draws, states: Lengths) -> NDArray[np.int64]:
        """Return (items,) choices; shares are met to within 2**-32."""
        unit = draws.parts(len(states), 32) * UNIT_32
        return np.searchsorted(self.ends, states + unit, side="right") - states * self.choices


@dataclass(frozen=True, slots=True, eq=False)
class Literal:
    """The same text always."""

    law: Law
    text: str

    def draw(self, _draws: Draws, lengths: Lengths) -> pa.StringArray:
        """Return (items,) texts."""
        return pa.repeat(pa.scalar(self.text, pa.string()), len(lengths))


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Characters of an alphabet, as many as the length says."""

    path: str
    law: Law
    alphabet: str

    def draw(self, draws: Draws, lengths: Lengths) -> pa.StringArray:
        """Return (items,) texts. Cost: about 2 ns a character in ASCII, else 30."""
        offsets = offsets_of(lengths, self.path)
        count = int(offsets[-1])
        if self.alphabet.isascii():
            octets = np.frombuffer(self.alphabet.encode(), np.uint8)
            return varying(pa.string(), offsets, letters(draws, count, octets))
        index = draws.index(count, len(self.alphabet))
        return run_together(pa.array(list(self.alphabet)).take(pa.array(index)), offsets)


@dataclass(frozen=True, slots=True, eq=False)
class InTurn:
    """Parts one after another.

    `splits` says by part how many of the characters left it takes: ``(a, b)`` is a * left + b,
    always so many or all but some; else by a choice.
    """

    law: Law
    parts: tuple[Drawer, ...]
    splits: tuple[tuple[int, int] | Chooser, ...]

    def draw(self, draws: Draws, lengths: Lengths) -> pa.StringArray:
        """Return (items,) texts."""
        left, made = lengths, []
        for part, split in zip(self.parts, self.splits, strict=True):
            if isinstance(split, Chooser):
                taken = split.choose(draws, left)
            else:
                taken = split[0] * left + split[1]
            left = left - taken
            if isinstance(part, Literal):
                made.append(pa.scalar(part.text, pa.string()))
            else:
                made.append(part.draw(draws, taken))
        return pc.binary_join_element_wise(*made, NOTHING)


@dataclass(frozen=True, slots=True, eq=False)
class OneBranch:
    """One of several branches, chosen by the length."""

    law: Law
    branches: tuple[Drawer, ...]
    chooser: Chooser

    def draw(self, draws: Draws, lengths: Lengths) -> pa.StringArray:
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
class Copies:
    """Copies of what is inside: how many is chosen by the length, then the length of each.

    `lengths_of[k - 1]` chooses the length of a copy that k - 1 others follow.
    """

    path: str
    law: Law
    inner: Drawer
    count: Chooser
    lengths_of: tuple[Chooser, ...]

    def draw(self, draws: Draws, lengths: Lengths) -> pa.StringArray:
        """Return (items,) texts."""
        counts = self.count.choose(draws, lengths)
        offsets = offsets_of(counts, self.path)
        copies, left = np.zeros(int(offsets[-1]), np.int64), lengths.copy()
        for to_come in range(int(counts.max(initial=0)), 0, -1):
            mine = np.flatnonzero(counts >= to_come)
            taken = self.lengths_of[to_come - 1].choose(draws, left[mine])
            copies[offsets[1:][mine] - to_come] = taken
            left[mine] -= taken
        return run_together(self.inner.draw(draws, copies), offsets)


def run_together(texts: pa.StringArray, offsets: NDArray[np.int32]) -> pa.StringArray:
    """Return texts run together: item i holds those from offsets[i] to before offsets[i + 1]."""
    starts = np.frombuffer(texts.buffers()[1], np.int32, len(texts) + 1, 4 * texts.offset)
    data = texts.buffers()[2]
    octets = np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)
    return varying(pa.string(), starts[offsets], octets)
