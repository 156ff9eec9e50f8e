"""Columns of floating numbers in a half-open span, as fine as the type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from gerador.events.columns.column import Leaf, Positions, from_numpy
from gerador.scenario.fields import SpanField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.events.block import Block
    from gerador.events.columns.making import Make


@dataclass(frozen=True, slots=True)
class Span(Leaf):
    """Floats or doubles in [low, high); only sums and products, so the same on every processor."""

    low: float
    high: float

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) numbers."""
        unit = block.draws(self.path).unit(len(at))
        kind = np.float32 if self.type == pa.float32() else np.float64
        # Rounding may reach the upper end, which is not one of the values.
        last = np.nextafter(kind(self.high), kind(self.low))
        wide = self.low + unit * (self.high - self.low)
        return from_numpy(np.minimum(wide.astype(kind), last), self.type)


MAKERS: Final[Mapping[type, Make]] = {
    SpanField: lambda _, place, declared: Span(place.path, place.type, declared.min, declared.max)
}
"""What makes the columns of this module."""
