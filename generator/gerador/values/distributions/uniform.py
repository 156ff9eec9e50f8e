"""The uniform distribution: discrete steps between two bounds, or continuous numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from gerador.avro.literals import FLOAT_MAX
from gerador.avro.schema import type_category
from gerador.values.arrow_arrays import fixed_width_array
from gerador.values.column import BaseColumn, Positions
from gerador.values.declaration import Limit
from gerador.values.distributions.base import (
    DecimalPlaces,
    DistributionColumn,
    constant_values,
)
from gerador.values.distributions.quantile_sampler import random_units
from gerador.values.index_sampling import unique_steps
from gerador.values.number_parameters import (
    DOUBLE_TYPE,
    Distribution,
    Interval,
    Number,
    bind_parameters,
    constant_value,
    interval_of,
)
from gerador.values.number_ranges import (
    DECIMALS_DEFAULT,
    DECIMALS_MAX,
    INTEGER_BOUNDS,
    STEPS_MAX,
    decimals_errors,
    decimals_of,
    range_errors,
    scale_of,
    type_bounds,
)
from gerador.values.quantization import steps_to_array

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from gerador.avro.schema import AvroType
    from gerador.values.column import Block, BuildContext, ColumnTarget
    from gerador.values.distributions.quantile_sampler import F64
    from gerador.values.index_sampling import Permutation
    from gerador.values.number_parameters import Parameter, RngSource


FLOAT_STEPS_MAX: Final = 2**24
"""Consecutive integers that a float represents exactly."""
CONTINUOUS_TYPES: Final = frozenset({"float", "double"})
STEP_TOLERANCE: Final = 1e-6
"""Rounding error of bounds in steps."""


class UniformDistribution(Distribution):
    """Numbers in [min, max], both inclusive, in steps of `step` or 10**-decimals.

    Decimal places are by default those of the bounds and the step; on a decimal type its scale;
    with a random bound 6. Random bounds in the wrong order are swapped.

    With `continuous`, floats or doubles in [min, max) with the full precision of the type.
    """

    equally_likely: ClassVar[bool] = True
    kind: Literal["uniform"] = "uniform"
    min: Number
    """Minimum value, inclusive."""
    max: Number
    """Maximum value, inclusive; exclusive if continuous."""
    decimals: DecimalPlaces | None = None
    """Decimal places of the values. Default: those of the bounds and the step."""
    step: Annotated[float, Field(gt=0)] | None = None
    """Difference between consecutive values, from min on. Default: one unit of the last decimal."""
    continuous: bool = False
    """Whether values are floats or doubles of full precision, without max."""

    def default_type(self) -> Any:
        """Return long without decimal places, else double."""
        return "double" if self.continuous or self.decimal_places else "long"

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield errors of the bounds and the step, alone or for the type."""
        if self.continuous:
            yield from self._continuous_errors(avro_type)
            return
        places, bounds = self.decimal_places_on(avro_type), self._constant_bounds()
        if self.step is not None and round(self.step, places) != self.step:
            yield "step", f"step {self.step} has more than {places} decimal places"
        elif self.step is not None and self.step > self._step_max():
            yield "step", f"step {self.step} exceeds the range"
        elif bounds is None:
            yield from decimals_errors(self.decimals, avro_type)
        else:
            yield from range_errors(*bounds, places, avro_type)

    def _continuous_errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        category, bounds = type_category(avro_type), self._constant_bounds()
        if avro_type is DOUBLE_TYPE:
            yield "continuous", "continuous applies to fields, not to parameters; remove it"
        elif category not in CONTINUOUS_TYPES:
            yield "continuous", f"continuous applies to float and double, not to {category!r}"
        elif bounds is None:
            yield "continuous", "continuous requires a constant min and max; use constants"
        else:
            for name in ("decimals", "step", "unique"):
                if getattr(self, name):
                    yield name, f"{name} cannot be combined with continuous; remove one of them"
            yield from _continuous_range_errors(*bounds, category)

    def parameter_limits(self, avro_type: AvroType) -> Mapping[str, Limit]:
        """Return the range of the type for both bounds."""
        return dict.fromkeys(("min", "max"), Limit(*type_bounds(avro_type)))

    def interval(self) -> Interval:
        """Return the range, with bounds in the wrong order swapped."""
        a, b = interval_of(self.min), interval_of(self.max)
        return Interval(min(a.low, b.low), max(a.high, b.high))

    def _constant_bounds(self) -> tuple[float, float] | None:
        """Return min and max; None: one of them is random."""
        low, high = constant_value(self.min), constant_value(self.max)
        return None if low is None or high is None else (low, high)

    def _step_max(self) -> float:
        bounds = self._constant_bounds()
        if bounds is None:
            return STEPS_MAX / 10**DECIMALS_MAX
        return bounds[1] - bounds[0] if bounds[0] < bounds[1] else math.inf

    @property
    def decimal_places(self) -> int:
        """Declared decimal places, or those of the bounds and the step."""
        if self.decimals is not None:
            return self.decimals
        constants = [n for n in (self.min, self.max, self.step) if isinstance(n, int | float)]
        default = DECIMALS_DEFAULT if self._constant_bounds() is None else 0
        return max([default, *map(decimals_of, constants)])

    def decimal_places_on(self, avro_type: AvroType) -> int:
        """Return the decimal places of values of the type."""
        if self.decimals is not None:
            return self.decimals
        category = type_category(avro_type)
        if category == "decimal" and self.step is None:
            return min(scale_of(avro_type), DECIMALS_MAX)
        is_random = self._constant_bounds() is None
        return 0 if is_random and category in INTEGER_BOUNDS else self.decimal_places

    def distinct_values(self, avro_type: AvroType) -> int | None:
        """Return the number of steps; None with a random bound, or more than a float holds."""
        bounds = self._constant_bounds()
        if bounds is None or self.continuous:
            return None
        low, high, stride = self._steps(bounds, self.decimal_places_on(avro_type))
        count = (high - low) // stride + 1
        return None if type_category(avro_type) == "float" and count > FLOAT_STEPS_MAX else count

    def _steps(self, bounds: tuple[float, float], places: int) -> tuple[int, int, int]:
        """Return min, max and step in units of 10**-places."""
        scale = 10**places
        low, high = (round(bound * scale) for bound in bounds)
        return low, high, 1 if self.step is None else round(self.step * scale)

    def sampler(self, context: BuildContext, path: str, half_step: float = 0.0) -> Parameter:  # noqa: ARG002
        """Return the sampler of steps between two bounds."""
        low, high = bind_parameters(context, path, self, "min", "max")
        stride = 1 if self.step is None else round(self.step * 10**self.decimal_places)
        return UniformSampler(path, low, high, self.decimal_places, stride)

    def column(
        self, context: BuildContext, target: ColumnTarget
    ) -> StepColumn | DistributionColumn | ContinuousUniformColumn:
        """Return the column of integers, decimal steps or continuous numbers."""
        if self.continuous:
            low, high = constant_values(self.min, self.max)
            return ContinuousUniformColumn(target.path, target.type, low, high)
        places, bounds = self.decimal_places_on(target.avro_type), self._constant_bounds()
        if bounds is None:
            rounded = self.model_copy(update={"decimals": places})
            sampler = rounded.sampler(context, target.path)
            return DistributionColumn(target.path, target.type, sampler, places)
        low, high, stride = self._steps(bounds, places)
        permutation = None
        if self.unique:
            count = (high - low) // stride + 1
            every, permutation = unique_steps(context.seeds, target.path, count)
            stride *= every
        return StepColumn(target.path, target.type, low, high, places, stride, permutation)


