"""Convert an annotation (``range``, ``iteration``, ``length``, ``regex``, ``odds``, …) to a field declaration."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from gerador.avro.literals import format_value
from gerador.errors import did_you_mean
from gerador.scenario.annotations.options import choice_from_options
from gerador.values.array_map import LengthGenerator
from gerador.values.choice import BooleanGenerator
from gerador.values.counters import SequenceGenerator
from gerador.values.date_time import CalendarGenerator, unit_bounds
from gerador.values.declaration import LENGTH_MAX, LENGTH_MAX_DEFAULT, LENGTH_MIN_DEFAULT
from gerador.values.distributions.uniform import FLOAT_MAX, ContinuousUniform, UniformDistribution
from gerador.values.number_ranges import DECIMALS_MAX, STEPS_MAX
from gerador.values.regex.generator import RegexGenerator
from gerador.values.text import BytesGenerator, TextGenerator

if TYPE_CHECKING:
    from collections.abc import Callable

    from gerador.scenario.annotations.annotated_type import AnnotatedType
    from gerador.values import AnyGenerator


INT_BOUNDS: Final = (-(2**31), 2**31 - 1)
LONG_BOUNDS: Final = (-(2**63), 2**63 - 1)
DOUBLE_MAX: Final = (2 - 2**-52) * 2.0**1023
CALENDAR_TYPES: Final = frozenset({"date", "time", "timestamp"})
INTEGER_TYPES: Final = frozenset({"int", "long", "string"}) | CALENDAR_TYPES


def uniform_from_range(place: AnnotatedType) -> AnyGenerator:
    """Return the declaration of a `range`: from `min` to before `max`, the type's own ends else.

    Raises SchemaError: no number in it, or ends that are none.
    """
    said = place.mapping("range", ("min", "max"))
    if not said:
        raise place.refusal("range: give min or max, or both")
    low, high = (
        place.number("range", name, said.get(name), whole=place.word in INTEGER_TYPES)
        for name in ("min", "max")
    )
    if place.word == "decimal":
        return _decimal_range(place, low, high)
    least, most = type_bounds(place)
    low, high = (least if low is None else low), (most if high is None else high)
    if low >= high:
        raise place.refusal(
            f"range: min {format_value(low)} is not below max {format_value(high)}; max itself is never drawn"
        )
    if low < least or high > most + (place.word in INTEGER_TYPES):
        raise place.refusal(
            f"range: {format_value(low)} to {format_value(high)} does not fit {place.word!r}"
        )
    if place.word in CALENDAR_TYPES:
        return CalendarGenerator(first=low, last=high - 1)
    if place.word in INTEGER_TYPES:
        return UniformDistribution(min=low, max=high - 1)
    return ContinuousUniform(min=float(low), max=float(high))


def type_bounds(place: AnnotatedType) -> tuple[Any, Any]:
    """Return the least and the most that a type of numbers or of times holds."""
    word = place.word
    if word in CALENDAR_TYPES:
        return unit_bounds(place.avro_type)
    if word in {"float", "double"}:
        most = FLOAT_MAX if word == "float" else DOUBLE_MAX
        return -most, most
    return LONG_BOUNDS if word == "long" else INT_BOUNDS


def _decimal_range(place: AnnotatedType, low: Any, high: Any) -> UniformDistribution:
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
    return UniformDistribution(min=ends[0], max=ends[1], decimals=places)


def sequence_from_iteration(place: AnnotatedType) -> AnyGenerator:
    """Return the declaration of an `iteration`: from `start`, by `step`, again at `restart`.

    Raises SchemaError: one that goes nowhere, or the wrong way.
    """
    said = place.mapping("iteration", ("start", "restart", "step", "initial"))
    if "start" not in said:
        raise place.refusal("iteration: give start")
    if place.word == "boolean":
        if not isinstance(said["start"], bool):
            raise place.refusal(
                f"iteration: start {format_value(said['start'])} is no boolean; give true or false"
            )
        return SequenceGenerator(**said)
    numbers = {
        name: place.number("iteration", name, value, whole=place.word in INTEGER_TYPES)
        for name, value in said.items()
    }
    return SequenceGenerator(**numbers, prefix=place.text("prefix"), suffix=place.text("suffix"))


def length_bounds(place: AnnotatedType) -> tuple[int, int]:
    """Return the least and the most of a `length`, both included; 8 to 15 where none is said.

    A number is the length itself; of an object `max` is never reached.

    Raises SchemaError: lengths that are none.
    """
    if "length" not in place.said:
        return LENGTH_MIN_DEFAULT, LENGTH_MAX_DEFAULT - 1
    said = place.said["length"]
    if not isinstance(said, dict):
        exact = place.number("length", "value", said, whole=True)
        if exact is None:
            raise place.refusal("length: null; give a number, or min and max")
        return _check_lengths(place, exact, exact)
    inner = place.mapping("length", ("min", "max"))
    if not inner:
        raise place.refusal("length: give min or max, or both")
    low, high = (
        place.number("length", name, inner.get(name), whole=True) for name in ("min", "max")
    )
    low = 0 if low is None else low
    if high is None:
        return _check_lengths(
            place, low, min(max(LENGTH_MAX_DEFAULT, low + LENGTH_MIN_DEFAULT), LENGTH_MAX)
        )
    if high <= low:
        raise place.refusal(f"length: min {low} is not below max {high}; max is never reached")
    return _check_lengths(place, low, high - 1)


def _check_lengths(place: AnnotatedType, low: int, high: int) -> tuple[int, int]:
    if not 0 <= low <= high <= LENGTH_MAX:
        told = f"{low}" if low == high else f"{low} to {high}"
        raise place.refusal(f"length: {told}; give 0 to {LENGTH_MAX}")
    return low, high


_NUMBER_ANNOTATIONS: Final = ("options", "range", "iteration")
_TEXT_ANNOTATIONS: Final = ("options", "length", "regex", "prefix", "suffix", "iteration")
ANNOTATIONS_BY_TYPE: Final = {
    "boolean": ("options", "iteration", "odds"),
    **dict.fromkeys(
        ("int", "long", "float", "double", "date", "time", "timestamp"), _NUMBER_ANNOTATIONS
    ),
    "decimal": ("options", "range"),
    "bytes": ("options", "length"),
    "string": _TEXT_ANNOTATIONS,
    "uuid": ("options", "regex"),
    "array": ("options", "length"),
    "map": ("options", "length", "keys"),
}
"""Which annotations suit a type, by its word; `options` alone suit every other."""
ANNOTATIONS: Final = (
    "options", "iteration", "range", "length", "regex", "prefix", "suffix", "keys", "odds",
)  # fmt: skip
_CONFLICTS_WITH_ITERATION: Final = ("length", "regex", "range")


def declaration_for(place: AnnotatedType) -> AnyGenerator | None:
    """Return the declaration of an annotated place; None: its type's own default.

    Raises SchemaError: an annotation that is unknown, does not suit the type, or is malformed.
    """
    _check_names(place)
    if not place.said:
        return None
    try:
        declared = _declaration(place)
    except ValidationError as e:  # a limit of the declaration itself, such as a text's length
        fault = e.errors()[0]
        name = _source_annotation(place, str(fault["loc"][0]) if fault["loc"] else "")
        raise place.refusal(f"{name}: {fault['msg']}") from e
    for parameter, text in declared.refusals(place.avro_type):
        raise place.refusal(f"{_source_annotation(place, parameter)}: {text}")
    return declared


def _check_names(place: AnnotatedType) -> None:
    suited = ANNOTATIONS_BY_TYPE.get(place.word, ("options",))
    for name in place.said:
        if name not in ANNOTATIONS:
            hint = did_you_mean(name, ANNOTATIONS) or f"; {', '.join(suited)} suit {place.word!r}"
            raise place.refusal(f"unknown annotation {name!r}{hint}")
        if name not in suited:
            raise place.refusal(f"{name} does not suit {place.word!r}; {', '.join(suited)} do")


def _source_annotation(place: AnnotatedType, parameter: str) -> str:
    """Return the annotation that a declaration's parameter came from."""
    said = [name for name in ANNOTATIONS if name in place.said]
    return parameter if parameter in said else said[0]


