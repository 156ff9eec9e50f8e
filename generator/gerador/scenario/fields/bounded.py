"""Kinds of numbers between two ends: uniform, ranks, beta, triangular, loguniform."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from gerador.scenario.fields.declared import Declared
from gerador.scenario.fields.ranges import (
    DECIMALS_DRAWN,
    DECIMALS_MAX,
    NUMBER_MAX,
    STEPS_MAX,
    WHOLE_BOUNDS,
    about_decimals,
    about_range,
    bounds_of,
    decimals_of,
    scale_of,
)
from gerador.scenario.fields.reach import (
    Distribution,
    Limit,
    Reach,
    about_limits,
    about_order,
    is_drawn,
    plain,
    reach_of,
)
from gerador.scenario.fields.spread import Decimals, Spread, constants
from gerador.scenario.type_words import type_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gerador.scenario.avro import AvroType
    from gerador.scenario.fields.numbers import Number

RANKS_MAX: Final = 10_000_000
FLOAT_STEPS_MAX: Final = 2**24
"""Whole numbers that a float tells apart."""
EXPONENT_MAX: Final = 20
BETA_MIN: Final = 0.001
BETA_MAX: Final = 1_000


class UniformField(Distribution):
    """Numbers in [min, max], both ends included, in steps of `step` or 10**-decimals.

    Decimals that nobody says are those of the ends and the step; on a decimal type, its own;
    where an end is drawn, six. Ends that are drawn the wrong way round change places.
    """

    kind: Literal["uniform"] = "uniform"
    min: Number
    """The least value, included."""
    max: Number
    """The largest value, included."""
    decimals: Decimals | None = None
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
        elif isinstance(self.min, Declared) or isinstance(self.max, Declared):
            yield from about_decimals(self.decimals, avro_type)
        else:
            yield from about_range(self.min, self.max, places, avro_type)

    def limits(self, avro_type: AvroType) -> Mapping[str, Limit]:
        """Return of the ends what the type holds."""
        ends = Limit(*bounds_of(avro_type))
        return {"min": ends, "max": ends}

    def reach(self) -> Reach:
        """Return the range; ends the wrong way round change places."""
        one, other = reach_of(self.min), reach_of(self.max)
        return Reach(min(one.low, other.low), max(one.high, other.high))

    def _widest(self) -> float:
        """Return how far the ends may be from each other."""
        if isinstance(self.min, Declared) or isinstance(self.max, Declared):
            return STEPS_MAX / 10**DECIMALS_MAX
        return self.max - self.min if self.max > self.min else math.inf

    @property
    def places(self) -> int:
        """Decimals: as declared, or as many as the ends and the step have."""
        if self.decimals is not None:
            return self.decimals
        told = [n for n in (self.min, self.max, self.step) if isinstance(n, int | float)]
        drawn = isinstance(self.min, Declared) or isinstance(self.max, Declared)
        return max([decimals_of(n) for n in told] + [DECIMALS_DRAWN if drawn else 0])

    def places_on(self, avro_type: AvroType) -> int:
        """Return the decimals that values of this type have."""
        if self.decimals is not None:
            return self.decimals
        if type_word(avro_type) == "decimal" and self.step is None:
            return min(scale_of(avro_type), DECIMALS_MAX)
        drawn = isinstance(self.min, Declared) or isinstance(self.max, Declared)
        return 0 if drawn and type_word(avro_type) in WHOLE_BOUNDS else self.places

    def space(self, avro_type: AvroType) -> int | None:
        """Return how many steps there are from end to end."""
        if isinstance(self.min, Declared) or isinstance(self.max, Declared):
            return None
        scale = 10 ** self.places_on(avro_type)
        stride = 1 if self.step is None else round(self.step * scale)
        steps = (round(self.max * scale) - round(self.min * scale)) // stride + 1
        return None if type_word(avro_type) == "float" and steps > FLOAT_STEPS_MAX else steps


class ZipfField(Distribution):
    """Ranks `min` to `max`: rank k (from 1) has a weight of k ** -exponent.

    At most 10,000,000 ranks; with constant parameters their table takes 8 bytes a rank, and is
    shared between fields. Where a parameter is drawn there is no table, and shares are exact all
    the same; ends that are drawn are rounded.
    """

    main: ClassVar[str | None] = "exponent"
    kind: Literal["zipf"] = "zipf"
    exponent: Number
    """The exponent, 0 to 20: 0 makes all ranks equally likely, more prefers the first."""
    min: Number = 1
    """The first rank, which comes most."""
    max: Number
    """The last rank, included; 10,000,000 ranks at most."""

    def natural_type(self) -> Any:
        """Return long."""
        return "long"

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield ranks that make no sense, or that the type does not hold."""
        yield from about_limits(self, {"exponent": Limit(0, EXPONENT_MAX)})
        odd = [n for n in ("min", "max") if (end := plain(getattr(self, n))) and end % 1]
        yield from ((n, f"{n} {getattr(self, n)}; ranks are whole numbers") for n in odd)
        (low, _), (_, high) = reach_of(self.min), reach_of(self.max)
        least, most = bounds_of(avro_type)
        if low > high:
            yield "min", f"range {low:.15g} to {high:.15g}; give the smaller first"
        elif high - low >= RANKS_MAX:
            yield "max", f"{high - low + 1:,.15g} ranks; give {RANKS_MAX:,} at most"
        elif not (least <= low and high <= most):
            text = f"range {low:.15g} to {high:.15g} does not fit {type_word(avro_type)!r}"
            yield "max", text
        else:
            yield from about_order(self, "min", "max")

    def limits(self, avro_type: AvroType) -> Mapping[str, Limit]:
        """Return the limits of the exponent; those of the ends are told together."""
        del avro_type
        return {"exponent": Limit(0, EXPONENT_MAX)}

    def reach(self) -> Reach:
        """Return the ranks."""
        return Reach(reach_of(self.min).low, reach_of(self.max).high)


