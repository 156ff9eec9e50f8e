"""Number parameters of generators, constant or drawn from a distribution: their bounds, checks and evaluation."""

from __future__ import annotations

import math
from abc import abstractmethod
from importlib import import_module
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, Protocol, TypeAlias

from gerador.values.declaration import NUMBER_TYPES, Limit, ValueGenerator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from gerador.randomness import Rng
    from gerador.values.column import BuildContext, Positions
    from gerador.values.distributions import Number


Constant: TypeAlias = "int | float"

NORMAL_SDS: Final = 6.0
"""Standard deviations beyond which a thousand-millionth of the normal law lies."""
TRUNCATED_NORMAL_SDS: Final = 9.0
"""The same where a range cuts out as little as a thousand-millionth of it."""
EXPONENTIAL_MEANS: Final = 21.0
TRUNCATED_EXPONENTIAL_MEANS: Final = 42.0
"""Likewise in means of the exponential law."""


class Interval(NamedTuple):
    """From where to where a number comes."""

    low: float
    high: float


class Distribution(ValueGenerator):
    """A kind that may stand wherever a number stands."""

    suits: ClassVar[frozenset[str]] = NUMBER_TYPES

    @abstractmethod
    def reach(self) -> Interval:
        """Return from where to where its numbers come, as a parameter."""


def constant_value(number: Any) -> Constant | None:
    """Return a number that is the same in every row; None: it is drawn, or none."""
    return number if isinstance(number, int | float) else None


def is_drawn(declared: ValueGenerator, *names: str) -> bool:
    """Tell whether one of these parameters is drawn; without names, whether any is."""
    wanted = names or tuple(type(declared).model_fields)
    return any(isinstance(getattr(declared, name), Distribution) for name in wanted)


def interval_of(number: Constant | Distribution) -> Interval:
    """Return from where to where a number comes that may be drawn."""
    return number.reach() if isinstance(number, Distribution) else Interval(number, number)


def truncated_interval(
    open_reach: Interval, low: Constant | Distribution | None, high: Constant | Distribution | None
) -> Interval:
    """Return a reach within ends that may be drawn; one that misses it is as long from there."""
    least = open_reach.low if low is None else max(open_reach.low, interval_of(low).low)
    most = open_reach.high if high is None else min(open_reach.high, interval_of(high).high)
    if least > most:
        length = open_reach.high - open_reach.low
        return Interval(least, least + length) if high is None else Interval(most - length, most)
    return Interval(least, most)


def limit_errors(
    declared: ValueGenerator, limits: Mapping[str, Limit]
) -> Iterator[tuple[str, str]]:
    """Yield constant parameters beyond their limits."""
    for name, limit in limits.items():
        number = constant_value(getattr(declared, name))
        if number is None:
            continue
        if number < limit.least or (limit.above and number == limit.least):
            yield name, f"{name} {number}; give {_format_minimum(limit)}"
        elif number > limit.most:
            yield name, f"{name} {number}; give {limit.most:.15g} at most"


def interval_error(name: str, drawn: Distribution, limit: Limit) -> str | None:
    """Return why a parameter must not be drawn so; None: it may."""
    low, high = drawn.reach()
    ways = []
    if low < limit.least:
        ways.append(f"min: {limit.least:.15g}")
    if high > limit.most:
        ways.append(f"max: {limit.most:.15g}")
    if not ways:
        return None
    what = f"{drawn.kind!r} gives {low:.6g} to {high:.6g}"
    if low > limit.most or high < limit.least:
        return f"{what}, and {name} is {_format_limit(limit)}; draw it there"
    return f"{what}, and {name} is {_format_limit(limit)}; say {' and '.join(ways)} in it"


def order_errors(
    declared: ValueGenerator, *names: str, strictly: bool = False
) -> Iterator[tuple[str, str]]:
    """Yield neighbours among parameters, of which one is drawn, that may be the wrong way round."""
    for less, more in pairwise(names):
        one, other = getattr(declared, less), getattr(declared, more)
        if one is None or other is None or not is_drawn(declared, less, more):
            continue
        high, low = interval_of(one).high, interval_of(other).low
        if high > low or (strictly and high == low):
            yield less, f"{less} comes to {high:.6g} and {more} to {low:.6g}; keep them apart"


def _format_minimum(limit: Limit) -> str:
    return f"{'more than' if limit.above else 'at least'} {limit.least:.15g}"


def _format_limit(limit: Limit) -> str:
    if limit.most == math.inf:
        return f"{limit.least:.15g} or more"
    return f"{limit.least:.15g} to {limit.most:.15g}"


def _late_import(module: str, name: str) -> Callable[..., Any]:
    """Return a function of a module, imported at the first call: it brings compiled kernels."""

    def drawn(*args: Any, **more: Any) -> Any:
        return getattr(import_module(f"gerador.values.distributions.{module}"), name)(*args, **more)

    return drawn


SAMPLERS: Final[Mapping[str, Callable[..., Any]]] = {
    "uniform": _late_import("uniform", "uniform_sampler"),
    "normal": _late_import("normal", "normal_sampler"),
    "lognormal": _late_import("normal", "lognormal_sampler"),
    "exponential": _late_import("exponential", "exponential_sampler"),
    "poisson": _late_import("poisson", "poisson_sampler"),
    "zipf": _late_import("zipf", "zipf_sampler"),
    "beta": _late_import("beta", "beta_sampler"),
    "triangular": _late_import("triangular", "triangular_sampler"),
    "loguniform": _late_import("loguniform", "loguniform_sampler"),
}
"""What draws a distribution, by its kind.

Each is called with a `Making`, a path and the declaration, and gives a `Parameter`: from (block,
at) to (items,) float64, one a position of `at`, from the words of the path alone. `half`, half a
step of what the numbers will be rounded to, widens a range that is cut out, so that its ends
come as often as any other step.
"""


class RngSource(Protocol):
    """Where words are drawn from: a block of rows, or keys (`keyed.KeyDrawing`)."""

    def draws(self, path: str) -> Rng:
        """Return the randomness of a field path."""
        ...


Parameter: TypeAlias = "Callable[[RngSource, Positions], float | NDArray[np.float64]]"
"""Gives a number for all items, or (items,) float64."""
Bounds: TypeAlias = "tuple[Parameter | None, Parameter | None]"
"""The least and the largest number; None: there is none."""


def bind_parameter(making: BuildContext, path: str, declared: Number) -> Parameter:
    """Return a parameter; `path` addresses its randomness (``total~mean``)."""
    if isinstance(declared, int | float):
        value = float(declared)
        return lambda _block, _at: value
    return SAMPLERS[declared.kind](making, path, declared)


def bind_parameters(
    making: BuildContext, path: str, declared: Any, *names: str
) -> tuple[Parameter, ...]:
    """Return parameters of a declaration whose field is at `path`."""
    return tuple(
        bind_parameter(making, f"{path}~{name}", getattr(declared, name)) for name in names
    )


def bind_bounds(making: BuildContext, path: str, declared: Any) -> Bounds:
    """Return the `min` and `max` of a declaration whose field is at `path`."""
    low, high = (
        None if end is None else bind_parameter(making, f"{path}~{name}", end)
        for name, end in (("min", declared.min), ("max", declared.max))
    )
    return low, high


def bounds_at(
    ends: Bounds, drawing: RngSource, at: Positions
) -> tuple[float | NDArray[np.float64] | None, float | NDArray[np.float64] | None]:
    """Return what ends are for the items of `at`."""
    low, high = (None if end is None else end(drawing, at) for end in ends)
    return low, high
