"""Patterns of text as trees: what a text is made of. Reads no pattern and makes no text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Text:
    """These characters."""

    text: str


@dataclass(frozen=True, slots=True)
class Characters:
    """`low` to `high` characters of `alphabet`; None: as many as may be."""

    alphabet: str
    low: int = 1
    high: int | None = 1


@dataclass(frozen=True, slots=True)
class Sequence:
    """One part after another."""

    parts: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Alternatives:
    """One of the branches, equally likely."""

    branches: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Repeated:
    """`low` to `high` copies of what is inside; None: as many as may be."""

    inner: Pattern
    low: int
    high: int | None


Pattern: TypeAlias = Text | Characters | Sequence | Alternatives | Repeated


def is_open(tree: Pattern) -> bool:
    """Tell whether a quantifier without an upper end stands in a pattern."""
    match tree:
        case Text():
            return False
        case Characters():
            return tree.high is None
        case Repeated():
            return tree.high is None or is_open(tree.inner)
        case Sequence():
            return any(map(is_open, tree.parts))
        case Alternatives():
            return any(map(is_open, tree.branches))


def joined(parts: list[Pattern]) -> Pattern:
    """Return parts in turn as one pattern, with literals side by side run together."""
    flat: list[Pattern] = []
    for part in parts:
        inner = part.parts if isinstance(part, Sequence) else (part,)
        for one in inner:
            if isinstance(one, Text) and flat and isinstance(flat[-1], Text):
                flat[-1] = Text(flat[-1].text + one.text)
            elif one != Text(""):
                flat.append(one)
    if not flat:
        return Text("")
    return flat[0] if len(flat) == 1 else Sequence(tuple(flat))
