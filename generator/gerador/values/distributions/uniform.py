"""Uniform numbers: integers and decimal steps between two ends, and continuous floats."""

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
from gerador.values.declaration import Limit, ValueGenerator
from gerador.values.distributions.base import DecimalPlaces, DistributionColumn, unit_interval
from gerador.values.number_ranges import (
    DECIMALS_MAX,
    DRAWN_DECIMALS_DEFAULT,
    INTEGER_BOUNDS,
    STEPS_MAX,
    decimals_errors,
    decimals_of,
    range_errors,
    scale_of,
    type_bounds,
)
from gerador.values.parameters import Distribution, Interval, Number, bind_parameters, interval_of
from gerador.values.quantization import steps_to_array
from gerador.values.sampling import Permutation, unique_steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gerador.avro.schema import AvroType
    from gerador.values.column import Block, BuildContext, ColumnTarget
    from gerador.values.distributions.base import F64
    from gerador.values.parameters import Parameter, RngSource


FLOAT_STEPS_MAX: Final = 2**24
"""Whole numbers that a float tells apart."""


class UniformDistribution(Distribution):
    """Numbers in [min, max], both ends included, in steps of `step` or 10**-decimals.

    Decimals that nobody says are those of the ends and the step; on a decimal type, its own;
    where an end is drawn, six. Ends that are drawn the wrong way round change places.
    """

    equally_likely: ClassVar[bool] = True
    kind: Literal["uniform"] = "uniform"
    min: Number
    """The least value, included."""
    max: Number
    """The largest value, included."""
    decimals: DecimalPlaces | None = None
    """Decimals of the values; those of the ends and the step when not said."""
    step: Annotated[float, Field(gt=0)] | None = None
    """From one value to the next, counted from min; one of the last decimal when not said."""

    def default_type(self) -> Any:
        """Return long for whole numbers, else double."""
        return "double" if self.places else "long"

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield ends and steps that make no sense, or that the type does not hold."""
        places = self.places_on(avro_type)
        if self.step is not None and round(self.step, places) != self.step:
            yield "step", f"step {self.step} has more than {places} decimals"
        elif self.step is not None and self.step > self._widest():
            yield "step", f"step {self.step} is longer than the range; give a shorter one"
        elif isinstance(self.min, ValueGenerator) or isinstance(self.max, ValueGenerator):
            yield from decimals_errors(self.decimals, avro_type)
        else:
            yield from range_errors(self.min, self.max, places, avro_type)

    def parameter_limits(self, avro_type: AvroType) -> Mapping[str, Limit]:
        """Return of the ends what the type holds."""
        ends = Limit(*type_bounds(avro_type))
        return {"min": ends, "max": ends}

    def interval(self) -> Interval:
        """Return the range; ends the wrong way round change places."""
        one, other = interval_of(self.min), interval_of(self.max)
        return Interval(min(one.low, other.low), max(one.high, other.high))

    def _widest(self) -> float:
        """Return how far the ends may be from each other."""
        if isinstance(self.min, ValueGenerator) or isinstance(self.max, ValueGenerator):
            return STEPS_MAX / 10**DECIMALS_MAX
        return self.max - self.min if self.max > self.min else math.inf

    @property
    def places(self) -> int:
        """Decimals: as declared, or as many as the ends and the step have."""
        if self.decimals is not None:
            return self.decimals
        told = [n for n in (self.min, self.max, self.step) if isinstance(n, int | float)]
        drawn = isinstance(self.min, ValueGenerator) or isinstance(self.max, ValueGenerator)
        return max([decimals_of(n) for n in told] + [DRAWN_DECIMALS_DEFAULT if drawn else 0])

    def places_on(self, avro_type: AvroType) -> int:
        """Return the decimals that values of this type have."""
        if self.decimals is not None:
            return self.decimals
        if type_category(avro_type) == "decimal" and self.step is None:
            return min(scale_of(avro_type), DECIMALS_MAX)
        drawn = isinstance(self.min, ValueGenerator) or isinstance(self.max, ValueGenerator)
        return 0 if drawn and type_category(avro_type) in INTEGER_BOUNDS else self.places

    def distinct_values(self, avro_type: AvroType) -> int | None:
        """Return how many steps there are from end to end."""
        if isinstance(self.min, ValueGenerator) or isinstance(self.max, ValueGenerator):
            return None
        scale = 10 ** self.places_on(avro_type)
        stride = 1 if self.step is None else round(self.step * scale)
        steps = (round(self.max * scale) - round(self.min * scale)) // stride + 1
        return None if type_category(avro_type) == "float" and steps > FLOAT_STEPS_MAX else steps

    def sampler(self, context: BuildContext, path: str, half: float = 0.0) -> Parameter:  # noqa: ARG002
        """Return numbers in steps from end to end, both included."""
        low, high = bind_parameters(context, path, self, "min", "max")
        stride = 1 if self.step is None else round(self.step * 10**self.places)
        return UniformSampler(path, low, high, self.places, stride)

    def column(
        self, context: BuildContext, target: ColumnTarget
    ) -> IntegerColumn | SteppedColumn | DistributionColumn:
        """Return the column of whole numbers or decimal steps."""
        places = self.places_on(target.avro_type)
        if isinstance(self.min, ValueGenerator) or isinstance(self.max, ValueGenerator):
            rounded = self.model_copy(update={"decimals": places})
            sampler = rounded.sampler(context, target.path)
            return DistributionColumn(target.path, target.type, sampler, places)
        if pa.types.is_integer(target.type) and self.step is None and not self.unique:
            return IntegerColumn(target.path, target.type, int(self.min), int(self.max))
        scale = 10**places
        low, high = round(self.min * scale), round(self.max * scale)
        stride = 1 if self.step is None else round(self.step * scale)
        if not self.unique:
            return SteppedColumn(target.path, target.type, low, high, scale, stride)
        apart, permutation = unique_steps(context.seeds, target.path, (high - low) // stride + 1)
        return SteppedColumn(
            target.path, target.type, low, high, scale, stride * apart, permutation
        )


class ContinuousUniform(ValueGenerator):
    """Numbers from `min` to before `max`, equally likely, with all the digits of the type."""

    types: ClassVar[frozenset[str]] = frozenset({"float", "double"})
    kind: Literal["span"] = "span"
    min: float = 0.0
    """The least number, included."""
    max: float = 1.0
    """The number that is not reached any more."""

    def default_type(self) -> Any:
        """Return double."""
        return "double"

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield a span without a number in it, or wider than the type holds."""
        word = type_category(avro_type)
        if self.min >= self.max:
            yield "min", f"no number from {self.min} to before {self.max}; give the smaller first"
        elif word == "float" and max(abs(self.min), abs(self.max)) > FLOAT_MAX:
            yield "max", f"{self.min} to {self.max} does not fit 'float'; narrow it"
        elif self.max - self.min == float("inf"):
            yield "max", f"{self.min} to {self.max} is wider than a double; narrow it"

    def column(self, context: BuildContext, target: ColumnTarget) -> ContinuousUniformColumn:  # noqa: ARG002
        """Return the column of the field."""
        return ContinuousUniformColumn(target.path, target.type, self.min, self.max)


