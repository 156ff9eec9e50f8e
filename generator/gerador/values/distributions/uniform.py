"""Uniform numbers: integers and decimal steps between two ends, and continuous floats."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

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
from gerador.values.parameters import SAMPLERS, Distribution, Interval, bind_parameter, interval_of
from gerador.values.quantization import steps_to_array
from gerador.values.sampling import PERMUTATION_SIZE_MAX, Permutation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gerador.avro.schema import AvroType
    from gerador.values.column import Block, BuildContext, ColumnTarget
    from gerador.values.distributions import Number
    from gerador.values.distributions.base import F64
    from gerador.values.parameters import Parameter, RngSource


FLOAT_STEPS_MAX: Final = 2**24
"""Whole numbers that a float tells apart."""


class UniformDistribution(Distribution):
    """Numbers in [min, max], both ends included, in steps of `step` or 10**-decimals.

    Decimals that nobody says are those of the ends and the step; on a decimal type, its own;
    where an end is drawn, six. Ends that are drawn the wrong way round change places.
    """

    kind: Literal["uniform"] = "uniform"
    min: Number
    """The least value, included."""
    max: Number
    """The largest value, included."""
    decimals: DecimalPlaces | None = None
    """Decimals of the values; those of the ends and the step when not said."""
    step: Annotated[float, Field(gt=0)] | None = None
    """From one value to the next, counted from min; one of the last decimal when not said."""

    def natural_type(self) -> Any:
        """Return long for whole numbers, else double."""
        return "double" if self.places else "long"

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
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

    def limits(self, avro_type: AvroType) -> Mapping[str, Limit]:
        """Return of the ends what the type holds."""
        ends = Limit(*type_bounds(avro_type))
        return {"min": ends, "max": ends}

    def reach(self) -> Interval:
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

    def space(self, avro_type: AvroType) -> int | None:
        """Return how many steps there are from end to end."""
        if isinstance(self.min, ValueGenerator) or isinstance(self.max, ValueGenerator):
            return None
        scale = 10 ** self.places_on(avro_type)
        stride = 1 if self.step is None else round(self.step * scale)
        steps = (round(self.max * scale) - round(self.min * scale)) // stride + 1
        return None if type_category(avro_type) == "float" and steps > FLOAT_STEPS_MAX else steps


FLOAT_MAX: Final = (2 - 2**-23) * 2.0**127
"""The largest finite float of 32 bits (IEEE 754, binary32)."""


class ContinuousUniform(ValueGenerator):
    """Numbers from `min` to before `max`, equally likely, with all the digits of the type."""

    suits: ClassVar[frozenset[str]] = frozenset({"float", "double"})
    kind: Literal["span"] = "span"
    min: float = 0.0
    """The least number, included."""
    max: float = 1.0
    """The number that is not reached any more."""

    def natural_type(self) -> Any:
        """Return double."""
        return "double"

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield a span without a number in it, or wider than the type holds."""
        word = type_category(avro_type)
        if self.min >= self.max:
            yield "min", f"no number from {self.min} to before {self.max}; give the smaller first"
        elif word == "float" and max(abs(self.min), abs(self.max)) > FLOAT_MAX:
            yield "max", f"{self.min} to {self.max} does not fit 'float'; narrow it"
        elif self.max - self.min == float("inf"):
            yield "max", f"{self.min} to {self.max} is wider than a double; narrow it"


@dataclass(frozen=True, slots=True)
class IntegerColumn(BaseColumn):
    """Integers in [low, high], both included, as Arrow int32 or int64 or a type of that width."""

    low: int
    high: int

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) integers."""
        values = block.draws(self.path).integers(len(at), self.low, self.high)
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

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) numbers."""
        steps = self._steps(block, at)
        return steps_to_array(steps, len(str(self.scale)) - 1, self.type)

    def _steps(self, block: Block, at: Positions) -> np.ndarray:
        if self.permutation is not None:
            index = self.permutation(block.first_row + at)
        elif self.stride == 1:
            return block.draws(self.path).integers(len(at), self.low, self.high)
        else:
            most = (self.high - self.low) // self.stride
            index = block.draws(self.path).integers(len(at), 0, most)
        return self.low + self.stride * index


def uniform_column(
    making: BuildContext, place: ColumnTarget, declared: UniformDistribution
) -> IntegerColumn | SteppedColumn | DistributionColumn:
    """Return the column of a uniform range over whole numbers or decimal steps."""
    places = declared.places_on(place.avro_type)
    if isinstance(declared.min, ValueGenerator) or isinstance(declared.max, ValueGenerator):
        rounding = declared.model_copy(update={"decimals": places})
        drawn = SAMPLERS["uniform"](making, place.path, rounding)
        return DistributionColumn(place.path, place.type, drawn, places)
    if pa.types.is_integer(place.type) and declared.step is None and not declared.unique:
        return IntegerColumn(place.path, place.type, int(declared.min), int(declared.max))
    scale = 10**places
    ends = round(declared.min * scale), round(declared.max * scale)
    stride = 1 if declared.step is None else round(declared.step * scale)
    permutation = None
    if declared.unique:
        size = (ends[1] - ends[0]) // stride + 1
        apart = -(
            -size // PERMUTATION_SIZE_MAX
        )  # of more than can be permuted, every second or third
        permutation, stride = (
            Permutation.of(making.seeds, place.path, size // apart),
            stride * apart,
        )
    return SteppedColumn(place.path, place.type, *ends, scale, stride, permutation)


def uniform_sampler(
    making: BuildContext,
    path: str,
    declared: UniformDistribution,
    half: float = 0.0,  # noqa: ARG001
) -> Parameter:
    """Return numbers in steps from end to end, both included."""
    return UniformSampler(
        path,
        bind_parameter(making, f"{path}~min", declared.min),
        bind_parameter(making, f"{path}~max", declared.max),
        declared.places,
        1 if declared.step is None else round(declared.step * 10**declared.places),
    )


@dataclass(frozen=True, slots=True)
class UniformSampler:
    """Uniform numbers between ends that may be drawn, in strides of 10**-places from the lower."""

    path: str
    low: Parameter
    high: Parameter
    places: int
    stride: int

    def __call__(self, block: RngSource, at: Positions) -> F64:
        """Return (items,) float64; what is between two ends but no step there is the lower's."""
        scale = 10.0**self.places
        one, other = self.low(block, at), self.high(block, at)
        low = np.ceil(np.minimum(one, other) * scale - 1e-6)
        high = np.floor(np.maximum(one, other) * scale + 1e-6)
        strides = np.floor(np.maximum(high - low, 0.0) / self.stride)
        index = np.floor(unit_interval(block.draws(self.path), len(at)) * (strides + 1.0))
        steps: F64 = (low + self.stride * np.minimum(index, strides)) / scale
        return steps


@dataclass(frozen=True, slots=True)
class ContinuousUniformColumn(BaseColumn):
    """Floats or doubles in [low, high); only sums and products, so the same on every processor."""

    low: float
    high: float

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) numbers."""
        unit = block.draws(self.path).unit(len(at))
        kind = np.float32 if self.type == pa.float32() else np.float64
        # Rounding may reach the upper end, which is not one of the values.
        last = np.nextafter(kind(self.high), kind(self.low))
        wide = self.low + unit * (self.high - self.low)
        return fixed_width_array(np.minimum(wide.astype(kind), last), self.type)
