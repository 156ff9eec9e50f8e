"""Columns of random walks: what a key's sensor shows at any step, without those before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from gerador.events.columns.column import Leaf, Positions
from gerador.events.columns.fitted import rounded
from gerador.events.columns.keyed import KeyDrawing
from gerador.events.columns.parameters import ends_of, parameters_of, told
from gerador.events.columns.steps import Stepping, stepping
from gerador.events.seeds import hashed
from gerador.scenario.fields import WalkField

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from numpy.typing import NDArray

    from gerador.events.block import Block
    from gerador.events.columns.making import Make, Making, Place
    from gerador.events.columns.parameters import Ends, Parameter

End: TypeAlias = "float | NDArray[np.float64] | None"


@dataclass(frozen=True, slots=True)
class Walk(Leaf):
    """Walks of keys, see `kernels.walks` for their law, turned back at the ends.

    Values are whole numbers of 10**-places. `law` is mean, spread and step. All parameters are
    those of the key: what is drawn is the same in all of its rows.
    """

    stepping: Stepping
    law: tuple[Parameter, ...]
    ends: Ends
    places: int

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) numbers."""
        from gerador.events.kernels.walks import EPOCH_STEPS, walk  # noqa: PLC0415

        key, step = self.stepping(block, at)
        seed, epoch = block.seeds.key(self.path), step // EPOCH_STEPS
        where = np.empty(len(at), np.float64)
        into = (step % EPOCH_STEPS).astype(np.uint64)
        here, after = hashed(seed, key, epoch), hashed(seed, key, epoch + 1)
        of_key = KeyDrawing(block.seeds, key)
        mean, spread, step_sd = (_each(p(of_key, at), at) for p in self.law)
        walk(here, after, into, mean, spread, step_sd, where)
        ends = told(self.ends, of_key, at)
        return rounded(turned_back(where, *ends), self.places, self.type, ends)


def _each(numbers: float | NDArray[np.float64], at: Positions) -> NDArray[np.float64]:
    return np.ascontiguousarray(np.broadcast_to(np.asarray(numbers, np.float64), len(at)))


def turned_back(values: NDArray[np.float64], low: End, high: End) -> NDArray[np.float64]:
    """Return values reflected at `low` and `high`, one for all or (items,) each, where there."""
    if low is not None and high is not None:
        width = high - low
        return np.asarray(low + width - np.abs((values - low) % (2 * width) - width))
    if low is not None:
        return np.asarray(low + np.abs(values - low))
    return values if high is None else np.asarray(high - np.abs(high - values))


def _walk(making: Making, place: Place, declared: WalkField) -> Walk:
    return Walk(
        place.path,
        place.type,
        stepping(making, place.path, declared),
        parameters_of(making, place.path, declared, "mean", "spread", "step"),
        ends_of(making, place.path, declared),
        declared.places_on(place.avro_type),
    )


MAKERS: Final[Mapping[type, Make]] = {WalkField: _walk}
