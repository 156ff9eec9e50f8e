"""The examples of a page: commands at a `$` prompt, and their documented output."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DOCS: Final = Path(__file__).parents[2] / "docs"
_BLOCK: Final = re.compile(
    r"(?:<!-- (?P<mark>\w+) -->\n)?```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the name in the comment above it (or none), its text."""

    kind: str
    mark: str
    text: str
    place: str


@dataclass(frozen=True)
class Example:
    """One command, and the lines below it."""

    command: str
    answer: str
    mark: str
    place: str


def page(name: str) -> str:
    """Return the text of a page."""
    return (DOCS / name).read_text("utf-8")


def blocks(name: str, kind: str) -> list[Block]:
    """Return the blocks of a page in one language."""
    text = page(name)
    found = []
    for match in _BLOCK.finditer(text):
        if match["kind"] == kind:
            line = text.count("\n", 0, match.start("text")) + 1
            place = f"docs/{name}:{line}"
            found.append(Block(kind, match["mark"] or "", match["text"], place))
    return found


def examples(name: str) -> list[Example]:
    """Return the commands of a page's console blocks, in their order."""
    return [
        Example(*_parted(command), block.mark, f"{block.place}: {command.splitlines()[0]}")
        for block in blocks(name, "console")
        for command in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]
    ]


def _parted(text: str) -> tuple[str, str]:
    """Split a command, with lines continued by a backslash, from its output."""
    command, _, answer = re.sub(r"\\\n\s*", "", text).partition("\n")
    return command, answer.strip("\n")
