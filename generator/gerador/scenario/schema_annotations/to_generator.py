"""Convert an annotation (``range``, ``iteration``, ``regex``, …) to a value generator."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import ValidationError

from gerador.avro.literals import FLOAT_MAX, format_value
from gerador.errors import did_you_mean
from gerador.scenario.schema_annotations.options_annotation import choice_from_options
from gerador.scenario.validation_errors import error_message
from gerador.values.array_map import LengthGenerator
from gerador.values.choice import BooleanGenerator
from gerador.values.counters import IterationGenerator
from gerador.values.date_time import RandomTimeGenerator, unit_bounds
from gerador.values.declaration import LENGTH_MAX, LENGTH_MAX_DEFAULT, LENGTH_MIN_DEFAULT
from gerador.values.distributions.uniform import UniformDistribution
from gerador.values.number_ranges import DECIMALS_MAX, STEPS_MAX
from gerador.values.regex.generator import RegexGenerator
from gerador.values.text import BytesGenerator, TextGenerator

if TYPE_CHECKING:
    from collections.abc import Callable

    from gerador.scenario.schema_annotations.annotated_type import AnnotatedType
    from gerador.values.declaration import ValueGenerator


INT_BOUNDS: Final = (-(2**31), 2**31 - 1)
LONG_BOUNDS: Final = (-(2**63), 2**63 - 1)
DOUBLE_MAX: Final = (2 - 2**-52) * 2.0**1023
TIME_TYPES: Final = frozenset({"date", "time", "timestamp"})
INTEGER_TYPES: Final = frozenset({"int", "long", "string"}) | TIME_TYPES


def uniform_from_range(annotated: AnnotatedType) -> ValueGenerator:
    """Return the generator of a `range` [min, max); a missing bound is that of the type.

    Raises SchemaError: an empty range, or one outside the type.
    """
    bounds = annotated.mapping("range", ("min", "max"))
    if not bounds:
        raise annotated.error("range: empty; set min, max or both")
    category = annotated.category
    whole = category in INTEGER_TYPES
    low, high = (
        annotated.number("range", name, bounds.get(name), whole=whole) for name in ("min", "max")
    )
    if category == "decimal":
        return _decimal_range(annotated, low, high)
    type_min, type_max = type_bounds(annotated)
    low, high = (type_min if low is None else low), (type_max if high is None else high)
    shown = f"[{format_value(low)}, {format_value(high)})"
    if low >= high:
        raise annotated.error(f"range: {shown} is empty; max is exclusive and must be above min")
    if low < type_min or high > type_max + whole:
        raise annotated.error(f"range: {shown} does not fit type {category!r}")
    if category in TIME_TYPES:
        return RandomTimeGenerator(first=low, last=high - 1)
    if whole:
        return UniformDistribution(min=low, max=high - 1)
    return UniformDistribution(min=float(low), max=float(high), continuous=True)


def type_bounds(annotated: AnnotatedType) -> tuple[Any, Any]:
    """Return the minimum and maximum of a numeric, date or time type."""
    category = annotated.category
    if category in TIME_TYPES:
        return unit_bounds(annotated.avro_type)
    if category in {"float", "double"}:
        maximum = FLOAT_MAX if category == "float" else DOUBLE_MAX
        return -maximum, maximum
    return LONG_BOUNDS if category == "long" else INT_BOUNDS


def _decimal_range(annotated: AnnotatedType, low: Any, high: Any) -> UniformDistribution:
    """Return the decimals in [low, high), at the type's scale but at most nine decimals."""
    logical = getattr(annotated.avro_type, "logical")  # noqa: B009 - a decimal has one
    limit = 10 ** (logical.precision - logical.scale)
    places = min(logical.scale, DECIMALS_MAX)
    start, end = (
        Fraction(limit * sign) if bound is None else Fraction(str(bound))
        for bound, sign in ((low, -1), (high, 1))
    )
    if (low is not None and start <= -limit) or end > limit:
        raise annotated.error(
            f"range: [{low}, {high}) does not fit precision {logical.precision} "
            f"and scale {logical.scale}"
        )
    first, last = ceil(start * 10**places) + (low is None), ceil(end * 10**places) - 1
    if first > last:
        raise annotated.error(
            f"range: no decimal of scale {logical.scale} in [{low}, {high}); widen it"
        )
    if last - first >= STEPS_MAX:
        raise annotated.error(f"range: over {STEPS_MAX:,} decimals; narrow min and max")
    scale = 10**places
    bounds = (first, last) if not places else (first / scale, last / scale)
    return UniformDistribution(min=bounds[0], max=bounds[1], decimals=places)


