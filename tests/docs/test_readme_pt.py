"""README.pt-BR.md matches README.md in everything but prose and comments.

The quality of the translation is not tested.
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


def prose(text: str) -> str:
    """Return a page without its code blocks."""
    return _BLOCK.sub("", text)


def heading_levels(text: str) -> list[int]:
    """Return the levels of the headings in order."""
    return [len(marks) for marks in re.findall(r"^(#+) \S", prose(text), re.MULTILINE)]


def code(text: str) -> list[tuple[str, str]]:
    """Return the language and the text of each code block, without comments."""
    return [(kind, _COMMENT.sub("", block)) for kind, block in _BLOCK.findall(text)]


def quoted(text: str) -> set[str]:
    """Return inline code and link targets, except the two READMEs."""
    found = {" ".join("".join(match).split()) for match in _QUOTED.findall(prose(text))}
    return found - {*NAMES}


def test_the_headings_are_the_same() -> None:
    """Both pages have one title and the same sequence of heading levels."""
    levels = heading_levels(ENGLISH)
    assert Counter(levels)[1] == 1
    assert heading_levels(PORTUGUESE) == levels


def test_the_code_is_the_same() -> None:
    """Code blocks and outputs are identical except for comments."""
    assert code(ENGLISH)
    assert code(PORTUGUESE) == code(ENGLISH)


def test_the_pictures_are_the_same() -> None:
    """Both pages have the same pictures in the same order, with alternative texts."""
    pictures = _PICTURE.findall(ENGLISH)
    assert pictures
    assert _PICTURE.findall(PORTUGUESE) == pictures


def test_paths_names_and_links_are_the_same() -> None:
    """Both pages contain the same inline code and the same link targets."""
    assert "docs/configuration.md" in quoted(ENGLISH)
    assert quoted(PORTUGUESE) == quoted(ENGLISH)


def test_each_page_names_the_other() -> None:
    """README.md names the translation, whose introduction links to README.md."""
    assert NAMES[1] in ENGLISH
    assert f"]({NAMES[0]})" in PORTUGUESE.split("\n## ", 1)[0]