@dataclass(frozen=True, slots=True)
class IntegerColumn(BaseColumn):
    """Integers in [low, high], both included, as Arrow int32 or int64 or a type of that width."""

    low: int
    high: int

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) integers."""
        values = block.rng(self.path).integers(len(positions), self.low, self.high)
        narrow = values if self.type.bit_width == 64 else values.astype(np.int32)
        return fixed_width_array(narrow, self.type)


@dataclass(frozen=True, slots=True)
class SteppedColumn(BaseColumn):
    """Numbers in [low, high] / scale, both included, every `stride` from `low` on.

    Each is a whole number of steps divided by `scale`, a power of ten (`fitted.from_steps`). With
    a permutation no two rows have the same.
    """

    low: int
    high: int
    scale: int
    stride: int = 1
    permutation: Permutation | None = None

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) numbers."""
        steps = self._steps(block, positions)
        return steps_to_array(steps, len(str(self.scale)) - 1, self.type)

    def _steps(self, block: Block, positions: Positions) -> np.ndarray:
        if self.permutation is not None:
            index = self.permutation(block.first_row + positions)
        elif self.stride == 1:
            return block.rng(self.path).integers(len(positions), self.low, self.high)
        else:
            most = (self.high - self.low) // self.stride
            index = block.rng(self.path).integers(len(positions), 0, most)
        return self.low + self.stride * index


@dataclass(frozen=True, slots=True)
class UniformSampler:
    """Uniform numbers between ends that may be drawn, in strides of 10**-places from the lower."""

    path: str
    low: Parameter
    high: Parameter
    places: int
    stride: int

    def __call__(self, block: RngSource, positions: Positions) -> F64:
        """Return (items,) float64; what is between two ends but no step there is the lower's."""
        scale = 10.0**self.places
        one, other = self.low(block, positions), self.high(block, positions)
        low = np.ceil(np.minimum(one, other) * scale - 1e-6)
        high = np.floor(np.maximum(one, other) * scale + 1e-6)
        strides = np.floor(np.maximum(high - low, 0.0) / self.stride)
        index = np.floor(unit_interval(block.rng(self.path), len(positions)) * (strides + 1.0))
        steps: F64 = (low + self.stride * np.minimum(index, strides)) / scale
        return steps


@dataclass(frozen=True, slots=True)
class ContinuousUniformColumn(BaseColumn):
    """Floats or doubles in [low, high); only sums and products, so the same on every processor."""

    low: float
    high: float

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) numbers."""
        unit = block.rng(self.path).unit(len(positions))
        kind = np.float32 if self.type == pa.float32() else np.float64
        # Rounding may reach the upper end, which is not one of the values.
        last = np.nextafter(kind(self.high), kind(self.low))
        wide = self.low + unit * (self.high - self.low)
        return fixed_width_array(np.minimum(wide.astype(kind), last), self.type)
