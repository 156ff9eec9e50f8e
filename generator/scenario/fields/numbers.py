"""Kinds of numbers by distribution: uniform, normal, poisson and their like.

A parameter that is a `Number` may itself be drawn: then every row has its own.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal, TypeAlias

from pydantic import BeforeValidator, Discriminator, Field, Tag

from generator.scenario.avro import Primitive
from generator.scenario.fields.declared import NUMBERS, Declared
from generator.scenario.fields.ranges import (
    DECIMALS_DRAWN,
    DECIMALS_MAX,
    NUMBER_MAX,
    STEPS_MAX,
    WHOLE_BOUNDS,
    about_decimals,
    about_ends,
    about_range,
    bounds_of,
    decimals_of,
    decimals_on,
    scale_of,
)
from generator.scenario.fields.written import written_number
from generator.scenario.type_words import type_word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.scenario.avro import AvroType

Decimals: TypeAlias = Annotated[int, Field(ge=0, le=DECIMALS_MAX)]
POISSON_MEAN_MAX: Final = 1_000_000
RANKS_MAX: Final = 10_000_000
FLOAT_STEPS_MAX: Final = 2**24
"""Whole numbers that a float tells apart."""
SIGMA_MAX: Final = 50
SHARE_MIN: Final = 1e-9
"""The least share of a distribution that a range cuts out."""
DOUBLE: Final = Primitive("double")


class _Spread(Declared):
    """What distributions share: a range that is cut out of them, and decimals.

    With constant parameters [min, max] is cut out (truncation): values beyond never come, those
    within as often in proportion as before. With drawn parameters what lies beyond is moved to
    the end that it is beyond. Values are rounded to `decimals`: none on whole numbers, six on
    others where none is said. They are made of exact arithmetic alone, so that their bytes are
    the same on every processor.
    """

    suits: ClassVar[frozenset[str]] = NUMBERS

    min: float | None = None
    max: float | None = None
    decimals: Decimals | None = None

    def natural_type(self) -> Any:
        """Return long for whole numbers, else double."""
        return "long" if self.decimals == 0 else "double"

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield a range without values, and decimals that the type does not hold."""
        yield from about_decimals(self.decimals, avro_type)
        wrong = list(_about_sizes(self))
        if not wrong:
            # As a parameter it is not rounded.
            places = None if avro_type is DOUBLE else decimals_on(self.decimals, avro_type)
            ends = about_ends(self.min, self.max, places, avro_type)
            wrong = [*ends, *self._about_parameters()]
        yield from wrong
        if not wrong and self._share(avro_type) < SHARE_MIN:
            yield self._hardly(avro_type)

    def _hardly(self, avro_type: AvroType) -> tuple[str, str]:
        if self.min is None and self.max is None:
            return "", f"hardly a value fits {type_word(avro_type)!r}; choose others, or a type"
        low = "" if self.min is None else f" from {self.min}"
        high = "" if self.max is None else f" to {self.max}"
        name = "max" if self.min is None else "min"
        return name, f"hardly a value lies{low}{high}; widen that"

    def _about_parameters(self) -> Iterator[tuple[str, str]]:
        yield from ()

    def _share(self, avro_type: AvroType) -> float:
        """Return about which share of the values lies in the range, rounded to decimals."""
        half = 0.5 * 10.0 ** -decimals_on(self.decimals, avro_type)
        least, most = bounds_of(avro_type)
        low = least if self.min is None else self.min - half
        high = most if self.max is None else self.max + half
        return self._between(low, high)

    def _between(self, low: float, high: float) -> float:  # noqa: ARG002
        return 1.0


def _about_sizes(declared: Declared) -> Iterator[tuple[str, str]]:
    """Yield constant parameters that are larger than can be computed with."""
    for name in type(declared).model_fields:
        number = getattr(declared, name)
        if isinstance(number, int | float) and abs(number) > NUMBER_MAX:
            yield name, f"{name} {number}; give {NUMBER_MAX:g} at most"


def _least(
    name: str, number: Number, least: float, *, above: bool = False
) -> Iterator[tuple[str, str]]:
    """Yield a constant parameter that is less than it may be."""
    if isinstance(number, int | float) and (number < least or (above and number == least)):
        yield name, f"{name} {number}; give {'more than' if above else 'at least'} {least:g}"


