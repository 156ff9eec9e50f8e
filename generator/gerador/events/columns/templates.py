"""Columns of text with other fields of the row in it, filtered and joined by Arrow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as at_

from gerador.events.columns.column import Leaf, Positions
from gerador.events.columns.iso_texts import iso_texts
from gerador.events.columns.remembered import Remembered
from gerador.scenario.fields import TemplateField
from gerador.scenario.template import Slot, template_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gerador.events.block import Block
    from gerador.events.columns.making import Make, Making, Place, Reference

_EMPTY: Final = pa.scalar("", pa.string())


def _ascii(texts: pa.Array) -> pa.Array:
    """Return texts without accents: decomposed (Unicode's NFKD), then only what is ASCII."""
    other = pc.invert(pc.string_is_ascii(texts)).fill_null(pa.scalar(value=False))
    apart = pc.utf8_normalize(texts.filter(other), form="NFKD")
    plain = pc.replace_substring_regex(apart, pattern=r"[^\x00-\x7F]+", replacement="")
    return pc.replace_with_mask(texts, other, plain)


def _slug(texts: pa.Array) -> pa.Array:
    words = pc.replace_substring_regex(
        pc.utf8_lower(_ascii(texts)), pattern="[^a-z0-9]+", replacement="-"
    )
    return pc.ascii_trim(words, characters="-")


def _first(texts: pa.Array) -> pa.Array:
    """Return what stands before the first space."""
    words = pc.utf8_split_whitespace(pc.utf8_trim_whitespace(texts), max_splits=1)
    return pc.list_element(words, 0)


def _last(texts: pa.Array) -> pa.Array:
    """Return what stands behind the last space."""
    words = pc.utf8_split_whitespace(pc.utf8_trim_whitespace(texts), max_splits=1, reverse=True)
    ends = pc.subtract(words.offsets[1:], 1)
    return words.values.take(pc.if_else(words.is_valid(), ends, pa.scalar(None, pa.int32())))


_FILTERS: Final[Mapping[str, Callable[[pa.Array], pa.Array]]] = {
    "lower": pc.utf8_lower,
    "upper": pc.utf8_upper,
    "title": pc.utf8_title,
    "ascii": _ascii,
    "trim": pc.utf8_trim_whitespace,
    "slug": _slug,
    "first": _first,
    "last": _last,
}


@dataclass(frozen=True, slots=True)
class Filled:
    """A field's values as text, filtered."""

    reference: Reference
    filters: tuple[str, ...]
    known: Remembered[pa.Array] = field(default_factory=Remembered)

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
            texts = _FILTERS[word](texts)
        return texts


def as_text(values: pa.Array) -> pa.Array:
    """Return values of any type that has a text: numbers, and times as ISO 8601 writes them."""
    if at_.is_timestamp(values.type):
        return iso_texts(values)
    return values.cast(pa.string())


@dataclass(frozen=True, slots=True)
class Template(Leaf):
    """Texts and filled slots, joined."""

    parts: tuple[str | Filled, ...]

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) texts. Cost: no Python per item."""
        parts = [p if isinstance(p, str) else p.texts(block, at) for p in self.parts]
        if all(isinstance(p, str) for p in parts):
            return pa.repeat(pa.scalar("".join(parts), pa.string()), len(at))
        return pc.binary_join_element_wise(*parts, _EMPTY)


def _template(making: Making, place: Place, declared: TemplateField) -> Template:
    parts = tuple(
        Filled(making.reference(place.path, part.name), part.filters)
        if isinstance(part, Slot)
        else part
        for part in template_parts(declared.text)
    )
    return Template(place.path, pa.string(), parts)


MAKERS: Final[Mapping[type, Make]] = {TemplateField: _template}
