"""From what an annotation says of a type to the declaration that means it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from gerador.errors import did_you_mean
from gerador.scenario.annotations.options import chosen
from gerador.scenario.annotations.ranges import iterated, lengths, ranged
from gerador.scenario.fields import (
    BooleanField,
    BytesField,
    FieldSpec,
    LengthField,
    RegexField,
    TextField,
)
from gerador.scenario.literal_scalars import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from gerador.scenario.annotations.annotated import Annotated

_NUMBERS: Final = ("options", "range", "iteration")
_TEXT: Final = ("options", "length", "regex", "prefix", "suffix", "iteration")
SUITED: Final = {
    "boolean": ("options", "iteration", "odds"),
    **dict.fromkeys(("int", "long", "float", "double", "date", "time", "timestamp"), _NUMBERS),
    "decimal": ("options", "range"),
    "bytes": ("options", "length"),
    "string": _TEXT,
    "uuid": ("options", "regex"),
    "array": ("options", "length"),
    "map": ("options", "length", "keys"),
}
"""Which annotations suit a type, by its word; `options` alone suit every other."""
KNOWN: Final = (
    "options", "iteration", "range", "length", "regex", "prefix", "suffix", "keys", "odds",
)  # fmt: skip
_CONTRADICTORY: Final = ("length", "regex", "range")


def declared_for(place: Annotated) -> FieldSpec | None:
    """Return the declaration of an annotated place; None: its type's own default.

    Raises SchemaError: an annotation that is unknown, does not suit the type, or is malformed.
    """
    _check_names(place)
    if not place.said:
        return None
    try:
        declared = _made(place)
    except ValidationError as e:  # a limit of the declaration itself, such as a text's length
        fault = e.errors()[0]
        name = _annotation(place, str(fault["loc"][0]) if fault["loc"] else "")
        raise place.refusal(f"{name}: {fault['msg']}") from e
    for parameter, text in declared.refusals(place.avro_type):
        raise place.refusal(f"{_annotation(place, parameter)}: {text}")
    return declared


def _check_names(place: Annotated) -> None:
    suited = SUITED.get(place.word, ("options",))
    for name in place.said:
        if name not in KNOWN:
            hint = did_you_mean(name, KNOWN) or f"; {', '.join(suited)} suit {place.word!r}"
            raise place.refusal(f"unknown annotation {name!r}{hint}")
        if name not in suited:
            raise place.refusal(f"{name} does not suit {place.word!r}; {', '.join(suited)} do")


def _annotation(place: Annotated, parameter: str) -> str:
    """Return the annotation that a declaration's parameter came from."""
    said = [name for name in KNOWN if name in place.said]
    return parameter if parameter in said else said[0]


def _made(place: Annotated) -> FieldSpec:
    if "options" in place.said:
        return chosen(place)
    if "iteration" in place.said:
        for other in _CONTRADICTORY:
            if other in place.said:
                raise place.refusal(f"iteration and {other} contradict each other; keep one")
        return iterated(place)
    if "range" in place.said:
        return ranged(place)
    return _BY_WORD[place.word](place)


def _boolean(place: Annotated) -> FieldSpec:
    odds = place.number("odds", "value", place.said["odds"], whole=False)
    if odds is None or not 0 <= odds <= 1:
        raise place.refusal(f"odds: {shown(odds)}; give 0.0 to 1.0")
    return BooleanField(true_share=float(odds))


def _text(place: Annotated) -> FieldSpec:
    """Return the declaration of a text by `regex`, `length`, `prefix` and `suffix`."""
    prefix, suffix = place.text("prefix"), place.text("suffix")
    if "regex" not in place.said:
        low, high = lengths(place)
        return TextField(length_min=low, length_max=high, prefix=prefix, suffix=suffix)
    pattern = place.text("regex")
    if not pattern:
        raise place.refusal("regex: nothing; write what the text is like")
    low_or_none, high_or_none = _bounds(place)
    return RegexField(
        pattern=pattern,
        length_min=low_or_none,
        length_max=high_or_none,
        prefix=prefix,
        suffix=suffix,
    )


def _bounds(place: Annotated) -> tuple[int | None, int | None]:
    """Return the lengths of a pattern's texts as far as they are said."""
    if "length" not in place.said:
        return None, None
    said = place.said["length"]
    low, high = lengths(place)
    return low, None if isinstance(said, dict) and "max" not in said else high


def _bytes(place: Annotated) -> FieldSpec:
    low, high = lengths(place)
    return BytesField(length_min=low, length_max=high)


def _list(place: Annotated) -> FieldSpec:
    low, high = lengths(place)
    return LengthField(length_min=low, length_max=high)


_BY_WORD: Final[dict[str, Callable[[Annotated], FieldSpec]]] = {
    "boolean": _boolean,
    "string": _text,
    "uuid": _text,
    "bytes": _bytes,
    "array": _list,
    "map": _list,
}
