"""The laws that numbers are drawn by: from one unit each, by quantile.

A unit is the middle of one of 2**52 equal parts of (0, 1). With constant parameters a range is
cut out by drawing the unit from the parts whose quantiles lie in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gerador.errors import SettingError
from gerador.events.columns.parameters import ends_of, parameters_of, told
from gerador.scenario.fields.reach import is_drawn

if TYPE_CHECKING:
    from collections.abc import Callable

    from gerador.events.columns.column import Positions
    from gerador.events.columns.making import Making
    from gerador.events.columns.parameters import Drawing, Ends, Parameter
    from gerador.events.seeds import Draws
    from gerador.scenario.fields import (
        ExponentialField,
        LognormalField,
        LoguniformField,
        NormalField,
        TriangularField,
    )

F64: TypeAlias = NDArray[np.float64]

PARTS: Final = 1 << 52
PARTS_MIN: Final = 1 << 20
"""Parts that a range cuts out at least: fewer would show in the values."""
_12: Final = np.uint64(12)


def units(draws: Draws, items: int, low: int = 0, after: int = PARTS) -> F64:
    """Return (items,) units of the parts [low, after)."""
    whole = (low, after) == (0, PARTS)
    parts = draws.words(items) >> _12 if whole else draws.integers(items, low, after - 1)
    found = parts.astype(np.float64)
    found += 0.5
    found *= 1.0 / PARTS
    return found


@dataclass(frozen=True, slots=True)
class Law:
    """Numbers by a quantile function of (units, *parameters), of the parts [low, after)."""

    path: str
    quantile: Callable[..., F64]
    parameters: tuple[Parameter, ...] = ()
    low: int = 0
    after: int = PARTS
    ends: Ends = (None, None)

    def __call__(self, block: Drawing, at: Positions) -> F64:
        """Return (items,) float64."""
        drawn = units(block.draws(self.path), len(at), self.low, self.after)
        values = self.quantile(drawn, *(p(block, at) for p in self.parameters))
        return values if self.ends == (None, None) else np.clip(values, *told(self.ends, block, at))


def _law(
    making: Making, path: str, declared: Any, quantile: Callable[..., F64], half: float, *names: str
) -> Law:
    """Return the law of a declaration whose parameters are these, and the ends."""
    parameters = parameters_of(making, path, declared, *names)
    ends = declared.min, declared.max
    if ends == (None, None) or is_drawn(declared):
        return Law(path, quantile, parameters, ends=ends_of(making, path, declared))
    numbers = [getattr(declared, name) for name in names]
    low, after = _parts(lambda u: quantile(u, *numbers), ends, half)
    if after - low < PARTS_MIN:
        raise SettingError(
            f"field {path!r}: hardly a value of {declared.kind!r} lies "
            f"from {ends[0]} to {ends[1]}; widen the range"
        )
    return Law(path, quantile, parameters, low, after)


def _parts(
    quantile: Callable[[F64], F64], ends: tuple[float | None, float | None], half: float
) -> tuple[int, int]:
    """Return the parts [low, after) whose quantiles lie within the ends and half a step."""
    least, most = ends
    low = 0 if least is None else _first(lambda x: x >= least - half, quantile)
    after = PARTS if most is None else _first(lambda x: x > most + half, quantile)
    return low, after


def _first(told: Callable[[float], bool], quantile: Callable[[F64], F64]) -> int:
    """Return the first part whose quantile is told, by bisection; PARTS when none is."""
    low, high = 0, PARTS
    while low < high:
        middle = (low + high) // 2
        if told(float(quantile(np.array([(middle + 0.5) / PARTS]))[0])):
            high = middle
        else:
            low = middle + 1
    return low


def normal(making: Making, path: str, declared: NormalField, half: float = 0.0) -> Parameter:
    """Return numbers by the normal law."""
    return _law(making, path, declared, _normal, half, "mean", "sd")


def _normal(drawn: F64, mean: Any, sd: Any) -> F64:
    from gerador.events.kernels.quantiles import normal_quantiles  # noqa: PLC0415 - compiled

    z = np.empty_like(drawn)
    normal_quantiles(drawn, z)
    return mean + np.maximum(sd, 0.0) * z


def lognormal(making: Making, path: str, declared: LognormalField, half: float = 0.0) -> Parameter:
    """Return numbers by the lognormal law."""
    return _law(making, path, declared, _lognormal, half, "median", "sigma")


def _lognormal(drawn: F64, median: Any, sigma: Any) -> F64:
    from gerador.events.kernels.elementary import exponentials  # noqa: PLC0415 - compiled
    from gerador.events.kernels.quantiles import normal_quantiles  # noqa: PLC0415 - compiled

    z = np.empty_like(drawn)
    normal_quantiles(drawn, z)
    z *= np.maximum(sigma, 0.0)
    exponentials(z, z)
    with np.errstate(over="ignore"):  # what is too large is cut where it is rounded
        return np.maximum(median, 0.0) * z


def exponential(
    making: Making, path: str, declared: ExponentialField, half: float = 0.0
) -> Parameter:
    """Return numbers by the exponential law."""
    return _law(making, path, declared, _exponential, half, "mean")


def _exponential(drawn: F64, mean: Any) -> F64:
    from gerador.events.kernels.quantiles import exponential_quantiles  # noqa: PLC0415 - compiled

    found = np.empty_like(drawn)
    exponential_quantiles(drawn, found)
    return np.maximum(mean, 0.0) * found


def triangular(
    making: Making,
    path: str,
    declared: TriangularField,
    half: float = 0.0,  # noqa: ARG001
) -> Parameter:
    """Return numbers by the triangular law."""
    return Law(path, _triangular, parameters_of(making, path, declared, "min", "mode", "max"))


def _triangular(drawn: F64, low: Any, mode: Any, high: Any) -> F64:
    width = np.maximum(high - low, 0.0)
    mode = np.clip(mode, low, low + width)
    up, down = (
        np.sqrt(drawn * (width * (mode - low))),
        np.sqrt((1.0 - drawn) * (width * (high - mode))),
    )
    turn = (mode - low) / np.where(width > 0.0, width, 1.0)
    return np.where(drawn < turn, low + up, high - down)


def loguniform(
    making: Making,
    path: str,
    declared: LoguniformField,
    half: float = 0.0,
) -> Parameter:
    """Return numbers by the loguniform law: min * (max / min) ** unit."""

    def quantile(drawn: F64, low: Any, high: Any) -> F64:
        from gerador.events.kernels.elementary import exponentials, logarithms  # noqa: PLC0415 - compiled

        least, most = np.maximum(low - half, low / 2), high + half
        span = np.atleast_1d(np.asarray(np.maximum(most / least, 1.0)))
        logarithms(span, span)
        found = drawn * span
        exponentials(found, found)
        return np.clip(least * found, low, high)

    return Law(path, quantile, parameters_of(making, path, declared, "min", "max"))
