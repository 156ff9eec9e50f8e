"""Range and precision of Avro number types, and checks that a declared range fits."""

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
STEPS_MAX: Final = 2**53
"""Values that a uniform double or float may take: what a double tells apart."""
INTEGER_BOUNDS: Final = {"int": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}
NUMBER_MAX: Final = 1e100
"""The largest parameter of a distribution: squares of it are no infinity yet."""
DRAWN_DECIMALS_DEFAULT: Final = 6
"""Decimals of a drawn number of which nobody said how many it has."""


def decimals_of(number: float) -> int:
    """Return the decimals that a number has when it is written, `DECIMALS_MAX` at most."""
    places = range(DECIMALS_MAX)
    return next((d for d in places if round(number, d) == number), DECIMALS_MAX)


def decimals_on(declared: int | None, avro_type: AvroType) -> int:
    """Return the decimals of a number that is drawn into a type.

    As declared; else none on whole numbers, and DECIMALS_DRAWN or as many as the type holds.
    """
    if declared is not None:
        return declared
    word = type_category(avro_type)
    if word == "decimal":
        return min(scale_of(avro_type), DRAWN_DECIMALS_DEFAULT)
    return DRAWN_DECIMALS_DEFAULT if word in ("float", "double") else 0


def scale_of(avro_type: AvroType) -> int:
    """Return the digits behind the point of a decimal type."""
    return int(getattr(avro_type, "logical").scale)  # noqa: B009 - only types with values have one


def type_bounds(avro_type: AvroType) -> tuple[float, float]:
    """Return the least and the largest number of a type of numbers; infinite on doubles."""
    word = type_category(avro_type)
    if word == "decimal":
        most = 10.0 ** (getattr(avro_type, "logical").precision - scale_of(avro_type))  # noqa: B009
        return -most, most
    if word == "float":
        return -FLOAT_MAX, FLOAT_MAX
    return INTEGER_BOUNDS.get(word, (-math.inf, math.inf))


def step_bounds(avro_type: AvroType, places: int) -> tuple[float, float]:
    """Return the least and the largest step of 10**-places that a type holds."""
    least, most = type_bounds(avro_type)
    step = 10.0**-places if type_category(avro_type) == "decimal" else 0.0
    return least + step, most - step


def _finest_scale(avro_type: AvroType) -> int:
    return scale_of(avro_type) if type_category(avro_type) == "decimal" else 0


def decimals_errors(decimals: int | None, avro_type: AvroType) -> Iterator[tuple[str, str]]:
    """Yield decimals that the type does not hold."""
    word = type_category(avro_type)
    if decimals and word in INTEGER_BOUNDS:
        yield "decimals", f"{decimals} decimals do not suit {word!r}; set decimals: 0"
    elif decimals and word == "decimal" and decimals > scale_of(avro_type):
        yield "decimals", f"{decimals} decimals, but the type has {scale_of(avro_type)}; use those"


def end_errors(
    low: float | None, high: float | None, decimals: int | None, avro_type: AvroType
) -> Iterator[tuple[str, str]]:
    """Yield ends of a range that are none, or that the type does not hold.

    With `decimals`, also those between which no number has so few.
    """
    least, most = step_bounds(avro_type, _finest_scale(avro_type))
    for name, end in (("min", low), ("max", high)):
        if end is not None and not least <= end <= most:
            yield name, f"{name} {end} does not fit {type_category(avro_type)!r}"
    if low is None or high is None:
        return
    if low > high:
        yield "min", f"range {low} to {high}; give the smaller first"
    elif decimals is not None and is_empty_range(low, high, decimals):
        yield "min", f"no number of {decimals} decimals lies from {low} to {high}; widen that"


def is_empty_range(low: float, high: float, decimals: int) -> bool:
    """Tell whether a range, ends included, has no whole number of steps of 10**-decimals."""
    scale = 10.0**decimals
    return bool(np.ceil(snap_to_integers(low * scale)) > np.floor(snap_to_integers(high * scale)))


def range_errors(
    low: float, high: float, decimals: int, avro_type: AvroType
) -> Iterator[tuple[str, str]]:
    """Yield what is wrong about a range of steps of 10**-decimals on a type of numbers."""
    word = type_category(avro_type)
    least, most = type_bounds(avro_type)
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        yield "min", f"range {low} to {high}; give the smaller first, finite"
    elif word in INTEGER_BOUNDS and decimals:
        yield "decimals", f"{decimals} decimals do not suit {word!r}"
    elif any(round(end, decimals) != end for end in (low, high)):
        end = low if round(low, decimals) != low else high
        yield "decimals", f"{end} has more than {decimals} decimals; set decimals"
    elif low < least or high > most or (word == "decimal" and max(-low, high) >= most):
        yield "max", f"range {low} to {high} does not fit {word!r}"
    elif word not in INTEGER_BOUNDS and (high - low) * 10**decimals >= STEPS_MAX:
        yield "max", f"range {low} to {high} has over {STEPS_MAX} steps; narrow it"
    else:
        yield from decimals_errors(decimals, avro_type)
