"""Errors of number parameters: values outside their limits, and bounds in the wrong order."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from gerador.values.number_parameters import (
    DOUBLE_TYPE,
    Distribution,
    constant_value,
    has_random_parameter,
    interval_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gerador.avro.schema import AvroType
    from gerador.values.declaration import Limit, ValueGenerator


def limit_errors(
    generator: ValueGenerator, limits: Mapping[str, Limit]
) -> Iterator[tuple[str, str]]:
    """Yield errors of constant parameters outside their limits."""
    for name, limit in limits.items():
        number = constant_value(getattr(generator, name))
        if number is None:
            continue
        is_excluded = limit.exclusive and number == limit.low
        if is_excluded or not limit.low <= number <= limit.high:
            yield name, f"{name} is {number} but must be {_format_limit(limit)}"


def number_errors(generator: ValueGenerator, avro_type: AvroType) -> Iterator[tuple[str, str]]:
    """Yield errors of distributions that are number parameters of `generator`."""
    limits = generator.parameter_limits(avro_type)
    for name in type(generator).model_fields:
        number = getattr(generator, name)
        if not isinstance(number, Distribution):
            continue
        errors = [*number.errors(DOUBLE_TYPE), *number_errors(number, DOUBLE_TYPE)]
        yield from ((name, message) for _, message in errors)
        if not errors and name in limits:
            yield from _interval_errors(name, number, limits[name])


def _interval_errors(
    name: str, distribution: Distribution, limit: Limit
) -> Iterator[tuple[str, str]]:
    """Yield an error if values of a distribution can be outside the limits of a parameter."""
    low, high = distribution.interval()
    bounds = [f"min: {limit.low:.15g}"] * (low < limit.low)
    bounds += [f"max: {limit.high:.15g}"] * (high > limit.high)
    if not bounds:
        return
    is_outside = low > limit.high or high < limit.low
    advice = "use another range" if is_outside else f"add {' and '.join(bounds)}"
    values = f"{distribution.kind!r} has values from {low:.6g} to {high:.6g}"
    yield name, f"{values} but {name} must be {_format_limit(limit)}; {advice}"


def order_errors(
    generator: ValueGenerator, *names: str, strict: bool = False
) -> Iterator[tuple[str, str]]:
    """Yield errors of consecutive random parameters whose intervals overlap.

    Two constants are not compared. With `strict`, equal ends overlap.
    """
    for lower, upper in pairwise(names):
        bounds = getattr(generator, lower), getattr(generator, upper)
        if None in bounds or not has_random_parameter(generator, lower, upper):
            continue
        high, low = interval_of(bounds[0]).high, interval_of(bounds[1]).low
        if high > low or (strict and high == low):
            message = f"{lower} can be {high:.6g} and {upper} can be {low:.6g}"
            yield lower, f"{message}; use ranges that do not overlap"


def _format_limit(limit: Limit) -> str:
    if limit.high == math.inf:
        return f"above {limit.low:.15g}" if limit.exclusive else f"{limit.low:.15g} or more"
    return f"from {limit.low:.15g} to {limit.high:.15g}"
