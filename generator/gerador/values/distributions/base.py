"""Base class of truncated distributions, and the column of a distribution."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

import numpy as np
from pydantic import Field

from gerador.avro.schema import type_category
from gerador.values.column import BaseColumn, Positions
from gerador.values.declaration import Limit
from gerador.values.number_parameter_errors import limit_errors, order_errors
from gerador.values.number_parameters import (
    DOUBLE_TYPE,
    Distribution,
    Interval,
    Number,
    bind_bounds,
    bounds_at,
    constant_value,
    has_random_parameter,
    truncated_interval,
)
from gerador.values.number_ranges import (
    DECIMALS_MAX,
    NUMBER_MAX,
    bound_errors,
    decimal_places_on,
    decimals_errors,
    step_bounds,
    type_bounds,
)
from gerador.values.quantization import round_to_array

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from gerador.avro.schema import AvroType
    from gerador.values.column import Block, BuildContext, ColumnTarget
    from gerador.values.declaration import ValueGenerator
    from gerador.values.number_parameters import Bounds, Parameter


DecimalPlaces: TypeAlias = Annotated[int, Field(ge=0, le=DECIMALS_MAX)]
RANGE_PROBABILITY_MIN: Final = 1e-9
"""The minimum probability of a range that a distribution is truncated to."""
OUT_OF_TYPE_SHARE_MAX: Final = 0.01
"""The largest share of values outside the range of the type, unless min or max is declared."""


class TruncatedDistribution(Distribution):
    """A distribution truncated to [min, max], with decimal places.

    With constant parameters, values outside [min, max], by default the range of the type, never
    occur, and those inside keep their relative probabilities. With a random parameter, values
    outside are clipped. Values are rounded to `decimals`, by default 0 for integers and 6 for
    other types. Only exact arithmetic is used, so that values are the same on every processor.
    """

    min: Number | None = None
    """Minimum value. Smaller values never occur; with a random parameter, they are set to it."""
    max: Number | None = None
    """Maximum value. Larger values never occur; with a random parameter, they are set to it."""
    decimals: DecimalPlaces | None = None
    """Decimal places of the values. Default: 0 for integers, 6 for other types."""

    def default_type(self) -> Any:
        """Return long without decimal places, else double."""
        return "long" if self.decimals == 0 else "double"

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield errors of parameters, of decimal places, and of a range with almost no values."""
        yield from decimals_errors(self.decimals, avro_type)
        errors = list(_magnitude_errors(self)) or [
            *self._bound_errors(avro_type),
            *limit_errors(self, self._limits()),
            *self._parameter_errors(),
        ]
        yield from errors
        if not errors and not has_random_parameter(self):
            yield from self._range_errors(avro_type)

    def _bound_errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        is_parameter = avro_type is DOUBLE_TYPE  # and is not rounded
        places = None if is_parameter else decimal_places_on(self.decimals, avro_type)
        return bound_errors(constant_value(self.min), constant_value(self.max), places, avro_type)

    def parameter_limits(self, avro_type: AvroType) -> Mapping[str, Limit]:
        """Return the limits of the parameters; bounds are limited by the type."""
        bounds = Limit(*type_bounds(avro_type))
        return {"min": bounds, "max": bounds, **self._limits()}

    def interval(self) -> Interval:
        """Return the interval of the distribution within its bounds."""
        is_truncated = (self.min, self.max) != (None, None)
        return truncated_interval(self._interval(truncated=is_truncated), self.min, self.max)

    def column(self, context: BuildContext, target: ColumnTarget) -> DistributionColumn:
        """Return the column of the distribution, truncated to the range of the type."""
        places = decimal_places_on(self.decimals, target.avro_type)
        truncated: TruncatedDistribution = self
        if not has_random_parameter(self):
            truncated = self._truncated_to_type(target.avro_type, places)
        sampler = truncated.sampler(context, target.path, half_step=0.5 / 10.0**places)
        bounds = bind_bounds(context, target.path, self)
        return DistributionColumn(target.path, target.type, sampler, places, bounds)

    def _truncated_to_type(self, avro_type: AvroType, places: int) -> TruncatedDistribution:
        """Return the distribution with the bounds of the type where none are declared."""
        type_min, type_max = step_bounds(avro_type, places)
        low = type_min if self.min is None and math.isfinite(type_min) else self.min
        high = type_max if self.max is None and math.isfinite(type_max) else self.max
        return self.model_copy(update={"min": low, "max": high})

    def _limits(self) -> Mapping[str, Limit]:
        """Return the limits of the parameters of the distribution."""
        return {}

    def _parameter_errors(self) -> Iterator[tuple[str, str]]:
        yield from order_errors(self, "min", "max")

    def _interval(self, *, truncated: bool) -> Interval:  # noqa: ARG002
        """Return the interval without bounds; wider for a distribution that is truncated."""
        return Interval(-math.inf, math.inf)

    def _probability(self, low: float, high: float) -> float:  # noqa: ARG002
        """Return the probability of [low, high]. All parameters are constants."""
        return 1.0

    def _range_errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield an error if almost no value is in the range, or too few fit the type."""
        places = decimal_places_on(self.decimals, avro_type)
        half_step = 0.5 * 10.0**-places
        type_min, type_max = step_bounds(avro_type, places)
        low, high = constant_value(self.min), constant_value(self.max)
        valid = self._probability(
            (type_min if low is None else low) - half_step,
            (type_max if high is None else high) + half_step,
        )
        declared = self._probability(
            -math.inf if low is None else low - half_step,
            math.inf if high is None else high + half_step,
        )
        if valid < RANGE_PROBABILITY_MIN:
            yield self._empty_range_error(avro_type)
        elif valid < (1 - OUT_OF_TYPE_SHARE_MAX) * declared:
            bounds = " and ".join(n for n in ("min", "max") if getattr(self, n) is None)
            share, category = f"{1 - valid / declared:.0%}", type_category(avro_type)
            outside = f"{share} of the values are outside {type_min:.15g} to {type_max:.15g}"
            yield "", f"{outside}, the range of {category!r}; add {bounds}, or change the type"

    def _empty_range_error(self, avro_type: AvroType) -> tuple[str, str]:
        if self.min is None and self.max is None:
            category = type_category(avro_type)
            return "", f"almost no value fits {category!r}; change the parameters or the type"
        low = "" if self.min is None else f" from {self.min}"
        high = "" if self.max is None else f" to {self.max}"
        name = "max" if self.min is None else "min"
        return name, f"almost no value is in the range{low}{high}; widen it"


def _magnitude_errors(generator: ValueGenerator) -> Iterator[tuple[str, str]]:
    """Yield errors of constant parameters that are too large for computations."""
    for name in type(generator).model_fields:
        number = constant_value(getattr(generator, name))
        if number is not None and abs(number) > NUMBER_MAX:
            yield name, f"{name} {number} is outside [-{NUMBER_MAX:g}, {NUMBER_MAX:g}]"


def constant_values(*numbers: Number) -> list[float]:
    """Return numbers that are all constants."""
    return [number for number in map(constant_value, numbers) if number is not None]


@dataclass(frozen=True, slots=True)
class DistributionColumn(BaseColumn):
    """Numbers of a distribution, rounded to decimal places and clipped to bounds.

    Random bounds are evaluated twice, by the sampler and here, with the same random words.
    """

    sampler: Parameter
    decimal_places: int
    bounds: Bounds = (None, None)

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) numbers."""
        numbers = np.asarray(self.sampler(block, positions), np.float64)
        bounds = bounds_at(self.bounds, block, positions)
        return round_to_array(numbers, self.decimal_places, self.type, bounds)