def _declaration(place: AnnotatedType) -> AnyGenerator:
    if "options" in place.said:
        return choice_from_options(place)
    if "iteration" in place.said:
        for other in _CONFLICTS_WITH_ITERATION:
            if other in place.said:
                raise place.refusal(f"iteration and {other} contradict each other; keep one")
        return sequence_from_iteration(place)
    if "range" in place.said:
        return uniform_from_range(place)
    return _BY_TYPE[place.word](place)


def _boolean(place: AnnotatedType) -> AnyGenerator:
    odds = place.number("odds", "value", place.said["odds"], whole=False)
    if odds is None or not 0 <= odds <= 1:
        raise place.refusal(f"odds: {format_value(odds)}; give 0.0 to 1.0")
    return BooleanGenerator(true_share=float(odds))


def _text(place: AnnotatedType) -> AnyGenerator:
    """Return the declaration of a text by `regex`, `length`, `prefix` and `suffix`."""
    prefix, suffix = place.text("prefix"), place.text("suffix")
    if "regex" not in place.said:
        low, high = length_bounds(place)
        return TextGenerator(length_min=low, length_max=high, prefix=prefix, suffix=suffix)
    pattern = place.text("regex")
    if not pattern:
        raise place.refusal("regex: nothing; write what the text is like")
    low_or_none, high_or_none = _regex_length_bounds(place)
    return RegexGenerator(
        pattern=pattern,
        length_min=low_or_none,
        length_max=high_or_none,
        prefix=prefix,
        suffix=suffix,
    )


def _regex_length_bounds(place: AnnotatedType) -> tuple[int | None, int | None]:
    """Return the lengths of a pattern's texts as far as they are said."""
    if "length" not in place.said:
        return None, None
    said = place.said["length"]
    low, high = length_bounds(place)
    return low, None if isinstance(said, dict) and "max" not in said else high


def _bytes(place: AnnotatedType) -> AnyGenerator:
    low, high = length_bounds(place)
    return BytesGenerator(length_min=low, length_max=high)


def _list(place: AnnotatedType) -> AnyGenerator:
    low, high = length_bounds(place)
    return LengthGenerator(length_min=low, length_max=high)


_BY_TYPE: Final[dict[str, Callable[[AnnotatedType], AnyGenerator]]] = {
    "boolean": _boolean,
    "string": _text,
    "uuid": _text,
    "bytes": _bytes,
    "array": _list,
    "map": _list,
}
