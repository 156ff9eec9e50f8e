"""The template generator: values of other fields inserted into a text, with filters."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal, NamedTuple, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pa_types
from pydantic import Field

from gerador.errors import did_you_mean
from gerador.values.arrow_dictionaries import DictionaryCache
from gerador.values.column import BaseColumn, Positions
from gerador.values.declaration import NUMBER_TYPES, TEXT_TYPES, StringGenerator
from gerador.values.iso_timestamp_text import format_timestamps

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from gerador.avro.schema import AvroType
    from gerador.values.column import Block, BuildContext, ColumnTarget, FieldReference


TEMPLATE_TYPES: Final = NUMBER_TYPES | TEXT_TYPES | {"boolean", "date", "time", "timestamp"}
"""Categories of the types that a template can format as text."""


class TemplateGenerator(StringGenerator):
    """Text with values of other fields of the row: ``"{name|lower|ascii}@{domain}"``."""

    main_parameter: ClassVar[str | None] = "text"
    kind: Literal["template"] = "template"
    referenced_types: ClassVar[frozenset[str]] = TEMPLATE_TYPES
    text: Annotated[str, Field(max_length=10_000)]
    """The template: {name} is a field's value, {name|lower|ascii} is filtered, {{ is a brace."""

    def references(self, known: Collection[str]) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield the fields in placeholders; none if the template is invalid."""
        with suppress(ValueError):
            placeholders = (p for p in parse_template(self.text) if isinstance(p, Placeholder))
            yield from (("text", name) for name in dict.fromkeys(p.name for p in placeholders))

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield an error if the template is invalid."""
        yield from super().errors(avro_type)
        try:
            parse_template(self.text)
        except ValueError as e:
            yield "text", f"{self.text!r}: {e}"

    def column(self, context: BuildContext, target: ColumnTarget) -> TemplateColumn:
        """Return the column of the field."""
        parts = tuple(
            FilledPlaceholder(context.reference(target.path, part.name), part.filters)
            if isinstance(part, Placeholder)
            else part
            for part in parse_template(self.text)
        )
        return TemplateColumn(target.path, pa.string(), parts)


_TOKEN: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")


class Placeholder(NamedTuple):
    """The name of a field, and the filters that are applied to its value in order."""

    name: str
    filters: tuple[str, ...]


TemplatePart: TypeAlias = str | Placeholder


def parse_template(text: str) -> tuple[TemplatePart, ...]:
    """Return the texts and placeholders of a template, in order.

    Raises ValueError: an unmatched brace, an empty placeholder or an unknown filter.
    """
    parts: list[TemplatePart] = []
    for token in _TOKEN.finditer(text):
        part, previous = _parse_token(token), parts[-1] if parts else None
        if isinstance(part, str) and isinstance(previous, str):
            parts[-1] = previous + part
        else:
            parts.append(part)
    return tuple(parts)


def _parse_token(token: re.Match[str]) -> TemplatePart:
    text = token[0]
    if text in ("{{", "}}"):
        return text[0]
    if text in ("{", "}"):
        raise ValueError(f"unmatched {text!r} at character {token.start() + 1}; write {text * 2!r}")
    return text if token[1] is None else _parse_placeholder(token[1])


def _parse_placeholder(inside: str) -> Placeholder:
    field_name, *filters = (part.strip() for part in inside.split("|"))
    if not field_name:
        raise ValueError("'{}' has no field; write {field}, or '{{}}' for braces")
    for name in filters:
        if name not in FILTERS:
            hint = did_you_mean(name, FILTERS, f"filters are {', '.join(FILTERS)}")
            raise ValueError(f"unknown filter {name!r}{hint}")
    return Placeholder(field_name, tuple(filters))


_EMPTY: Final = pa.scalar("", pa.string())


def _to_ascii(texts: pa.Array) -> pa.Array:
    """Return texts without accents: the ASCII characters of the NFKD normal form."""
    other = pc.invert(pc.string_is_ascii(texts)).fill_null(pa.scalar(value=False))
    apart = pc.utf8_normalize(texts.filter(other), form="NFKD")
    plain = pc.replace_substring_regex(apart, pattern=r"[^\x00-\x7F]+", replacement="")
    return pc.replace_with_mask(texts, other, plain)


def _to_slug(texts: pa.Array) -> pa.Array:
    words = pc.replace_substring_regex(
        pc.utf8_lower(_to_ascii(texts)), pattern="[^a-z0-9]+", replacement="-"
    )
    return pc.ascii_trim(words, characters="-")


def _first_word(texts: pa.Array) -> pa.Array:
    """Return the text before the first whitespace."""
    words = pc.utf8_split_whitespace(pc.utf8_trim_whitespace(texts), max_splits=1)
    return pc.list_element(words, 0)


def _last_word(texts: pa.Array) -> pa.Array:
    """Return the text after the last whitespace."""
    words = pc.utf8_split_whitespace(pc.utf8_trim_whitespace(texts), max_splits=1, reverse=True)
    ends = pc.subtract(words.offsets[1:], 1)
    return words.values.take(pc.if_else(words.is_valid(), ends, pa.scalar(None, pa.int32())))


FILTERS: Final[Mapping[str, Callable[[pa.Array], pa.Array]]] = {
    "lower": pc.utf8_lower,
    "upper": pc.utf8_upper,
    "title": pc.utf8_title,
    "ascii": _to_ascii,
    "trim": pc.utf8_trim_whitespace,
    "slug": _to_slug,
    "first": _first_word,
    "last": _last_word,
}


@dataclass(frozen=True, slots=True)
class FilledPlaceholder:
    """The values of a placeholder's field as filtered texts."""

    reference: FieldReference
    filters: tuple[str, ...]
    known: DictionaryCache[pa.Array] = field(default_factory=DictionaryCache)

    def texts(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) texts, empty for null.

        If the values are a dictionary with fewer entries than items, each entry is filtered once
        for all blocks that share the dictionary.
        """
        values = self.reference.values(block, positions)
        if isinstance(values, pa.DictionaryArray):
            if len(values.dictionary) <= len(values):
                entries = self.known.get(values.dictionary, self._of)
                return entries.take(values.indices).fill_null(_EMPTY)
            values = values.dictionary_decode()
        return self._of(values).fill_null(_EMPTY)

    def _of(self, values: pa.Array) -> pa.Array:
        texts = as_text(values)
        for name in self.filters:
            texts = FILTERS[name](texts)
        return texts


def as_text(values: pa.Array) -> pa.Array:
    """Return values of a type in `TEMPLATE_TYPES` as text; timestamps in ISO 8601."""
    if pa_types.is_timestamp(values.type):
        return format_timestamps(values)
    return values.cast(pa.string())


@dataclass(frozen=True, slots=True)
class TemplateColumn(BaseColumn):
    """Texts and filled placeholders, concatenated."""

    parts: tuple[str | FilledPlaceholder, ...]

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) texts. Cost: no Python per item."""
        parts = [p if isinstance(p, str) else p.texts(block, positions) for p in self.parts]
        if all(isinstance(p, str) for p in parts):
            return pa.repeat(pa.scalar("".join(parts), pa.string()), len(positions))
        return pc.binary_join_element_wise(*parts, _EMPTY)
