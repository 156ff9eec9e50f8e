"""Number parameters of generators, constant or drawn from a distribution: their bounds, checks and evaluation."""

from __future__ import annotations

import math
from abc import abstractmethod
from functools import reduce
from itertools import pairwise
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, NamedTuple, Protocol, TypeAlias

import numpy as np
from pydantic import BeforeValidator, Discriminator, Tag

from gerador.avro.schema import Primitive
from gerador.values.declaration import NUMBER_TYPES, Limit, ValueGenerator
from gerador.values.shorthand import expand_number, registered_distributions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

    from gerador.avro.schema import AvroType
    from gerador.randomness import Rng
    from gerador.values.column import BuildContext, Positions


Constant: TypeAlias = "int | float"
DOUBLE_TYPE: Final = Primitive("double")
"""The type of numbers that are parameters: not rounded."""

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

    types: ClassVar[frozenset[str]] = NUMBER_TYPES

    @abstractmethod
    def interval(self) -> Interval:
        """Return from where to where its numbers come, as a parameter."""

    @abstractmethod
    def sampler(self, context: BuildContext, path: str, half: float = 0.0) -> Parameter:
        """Return a function that draws numbers from the random words of `path`.

        `half` is half a step of what the numbers are rounded to: a truncated range is widened by
        it, so that its ends are as likely as any other step.

        Raises SettingError: a range without values.
        """

    def approximate_mean(self) -> float:
        """Return the constant mean or median, or else the middle of the constant ends."""
        ends = getattr(self, "min", None), getattr(self, "max", None)
        mean = getattr(self, "mean", getattr(self, "median", None))
        if isinstance(mean, int | float):
            return float(mean)
        return sum(e for e in ends if isinstance(e, int | float)) / 2


def _number_tag(value: Any) -> str:
    if isinstance(value, ValueGenerator):
        return value.kind
    return str(value["kind"]) if isinstance(value, dict) else "number"


class _NumberSchema:
    """Validates a number, or a registered distribution by its kind."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        del source
        kinds = registered_distributions().items()
        tagged: Any = reduce(or_, (Annotated[cls, Tag(kind)] for kind, cls in kinds))
        union = Annotated[int | float, Tag("number")] | tagged
        checks = Discriminator(_number_tag), BeforeValidator(expand_number)
        return handler.generate_schema(Annotated[union, *checks])


Number: TypeAlias = Annotated[int | float | Distribution, _NumberSchema()]
"""A number, or a distribution that each row draws one from."""


def constant_value(number: Any) -> Constant | None:
    """Return a number that is the same in every row; None: it is drawn, or none."""
    return number if isinstance(number, int | float) else None


def is_drawn(declared: ValueGenerator, *names: str) -> bool:
    """Tell whether one of these parameters is drawn; without names, whether any is."""
    wanted = names or tuple(type(declared).model_fields)
    return any(isinstance(getattr(declared, name), Distribution) for name in wanted)


def interval_of(number: Constant | Distribution) -> Interval:
    """Return from where to where a number comes that may be drawn."""
    return number.interval() if isinstance(number, Distribution) else Interval(number, number)


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


def number_errors(declared: ValueGenerator, avro_type: AvroType) -> Iterator[tuple[str, str]]:
    """Yield errors of distributions that are the value of a number parameter."""
    limits = declared.parameter_limits(avro_type)
    for name in type(declared).model_fields:
        inner = getattr(declared, name)
        if not isinstance(inner, Distribution):
            continue
        errors = [*inner.errors(DOUBLE_TYPE), *number_errors(inner, DOUBLE_TYPE)]
        yield from ((name, text) for _, text in errors)
        if not errors and name in limits and (text := interval_error(name, inner, limits[name])):
            yield name, text


def interval_error(name: str, drawn: Distribution, limit: Limit) -> str | None:
    """Return why a parameter must not be drawn so; None: it may."""
    low, high = drawn.interval()
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


class RngSource(Protocol):
    """Where words are drawn from: a block of rows, or keys (`keyed.KeyDrawing`)."""

    def rng(self, path: str) -> Rng:
        """Return the randomness of a field path."""
        ...


Parameter: TypeAlias = "Callable[[RngSource, Positions], float | NDArray[np.float64]]"
"""Gives a number for all items, or (items,) float64."""
Bounds: TypeAlias = "tuple[Parameter | None, Parameter | None]"
"""The least and the largest number; None: there is none."""


def bind_parameter(context: BuildContext, path: str, declared: Number) -> Parameter:
    """Return a parameter; `path` addresses its randomness (``total~mean``)."""
    if isinstance(declared, int | float):
        value = float(declared)
        return lambda _block, _at: value
    return declared.sampler(context, path)


def bind_parameters(
    context: BuildContext, path: str, declared: Any, *names: str
) -> tuple[Parameter, ...]:
    """Return parameters of a declaration whose field is at `path`."""
    return tuple(
        bind_parameter(context, f"{path}~{name}", getattr(declared, name)) for name in names
    )


def bind_bounds(context: BuildContext, path: str, declared: Any) -> Bounds:
    """Return the `min` and `max` of a declaration whose field is at `path`."""
    low, high = (
        None if end is None else bind_parameter(context, f"{path}~{name}", end)
        for name, end in (("min", declared.min), ("max", declared.max))
    )
    return low, high


def bounds_at(
    ends: Bounds, drawing: RngSource, positions: Positions
) -> tuple[float | NDArray[np.float64] | None, float | NDArray[np.float64] | None]:
    """Return what ends are for the items of `positions`."""
    low, high = (None if end is None else end(drawing, positions) for end in ends)
    return low, high


def per_item(numbers: float | NDArray[np.float64], positions: Positions) -> NDArray[np.float64]:
    """Return a number for each item, (items,) float64, contiguous."""
    return np.ascontiguousarray(np.broadcast_to(np.asarray(numbers, np.float64), len(positions)))
