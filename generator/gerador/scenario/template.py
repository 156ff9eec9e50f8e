"""The text of a template, taken apart: what stands as it is, and which fields with which filters.

``{nome|lower|ascii}@{dominio}``; ``{{`` and ``}}`` are braces. Holds no values.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple, TypeAlias

from gerador.errors import did_you_mean

FILTERS: Final = ("lower", "upper", "title", "ascii", "trim", "slug", "first", "last")
"""In small letters, in capitals, Each Word So; without accents and what else is not ASCII; without
spaces around; words-joined-so; the first word, the last word."""
_TOKEN: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")


class Slot(NamedTuple):
    """A field's value, and the filters that it passes in turn."""

    name: str
    filters: tuple[str, ...]


Part: TypeAlias = str | Slot


def template_parts(text: str) -> tuple[Part, ...]:
    """Return the parts of a template, texts and slots as they follow one another.

    Raises ValueError: a brace alone, a slot without a name, an unknown filter.
    """
    parts: list[Part] = []
    for token in _TOKEN.finditer(text):
        part, before = _part(token), parts[-1] if parts else None
        if isinstance(part, str) and isinstance(before, str):
            parts[-1] = before + part
        else:
            parts.append(part)
    return tuple(parts)


def _part(token: re.Match[str]) -> Part:
    word = token[0]
    if word in ("{{", "}}"):
        return word[0]
    if word in ("{", "}"):
        raise ValueError(f"a {word!r} alone at character {token.start() + 1}; write {word * 2!r}")
    return word if token[1] is None else _slot(token[1])


def _slot(inside: str) -> Slot:
    name, *filters = (part.strip() for part in inside.split("|"))
    if not name:
        raise ValueError("'{}' names no field; write {field}, or '{{}}' for braces")
    for word in filters:
        if word not in FILTERS:
            hint = did_you_mean(word, FILTERS)
            raise ValueError(f"no filter {word!r}{hint}; filters are {', '.join(FILTERS)}")
    return Slot(name, tuple(filters))