def sequence_from_iteration(annotated: AnnotatedType) -> ValueGenerator:
    """Return the generator of an `iteration`: `start`, `step`, `restart`, `initial`.

    Raises SchemaError: a missing start, or a value that is not of the type.
    """
    iteration = annotated.mapping("iteration", ("start", "restart", "step", "initial"))
    if "start" not in iteration:
        raise annotated.error("iteration: missing key start")
    if annotated.category == "boolean":
        start = iteration["start"]
        if not isinstance(start, bool):
            text = f"iteration: start {format_value(start)} is not a boolean; use true or false"
            raise annotated.error(text)
        return IterationGenerator(**iteration)
    whole = annotated.category in INTEGER_TYPES
    numbers = {
        key: annotated.number("iteration", key, value, whole=whole)
        for key, value in iteration.items()
    }
    prefix, suffix = annotated.text("prefix"), annotated.text("suffix")
    return IterationGenerator(**numbers, prefix=prefix, suffix=suffix)


def length_bounds(annotated: AnnotatedType) -> tuple[int, int]:
    """Return the minimum and maximum, inclusive, of `length`; [8, 15] by default.

    A number is an exact length; in an object, `max` is exclusive.

    Raises SchemaError: not a length.
    """
    if "length" not in annotated.annotation:
        return LENGTH_MIN_DEFAULT, LENGTH_MAX_DEFAULT - 1
    length = annotated.annotation["length"]
    if not isinstance(length, dict):
        exact = annotated.number("length", "value", length, whole=True)
        if exact is None:
            raise annotated.error("length: null; set a number, or min and max")
        return _check_lengths(annotated, exact, exact)
    bounds = annotated.mapping("length", ("min", "max"))
    if not bounds:
        raise annotated.error("length: empty; set min, max or both")
    low, high = (
        annotated.number("length", name, bounds.get(name), whole=True) for name in ("min", "max")
    )
    low = 0 if low is None else low
    if high is None:
        default = max(LENGTH_MAX_DEFAULT, low + LENGTH_MIN_DEFAULT)
        return _check_lengths(annotated, low, min(default, LENGTH_MAX))
    if high <= low:
        text = f"length: [{low}, {high}) is empty; max is exclusive and must be above min"
        raise annotated.error(text)
    return _check_lengths(annotated, low, high - 1)


def _check_lengths(annotated: AnnotatedType, low: int, high: int) -> tuple[int, int]:
    if not 0 <= low <= high <= LENGTH_MAX:
        shown = f"{low}" if low == high else f"{low} to {high}"
        raise annotated.error(f"length: {shown} is outside [0, {LENGTH_MAX}]")
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
"""Entries that a type supports, by its category; all other types support only `options`."""
ANNOTATIONS: Final = (
    "options", "iteration", "range", "length", "regex", "prefix", "suffix", "keys", "odds",
)  # fmt: skip
_CONFLICTS_WITH_ITERATION: Final = ("length", "regex", "range")


