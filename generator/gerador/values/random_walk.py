"""Random walks per key, computed at any step without the steps before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal, TypeAlias

import numpy as np
from pydantic import Field

from gerador.randomness import hash_ids
from gerador.values.column import BaseColumn, Positions
from gerador.values.declaration import NUMBER_TYPES, Limit
from gerador.values.number_parameter_errors import limit_errors, order_errors
from gerador.values.number_parameters import (
    Number,
    bind_bounds,
    bind_parameters,
    bounds_at,
    constant_value,
    per_item,
)
from gerador.values.number_ranges import decimal_places_on, decimals_errors, is_empty_range
from gerador.values.per_key_state import KeyRngSource, KeyStepper, PerKeyGenerator, key_stepper
from gerador.values.quantization import round_to_array

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa
    from numpy.typing import NDArray

    from gerador.avro.schema import AvroType
    from gerador.values.column import Block, BuildContext, ColumnTarget
    from gerador.values.number_parameters import Bounds, Parameter


DECIMALS_DEFAULT: Final = 2
"""Default decimal places of a walk; 0 for integers."""
MAGNITUDE_MAX: Final = 1e11
"""Maximum magnitude of the parameters: with 6 decimal places, int64 holds a hundred times more."""


class RandomWalkGenerator(PerKeyGenerator):
    """A random walk per key, such as a sensor that drifts around `mean`.

    Every 1,024 steps the walk is at a point of a normal distribution with the standard deviation
    `sd`; `step_sd` is the standard deviation of a single step. The walk is reflected at `min` and
    `max`. Random parameters are drawn once per key.
    """

    types: ClassVar[frozenset[str]] = NUMBER_TYPES
    kind: Literal["random_walk"] = "random_walk"
    address_names: ClassVar[dict[str, str]] = {"sd": "spread", "step_sd": "step"}
    mean: Number = 0.0
    """Mean of the walk."""
    sd: Number = 10.0
    """Standard deviation of the points, 1,024 steps apart, that the walk passes."""
    step_sd: Number = 1.0
    """Standard deviation of a single step."""
    min: Number | None = None
    """Minimum value, where the walk is reflected."""
    max: Number | None = None
    """Maximum value, where the walk is reflected."""
    decimals: Annotated[int, Field(ge=0, le=6)] | None = None
    """Decimal places of the values. Default: 0 for integers, 2 for other types."""

    def default_type(self) -> Any:
        """Return long without decimal places, else double."""
        return "long" if self.decimals == 0 else "double"

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield errors of parameters, bounds and decimal places."""
        yield from limit_errors(self, self.parameter_limits(avro_type))
        low, high = constant_value(self.min), constant_value(self.max)
        if low is not None and high is not None:
            places = decimal_places_on(self.decimals, avro_type, DECIMALS_DEFAULT)
            if not low < high:
                yield "min", f"min {low} is not below max {high}"
            elif is_empty_range(low, high, places):
                message = f"no number with {places} decimal places is in [{low}, {high}]"
                yield "min", f"{message}; widen it"
        yield from order_errors(self, "min", "max", strict=True)
        yield from decimals_errors(self.decimals, avro_type)

    def parameter_limits(self, avro_type: AvroType) -> Mapping[str, Limit]:
        """Return the limits of all parameters."""
        del avro_type
        return {
            **dict.fromkeys(("mean", "min", "max"), Limit(-MAGNITUDE_MAX, MAGNITUDE_MAX)),
            **dict.fromkeys(("sd", "step_sd"), Limit(0, MAGNITUDE_MAX)),
        }

    def column(self, context: BuildContext, target: ColumnTarget) -> RandomWalkColumn:
        """Return the column of the walks."""
        return RandomWalkColumn(
            target.path,
            target.type,
            key_stepper(context, target.path, self),
            bind_parameters(context, target.path, self, "mean", "sd", "step_sd"),
            bind_bounds(context, target.path, self),
            decimal_places_on(self.decimals, target.avro_type, DECIMALS_DEFAULT),
        )


Bound: TypeAlias = "float | NDArray[np.float64] | None"


@dataclass(frozen=True, slots=True)
class RandomWalkColumn(BaseColumn):
    """Random walks per key (`kernels.random_walk`), reflected at bounds.

    `parameters` are mean, sd and step_sd. Parameters and bounds are those of the key.
    """

    stepper: KeyStepper
    parameters: tuple[Parameter, ...]
    bounds: Bounds
    decimal_places: int

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) numbers."""
        from gerador.values.kernels.random_walk import EPOCH_STEPS, walk  # noqa: PLC0415

        key, step = self.stepper(block, positions)
        source = KeyRngSource(block.seeds, key)
        mean, sd, step_sd = (
            per_item(parameter(source, positions), positions) for parameter in self.parameters
        )
        seed, epoch = block.seeds.key(self.path), step // EPOCH_STEPS
        words, next_words = hash_ids(seed, key, epoch), hash_ids(seed, key, epoch + 1)
        step_of_epoch = (step % EPOCH_STEPS).astype(np.uint64)
        numbers = np.empty(len(positions), np.float64)
        walk(words, next_words, step_of_epoch, mean, sd, step_sd, numbers)
        bounds = bounds_at(self.bounds, source, positions)
        return round_to_array(reflect(numbers, *bounds), self.decimal_places, self.type, bounds)


def reflect(values: NDArray[np.float64], low: Bound, high: Bound) -> NDArray[np.float64]:
    """Return values reflected at bounds, one for all or (items,); None: no bound."""
    if low is not None and high is not None:
        width = high - low
        return np.asarray(low + width - np.abs((values - low) % (2 * width) - width))
    if low is not None:
        return np.asarray(low + np.abs(values - low))
    return values if high is None else np.asarray(high - np.abs(high - values))
