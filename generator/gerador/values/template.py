"""Text templates: other fields of the row inserted into a text, with filters."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal, NamedTuple, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as at_
from pydantic import Field

from gerador.errors import did_you_mean
from gerador.values.column import BaseColumn, Positions
from gerador.values.declaration import NUMBER_TYPES, TEXT_TYPES, StringGenerator
from gerador.values.dictionaries import DictionaryCache
from gerador.values.iso_timestamps import format_timestamps

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from gerador.avro.schema import AvroType
    from gerador.values.column import Block, BuildContext, ColumnTarget, FieldReference


TEMPLATE_TYPES: Final = NUMBER_TYPES | TEXT_TYPES | {"boolean", "date", "time", "timestamp"}
"""Words of the types that a template takes as text."""


class TemplateGenerator(StringGenerator):
    """Text with other fields of the row in it: ``"{nome|lower|ascii}@{dominio}"``."""

    main: ClassVar[str | None] = "text"
    kind: Literal["template"] = "template"
    reads: ClassVar[frozenset[str]] = TEMPLATE_TYPES
    text: Annotated[str, Field(max_length=10_000)]
    """The text; {name} is a field's value, {name|lower|ascii} changed; {{ is a brace."""

    def mentions(self, known: Collection[str]) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield the fields between braces; none where the braces make no sense."""
        with suppress(ValueError):
            slots = (part for part in parse_template(self.text) if isinstance(part, Placeholder))
            yield from (("text", name) for name in dict.fromkeys(slot.name for slot in slots))

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield what makes no sense between the braces."""
        yield from super().refusals(avro_type)
        try:
            parse_template(self.text)
        except ValueError as e:
            yield "text", f"{self.text!r}: {e}"


FILTER_NAMES: Final = ("lower", "upper", "title", "ascii", "trim", "slug", "first", "last")
"""In small letters, in capitals, Each Word So; without accents and what else is not ASCII; without
spaces around; words-joined-so; the first word, the last word."""
_TOKEN: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")


class Placeholder(NamedTuple):
    """A field's value, and the filters that it passes in turn."""

    name: str
    filters: tuple[str, ...]


TemplatePart: TypeAlias = str | Placeholder


def parse_template(text: str) -> tuple[TemplatePart, ...]:
    """Return the parts of a template, texts and slots as they follow one another.

    Raises ValueError: a brace alone, a slot without a name, an unknown filter.
    """
    parts: list[TemplatePart] = []
    for token in _TOKEN.finditer(text):
        part, before = _parse_token(token), parts[-1] if parts else None
        if isinstance(part, str) and isinstance(before, str):
            parts[-1] = before + part
        else:
            parts.append(part)
    return tuple(parts)


def _parse_token(token: re.Match[str]) -> TemplatePart:
    word = token[0]
    if word in ("{{", "}}"):
        return word[0]
    if word in ("{", "}"):
        raise ValueError(f"a {word!r} alone at character {token.start() + 1}; write {word * 2!r}")
    return word if token[1] is None else _parse_placeholder(token[1])


def _parse_placeholder(inside: str) -> Placeholder:
    name, *filters = (part.strip() for part in inside.split("|"))
    if not name:
        raise ValueError("'{}' names no field; write {field}, or '{{}}' for braces")
    for word in filters:
        if word not in FILTER_NAMES:
            hint = did_you_mean(word, FILTER_NAMES)
            raise ValueError(f"no filter {word!r}{hint}; filters are {', '.join(FILTER_NAMES)}")
    return Placeholder(name, tuple(filters))


_EMPTY: Final = pa.scalar("", pa.string())


def _to_ascii(texts: pa.Array) -> pa.Array:
    """Return texts without accents: decomposed (Unicode's NFKD), then only what is ASCII."""
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
    """Return what stands before the first space."""
    words = pc.utf8_split_whitespace(pc.utf8_trim_whitespace(texts), max_splits=1)
    return pc.list_element(words, 0)


def _last_word(texts: pa.Array) -> pa.Array:
    """Return what stands behind the last space."""
    words = pc.utf8_split_whitespace(pc.utf8_trim_whitespace(texts), max_splits=1, reverse=True)
    ends = pc.subtract(words.offsets[1:], 1)
    return words.values.take(pc.if_else(words.is_valid(), ends, pa.scalar(None, pa.int32())))


FILTER_FUNCTIONS: Final[Mapping[str, Callable[[pa.Array], pa.Array]]] = {
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
    """A field's values as text, filtered."""

    reference: FieldReference
    filters: tuple[str, ...]
    known: DictionaryCache[pa.Array] = field(default_factory=DictionaryCache)

    def texts(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) texts, empty ones for null.

        Of a dictionary that is shorter than the items, each entry is filtered once for all blocks
        that share it.
        """
        values = self.reference.values(block, at)
        if isinstance(values, pa.DictionaryArray):
            if len(values.dictionary) <= len(values):
                entries = self.known.get(values.dictionary, self._of)
                return entries.take(values.indices).fill_null(_EMPTY)
            values = values.dictionary_decode()
        return self._of(values).fill_null(_EMPTY)

    def _of(self, values: pa.Array) -> pa.Array:
        texts = as_text(values)
        for word in self.filters:
            texts = FILTER_FUNCTIONS[word](texts)
        return texts


def as_text(values: pa.Array) -> pa.Array:
    """Return values of any type that has a text: numbers, and times as ISO 8601 writes them."""
    if at_.is_timestamp(values.type):
        return format_timestamps(values)
    return values.cast(pa.string())


@dataclass(frozen=True, slots=True)
class TemplateColumn(BaseColumn):
    """Texts and filled slots, joined."""

    parts: tuple[str | FilledPlaceholder, ...]

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) texts. Cost: no Python per item."""
        parts = [p if isinstance(p, str) else p.texts(block, at) for p in self.parts]
        if all(isinstance(p, str) for p in parts):
            return pa.repeat(pa.scalar("".join(parts), pa.string()), len(at))
        return pc.binary_join_element_wise(*parts, _EMPTY)


def template_column(
    making: BuildContext, place: ColumnTarget, declared: TemplateGenerator
) -> TemplateColumn:
    parts = tuple(
        FilledPlaceholder(making.reference(place.path, part.name), part.filters)
        if isinstance(part, Placeholder)
        else part
        for part in parse_template(declared.text)
    )
    return TemplateColumn(place.path, pa.string(), parts)
