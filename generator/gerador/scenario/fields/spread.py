"""What distributions over all numbers share: a range that is cut out of them, and decimals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

from pydantic import Field

from gerador.scenario.avro import Primitive
from gerador.scenario.fields.ranges import (
    DECIMALS_MAX,
    NUMBER_MAX,
    about_decimals,
    about_ends,
    bounds_of,
    decimals_on,
    steps_held,
)
from gerador.scenario.fields.reach import (
    Distribution,
    Limit,
    Reach,
    about_limits,
    about_order,
    cut,
    is_drawn,
    plain,
)
from gerador.scenario.type_words import type_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gerador.scenario.avro import AvroType
    from gerador.scenario.fields.declared import Declared
    from gerador.scenario.fields.numbers import Number

Decimals: TypeAlias = Annotated[int, Field(ge=0, le=DECIMALS_MAX)]
SHARE_MIN: Final = 1e-9
"""The least share of a distribution that a range cuts out."""
BEYOND_MAX: Final = 0.01
"""The largest share of values that a type does not hold where nobody said min or max."""
DOUBLE: Final = Primitive("double")


class Spread(Distribution):
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
    decimals: Decimals | None = None
    """Decimals of the values; none on whole numbers, six on others when not said."""

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
            ends = about_ends(plain(self.min), plain(self.max), places, avro_type)
            wrong = [*ends, *about_limits(self, self._limits()), *self._about_parameters()]
        yield from wrong
        if not wrong and not is_drawn(self):
            yield from self._about_share(avro_type)

    def limits(self, avro_type: AvroType) -> Mapping[str, Limit]:
        """Return the limits of the parameters, and of the ends what the type holds."""
        ends = Limit(*bounds_of(avro_type))
        return {"min": ends, "max": ends, **self._limits()}

    def reach(self) -> Reach:
        """Return from where to where its numbers come, as a parameter."""
        return cut(self._reach(far=(self.min, self.max) != (None, None)), self.min, self.max)

    def _limits(self) -> Mapping[str, Limit]:
        return {}

    def _about_parameters(self) -> Iterator[tuple[str, str]]:
        yield from about_order(self, "min", "max")

    def _reach(self, *, far: bool) -> Reach:  # noqa: ARG002
        return Reach(-math.inf, math.inf)

    def _about_share(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield that hardly a value lies in the range, or too few fit the type."""
        places = decimals_on(self.decimals, avro_type)
        half = 0.5 * 10.0**-places
        least, most = steps_held(avro_type, places)
        low, high = plain(self.min), plain(self.max)
        said = -math.inf if low is None else low - half, math.inf if high is None else high + half
        held = self._between(
            least - half if low is None else said[0], most + half if high is None else said[1]
        )
        if held < SHARE_MIN:
            yield self._hardly(avro_type)
        elif held < (1 - BEYOND_MAX) * (asked := self._between(*said)):
            ends = [name for name in ("min", "max") if getattr(self, name) is None]
            held_range = f"{least:.15g} to {most:.15g}, which {type_word(avro_type)!r} holds"
            way_out = f"say {' and '.join(ends)}, or another type"
            yield "", f"{1 - held / asked:.0%} of the values lie beyond {held_range}; {way_out}"

    def _hardly(self, avro_type: AvroType) -> tuple[str, str]:
        if self.min is None and self.max is None:
            return "", f"hardly a value fits {type_word(avro_type)!r}; choose others, or a type"
        low = "" if self.min is None else f" from {self.min}"
        high = "" if self.max is None else f" to {self.max}"
        name = "max" if self.min is None else "min"
        return name, f"hardly a value lies{low}{high}; widen that"

    def _between(self, low: float, high: float) -> float:  # noqa: ARG002
        """Return which share of the values lies in a range, by constant parameters."""
        return 1.0


def _about_sizes(declared: Declared) -> Iterator[tuple[str, str]]:
    """Yield constant parameters that are larger than can be computed with."""
    for name in type(declared).model_fields:
        number = getattr(declared, name)
        if isinstance(number, int | float) and abs(number) > NUMBER_MAX:
            yield name, f"{name} {number}; give {NUMBER_MAX:g} at most"


def constants(*numbers: Number) -> list[float]:
    """Return numbers of which none is drawn."""
    return [number for number in map(plain, numbers) if number is not None]
