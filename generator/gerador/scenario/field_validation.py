"""Validate a stream's generators against its schema: types, references, unique values, key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from gerador.avro.paths import field_paths, types_along
from gerador.avro.schema import has_null_branch, non_null_type, type_category, type_label
from gerador.errors import did_you_mean
from gerador.scenario.nested_values import CONTAINERS
from gerador.values import GENERATORS
from gerador.values.array_map import LengthGenerator
from gerador.values.choice import accepts_null
from gerador.values.defaults import default_generator
from gerador.values.field_references import is_inside
from gerador.values.number_parameter_errors import number_errors
from gerador.values.records import CompositeGenerator
from gerador.values.reference_errors import reference_errors
from gerador.values.regex.distinct_texts import all_texts
from gerador.values.regex.generator import RegexGenerator

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from gerador.avro.schema import AvroType, Record
    from gerador.values.declaration import ValueGenerator


ITEMS_PER_ROW_MAX: Final = 1_024
"""Mean number of items per row in nested arrays and maps."""
ENDLESS_ROWS: Final = 2**53
"""Distinct values that an endless stream needs: one for each row index."""


class FieldError(NamedTuple):
    """An error of a field: its path, the parameter (empty: the whole generator), the message."""

    path: str
    parameter: str
    text: str


def field_errors(root: Record, fields: Mapping[str, ValueGenerator]) -> Iterator[FieldError]:
    """Yield the errors of generators, by field path, that do not fit the record `root`.

    Generators inside one that does not fit are skipped: their errors would follow from it.
    """
    paths = dict(field_paths(root))
    wrong: list[str] = []
    for path, generator in fields.items():
        if any(is_inside(path, outer) for outer in wrong):
            continue
        if path not in paths:
            wrong.append(path)
            yield FieldError(path, "", f"unknown field{did_you_mean(path, paths)}")
            continue
        if (text := _type_error(generator, paths[path])) is not None:
            wrong.append(path)
            yield FieldError(path, "", text)
            continue
        for parameter, text in _generator_errors(generator, paths[path]):
            yield FieldError(path, parameter, text)
        yield from _item_count_errors(path, root, fields)
    yield from (FieldError(*error) for error in reference_errors(root, fields))


def _type_error(generator: ValueGenerator, avro_type: AvroType) -> str | None:
    if type_category(avro_type) in _supported_types(generator):
        return None
    valid = ", ".join(sorted(kinds_for(avro_type)))
    label = type_label(avro_type)
    return f"generator {generator.kind!r} does not support type {label!r}; use {valid}"


def _generator_errors(generator: ValueGenerator, avro_type: AvroType) -> Iterator[tuple[str, str]]:
    if generator.null is not None and not has_null_branch(avro_type):
        yield "null", "share of nulls on a type that is not nullable; remove it"
    if generator.can_be_null() and not accepts_null(avro_type):
        yield "values", "null among the values of a type that is not nullable; remove it"
    value_type = non_null_type(avro_type)
    yield from generator.errors(value_type)
    yield from number_errors(generator, value_type)


def _supported_types(generator: ValueGenerator) -> Collection[str]:
    """Return the categories of types that a generator supports."""
    is_container = isinstance(generator, LengthGenerator | CompositeGenerator)
    return {generator.kind} if is_container else type(generator).types


def kinds_for(avro_type: AvroType) -> frozenset[str]:
    """Return the kinds of generator that support a type."""
    category = type_category(avro_type)
    kinds = {kind for kind, generator in GENERATORS.items() if category in generator.types}
    return frozenset(kinds | ({category} & CONTAINERS.keys()))


def _item_count_errors(
    path: str, root: Record, fields: Mapping[str, ValueGenerator]
) -> Iterator[FieldError]:
    """Yield nested lists whose mean lengths, declared or default, multiply to too many items."""
    items = 1.0
    for around, avro_type in types_along(root, path):
        length = fields.get(around) or default_generator(avro_type, around)
        if isinstance(length, LengthGenerator):
            items *= max(1.0, length.mean_length())
    if items > ITEMS_PER_ROW_MAX:
        text = f"nested lists have about {items:,.0f} items per row; the maximum is"
        yield FieldError(path, "", f"{text} {ITEMS_PER_ROW_MAX:,}")


def unknown_field(name: str, names: Iterable[str]) -> str:
    """Return the message for a name of a field that does not exist."""
    return f"unknown field {name!r}{did_you_mean(name, names)}"


def key_error(sent: Record, key: str | None) -> str | None:
    """Return why `key` cannot be the key field of the record `sent`; None: it can."""
    if key is None:
        return None
    types = {f.name: f.type for f in sent.fields}
    return None if key in types else unknown_field(key, types)


def unique_errors(
    root: Record, fields: Mapping[str, ValueGenerator], rows: int | None
) -> Iterator[FieldError]:
    """Yield the generators of unique values that have too few values.

    `rows` is the total number of rows, None for an endless stream.
    """
    paths = dict(field_paths(root))
    for path, generator in fields.items():
        if not generator.unique or path not in paths:
            continue
        if "[]" in path or "{}" in path:
            text: str | None = "not supported inside arrays and maps; remove it"
        else:
            text = unique_error(generator, paths[path], rows)
        if text is not None:
            yield FieldError(path, "unique", text)


def unique_error(generator: ValueGenerator, avro_type: AvroType, rows: int | None) -> str | None:
    """Return why a generator cannot give `rows` unique values; None: it can."""
    if not generator.unique:
        return None
    count = generator.distinct_values(non_null_type(avro_type))
    if count is None:
        return (
            f"not supported by generator {generator.kind!r}; use uuid, sequence, uniform or choice"
        )
    if rows is None and count < ENDLESS_ROWS:
        return (
            f"the stream is endless and {_describe(generator)} has {count:,} distinct "
            "values; set rows, or use uuid or sequence"
        )
    if rows is not None and count < rows:
        return (
            f"{rows:,} rows but {_describe(generator)} has {count:,} distinct values; "
            "widen its range or reduce rows"
        )
    return None


def _describe(generator: ValueGenerator) -> str:
    """Return a short description of a generator: ``uniform 1 to 9,999``."""
    bounds = getattr(generator, "min", None), getattr(generator, "max", None)
    if all(isinstance(bound, int | float) for bound in bounds):
        return f"{generator.kind} {bounds[0]:,} to {bounds[1]:,}"
    if isinstance(generator, RegexGenerator):
        texts = all_texts(generator.tree, *generator.lengths)
        if texts is None:
            return "regex, counted by the characters at fixed positions,"
    return generator.kind
