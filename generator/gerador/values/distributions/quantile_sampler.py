"""Sample numbers by inversion: the quantile function of uniform random numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gerador.errors import SettingError
from gerador.values.number_parameters import (
    bind_bounds,
    bind_parameters,
    bounds_at,
    has_random_parameter,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from gerador.randomness import Rng
    from gerador.values.column import BuildContext, Positions
    from gerador.values.number_parameters import Bounds, Parameter, RngSource


F64: TypeAlias = NDArray[np.float64]
UNIT_PARTS: Final = 1 << 52
"""Equal parts of the interval (0, 1); random numbers are their midpoints."""
UNIT_PARTS_MIN: Final = 1 << 20
"""Parts that a truncated range needs: with fewer, the values would show steps."""
_12: Final = np.uint64(12)


def random_units(rng: Rng, items: int, first: int = 0, end: int = UNIT_PARTS) -> F64:
    """Return (items,) float64 in (0, 1): midpoints of the parts [first, end)."""
    all_parts = (first, end) == (0, UNIT_PARTS)
    parts = rng.words(items) >> _12 if all_parts else rng.integers(items, first, end - 1)
    units = parts.astype(np.float64)
    units += 0.5
    units *= 1.0 / UNIT_PARTS
    return units


@dataclass(frozen=True, slots=True)
class QuantileSampler:
    """Samples numbers by a quantile function of (units, *parameters) from parts [first, end).

    Numbers are clipped to `bounds`.
    """

    path: str
    quantile: Callable[..., F64]
    parameters: tuple[Parameter, ...] = ()
    first: int = 0
    end: int = UNIT_PARTS
    bounds: Bounds = (None, None)

    def __call__(self, source: RngSource, positions: Positions) -> F64:
        """Return (items,) float64."""
        units = random_units(source.rng(self.path), len(positions), self.first, self.end)
        numbers = self.quantile(units, *(p(source, positions) for p in self.parameters))
        if self.bounds == (None, None):
            return numbers
        return np.clip(numbers, *bounds_at(self.bounds, source, positions))


def quantile_sampler(
    context: BuildContext,
    path: str,
    distribution: Any,
    quantile: Callable[..., F64],
    half_step: float,
    *names: str,
) -> QuantileSampler:
    """Return the sampler of a distribution whose quantile function takes the named parameters.

    With constant parameters, only the parts whose quantiles are between `min` and `max` are
    sampled. Otherwise numbers outside are clipped.

    Raises SettingError: a range with almost no values.
    """
    parameters = bind_parameters(context, path, distribution, *names)
    low, high = distribution.min, distribution.max
    if (low, high) == (None, None) or has_random_parameter(distribution):
        bounds = bind_bounds(context, path, distribution)
        return QuantileSampler(path, quantile, parameters, bounds=bounds)
    numbers = [getattr(distribution, name) for name in names]

    def quantile_of(part: int) -> float:
        return float(quantile(np.array([(part + 0.5) / UNIT_PARTS]), *numbers)[0])

    first = 0 if low is None else _first_part(lambda part: quantile_of(part) >= low - half_step)
    end = (
        UNIT_PARTS
        if high is None
        else _first_part(lambda part: quantile_of(part) > high + half_step)
    )
    if end - first < UNIT_PARTS_MIN:
        raise SettingError(
            f"field {path!r}: {distribution.kind!r} has almost no values "
            f"from {low} to {high}; widen the range"
        )
    return QuantileSampler(path, quantile, parameters, first, end)


def _first_part(condition: Callable[[int], bool]) -> int:
    """Return the first part that fulfills a monotone condition, by bisection; or UNIT_PARTS."""
    low, high = 0, UNIT_PARTS
    while low < high:
        middle = (low + high) // 2
        if condition(middle):
            high = middle
        else:
            low = middle + 1
    return low
