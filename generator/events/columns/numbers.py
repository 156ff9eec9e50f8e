"""Columns of numbers and booleans, uniform over a range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from generator.events.columns.column import Leaf, Positions, from_numpy

if TYPE_CHECKING:
    from generator.events.block import Block
    from generator.scenario.fields import UniformField


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
    """Doubles or floats in [low, high] / scale, both included.

    Each is a whole number of steps divided by `scale`, a power of ten: the double nearest to
    the decimal number, so that it prints with those decimals and no more (IEEE 754 division
    rounds correctly).
    """

    low: int
    high: int
    scale: int

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) numbers."""
        steps = block.draws(self.path).integers(len(at), self.low, self.high)
        values = steps / float(self.scale)
        narrow = values if self.type == pa.float64() else values.astype(np.float32)
        return from_numpy(narrow, self.type)


@dataclass(frozen=True, slots=True)
class Flags(Leaf):
    """Booleans, true with a given share."""

    true_share: float

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) booleans."""
        return pa.array(block.draws(self.path).chance(len(at), self.true_share))


def uniform_column(path: str, declared: UniformField, arrow_type: pa.DataType) -> Whole | Stepped:
    """Return the column of a uniform range over whole numbers or decimal steps."""
    scale = 10**declared.decimals
    if pa.types.is_integer(arrow_type):
        return Whole(path, arrow_type, int(declared.low), int(declared.high))
    low, high = round(declared.low * scale), round(declared.high * scale)
    return Stepped(path, arrow_type, low, high, scale)
