"""Range and precision of Avro number types, and errors of declared ranges."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from gerador.avro.literals import FLOAT_MAX
from gerador.avro.schema import type_category
from gerador.values.quantization import snap_to_integers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gerador.avro.schema import AvroType


DECIMALS_MAX: Final = 9
DECIMALS_DEFAULT: Final = 6
"""Default decimal places of random numbers that are not integers."""
STEPS_MAX: Final = 2**53
"""Maximum number of steps of a uniform float or double: the integers that a double holds."""
INTEGER_BOUNDS: Final = {"int": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}
NUMBER_MAX: Final = 1e100
"""Maximum magnitude of a parameter of a distribution: its square is still finite."""


def decimals_of(number: float) -> int:
    """Return the number of decimal places that a number needs, up to DECIMALS_MAX."""
    places = range(DECIMALS_MAX)
    return next((p for p in places if round(number, p) == number), DECIMALS_MAX)


def decimal_places_on(
    declared: int | None, avro_type: AvroType, default: int = DECIMALS_DEFAULT
) -> int:
    """Return the decimal places of random numbers of a type: declared, or by default.

    The default of integers is 0, that of decimals at most the scale.
    """
    if declared is not None:
        return declared
    category = type_category(avro_type)
    if category == "decimal":
        return min(scale_of(avro_type), default)
    return default if category in ("float", "double") else 0


def scale_of(avro_type: AvroType) -> int:
    """Return the scale of a decimal type."""
    return int(getattr(avro_type, "logical").scale)  # noqa: B009 - only decimals have a scale


def type_bounds(avro_type: AvroType) -> tuple[float, float]:
    """Return the minimum and maximum of a number type; infinite for double.

    Those of a decimal are exclusive.
    """
    category = type_category(avro_type)
    if category == "decimal":
        bound = 10.0 ** (getattr(avro_type, "logical").precision - scale_of(avro_type))  # noqa: B009
        return -bound, bound
    if category == "float":
        return -FLOAT_MAX, FLOAT_MAX
    return INTEGER_BOUNDS.get(category, (-math.inf, math.inf))


def step_bounds(avro_type: AvroType, places: int) -> tuple[float, float]:
    """Return the minimum and maximum of a number type in steps of 10**-places, inclusive."""
    low, high = type_bounds(avro_type)
    step = 10.0**-places if type_category(avro_type) == "decimal" else 0.0
    return low + step, high - step


def decimals_errors(decimals: int | None, avro_type: AvroType) -> Iterator[tuple[str, str]]:
    """Yield an error if a type does not have so many decimal places."""
    category = type_category(avro_type)
    if decimals and category in INTEGER_BOUNDS:
        yield "decimals", f"{category!r} has no decimal places; set decimals: 0"
    elif decimals and category == "decimal" and decimals > scale_of(avro_type):
        yield "decimals", f"{decimals} decimal places exceed the scale {scale_of(avro_type)}"


def bound_errors(
    low: float | None, high: float | None, decimals: int | None, avro_type: AvroType
) -> Iterator[tuple[str, str]]:
    """Yield errors of bounds that do not fit the type, are in the wrong order or too close.

    With `decimals`, a number with so many decimal places must be between them.
    """
    category = type_category(avro_type)
    type_min, type_max = step_bounds(avro_type, scale_of(avro_type) if category == "decimal" else 0)
    for name, bound in (("min", low), ("max", high)):
        if bound is not None and not type_min <= bound <= type_max:
            yield name, f"{name} {bound} does not fit {category!r}"
    if low is None or high is None:
        return
    if low > high:
        yield "min", f"min {low} is above max {high}"
    elif decimals is not None and is_empty_range(low, high, decimals):
        yield "min", f"no number with {decimals} decimal places is in [{low}, {high}]; widen it"


def is_empty_range(low: float, high: float, decimals: int) -> bool:
    """Return whether [low, high] contains no number with so many decimal places."""
    scale = 10.0**decimals
    return bool(np.ceil(snap_to_integers(low * scale)) > np.floor(snap_to_integers(high * scale)))


def range_errors(
    low: float, high: float, decimals: int, avro_type: AvroType
) -> Iterator[tuple[str, str]]:
    """Yield an error if a type does not hold the steps of 10**-decimals in [low, high]."""
    category = type_category(avro_type)
    type_min, type_max = type_bounds(avro_type)
    if low > high:
        yield "min", f"min {low} is above max {high}"
    elif category in INTEGER_BOUNDS and decimals:
        yield "decimals", f"{category!r} has no decimal places, but the range has {decimals}"
    elif any(round(bound, decimals) != bound for bound in (low, high)):
        bound = low if round(low, decimals) != low else high
        yield "decimals", f"{bound} has more than {decimals} decimal places; set decimals"
    elif (
        low < type_min or high > type_max or (category == "decimal" and max(-low, high) >= type_max)
    ):
        yield "max", f"range {low} to {high} does not fit {category!r}"
    elif category not in INTEGER_BOUNDS and (high - low) * 10**decimals >= STEPS_MAX:
        yield "max", f"range {low} to {high} has over {STEPS_MAX} steps; narrow it"
    else:
        yield from decimals_errors(decimals, avro_type)
