"""Number parameters of generators: constants or distributions, their intervals and evaluation."""

from __future__ import annotations

from abc import abstractmethod
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, NamedTuple, Protocol, TypeAlias

import numpy as np
from pydantic import BeforeValidator, Discriminator, Tag

from gerador.avro.schema import Primitive
from gerador.values.declaration import NUMBER_TYPES, ValueGenerator
from gerador.values.shorthand import expand_number, registered_distributions

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

    from gerador.randomness import Rng
    from gerador.values.column import BuildContext, Positions


DOUBLE_TYPE: Final = Primitive("double")
"""The type of number parameters: distributions that are parameters are not rounded."""
NORMAL_SDS: Final = 6.0
"""Standard deviations around the mean of a normal distribution that contain all but 1e-9 of it."""
TRUNCATED_NORMAL_SDS: Final = 9.0
"""The same for a range with a probability of only 1e-9."""
EXPONENTIAL_MEANS: Final = 21.0
TRUNCATED_EXPONENTIAL_MEANS: Final = 42.0
"""The same in means of an exponential distribution."""


class RngSource(Protocol):
    """A source of random numbers: a block of rows, or keys (`per_key_state.KeyRngSource`)."""

    def rng(self, path: str) -> Rng:
        """Return the random numbers of a field path."""
        ...


Parameter: TypeAlias = "Callable[[RngSource, Positions], float | NDArray[np.float64]]"
"""Returns one number for all items, or (items,) float64."""
Bounds: TypeAlias = "tuple[Parameter | None, Parameter | None]"
"""Minimum and maximum; None: unbounded."""


class Interval(NamedTuple):
    """The smallest and the largest value of a number."""

    low: float
    high: float


class Distribution(ValueGenerator):
    """A generator of numbers that can also be the value of a number parameter."""

    types: ClassVar[frozenset[str]] = NUMBER_TYPES

    @abstractmethod
    def interval(self) -> Interval:
        """Return the interval of the numbers of a parameter; values outside have less than 1e-9."""

    @abstractmethod
    def sampler(self, context: BuildContext, path: str, half_step: float = 0.0) -> Parameter:
        """Return a function that draws numbers from the random words of `path`.

        Numbers are later rounded to steps of 2 * `half_step`: a range is widened by it, so that
        its ends are as likely as other steps.

        Raises SettingError: a range without values.
        """

    def approximate_mean(self) -> float:
        """Return the constant mean or median, or else the middle of constant bounds."""
        mean = getattr(self, "mean", getattr(self, "median", None))
        if isinstance(mean, int | float):
            return float(mean)
        bounds = getattr(self, "min", None), getattr(self, "max", None)
        return sum(b for b in bounds if isinstance(b, int | float)) / 2


def _number_tag(value: Any) -> str:
    if isinstance(value, ValueGenerator):
        return value.kind
    return str(value["kind"]) if isinstance(value, dict) else "number"


class _NumberSchema:
    """The pydantic schema of a number or a registered distribution.

    It is built at the first use, when all distributions are registered.
    """

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        del source
        tagged = (Annotated[cls, Tag(kind)] for kind, cls in registered_distributions().items())
        union = Annotated[int | float, Tag("number")] | reduce(or_, tagged)
        checks = Discriminator(_number_tag), BeforeValidator(expand_number)
        return handler.generate_schema(Annotated[union, *checks])


Number: TypeAlias = Annotated[int | float | Distribution, _NumberSchema()]
"""A constant, or a distribution that is sampled for each row."""


def constant_value(number: Any) -> int | float | None:
    """Return a constant; None for a distribution or an absent number."""
    return number if isinstance(number, int | float) else None


def has_random_parameter(generator: ValueGenerator, *names: str) -> bool:
    """Return whether any of these parameters, by default any at all, is a distribution."""
    wanted = names or tuple(type(generator).model_fields)
    return any(isinstance(getattr(generator, name), Distribution) for name in wanted)


def interval_of(number: float | Distribution) -> Interval:
    """Return the interval of a constant or a distribution."""
    return number.interval() if isinstance(number, Distribution) else Interval(number, number)


def truncated_interval(
    interval: Interval, low: float | Distribution | None, high: float | Distribution | None
) -> Interval:
    """Return the part of an interval within bounds.

    A range outside the interval is assumed to be as wide, from the nearest bound on.
    """
    start = interval.low if low is None else max(interval.low, interval_of(low).low)
    end = interval.high if high is None else min(interval.high, interval_of(high).high)
    if start <= end:
        return Interval(start, end)
    width = interval.high - interval.low
    return Interval(start, start + width) if high is None else Interval(end - width, end)


def bind_parameter(context: BuildContext, path: str, number: Number) -> Parameter:
    """Return a parameter whose random words are those of `path`, such as ``total~mean``."""
    if isinstance(number, int | float):
        value = float(number)
        return lambda _source, _positions: value
    return number.sampler(context, path)


def bind_parameters(
    context: BuildContext, path: str, generator: Any, *names: str
) -> tuple[Parameter, ...]:
    """Return parameters of the generator of the field at `path`."""
    address = generator.address_names
    return tuple(
        bind_parameter(context, f"{path}~{address.get(name, name)}", getattr(generator, name))
        for name in names
    )


def bind_bounds(context: BuildContext, path: str, generator: Any) -> Bounds:
    """Return the `min` and `max` of the generator of the field at `path`."""
    low, high = (
        None if bound is None else bind_parameter(context, f"{path}~{name}", bound)
        for name, bound in (("min", generator.min), ("max", generator.max))
    )
    return low, high


def bounds_at(
    bounds: Bounds, source: RngSource, positions: Positions
) -> tuple[float | NDArray[np.float64] | None, float | NDArray[np.float64] | None]:
    """Return the values of bounds for the items of `positions`."""
    low, high = (None if bound is None else bound(source, positions) for bound in bounds)
    return low, high


def per_item(numbers: float | NDArray[np.float64], positions: Positions) -> NDArray[np.float64]:
    """Return a number for each item, (items,) float64, contiguous."""
    return np.ascontiguousarray(np.broadcast_to(np.asarray(numbers, np.float64), len(positions)))