class UniformField(Declared):
    """Numbers in [min, max], both ends included, in steps of `step` or 10**-decimals.

    Decimals that nobody says are those of the ends and the step; on a decimal type, its own;
    where an end is drawn, six. Ends that are drawn the wrong way round change places.
    """

    suits: ClassVar[frozenset[str]] = NUMBERS
    kind: Literal["uniform"] = "uniform"
    min: Number
    max: Number
    decimals: Decimals | None = None
    step: Annotated[float, Field(gt=0)] | None = None

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


class NormalField(_Spread):
    """Normal with a mean and a standard deviation (`sd`)."""

    kind: Literal["normal"] = "normal"
    mean: Number = 0.0
    sd: Number = 1.0

    def _about_parameters(self) -> Iterator[tuple[str, str]]:
        yield from _least("sd", self.sd, 0)

    def _between(self, low: float, high: float) -> float:
        if isinstance(self.mean, Declared) or isinstance(self.sd, Declared):
            return 1.0
        if not self.sd:
            return float(low <= self.mean <= high)
        return _normal_share((low - self.mean) / self.sd, (high - self.mean) / self.sd)


class LognormalField(_Spread):
    """Lognormal: its median, and the standard deviation `sigma` of its logarithm."""

    kind: Literal["lognormal"] = "lognormal"
    median: Number = 1.0
    sigma: Number = 1.0

    def _about_parameters(self) -> Iterator[tuple[str, str]]:
        yield from _least("median", self.median, 0, above=True)
        yield from _least("sigma", self.sigma, 0)
        if isinstance(self.sigma, int | float) and self.sigma > SIGMA_MAX:
            yield "sigma", f"sigma {self.sigma}; give {SIGMA_MAX} at most"

    def _between(self, low: float, high: float) -> float:
        if isinstance(self.median, Declared) or isinstance(self.sigma, Declared):
            return 1.0
        if not self.sigma:
            return float(low <= self.median <= high)
        ends = [-math.inf if e <= 0 else math.log(e / self.median) for e in (low, high)]
        return _normal_share(ends[0] / self.sigma, ends[1] / self.sigma)


class ExponentialField(_Spread):
    """Exponential with a mean."""

    main: ClassVar[str | None] = "mean"
    kind: Literal["exponential"] = "exponential"
    mean: Number

    def _about_parameters(self) -> Iterator[tuple[str, str]]:
        yield from _least("mean", self.mean, 0, above=True)

    def _between(self, low: float, high: float) -> float:
        if isinstance(self.mean, Declared):
            return 1.0
        return math.exp(-max(low, 0) / self.mean) - math.exp(-max(high, 0) / self.mean)


class PoissonField(_Spread):
    """Poisson counts with a mean of 0 to 1,000,000, by exact shares.

    Where the mean is drawn and 1,000 or more, shares are within 3e-5 of the exact ones; drawn
    means beyond the limits are moved to them.
    """

    main: ClassVar[str | None] = "mean"
    kind: Literal["poisson"] = "poisson"
    mean: Number
    decimals: Literal[0] = 0

    def _about_parameters(self) -> Iterator[tuple[str, str]]:
        yield from _least("mean", self.mean, 0)
        if isinstance(self.mean, int | float) and self.mean > POISSON_MEAN_MAX:
            yield "mean", f"mean {self.mean}; give {POISSON_MEAN_MAX} at most"
        if self.max is not None and self.max < 0:
            yield "max", f"max {self.max}; counts are 0 or more"

    def _between(self, low: float, high: float) -> float:
        if isinstance(self.mean, Declared):
            return 1.0
        first = max(math.ceil(low), 0) if math.isfinite(low) else 0
        last = math.floor(high) if math.isfinite(high) else max(first, math.floor(self.mean))
        nearest = min(max(math.floor(self.mean), first), last)
        if not self.mean or nearest < first:
            return float(first == 0 <= nearest)
        return math.exp(nearest * math.log(self.mean) - self.mean - math.lgamma(nearest + 1))


