"""What distributions share: truncation to a range, rounding, and sampling by a quantile function."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from gerador.avro.schema import type_category
from gerador.errors import SettingError
from gerador.values.column import BaseColumn, Positions
from gerador.values.declaration import Limit
from gerador.values.number_ranges import (
    DECIMALS_MAX,
    NUMBER_MAX,
    decimals_errors,
    decimals_on,
    end_errors,
    step_bounds,
    type_bounds,
)
from gerador.values.parameters import (
    DOUBLE_TYPE,
    Distribution,
    Interval,
    Number,
    bind_bounds,
    bind_parameters,
    bounds_at,
    constant_value,
    is_drawn,
    limit_errors,
    order_errors,
    truncated_interval,
)
from gerador.values.quantization import round_to_array

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pyarrow as pa

    from gerador.avro.schema import AvroType
    from gerador.randomness import Rng
    from gerador.values.column import Block, BuildContext, ColumnTarget
    from gerador.values.declaration import ValueGenerator
    from gerador.values.parameters import Bounds, Parameter, RngSource


DecimalPlaces: TypeAlias = Annotated[int, Field(ge=0, le=DECIMALS_MAX)]
TRUNCATED_SHARE_MIN: Final = 1e-9
"""The least share of a distribution that a range cuts out."""
OUT_OF_TYPE_SHARE_MAX: Final = 0.01
"""The largest share of values that a type does not hold where nobody said min or max."""


class TruncatedDistribution(Distribution):
    """What distributions share: a range that is cut out of them, and decimals.

    With constant parameters [min, max], or where they are not said what the type holds, is cut
    out (truncation): values beyond never come, those within as often in proportion as before.
    With drawn parameters what lies beyond is moved to the end that it is beyond. Values are
    rounded to `decimals`: none on whole numbers, six on others where none is said. They are made
    of exact arithmetic alone, so that their bytes are the same on every processor.
    """

    min: Number | None = None
    """The least value; smaller ones never come, or are moved to it where a parameter is drawn."""
    max: Number | None = None
    """The largest value; larger ones never come, or are moved to it where a parameter is drawn."""
    decimals: DecimalPlaces | None = None
    """Decimals of the values; none on whole numbers, six on others when not said."""

    def default_type(self) -> Any:
        """Return long for whole numbers, else double."""
        return "long" if self.decimals == 0 else "double"

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield a range without values, and decimals that the type does not hold."""
        yield from decimals_errors(self.decimals, avro_type)
        wrong = list(_size_errors(self))
        if not wrong:
            # As a parameter it is not rounded.
            places = None if avro_type is DOUBLE_TYPE else decimals_on(self.decimals, avro_type)
            ends = end_errors(constant_value(self.min), constant_value(self.max), places, avro_type)
            wrong = [*ends, *limit_errors(self, self._limits()), *self._about_parameters()]
        yield from wrong
        if not wrong and not is_drawn(self):
            yield from self._about_share(avro_type)

    def column(self, context: BuildContext, target: ColumnTarget) -> DistributionColumn:
        """Return the column of the distribution, truncated to what the type holds."""
        places = decimals_on(self.decimals, target.avro_type)
        held = self if is_drawn(self) else _truncated_to_type(self, target.avro_type, places)
        sampler = held.sampler(context, target.path, half=0.5 / 10.0**places)
        ends = bind_bounds(context, target.path, self)
        return DistributionColumn(target.path, target.type, sampler, places, ends)

    def parameter_limits(self, avro_type: AvroType) -> Mapping[str, Limit]:
        """Return the limits of the parameters, and of the ends what the type holds."""
        ends = Limit(*type_bounds(avro_type))
        return {"min": ends, "max": ends, **self._limits()}

    def interval(self) -> Interval:
        """Return from where to where its numbers come, as a parameter."""
        return truncated_interval(
            self._reach(far=(self.min, self.max) != (None, None)), self.min, self.max
        )

    def _limits(self) -> Mapping[str, Limit]:
        return {}

    def _about_parameters(self) -> Iterator[tuple[str, str]]:
        yield from order_errors(self, "min", "max")

    def _reach(self, *, far: bool) -> Interval:  # noqa: ARG002
        return Interval(-math.inf, math.inf)

    def _about_share(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield that hardly a value lies in the range, or too few fit the type."""
        places = decimals_on(self.decimals, avro_type)
        half = 0.5 * 10.0**-places
        least, most = step_bounds(avro_type, places)
        low, high = constant_value(self.min), constant_value(self.max)
        said = -math.inf if low is None else low - half, math.inf if high is None else high + half
        held = self._between(
            least - half if low is None else said[0], most + half if high is None else said[1]
        )
        if held < TRUNCATED_SHARE_MIN:
            yield self._hardly(avro_type)
        elif held < (1 - OUT_OF_TYPE_SHARE_MAX) * (asked := self._between(*said)):
            ends = [name for name in ("min", "max") if getattr(self, name) is None]
            held_range = f"{least:.15g} to {most:.15g}, which {type_category(avro_type)!r} holds"
            way_out = f"say {' and '.join(ends)}, or another type"
            yield "", f"{1 - held / asked:.0%} of the values lie beyond {held_range}; {way_out}"

    def _hardly(self, avro_type: AvroType) -> tuple[str, str]:
        if self.min is None and self.max is None:
            return "", f"hardly a value fits {type_category(avro_type)!r}; choose others, or a type"
        low = "" if self.min is None else f" from {self.min}"
        high = "" if self.max is None else f" to {self.max}"
        name = "max" if self.min is None else "min"
        return name, f"hardly a value lies{low}{high}; widen that"

    def _between(self, low: float, high: float) -> float:  # noqa: ARG002
        """Return which share of the values lies in a range, by constant parameters."""
        return 1.0


def _size_errors(declared: ValueGenerator) -> Iterator[tuple[str, str]]:
    """Yield constant parameters that are larger than can be computed with."""
    for name in type(declared).model_fields:
        number = getattr(declared, name)
        if isinstance(number, int | float) and abs(number) > NUMBER_MAX:
            yield name, f"{name} {number}; give {NUMBER_MAX:g} at most"


def constant_values(*numbers: Number) -> list[float]:
    """Return numbers of which none is drawn."""
    return [number for number in map(constant_value, numbers) if number is not None]


F64: TypeAlias = NDArray[np.float64]

UNIT_PARTS: Final = 1 << 52
UNIT_PARTS_MIN: Final = 1 << 20
"""Parts that a range cuts out at least: fewer would show in the values."""
_12: Final = np.uint64(12)


def unit_interval(rng: Rng, items: int, low: int = 0, after: int = UNIT_PARTS) -> F64:
    """Return (items,) units of the parts [low, after)."""
    whole = (low, after) == (0, UNIT_PARTS)
    parts = rng.words(items) >> _12 if whole else rng.integers(items, low, after - 1)
    found = parts.astype(np.float64)
    found += 0.5
    found *= 1.0 / UNIT_PARTS
    return found


@dataclass(frozen=True, slots=True)
class QuantileSampler:
    """Numbers by a quantile function of (units, *parameters), of the parts [low, after)."""

    path: str
    quantile: Callable[..., F64]
    parameters: tuple[Parameter, ...] = ()
    low: int = 0
    after: int = UNIT_PARTS
    ends: Bounds = (None, None)

    def __call__(self, block: RngSource, positions: Positions) -> F64:
        """Return (items,) float64."""
        drawn = unit_interval(block.rng(self.path), len(positions), self.low, self.after)
        values = self.quantile(drawn, *(p(block, positions) for p in self.parameters))
        return (
            values
            if self.ends == (None, None)
            else np.clip(values, *bounds_at(self.ends, block, positions))
        )


def quantile_sampler(
    context: BuildContext,
    path: str,
    declared: Any,
    quantile: Callable[..., F64],
    half: float,
    *names: str,
) -> QuantileSampler:
    """Return the law of a declaration whose parameters are these, and the ends."""
    parameters = bind_parameters(context, path, declared, *names)
    ends = declared.min, declared.max
    if ends == (None, None) or is_drawn(declared):
        return QuantileSampler(
            path, quantile, parameters, ends=bind_bounds(context, path, declared)
        )
    numbers = [getattr(declared, name) for name in names]
    low, after = _quantile_parts(lambda u: quantile(u, *numbers), ends, half)
    if after - low < UNIT_PARTS_MIN:
        raise SettingError(
            f"field {path!r}: hardly a value of {declared.kind!r} lies "
            f"from {ends[0]} to {ends[1]}; widen the range"
        )
    return QuantileSampler(path, quantile, parameters, low, after)


def _quantile_parts(
    quantile: Callable[[F64], F64], ends: tuple[float | None, float | None], half: float
) -> tuple[int, int]:
    """Return the parts [low, after) whose quantiles lie within the ends and half a step."""
    least, most = ends
    low = 0 if least is None else _first_part(lambda x: x >= least - half, quantile)
    after = UNIT_PARTS if most is None else _first_part(lambda x: x > most + half, quantile)
    return low, after


def _first_part(told: Callable[[float], bool], quantile: Callable[[F64], F64]) -> int:
    """Return the first part whose quantile is told, by bisection; PARTS when none is."""
    low, high = 0, UNIT_PARTS
    while low < high:
        middle = (low + high) // 2
        if told(float(quantile(np.array([(middle + 0.5) / UNIT_PARTS]))[0])):
            high = middle
        else:
            low = middle + 1
    return low


@dataclass(frozen=True, slots=True)
class DistributionColumn(BaseColumn):
    """Numbers that a distribution draws, rounded to decimals and cut to the ends' steps.

    Ends that are drawn are drawn twice, by the numbers and here: from the same words.
    """

    drawn: Parameter
    places: int
    ends: Bounds = (None, None)

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) numbers."""
        values = np.asarray(self.drawn(block, positions), np.float64)
        return round_to_array(
            values, self.places, self.type, bounds_at(self.ends, block, positions)
        )


def _truncated_to_type(declared: Any, avro_type: AvroType, places: int) -> Any:
    """Return a declaration with the ends of the type where it has none."""
    least, most = step_bounds(avro_type, places)
    low = least if declared.min is None and math.isfinite(least) else declared.min
    high = most if declared.max is None and math.isfinite(most) else declared.max
    return declared.model_copy(update={"min": low, "max": high})
