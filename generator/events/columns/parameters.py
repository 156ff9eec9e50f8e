"""Parameters of kinds: a number that is the same in every row, or one that each row draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from generator.events.columns.distributions import DRAWN

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from generator.events.block import Block
    from generator.events.columns.column import Positions
    from generator.events.columns.making import Making
    from generator.scenario.fields import Number

Parameter: TypeAlias = "Callable[[Block, Positions], float | NDArray[np.float64]]"
"""Gives a number for all items, or (items,) float64."""


def parameter(making: Making, path: str, declared: Number) -> Parameter:
    """Return a parameter; `path` addresses its randomness (``total~mean``)."""
    if isinstance(declared, int | float):
        value = float(declared)
        return lambda _block, _at: value
    return DRAWN[type(declared)](making, path, declared)
