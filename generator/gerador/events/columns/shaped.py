"""Laws whose shape every row draws for itself: ranks, and beta numbers. No tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gerador.scenario.fields.bounded import BETA_MAX, BETA_MIN, EXPONENT_MAX, RANKS_MAX

if TYPE_CHECKING:
    from gerador.events.columns.column import Positions
    from gerador.events.columns.laws import F64
    from gerador.events.columns.parameters import Drawing, Parameter


@dataclass(frozen=True, slots=True)
class Ranked:
    """Whole numbers from `low` to `high`, both rounded, by Zipf's law."""

    path: str
    exponent: Parameter
    low: Parameter
    high: Parameter

    def __call__(self, block: Drawing, at: Positions) -> F64:
        """Return (items,) float64. Cost: about 150 ns an item."""
        from gerador.events.kernels.ranks import zipf_ranks  # noqa: PLC0415 - compiled

        low = np.rint(self.low(block, at))
        counts = _each(np.rint(self.high(block, at)) - low + 1.0, 1.0, float(RANKS_MAX), at)
        exponents = _each(self.exponent(block, at), 0.0, float(EXPONENT_MAX), at)
        ranks = np.empty(len(at))
        zipf_ranks(block.draws(self.path).words(len(at)), exponents, counts, ranks)
        return np.asarray(low + ranks - 1.0)


@dataclass(frozen=True, slots=True)
class Shaped:
    """Beta numbers, stretched from `low` to `high`."""

    path: str
    a: Parameter
    b: Parameter
    low: Parameter
    high: Parameter

    def __call__(self, block: Drawing, at: Positions) -> F64:
        """Return (items,) float64. Cost: about 150 ns an item."""
        from gerador.events.kernels.shapes import beta_numbers  # noqa: PLC0415 - compiled

        a, b = (_each(p(block, at), BETA_MIN, float(BETA_MAX), at) for p in (self.a, self.b))
        found = np.empty(len(at))
        beta_numbers(block.draws(self.path).words(len(at)), a, b, found)
        low = self.low(block, at)
        return np.asarray(low + (self.high(block, at) - low) * found)


def _each(numbers: float | F64, least: float, most: float, at: Positions) -> F64:
    """Return a number for each item, within limits: a thousand-millionth lies beyond."""
    return np.ascontiguousarray(np.broadcast_to(np.clip(numbers, least, most), len(at)))
