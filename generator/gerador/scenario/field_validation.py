"""Validate the field declarations of one stream against its schema: paths, types, references, unique values, record key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from gerador.avro.paths import field_paths, types_along
from gerador.avro.schema import AvroType, Union, type_category, type_label, type_name
from gerador.errors import SettingError, did_you_mean
from gerador.limits import GENERATION_ROWS_MAX
from gerador.values import GENERATORS
from gerador.values.array_map import LengthGenerator
from gerador.values.choice import accepts_null
from gerador.values.defaults import default_generator
from gerador.values.dependencies import reference_errors
from gerador.values.distributions import number_errors
from gerador.values.regex.distinct_texts import all_texts
from gerador.values.regex.generator import RegexGenerator

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gerador.avro.schema import Record
    from gerador.values import AnyGenerator


ITEMS_PER_ROW_MAX: Final = 1_024
"""Items that a row may have on average in arrays and maps inside one another."""
KEY_TYPES: Final = frozenset({"string", "int", "long", "bytes", "fixed"})


class FieldError(NamedTuple):
    """What does not fit: the field's path, the parameter (empty: all of it), and the line."""

    path: str
    parameter: str
    text: str


def check_generation_rows(where: str, rows: int) -> None:
    """Refuse a generation of too few or too many rows.

    Raises SettingError: one line that begins with `where`, as all of this module.
    """
    if not 1 <= rows <= GENERATION_ROWS_MAX:
        raise SettingError(f"{where}: generations of {rows} rows; give 1 to {GENERATION_ROWS_MAX}")


def check_fields(where: str, root: Record, fields: Mapping[str, AnyGenerator]) -> None:
    """Refuse declarations, by field path, that do not fit the record `root`.

    Raises SettingError: the first complaint; it names the path and the way out.
    """
    for path, _, text in field_errors(root, fields):
        raise SettingError(f"{where}: field {path!r}: {text}" if path else f"{where}: {text}")


def field_errors(root: Record, fields: Mapping[str, AnyGenerator]) -> Iterator[FieldError]:
    """Yield all that does not fit the record `root` about declarations by field path."""
    if not root.fields:
        yield FieldError("", "", f"record {root.name!r} has no fields; give it one")
        return
    paths = dict(field_paths(root))
    for path, declared in fields.items():
        if path not in paths:
            yield FieldError(path, "", f"there is no such field{did_you_mean(path, paths)}")
            continue
        for parameter, text in _declaration_errors(declared, paths[path]):
            yield FieldError(path, parameter, text)
        yield from _item_count_errors(path, root, fields)
    yield from (FieldError(*complaint) for complaint in reference_errors(root, fields))


def _declaration_errors(declared: AnyGenerator, avro_type: AvroType) -> Iterator[tuple[str, str]]:
    if type_category(avro_type) not in type(declared).suits:
        suited = ", ".join(sorted(kinds_for(avro_type)))
        yield "", f"{declared.kind!r} does not suit {type_label(avro_type)!r}; use {suited}"
        return
    nullable = isinstance(avro_type, Union) and avro_type.null_branch is not None
    if declared.null is not None and not nullable:
        yield "null", "a share of nulls on a type that is never null; remove it"
    if declared.gives_null() and not nullable and not accepts_null(avro_type):
        yield "values", "null is among them, and the type is never null; remove it"
    value = avro_type.value if isinstance(avro_type, Union) and nullable else avro_type
    yield from declared.refusals(value)
    yield from number_errors(declared, value)


def _item_count_errors(
    path: str, root: Record, fields: Mapping[str, AnyGenerator]
) -> Iterator[FieldError]:
    """Yield lists inside lists whose mean lengths, declared or not, multiply beyond reason."""
    items = 1.0
    for around, avro_type in types_along(root, path):
        length = fields.get(around) or default_generator(avro_type, around)
        if isinstance(length, LengthGenerator):
            items *= max(1.0, _mean_length(length))
    if items > ITEMS_PER_ROW_MAX:
        yield FieldError(
            path,
            "",
            f"about {items:,.0f} items a row with the lists around it; "
            f"stay within {ITEMS_PER_ROW_MAX}",
        )


def _mean_length(declared: LengthGenerator) -> float:
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


def unknown_key_message(key: str, names: Iterable[str]) -> str:
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
        raise SettingError(f"{where}: {unknown_key_message(key, types)}")
    if type_name(types[key]) not in KEY_TYPES:
        raise SettingError(
            f"{where}: key field {key!r} is {type_label(types[key])!r}; "
            "a key is text, a whole number or bytes"
        )


def kinds_for(avro_type: AvroType) -> frozenset[str]:
    """Return the kinds of declaration that suit a type."""
    word = type_category(avro_type)
    return frozenset(name for name, kind in GENERATORS.items() if word in kind.suits)


ENDLESS_ROWS: Final = 2**53
"""Rows that an endless stream may come to: as many as there are row indices."""


def check_unique(
    where: str, root: Record, fields: Mapping[str, AnyGenerator], rows: int | None
) -> None:
    """Refuse declarations of unique values that there are too few of.

    `rows` is what the stream sends in all, None for an endless one.

    Raises SettingError: one line that begins with `where`, names the path and the way out.
    """
    for path, _, text in unique_errors(root, fields, rows):
        raise SettingError(f"{where}: field {path!r}: {text}")


def unique_errors(
    root: Record, fields: Mapping[str, AnyGenerator], rows: int | None
) -> Iterator[tuple[str, str, str]]:
    """Yield (path, parameter, complaint) for values that cannot be unique."""
    paths = dict(field_paths(root))
    for path, declared in fields.items():
        if not declared.unique or path not in paths:
            continue
        if "[]" in path or "{}" in path:
            yield path, "unique", "unique: items of lists cannot be; a field of the row can"
            continue
        text = unique_error(declared, paths[path], rows)
        if text is not None:
            yield path, "unique", text


def unique_error(declared: AnyGenerator, avro_type: AvroType, rows: int | None) -> str | None:
    """Return why values of a declaration cannot be unique in so many rows; None: they can."""
    if not declared.unique:
        return None
    nullable = isinstance(avro_type, Union) and avro_type.null_branch is not None
    value = avro_type.value if isinstance(avro_type, Union) and nullable else avro_type
    space = declared.space(value)
    if space is None:
        return f"unique: {declared.kind!r} cannot be; use uuid, sequence, uniform or choice"
    if rows is None and space < ENDLESS_ROWS:
        return (
            f"unique: an endless stream needs values without end, {_describe(declared)} has "
            f"{space:,}; say how many rows it sends (rows: …), or use uuid or a sequence"
        )
    if rows is not None and space < rows:
        return (
            f"unique: {rows:,} rows need as many values, {_describe(declared)} has {space:,}; "
            "widen it or send fewer rows"
        )
    return None


def _describe(declared: AnyGenerator) -> str:
    """Return a declaration in a few words: ``uniform 1 to 9,999``."""
    ends = getattr(declared, "min", None), getattr(declared, "max", None)
    if all(isinstance(end, int | float) for end in ends):
        return f"{declared.kind} {ends[0]:,} to {ends[1]:,}"
    if isinstance(declared, RegexGenerator) and all_texts(declared.tree, *declared.lengths) is None:
        return "regex, by the characters that all its texts have at the same place,"
    return declared.kind