def generator_for(annotated: AnnotatedType) -> ValueGenerator | None:
    """Return the generator of an annotation; None without an annotation.

    Raises SchemaError: an entry that is unknown, not supported by the type, or invalid.
    """
    _check_entries(annotated)
    if not annotated.annotation:
        return None
    try:
        generator = _generator(annotated)
    except ValidationError as e:  # a limit of the generator, such as the length of a text
        error = e.errors()[0]
        entry = _entry_of(annotated, str(error["loc"][0]) if error["loc"] else "")
        raise annotated.error(f"{entry}: {error_message(error)}") from e
    for parameter, text in generator.errors(annotated.avro_type):
        raise annotated.error(f"{_entry_of(annotated, parameter)}: {text}")
    return generator


def _check_entries(annotated: AnnotatedType) -> None:
    supported = ANNOTATIONS_BY_TYPE.get(annotated.category, ("options",))
    advice = f"type {annotated.category!r} supports {', '.join(supported)}"
    for entry in annotated.annotation:
        if entry not in ANNOTATIONS:
            hint = did_you_mean(entry, ANNOTATIONS, advice)
            raise annotated.error(f"unknown annotation {entry!r}{hint}")
        if entry not in supported:
            raise annotated.error(f"{entry}: not supported; {advice}")


def _entry_of(annotated: AnnotatedType, parameter: str) -> str:
    """Return the entry of the annotation from which a generator's parameter was set."""
    entries = [name for name in ANNOTATIONS if name in annotated.annotation]
    return parameter if parameter in entries else entries[0]


def _generator(annotated: AnnotatedType) -> ValueGenerator:
    entries = annotated.annotation
    if "options" in entries:
        return choice_from_options(annotated)
    if "iteration" in entries:
        for other in _CONFLICTS_WITH_ITERATION:
            if other in entries:
                raise annotated.error(f"iteration and {other} cannot be combined; remove one")
        return sequence_from_iteration(annotated)
    if "range" in entries:
        return uniform_from_range(annotated)
    return _BY_TYPE[annotated.category](annotated)


def _boolean(annotated: AnnotatedType) -> ValueGenerator:
    odds = annotated.number("odds", "value", annotated.annotation["odds"], whole=False)
    if odds is None or not 0 <= odds <= 1:
        raise annotated.error(f"odds: {format_value(odds)} is outside [0, 1]")
    return BooleanGenerator(true_share=float(odds))


def _text(annotated: AnnotatedType) -> ValueGenerator:
    """Return the generator of a text from `regex`, `length`, `prefix` and `suffix`."""
    prefix, suffix = annotated.text("prefix"), annotated.text("suffix")
    if "regex" not in annotated.annotation:
        low, high = length_bounds(annotated)
        return TextGenerator(length_min=low, length_max=high, prefix=prefix, suffix=suffix)
    pattern = annotated.text("regex")
    if not pattern:
        raise annotated.error("regex: empty pattern")
    length_min, length_max = _regex_length_bounds(annotated)
    return RegexGenerator(
        pattern=pattern,
        length_min=length_min,
        length_max=length_max,
        prefix=prefix,
        suffix=suffix,
    )


def _regex_length_bounds(annotated: AnnotatedType) -> tuple[int | None, int | None]:
    """Return the length bounds that are set for a pattern's texts; None: unset."""
    if "length" not in annotated.annotation:
        return None, None
    length = annotated.annotation["length"]
    low, high = length_bounds(annotated)
    return low, None if isinstance(length, dict) and "max" not in length else high


def _bytes(annotated: AnnotatedType) -> ValueGenerator:
    low, high = length_bounds(annotated)
    return BytesGenerator(length_min=low, length_max=high)


def _list(annotated: AnnotatedType) -> ValueGenerator:
    low, high = length_bounds(annotated)
    kind: Literal["array", "map"] = "array" if annotated.category == "array" else "map"
    return LengthGenerator(kind=kind, length_min=low, length_max=high)


_BY_TYPE: Final[dict[str, Callable[[AnnotatedType], ValueGenerator]]] = {
    "boolean": _boolean,
    "string": _text,
    "uuid": _text,
    "bytes": _bytes,
    "array": _list,
    "map": _list,
}
