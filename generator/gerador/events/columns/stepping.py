"""Uniform numbers in steps, between ends that are the same in all rows or each row's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gerador.events.columns.laws import units
from gerador.events.columns.parameters import parameter

if TYPE_CHECKING:
    from gerador.events.columns.column import Positions
    from gerador.events.columns.laws import F64
    from gerador.events.columns.making import Making
    from gerador.events.columns.parameters import Drawing, Parameter
    from gerador.scenario.fields import UniformField


def uniform(making: Making, path: str, declared: UniformField, half: float = 0.0) -> Parameter:  # noqa: ARG001
    """Return numbers in steps from end to end, both included."""
    return Stepping(
        path,
        parameter(making, f"{path}~min", declared.min),
        parameter(making, f"{path}~max", declared.max),
        declared.places,
        1 if declared.step is None else round(declared.step * 10**declared.places),
    )


@dataclass(frozen=True, slots=True)
class Stepping:
    """Uniform numbers between ends that may be drawn, in strides of 10**-places from the lower."""

    path: str
    low: Parameter
    high: Parameter
    places: int
    stride: int

    def __call__(self, block: Drawing, at: Positions) -> F64:
        """Return (items,) float64; what is between two ends but no step there is the lower's."""
        scale = 10.0**self.places
        one, other = self.low(block, at), self.high(block, at)
        low = np.ceil(np.minimum(one, other) * scale - 1e-6)
        high = np.floor(np.maximum(one, other) * scale + 1e-6)
        strides = np.floor(np.maximum(high - low, 0.0) / self.stride)
        index = np.floor(units(block.draws(self.path), len(at)) * (strides + 1.0))
        steps: F64 = (low + self.stride * np.minimum(index, strides)) / scale
        return steps
