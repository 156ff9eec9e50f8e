"""Columns that count rows: sequences, and turns. A value depends on its row's index alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from gerador.events.block import pick
from gerador.events.columns.affixes import Affixed, affixed
from gerador.events.columns.column import Leaf, Positions
from gerador.events.columns.fitted import from_steps
from gerador.events.limits import BLOCK_ROWS
from gerador.scenario.fields import SequenceField, TurnsField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gerador.events.block import Block
    from gerador.events.columns.making import Make, Making, Place
    from gerador.scenario.fields.counted import Count


@dataclass(frozen=True, slots=True)
class Sequence(Leaf):
    """The numbers of a sequence; items of lists have their row's."""

    count: Count

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) numbers, or their text. Cost: O(block), no Python per row."""
        steps = sequence(self.count, block.first_row, BLOCK_ROWS)
        return from_steps(pick(steps, at), self.count.places, self.type)


@dataclass(frozen=True, slots=True)
class Alternating(Leaf):
    """True and false in turn, beginning with `first` in row 0."""

    first: bool

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) booleans."""
        return pa.array((block.first_row + at) % 2 == (0 if self.first else 1))


@dataclass(frozen=True, slots=True)
class Turns(Leaf):
    """Row n's number is n modulo `of`, and `start` more."""

    of: int
    start: int

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) whole numbers."""
        return from_steps((block.first_row + at) % self.of + self.start, 0, self.type)


def sequence(count: Count, first_row: int, rows: int) -> NDArray[np.int64]:
    """Return a sequence's steps of rows [first_row, first_row + rows), (rows,) int64, exact."""
    first = count.ahead + first_row * count.step
    before = min(max(-(first // count.step), 0), rows)  # rows that lie before the start
    steps = np.empty(rows, np.uint64)
    if before:
        ahead = np.arange(before, dtype=np.uint64) * np.uint64(count.step % 2**64)
        steps[:before] = ahead + np.uint64(first % 2**64)
    if before < rows:
        _wrapped((first + before * count.step) % count.span, count, steps[before:])
    if count.sign < 0:
        np.negative(steps, out=steps)
    steps += np.uint64(count.start % 2**64)
    return steps.view(np.int64)


def _wrapped(first: int, count: Count, out: NDArray[np.uint64]) -> None:
    """Put (first + n * step) % span into `out`, each doubling what is there already.

    Unsigned 64-bit arithmetic never overflows that way, whatever the span, up to 2**64.
    """
    out[0] = first
    done = 1
    while done < len(out):
        wanted = min(done, len(out) - done)
        shift = done * count.step % count.span
        known = out[:wanted]
        if shift:
            room = np.uint64(count.span - shift)
            wraps = known >= room
            out[done : done + wanted] = np.where(wraps, known - room, known + np.uint64(shift))
        else:
            out[done : done + wanted] = known
        done += wanted


def _sequence(_: Making, place: Place, declared: SequenceField) -> Sequence | Alternating | Affixed:
    if pa.types.is_boolean(place.type):
        return Alternating(place.path, place.type, bool(declared.start))
    column = Sequence(place.path, place.type, declared.count(place.avro_type))
    return affixed(column, declared.prefix, declared.suffix)


MAKERS: Final[Mapping[type, Make]] = {
    SequenceField: _sequence,
    TurnsField: lambda _, place, declared: Turns(
        place.path, place.type, declared.of, declared.start
    ),
}
