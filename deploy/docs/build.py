"""Build the documentation site from docs/ and a few pages next to it: ``make docs``.

Links in the Markdown files are those of the repository, so that they work in an editor and on a
code host. A copy of the pages is made in which links to pages of the site lead there, and links to
other files of the repository keep their text only. Zensical builds the site from the copy, and
fails on any link or anchor that does not exist.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parents[2]
CONFIGURATION: Final = Path(__file__).with_name("site.yml")
STAGING: Final = REPOSITORY / "build" / "docs"
"""The folder with the copy; `site.yml` is copied to it, next to its folder docs/."""
PAGES: Final = {
    "docs/README.md": "index.md",
    "README.md": "start.md",
    "CONTRIBUTING.md": "contributing.md",
    "generator/ARCHITECTURE.md": "architecture.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
}
"""Pages whose name on the site differs from that in docs/, by their path in the repository."""

SEARCH_SCRIPT: Final = "search_from_files.js"
_REMOTE_SCRIPT: Final = "https://unpkg.com/iframe-worker/shim"
_LINK: Final = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|#|mailto:)([^)#\s]+)(#[^)\s]*)?\)")


def stage() -> None:
    """Write the copy of all pages and pictures, with the links of the site."""
    shutil.rmtree(STAGING, ignore_errors=True)
    shutil.copytree(REPOSITORY / "docs" / "pictures", STAGING / "docs" / "pictures")
    shutil.copy(CONFIGURATION, STAGING / "mkdocs.yml")
    for name in ("site.css", SEARCH_SCRIPT):
        shutil.copy(CONFIGURATION.with_name(name), STAGING / "docs" / name)
    docs = {f"docs/{page.name}": page.name for page in (REPOSITORY / "docs").glob("*.md")}
    for source, page in (docs | PAGES).items():
        text = (REPOSITORY / source).read_text("utf-8")
        (STAGING / "docs" / page).write_text(with_site_links(text, source), "utf-8")


def with_site_links(text: str, source: str) -> str:
    """Return the text of the page at `source` with links to the site's pages."""
    folder = PurePosixPath(source).parent

    def link(match: re.Match[str]) -> str:
        image, text, target, anchor = match.groups()
        path = normpath(str(folder / target))
        page = PAGES.get(path, path.removeprefix("docs/") if path.startswith("docs/") else None)
        return text if page is None else f"{image}[{text}]({page}{anchor or ''})"

    return _LINK.sub(link, text)


def main() -> int:
    """Build the site to build/docs/site. Returns the exit code of Zensical."""
    stage()
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict"]
    code = subprocess.run(command, cwd=STAGING, check=False).returncode
    if code == 0:
        search_without_network()
        sys.stdout.write(f"Open {STAGING.relative_to(REPOSITORY)}/site/index.html\n")
    return code


def search_without_network() -> None:
    """Replace the script that the theme loads from another host for pages opened as files."""
    for page in (STAGING / "site").glob("*.html"):
        text = page.read_text("utf-8")
        page.write_text(text.replace(_REMOTE_SCRIPT, SEARCH_SCRIPT), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
