"""How many steps the key of an item has gone: by its turns, or by event time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from gerador.events.block import pick
from gerador.events.columns.identities import identities
from gerador.scenario.fields import TurnsField

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gerador.events.block import Block
    from gerador.events.columns.column import Positions
    from gerador.events.columns.making import Making, Reference
    from gerador.scenario.fields.keyed import _PerKey


class Steps(NamedTuple):
    """Of each item the number that names its key, (items,) uint64, and its step, (items,) int64.

    Steps count from 0: the key's rows before this one, or whole spans of time since 1970.
    """

    key: NDArray[np.uint64]
    step: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Stepping:
    """The steps of the keys in a field: one for each turn, or one for each `every_ms`.

    Exactly one of `turns` (keys that take turns) and `every_ms` is more than 0.
    """

    per: Reference
    turns: int
    every_ms: int

    def __call__(self, block: Block, at: Positions) -> Steps:
        """Return the steps of the items of `at`."""
        key = identities(self.per.values(block, at))
        if self.every_ms:
            return Steps(key, pick(block.event_time_ms, at) // self.every_ms)
        return Steps(key, (block.first_row + at) // self.turns)


def stepping(making: Making, path: str, declared: _PerKey) -> Stepping:
    """Return the steps of the keys that the field at `path` goes by."""
    per = making.reference(path, declared.per)
    if declared.every is not None:
        return Stepping(per, 0, max(1, round(declared.every * 1_000)))
    turns = making.fields[per.path]
    assert isinstance(turns, TurnsField)  # noqa: S101 - `fit` refused other kinds without `every`
    return Stepping(per, turns.of, 0)
