"""Links of the documentation: every target exists, and the index links every page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.docs.examples import DOCS

if TYPE_CHECKING:
    from pathlib import Path

PAGES = sorted(DOCS.glob("*.md"))
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
_FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


def text_of(page: Path) -> str:
    """Return a page without its code."""
    return _FENCED.sub("", page.read_text("utf-8"))


def anchors(page: Path) -> set[str]:
    """Return the anchors of the headings of a page, as on GitHub."""
    headings = re.findall(r"^#+ (.*)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_has_a_target(page: Path) -> None:
    """Linked files exist, and so do the linked headings."""
    for path, anchor in _LINK.findall(text_of(page)):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {path}"
        assert not anchor or anchor in anchors(target), f"{page.name}: {path}#{anchor}"


def test_the_index_links_every_page() -> None:
    """No page is missing in the index."""
    index = DOCS / "README.md"
    linked = {path for path, _ in _LINK.findall(text_of(index))}
    assert {page.name for page in PAGES} - {index.name} <= linked