class ZipfField(Declared):
    """Ranks `min` to `max`: rank k (from 1) has a weight of k ** -exponent.

    At most 10,000,000 ranks; their table takes 8 bytes a rank, and is shared between fields.
    """

    suits: ClassVar[frozenset[str]] = NUMBERS
    main: ClassVar[str | None] = "exponent"
    kind: Literal["zipf"] = "zipf"
    exponent: Annotated[float, Field(ge=0, le=20)]
    min: int = 1
    max: int

    def natural_type(self) -> Any:
        """Return long."""
        return "long"

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield ranks that make no sense, or that the type does not hold."""
        low, high = bounds_of(avro_type)
        if self.min > self.max:
            yield "min", f"range {self.min} to {self.max}; give the smaller first"
        elif self.max - self.min >= RANKS_MAX:
            yield "max", f"{self.max - self.min + 1:,} ranks; give {RANKS_MAX:,} at most"
        elif not (low <= self.min and self.max <= high):
            yield "max", f"range {self.min} to {self.max} does not fit {type_word(avro_type)!r}"


class BetaField(_Spread):
    """Beta(a, b), stretched over [min, max].

    By a table of 4,097 quantiles and slopes: a value is within 1e-7 of (max - min) of the exact
    quantile for a and b from 0.1 on.
    """

    kind: Literal["beta"] = "beta"
    a: Annotated[float, Field(ge=0.001, le=1_000)]
    b: Annotated[float, Field(ge=0.001, le=1_000)]
    min: float = 0.0
    max: float = 1.0


class TriangularField(_Spread):
    """Triangular over [min, max] with its peak at `mode`."""

    kind: Literal["triangular"] = "triangular"
    min: float
    mode: float
    max: float

    def _about_parameters(self) -> Iterator[tuple[str, str]]:
        if not self.min <= self.mode <= self.max:
            yield "mode", f"mode {self.mode} lies beyond {self.min} to {self.max}; move it inside"


class LoguniformField(_Spread):
    """From `min` to `max` with a logarithm that is uniform: each factor of ten as often."""

    kind: Literal["loguniform"] = "loguniform"
    min: Annotated[float, Field(gt=0)]
    max: Annotated[float, Field(gt=0)]

    def _about_parameters(self) -> Iterator[tuple[str, str]]:
        if self.min > self.max:
            yield "min", f"range {self.min} to {self.max}; give the smaller first"
        elif self.min * NUMBER_MAX < 1:
            yield "min", f"min {self.min}; give {1 / NUMBER_MAX:g} at least"


def _normal_share(low: float, high: float) -> float:
    """Return the share of the standard normal between two ends, either of them far out."""
    if low > 0:
        low, high = -high, -low
    return 0.5 * (math.erfc(-high / math.sqrt(2)) - math.erfc(-low / math.sqrt(2)))


DISTRIBUTIONS: Final = (
    UniformField, NormalField, LognormalField, ExponentialField, PoissonField, ZipfField,
    BetaField, TriangularField, LoguniformField,
)  # fmt: skip
"""Kinds that may stand wherever a number stands."""


def _which(value: Any) -> str:
    if isinstance(value, Declared):
        return value.kind
    return str(value["kind"]) if isinstance(value, dict) else "number"


Number: TypeAlias = Annotated[
    Annotated[int | float, Tag("number")]
    | Annotated[UniformField, Tag("uniform")]
    | Annotated[NormalField, Tag("normal")]
    | Annotated[LognormalField, Tag("lognormal")]
    | Annotated[ExponentialField, Tag("exponential")]
    | Annotated[PoissonField, Tag("poisson")]
    | Annotated[ZipfField, Tag("zipf")]
    | Annotated[BetaField, Tag("beta")]
    | Annotated[TriangularField, Tag("triangular")]
    | Annotated[LoguniformField, Tag("loguniform")],
    Discriminator(_which),
    BeforeValidator(written_number),
]
"""A number, or a distribution that every row draws its own from."""


def about_numbers(declared: Declared) -> Iterator[tuple[str, str]]:
    """Yield what makes no sense about distributions that stand where a number stands."""
    for name in type(declared).model_fields:
        inner = getattr(declared, name)
        if type(inner) in DISTRIBUTIONS:
            yield from ((name, text) for _, text in inner.refusals(DOUBLE))
            yield from ((name, text) for _, text in about_numbers(inner))


for _kind in DISTRIBUTIONS:
    _kind.model_rebuild()
