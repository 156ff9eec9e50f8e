"""Columns of numbers by range and by distribution, and of booleans by share."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from gerador.events.columns.column import Leaf, Positions, from_numpy
from gerador.events.columns.distributions import DRAWN
from gerador.events.columns.fitted import from_steps, rounded
from gerador.events.columns.parameters import ends_of, told
from gerador.events.columns.permutation import PERMUTED_MAX, Permutation
from gerador.events.columns.weights import Weights, ranks_of
from gerador.scenario.fields import (
    BetaField,
    BooleanField,
    Declared,
    ExponentialField,
    LognormalField,
    LoguniformField,
    NormalField,
    PoissonField,
    TriangularField,
    UniformField,
    ZipfField,
)
from gerador.scenario.fields.ranges import decimals_on, steps_held
from gerador.scenario.fields.reach import is_drawn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.events.block import Block
    from gerador.events.columns.making import Make, Making, Place
    from gerador.events.columns.parameters import Ends, Parameter
    from gerador.scenario.avro import AvroType


@dataclass(frozen=True, slots=True)
class Whole(Leaf):
    """Integers in [low, high], both included, as Arrow int32 or int64 or a type of that width."""

    low: int
    high: int

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) integers."""
        values = block.draws(self.path).integers(len(at), self.low, self.high)
        narrow = values if self.type.bit_width == 64 else values.astype(np.int32)
        return from_numpy(narrow, self.type)


@dataclass(frozen=True, slots=True)
class Stepped(Leaf):
    """Numbers in [low, high] / scale, both included, every `stride` from `low` on.

    Each is a whole number of steps divided by `scale`, a power of ten (`fitted.from_steps`). With
    a permutation no two rows have the same.
    """

    low: int
    high: int
    scale: int
    stride: int = 1
    permutation: Permutation | None = None

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) numbers."""
        steps = self._steps(block, at)
        return from_steps(steps, len(str(self.scale)) - 1, self.type)

    def _steps(self, block: Block, at: Positions) -> np.ndarray:
        if self.permutation is not None:
            index = self.permutation(block.first_row + at)
        elif self.stride == 1:
            return block.draws(self.path).integers(len(at), self.low, self.high)
        else:
            most = (self.high - self.low) // self.stride
            index = block.draws(self.path).integers(len(at), 0, most)
        return self.low + self.stride * index


@dataclass(frozen=True, slots=True)
class Rounded(Leaf):
    """Numbers that a distribution draws, rounded to decimals and cut to the ends' steps.

    Ends that are drawn are drawn twice, by the numbers and here: from the same words.
    """

    drawn: Parameter
    places: int
    ends: Ends = (None, None)

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) numbers."""
        values = np.asarray(self.drawn(block, at), np.float64)
        return rounded(values, self.places, self.type, told(self.ends, block, at))


@dataclass(frozen=True, slots=True)
class Ranks(Leaf):
    """Whole numbers from `low` on by weight."""

    low: int
    weights: Weights

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) numbers."""
        return from_steps(
            self.low + self.weights.index(block.draws(self.path), len(at)), 0, self.type
        )


@dataclass(frozen=True, slots=True)
class Flags(Leaf):
    """Booleans, true with a given share."""

    true_share: float

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) booleans."""
        return pa.array(block.draws(self.path).chance(len(at), self.true_share))


def _uniform(making: Making, place: Place, declared: UniformField) -> Whole | Stepped | Rounded:
    """Return the column of a uniform range over whole numbers or decimal steps."""
    places = declared.places_on(place.avro_type)
    if isinstance(declared.min, Declared) or isinstance(declared.max, Declared):
        rounding = declared.model_copy(update={"decimals": places})
        drawn = DRAWN["uniform"](making, place.path, rounding)
        return Rounded(place.path, place.type, drawn, places)
    if pa.types.is_integer(place.type) and declared.step is None and not declared.unique:
        return Whole(place.path, place.type, int(declared.min), int(declared.max))
    scale = 10**places
    ends = round(declared.min * scale), round(declared.max * scale)
    stride = 1 if declared.step is None else round(declared.step * scale)
    permutation = None
    if declared.unique:
        size = (ends[1] - ends[0]) // stride + 1
        apart = -(-size // PERMUTED_MAX)  # of more than can be permuted, every second or third
        permutation, stride = (
            Permutation.of(making.seeds, place.path, size // apart),
            stride * apart,
        )
    return Stepped(place.path, place.type, *ends, scale, stride, permutation)


def _rounded(
    making: Making,
    place: Place,
    declared: Any,
) -> Rounded:
    """Return the column of a distribution, of which what the type does not hold is cut off."""
    places = decimals_on(declared.decimals, place.avro_type)
    held = declared if is_drawn(declared) else _held(declared, place.avro_type, places)
    drawn = DRAWN[held.kind](making, place.path, held, half=0.5 / 10.0**places)
    ends = ends_of(making, place.path, declared)
    return Rounded(place.path, place.type, drawn, places, ends)


def _held(declared: Any, avro_type: AvroType, places: int) -> Any:
    """Return a declaration with the ends of the type where it has none."""
    least, most = steps_held(avro_type, places)
    low = least if declared.min is None and math.isfinite(least) else declared.min
    high = most if declared.max is None and math.isfinite(most) else declared.max
    return declared.model_copy(update={"min": low, "max": high})


def _ranks(making: Making, place: Place, declared: ZipfField) -> Ranks | Rounded:
    if is_drawn(declared):
        drawn = DRAWN["zipf"](making, place.path, declared)
        return Rounded(place.path, place.type, drawn, 0)
    return Ranks(place.path, place.type, *ranks_of(declared))


MAKERS: Final[Mapping[type, Make]] = {
    UniformField: _uniform,
    BooleanField: lambda _, place, declared: Flags(place.path, place.type, declared.true_share),
    ZipfField: _ranks,
    **dict.fromkeys(
        (
            BetaField, ExponentialField, LognormalField, NormalField, PoissonField,
            LoguniformField,
            TriangularField,
        ),
        _rounded,
    ),
}  # fmt: skip
