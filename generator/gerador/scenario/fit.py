"""Whether declarations fit a schema: every path exists, every kind suits its type.

Judges only; it changes nothing and fills nothing in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from gerador.errors import SettingError, did_you_mean
from gerador.limits import GENERATION_ROWS_MAX
from gerador.scenario.avro import Union
from gerador.scenario.by_type import default_field
from gerador.scenario.fields import LengthField
from gerador.scenario.fields.listed import takes_null
from gerador.scenario.fields.numbers import about_numbers
from gerador.scenario.kinds import kinds_for, told, value_name
from gerador.scenario.mentions import about_mentions
from gerador.scenario.paths import field_paths, types_around
from gerador.scenario.type_words import type_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gerador.scenario.avro import AvroType, Record
    from gerador.scenario.fields import FieldSpec

ITEMS_PER_ROW_MAX: Final = 1_024
"""Items that a row may have on average in arrays and maps inside one another."""
KEY_TYPES: Final = frozenset({"string", "int", "long", "bytes", "fixed"})


class Complaint(NamedTuple):
    """What does not fit: the field's path, the parameter (empty: all of it), and the line."""

    path: str
    parameter: str
    text: str


def check_generation(where: str, rows: int) -> None:
    """Refuse a generation of too few or too many rows.

    Raises SettingError: one line that begins with `where`, as all of this module.
    """
    if not 1 <= rows <= GENERATION_ROWS_MAX:
        raise SettingError(f"{where}: generations of {rows} rows; give 1 to {GENERATION_ROWS_MAX}")


def check_fields(where: str, root: Record, fields: Mapping[str, FieldSpec]) -> None:
    """Refuse declarations, by field path, that do not fit the record `root`.

    Raises SettingError: the first complaint; it names the path and the way out.
    """
    for path, _, text in complaints(root, fields):
        raise SettingError(f"{where}: field {path!r}: {text}" if path else f"{where}: {text}")


def complaints(root: Record, fields: Mapping[str, FieldSpec]) -> Iterator[Complaint]:
    """Yield all that does not fit the record `root` about declarations by field path."""
    if not root.fields:
        yield Complaint("", "", f"record {root.name!r} has no fields; give it one")
        return
    paths = dict(field_paths(root))
    for path, declared in fields.items():
        if path not in paths:
            yield Complaint(path, "", f"there is no such field{did_you_mean(path, paths)}")
            continue
        for parameter, text in _about_field(declared, paths[path]):
            yield Complaint(path, parameter, text)
        yield from _about_items(path, root, fields)
    yield from (Complaint(*complaint) for complaint in about_mentions(root, fields))


def _about_field(declared: FieldSpec, avro_type: AvroType) -> Iterator[tuple[str, str]]:
    if type_word(avro_type) not in type(declared).suits:
        suited = ", ".join(sorted(kinds_for(avro_type)))
        yield "", f"{declared.kind!r} does not suit {told(avro_type)!r}; use {suited}"
        return
    nullable = isinstance(avro_type, Union) and avro_type.null_branch is not None
    if declared.null is not None and not nullable:
        yield "null", "a share of nulls on a type that is never null; remove it"
    if declared.gives_null() and not nullable and not takes_null(avro_type):
        yield "values", "null is among them, and the type is never null; remove it"
    value = avro_type.value if isinstance(avro_type, Union) and nullable else avro_type
    yield from declared.refusals(value)
    yield from about_numbers(declared, value)


def _about_items(path: str, root: Record, fields: Mapping[str, FieldSpec]) -> Iterator[Complaint]:
    """Yield lists inside lists whose mean lengths, declared or not, multiply beyond reason."""
    items = 1.0
    for around, avro_type in types_around(root, path):
        length = fields.get(around) or default_field(avro_type, around)
        if isinstance(length, LengthField):
            items *= max(1.0, _mean_length(length))
    if items > ITEMS_PER_ROW_MAX:
        yield Complaint(
            path,
            "",
            f"about {items:,.0f} items a row with the lists around it; "
            f"stay within {ITEMS_PER_ROW_MAX}",
        )


def _mean_length(declared: LengthField) -> float:
    """Return the mean length of a list, of a drawn one where its mean stands in the declaration."""
    length = declared.length
    if length is None:
        return (declared.length_min + declared.length_max) / 2
    if isinstance(length, int | float):
        return float(length)
    ends = getattr(length, "min", None), getattr(length, "max", None)
    mean = getattr(length, "mean", getattr(length, "median", None))
    if isinstance(mean, int | float):
        return float(mean)
    return sum(e for e in ends if isinstance(e, int | float)) / 2


def no_key_field(key: str, names: Iterable[str]) -> str:
    """Return what is wrong with a key that is none of the fields' names."""
    return f"no key field {key!r}{did_you_mean(key, names)}"


def check_key(where: str, root: Record, key: str | None) -> None:
    """Refuse a key that is no field of `root`, or one of a type that makes no key.

    Raises SettingError: names the field and the way out.
    """
    if key is None:
        return
    types = {f.name: f.type for f in root.fields}
    if key not in types:
        raise SettingError(f"{where}: {no_key_field(key, types)}")
    if value_name(types[key]) not in KEY_TYPES:
        raise SettingError(
            f"{where}: key field {key!r} is {told(types[key])!r}; "
            "a key is text, a whole number or bytes"
        )