def _continuous_range_errors(low: float, high: float, category: str) -> Iterator[tuple[str, str]]:
    """Yield an error if a continuous range is empty, or exceeds the type."""
    if low >= high:
        yield "min", f"min {low} is not below max {high}"
    elif category == "float" and max(-low, high) > FLOAT_MAX:
        yield "max", f"range {low} to {high} does not fit 'float'"
    elif high - low == math.inf:
        yield "max", f"range {low} to {high} is wider than the largest double"


@dataclass(frozen=True, slots=True)
class StepColumn(BaseColumn):
    """Numbers in [low, high], both inclusive, every `stride` from `low` on.

    All three are integers in units of 10**-decimal_places, which is 0 for integers, dates, times
    and timestamps. With a permutation, the numbers of all rows are distinct.
    """

    low: int
    high: int
    decimal_places: int = 0
    stride: int = 1
    permutation: Permutation | None = None

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) numbers."""
        return steps_to_array(self._steps(block, positions), self.decimal_places, self.type)

    def _steps(self, block: Block, positions: Positions) -> NDArray[np.int64]:
        if self.permutation is not None:
            index = self.permutation(block.first_row + positions)
        elif self.stride == 1:
            return block.rng(self.path).integers(len(positions), self.low, self.high)
        else:
            index_max = (self.high - self.low) // self.stride
            index = block.rng(self.path).integers(len(positions), 0, index_max)
        return self.low + self.stride * index


@dataclass(frozen=True, slots=True)
class UniformSampler:
    """Samples numbers between two bounds, every `stride` units of 10**-decimal_places."""

    path: str
    low: Parameter
    high: Parameter
    decimal_places: int
    stride: int

    def __call__(self, source: RngSource, positions: Positions) -> F64:
        """Return (items,) float64; the step below the bounds if none is between them."""
        scale = 10.0**self.decimal_places
        a, b = self.low(source, positions), self.high(source, positions)
        low = np.ceil(np.minimum(a, b) * scale - STEP_TOLERANCE)
        high = np.floor(np.maximum(a, b) * scale + STEP_TOLERANCE)
        index_max = np.floor(np.maximum(high - low, 0.0) / self.stride)
        units = random_units(source.rng(self.path), len(positions))
        index = np.minimum(np.floor(units * (index_max + 1.0)), index_max)
        return np.asarray((low + self.stride * index) / scale)


@dataclass(frozen=True, slots=True)
class ContinuousUniformColumn(BaseColumn):
    """Floats or doubles in [low, high): sums and products only, the same on every processor."""

    low: float
    high: float

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) numbers."""
        units = block.rng(self.path).unit(len(positions))
        dtype = np.float32 if self.type == pa.float32() else np.float64
        numbers = (self.low + units * (self.high - self.low)).astype(dtype)
        # Rounding may result in the exclusive bound.
        last = np.nextafter(dtype(self.high), dtype(self.low))
        return fixed_width_array(np.minimum(numbers, last), self.type)
