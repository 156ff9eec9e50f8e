"""Random walks per key, computed at any step without the steps before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal, TypeAlias

import numpy as np
from pydantic import Field

from gerador.avro.schema import type_category
from gerador.randomness import hash_ids
from gerador.values.column import BaseColumn, Positions
from gerador.values.declaration import NUMBER_TYPES, Limit
from gerador.values.number_ranges import is_empty_range
from gerador.values.parameter_errors import limit_errors, order_errors
from gerador.values.parameters import (
    Number,
    bind_bounds,
    bind_parameters,
    bounds_at,
    constant_value,
    per_item,
)
from gerador.values.per_key import KeyRngSource, KeyStepper, PerKeyGenerator, key_stepper
from gerador.values.quantization import round_to_array

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa
    from numpy.typing import NDArray

    from gerador.avro.schema import AvroType
    from gerador.values.column import Block, BuildContext, ColumnTarget
    from gerador.values.parameters import Bounds, Parameter


INTEGER_TYPES: Final = frozenset({"int", "long"})
WALK_DECIMALS_DEFAULT: Final = 2
"""Decimals of a walk of which nobody said how many it has; none on whole numbers."""
WALK_MAGNITUDE_MAX: Final = 1e11
"""How far a walk may be meant to go: with 6 decimals, 64 bits count a hundred times as far."""


class RandomWalkGenerator(PerKeyGenerator):
    """A random walk of each key: a sensor that drifts around `mean` with steps of `step`.

    `spread` is the standard deviation of the places that it drifts between, 1,024 steps apart;
    `step` that of a single step. At `min` and `max` it turns back. `decimals`: 2, or 0 on whole
    numbers. What is drawn of these is drawn once for each key, which keeps it for ever: its walk
    stays one walk.
    """

    types: ClassVar[frozenset[str]] = NUMBER_TYPES
    kind: Literal["walk"] = "walk"
    mean: Number = 0.0
    """The value that a walk drifts around."""
    spread: Number = 10.0
    """Standard deviation of the places that it drifts between, 1,024 steps apart."""
    step: Number = 1.0
    """Standard deviation of a single step."""
    min: Number | None = None
    """The least value, where it turns back."""
    max: Number | None = None
    """The largest value, where it turns back."""
    decimals: Annotated[int, Field(ge=0, le=6)] | None = None
    """Decimals of the values; 2, or 0 on whole numbers, when not said."""

    def default_type(self) -> Any:
        """Return long for whole numbers, else double."""
        return "long" if self.decimals == 0 else "double"

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield bounds that make no sense, and decimals that the type does not have."""
        yield from limit_errors(self, self.parameter_limits(avro_type))
        low, high = constant_value(self.min), constant_value(self.max)
        if low is not None and high is not None:
            places = self.places_on(avro_type)
            if not low < high:
                yield "min", f"walk from {low} to {high}; give the smaller first"
            elif is_empty_range(low, high, places):
                yield "min", f"no number of {places} decimals lies from {low} to {high}; widen that"
        yield from order_errors(self, "min", "max", strict=True)
        if self.decimals and type_category(avro_type) in INTEGER_TYPES:
            yield "decimals", f"{self.decimals} decimals do not suit {type_category(avro_type)!r}"
        logical = getattr(avro_type, "logical", None)
        scale = logical.scale if logical is not None else self.decimals
        if self.decimals is not None and scale is not None and self.decimals > scale:
            yield "decimals", f"{self.decimals} decimals; the type has {scale}"

    def parameter_limits(self, avro_type: AvroType) -> Mapping[str, Limit]:
        """Return how far a walk may be meant to go."""
        del avro_type
        return {
            **dict.fromkeys(("mean", "min", "max"), Limit(-WALK_MAGNITUDE_MAX, WALK_MAGNITUDE_MAX)),
            **dict.fromkeys(("spread", "step"), Limit(0, WALK_MAGNITUDE_MAX)),
        }

    def places_on(self, avro_type: AvroType) -> int:
        """Return the decimals of values of a type."""
        if self.decimals is not None:
            return self.decimals
        logical = getattr(avro_type, "logical", None)
        scale = (
            WALK_DECIMALS_DEFAULT if logical is None else min(WALK_DECIMALS_DEFAULT, logical.scale)
        )
        return 0 if type_category(avro_type) in INTEGER_TYPES else scale

    def column(self, context: BuildContext, target: ColumnTarget) -> RandomWalkColumn:
        """Return the column of the field."""
        return RandomWalkColumn(
            target.path,
            target.type,
            key_stepper(context, target.path, self),
            bind_parameters(context, target.path, self, "mean", "spread", "step"),
            bind_bounds(context, target.path, self),
            self.places_on(target.avro_type),
        )


Bound: TypeAlias = "float | NDArray[np.float64] | None"


@dataclass(frozen=True, slots=True)
class RandomWalkColumn(BaseColumn):
    """Walks of keys, see `kernels.walks` for their law, turned back at the ends.

    Values are whole numbers of 10**-places. `law` is mean, spread and step. All parameters are
    those of the key: what is drawn is the same in all of its rows.
    """

    stepping: KeyStepper
    law: tuple[Parameter, ...]
    ends: Bounds
    places: int

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) numbers."""
        from gerador.values.kernels.random_walk import EPOCH_STEPS, walk  # noqa: PLC0415

        key, step = self.stepping(block, positions)
        seed, epoch = block.seeds.key(self.path), step // EPOCH_STEPS
        where = np.empty(len(positions), np.float64)
        into = (step % EPOCH_STEPS).astype(np.uint64)
        here, after = hash_ids(seed, key, epoch), hash_ids(seed, key, epoch + 1)
        of_key = KeyRngSource(block.seeds, key)
        mean, spread, step_sd = (per_item(p(of_key, positions), positions) for p in self.law)
        walk(here, after, into, mean, spread, step_sd, where)
        ends = bounds_at(self.ends, of_key, positions)
        return round_to_array(reflect(where, *ends), self.places, self.type, ends)


def reflect(values: NDArray[np.float64], low: Bound, high: Bound) -> NDArray[np.float64]:
    """Return values reflected at `low` and `high`, one for all or (items,) each, where there."""
    if low is not None and high is not None:
        width = high - low
        return np.asarray(low + width - np.abs((values - low) % (2 * width) - width))
    if low is not None:
        return np.asarray(low + np.abs(values - low))
    return values if high is None else np.asarray(high - np.abs(high - values))
