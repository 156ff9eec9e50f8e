"""Columns of random walks: what a key's sensor shows at any step, without those before it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from generator.events.columns.column import Leaf, Positions
from generator.events.columns.fitted import rounded
from generator.events.columns.steps import Stepping, stepping
from generator.events.seeds import hashed
from generator.scenario.fields import WalkField

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from numpy.typing import NDArray

    from generator.events.block import Block
    from generator.events.columns.making import Make, Making, Place


@dataclass(frozen=True, slots=True)
class Walk(Leaf):
    """Walks of keys, see `kernels.walks` for their law, turned back at `low` and `high`.

    Values are whole numbers of 10**-places.
    """

    stepping: Stepping
    declared: WalkField
    places: int
    low: float
    high: float

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) numbers."""
        from generator.events.kernels.walks import EPOCH_STEPS, walk  # noqa: PLC0415

        key, step = self.stepping(block, at)
        seed, epoch = block.seeds.key(self.path), step // EPOCH_STEPS
        where = np.empty(len(at), np.float64)
        into = (step % EPOCH_STEPS).astype(np.uint64)
        here, after = hashed(seed, key, epoch), hashed(seed, key, epoch + 1)
        said = self.declared
        walk(here, after, into, said.mean, said.spread, said.step, where)
        ends = (self.low, self.high)
        return rounded(turned_back(where, *ends), self.places, self.type, _told(*ends))


def _told(low: float, high: float) -> tuple[float | None, float | None]:
    return low if math.isfinite(low) else None, high if math.isfinite(high) else None


def turned_back(values: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """Return values reflected at `low` and `high`, where those are finite."""
    if math.isfinite(low) and math.isfinite(high):
        width = high - low
        return low + width - np.abs((values - low) % (2 * width) - width)
    if math.isfinite(low):
        return low + np.abs(values - low)
    return high - np.abs(high - values) if math.isfinite(high) else values


def _walk(making: Making, place: Place, declared: WalkField) -> Walk:
    low = -math.inf if declared.min is None else declared.min
    high = math.inf if declared.max is None else declared.max
    places = declared.places_on(place.avro_type)
    steps = stepping(making, place.path, declared)
    return Walk(place.path, place.type, steps, declared, places, low, high)


MAKERS: Final[Mapping[type, Make]] = {WalkField: _walk}