class BetaField(Spread):
    """Beta(a, b), stretched over [min, max].

    By a table of 4,097 quantiles and slopes: a value is within 1e-7 of (max - min) of the exact
    quantile for a and b from 0.1 on. Where a or b is drawn, exactly: by two gamma variates.
    """

    kind: Literal["beta"] = "beta"
    a: Number
    """The first shape, 0.001 to 1,000: more of it moves values towards max."""
    b: Number
    """The second shape, 0.001 to 1,000: more of it moves values towards min."""
    min: Number = 0.0
    """The least value."""
    max: Number = 1.0
    """The largest value."""

    def _limits(self) -> Mapping[str, Limit]:
        return dict.fromkeys(("a", "b"), Limit(BETA_MIN, BETA_MAX))


class TriangularField(Spread):
    """Triangular over [min, max] with its peak at `mode`."""

    kind: Literal["triangular"] = "triangular"
    min: Number
    """The least value."""
    mode: Number
    """The value that comes most, from min to max."""
    max: Number
    """The largest value."""

    def _about_parameters(self) -> Iterator[tuple[str, str]]:
        yield from about_order(self, "min", "mode", "max")
        if not is_drawn(self, "min", "mode", "max"):
            low, mode, high = constants(self.min, self.mode, self.max)
            if not low <= mode <= high:
                yield "mode", f"mode {mode} lies beyond {low} to {high}; move it inside"


class LoguniformField(Spread):
    """From `min` to `max` with a logarithm that is uniform: each factor of ten as often."""

    kind: Literal["loguniform"] = "loguniform"
    min: Number
    """The least value, above 0."""
    max: Number
    """The largest value, above 0."""

    def _limits(self) -> Mapping[str, Limit]:
        return dict.fromkeys(("min", "max"), Limit(1 / NUMBER_MAX, NUMBER_MAX))
