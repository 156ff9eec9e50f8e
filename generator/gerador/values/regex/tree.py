"""Syntax trees of regular expressions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class LiteralNode:
    """A fixed text."""

    text: str


@dataclass(frozen=True, slots=True)
class CharactersNode:
    """`low` to `high` characters of `alphabet`; None: unbounded."""

    alphabet: str
    low: int = 1
    high: int | None = 1


@dataclass(frozen=True, slots=True)
class SequenceNode:
    """Parts in sequence."""

    parts: tuple[RegexNode, ...]


@dataclass(frozen=True, slots=True)
class AlternativesNode:
    """One of the branches, equally likely."""

    branches: tuple[RegexNode, ...]


@dataclass(frozen=True, slots=True)
class RepeatNode:
    """`low` to `high` copies of `inner`; None: unbounded."""

    inner: RegexNode
    low: int
    high: int | None


RegexNode: TypeAlias = LiteralNode | CharactersNode | SequenceNode | AlternativesNode | RepeatNode


def is_unbounded(tree: RegexNode) -> bool:
    """Return whether a pattern has a quantifier without a maximum."""
    match tree:
        case LiteralNode():
            return False
        case CharactersNode():
            return tree.high is None
        case RepeatNode():
            return tree.high is None or is_unbounded(tree.inner)
        case SequenceNode():
            return any(map(is_unbounded, tree.parts))
        case AlternativesNode():
            return any(map(is_unbounded, tree.branches))


def join_nodes(parts: list[RegexNode]) -> RegexNode:
    """Return the sequence of parts, with adjacent literals joined."""
    flat: list[RegexNode] = []
    for part in parts:
        inner = part.parts if isinstance(part, SequenceNode) else (part,)
        for one in inner:
            if isinstance(one, LiteralNode) and flat and isinstance(flat[-1], LiteralNode):
                flat[-1] = LiteralNode(flat[-1].text + one.text)
            elif one != LiteralNode(""):
                flat.append(one)
    if not flat:
        return LiteralNode("")
    return flat[0] if len(flat) == 1 else SequenceNode(tuple(flat))
