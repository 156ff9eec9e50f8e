"""README.pt-BR.md says what README.md says: all that is not prose is the same in both.

Prose, comments and the diagram's words are translated; whether well, no test here can tell.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from tests.docs.examples import DOCS

NAMES: Final = ("README.md", "README.pt-BR.md")
ENGLISH, PORTUGUESE = ((DOCS.parent / name).read_text("utf-8") for name in NAMES)
_BLOCK: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_COMMENT: Final = re.compile(r"(?:^|[ \t]+)# .*$", re.MULTILINE)
_PICTURE: Final = re.compile(r"!\[[^\]]+\]\(([^)\s]+)\)")
_QUOTED: Final = re.compile(r"`([^`]+)`|\]\(([^)\s]+)\)|<(https?:[^>\s]+)>")
_SETTING: Final = re.compile(r"^\| `([A-Z_]+)` \| (.*?) \| (.*?) \| \S.*\|$", re.MULTILINE)


def prose(text: str) -> str:
    """Return a page without its code."""
    return _BLOCK.sub("", text)


def heading_levels(text: str) -> list[int]:
    """Return the levels of the headings, in their order."""
    return [len(marks) for marks in re.findall(r"^(#+) \S", prose(text), re.MULTILINE)]


def code(text: str) -> list[tuple[str, str]]:
    """Return the language and the text of every block but the diagram, without comments."""
    return [
        (kind, _COMMENT.sub("", block)) for kind, block in _BLOCK.findall(text) if kind != "mermaid"
    ]


def diagram(text: str) -> list[str]:
    """Return the lines of the diagram without what is written on its nodes and arrows."""
    (block,) = (block for kind, block in _BLOCK.findall(text) if kind == "mermaid")
    unlabelled = re.sub(r'"[^"]*"', '""', block)
    return re.sub(r"(--|-\.) [^\n>]*? (-->|\.->|\.-)", r"\1 \2", unlabelled).splitlines()


def quoted(text: str) -> set[str]:
    """Return what stands in backticks and where links lead; that a page names the other is left."""
    found = {" ".join("".join(match).split()) for match in _QUOTED.findall(prose(text))}
    return found - {*NAMES}


def test_the_headings_are_the_same() -> None:
    """Sections stand in the same order, at the same levels."""
    levels = heading_levels(ENGLISH)
    assert Counter(levels)[1] == 1
    assert heading_levels(PORTUGUESE) == levels


def test_the_code_is_the_same() -> None:
    """Commands, programs, outputs and figures are equal to the letter, but for comments."""
    assert code(ENGLISH)
    assert code(PORTUGUESE) == code(ENGLISH)


def test_the_diagram_is_the_same() -> None:
    """Its nodes and arrows are, whatever is written on them."""
    assert diagram(PORTUGUESE) == diagram(ENGLISH)


def test_the_pictures_are_the_same() -> None:
    """They stand in the same order, each with a text for those who do not see it."""
    pictures = _PICTURE.findall(ENGLISH)
    assert pictures
    assert _PICTURE.findall(PORTUGUESE) == pictures


def test_paths_names_and_links_are_the_same() -> None:
    """What one page has in backticks or links to, the other has too."""
    assert "docs/configuration.md" in quoted(ENGLISH)
    assert quoted(PORTUGUESE) == quoted(ENGLISH)


def test_the_settings_are_the_same() -> None:
    """Variables, options and defaults are, row by row."""
    settings = _SETTING.findall(ENGLISH)
    assert settings
    assert _SETTING.findall(PORTUGUESE) == settings


def test_each_page_names_the_other() -> None:
    """Who reads one finds the other."""
    assert NAMES[1] in ENGLISH
    assert f"]({NAMES[0]})" in PORTUGUESE.split("\n## ", 1)[0]
