"""`range`, `iteration` and `length`: annotations of numbers, and of how long things are."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any, Final

from gerador.scenario.fields import (
    CalendarField,
    FieldSpec,
    SequenceField,
    SpanField,
    UniformField,
)
from gerador.scenario.fields.random_texts import LENGTH_MAX, LENGTH_MIN, LENGTH_OPEN
from gerador.scenario.fields.ranges import DECIMALS_MAX, STEPS_MAX
from gerador.scenario.fields.spans import FLOAT_MAX
from gerador.scenario.fields.times import unit_bounds
from gerador.scenario.literal_scalars import shown

if TYPE_CHECKING:
    from gerador.scenario.annotations.annotated import Annotated

INT_BOUNDS: Final = (-(2**31), 2**31 - 1)
LONG_BOUNDS: Final = (-(2**63), 2**63 - 1)
DOUBLE_MAX: Final = (2 - 2**-52) * 2.0**1023
CALENDAR: Final = frozenset({"date", "time", "timestamp"})
WHOLE: Final = frozenset({"int", "long", "string"}) | CALENDAR


def ranged(place: Annotated) -> FieldSpec:
    """Return the declaration of a `range`: from `min` to before `max`, the type's own ends else.

    Raises SchemaError: no number in it, or ends that are none.
    """
    said = place.mapping("range", ("min", "max"))
    if not said:
        raise place.refusal("range: give min or max, or both")
    low, high = (
        place.number("range", name, said.get(name), whole=place.word in WHOLE)
        for name in ("min", "max")
    )
    if place.word == "decimal":
        return _decimal_range(place, low, high)
    least, most = bounds(place)
    low, high = (least if low is None else low), (most if high is None else high)
    if low >= high:
        raise place.refusal(
            f"range: min {shown(low)} is not below max {shown(high)}; max itself is never drawn"
        )
    if low < least or high > most + (place.word in WHOLE):
        raise place.refusal(f"range: {shown(low)} to {shown(high)} does not fit {place.word!r}")
    if place.word in CALENDAR:
        return CalendarField(first=low, last=high - 1)
    if place.word in WHOLE:
        return UniformField(min=low, max=high - 1)
    return SpanField(min=float(low), max=float(high))


def bounds(place: Annotated) -> tuple[Any, Any]:
    """Return the least and the most that a type of numbers or of times holds."""
    word = place.word
    if word in CALENDAR:
        return unit_bounds(place.avro_type)
    if word in {"float", "double"}:
        most = FLOAT_MAX if word == "float" else DOUBLE_MAX
        return -most, most
    return LONG_BOUNDS if word == "long" else INT_BOUNDS


def _decimal_range(place: Annotated, low: Any, high: Any) -> UniformField:
    """Return steps of the scale (nine decimals at most) from `low` to before `high`."""
    logical = getattr(place.avro_type, "logical")  # noqa: B009 - a decimal has one
    beyond = 10 ** (logical.precision - logical.scale)
    places = min(logical.scale, DECIMALS_MAX)
    least, end = (
        Fraction(beyond * sign) if said is None else Fraction(str(said))
        for said, sign in ((low, -1), (high, 1))
    )
    if (low is not None and least <= -beyond) or end > beyond:
        raise place.refusal(
            f"range: {low} to {high} does not fit precision {logical.precision} "
            f"and scale {logical.scale}"
        )
    first, last = ceil(least * 10**places) + (low is None), ceil(end * 10**places) - 1
    if first > last:
        raise place.refusal(
            f"range: no decimal of scale {logical.scale} from {low} to before {high}; widen it"
        )
    if last - first >= STEPS_MAX:
        raise place.refusal(f"range: over {STEPS_MAX} decimals; give min and max, closer together")
    scale = 10**places
    ends = (first, last) if not places else (first / scale, last / scale)
    return UniformField(min=ends[0], max=ends[1], decimals=places)


def iterated(place: Annotated) -> FieldSpec:
    """Return the declaration of an `iteration`: from `start`, by `step`, again at `restart`.

    Raises SchemaError: one that goes nowhere, or the wrong way.
    """
    said = place.mapping("iteration", ("start", "restart", "step", "initial"))
    if "start" not in said:
        raise place.refusal("iteration: give start")
    if place.word == "boolean":
        if not isinstance(said["start"], bool):
            raise place.refusal(
                f"iteration: start {shown(said['start'])} is no boolean; give true or false"
            )
        return SequenceField(**said)
    numbers = {
        name: place.number("iteration", name, value, whole=place.word in WHOLE)
        for name, value in said.items()
    }
    return SequenceField(**numbers, prefix=place.text("prefix"), suffix=place.text("suffix"))


def lengths(place: Annotated) -> tuple[int, int]:
    """Return the least and the most of a `length`, both included; 8 to 15 where none is said.

    A number is the length itself; of an object `max` is never reached.

    Raises SchemaError: lengths that are none.
    """
    if "length" not in place.said:
        return LENGTH_MIN, LENGTH_OPEN - 1
    said = place.said["length"]
    if not isinstance(said, dict):
        exact = place.number("length", "value", said, whole=True)
        if exact is None:
            raise place.refusal("length: null; give a number, or min and max")
        return _checked(place, exact, exact)
    inner = place.mapping("length", ("min", "max"))
    if not inner:
        raise place.refusal("length: give min or max, or both")
    low, high = (
        place.number("length", name, inner.get(name), whole=True) for name in ("min", "max")
    )
    low = 0 if low is None else low
    if high is None:
        return _checked(place, low, min(max(LENGTH_OPEN, low + LENGTH_MIN), LENGTH_MAX))
    if high <= low:
        raise place.refusal(f"length: min {low} is not below max {high}; max is never reached")
    return _checked(place, low, high - 1)


def _checked(place: Annotated, low: int, high: int) -> tuple[int, int]:
    if not 0 <= low <= high <= LENGTH_MAX:
        told = f"{low}" if low == high else f"{low} to {high}"
        raise place.refusal(f"length: {told}; give 0 to {LENGTH_MAX}")
    return low, high
