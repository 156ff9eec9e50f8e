"""Parameters of kinds: a number that is the same in every row, or one that each row draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from gerador.events.columns.distributions import DRAWN

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from gerador.events.columns.column import Positions
    from gerador.events.columns.making import Making
    from gerador.events.seeds import Draws
    from gerador.scenario.fields import Number


class Drawing(Protocol):
    """Where words are drawn from: a block of rows, or keys (`keyed.KeyDrawing`)."""

    def draws(self, path: str) -> Draws:
        """Return the randomness of a field path."""
        ...


Parameter: TypeAlias = "Callable[[Drawing, Positions], float | NDArray[np.float64]]"
"""Gives a number for all items, or (items,) float64."""
Ends: TypeAlias = "tuple[Parameter | None, Parameter | None]"
"""The least and the largest number; None: there is none."""


def parameter(making: Making, path: str, declared: Number) -> Parameter:
    """Return a parameter; `path` addresses its randomness (``total~mean``)."""
    if isinstance(declared, int | float):
        value = float(declared)
        return lambda _block, _at: value
    return DRAWN[declared.kind](making, path, declared)


def parameters_of(making: Making, path: str, declared: Any, *names: str) -> tuple[Parameter, ...]:
    """Return parameters of a declaration whose field is at `path`."""
    return tuple(parameter(making, f"{path}~{name}", getattr(declared, name)) for name in names)


def ends_of(making: Making, path: str, declared: Any) -> Ends:
    """Return the `min` and `max` of a declaration whose field is at `path`."""
    low, high = (
        None if end is None else parameter(making, f"{path}~{name}", end)
        for name, end in (("min", declared.min), ("max", declared.max))
    )
    return low, high


def told(
    ends: Ends, drawing: Drawing, at: Positions
) -> tuple[float | NDArray[np.float64] | None, float | NDArray[np.float64] | None]:
    """Return what ends are for the items of `at`."""
    low, high = (None if end is None else end(drawing, at) for end in ends)
    return low, high
