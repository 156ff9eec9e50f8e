"""The gallery: scenarios that come with the package, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gerador.errors import ScenarioError, did_you_mean
from gerador.scenario.default import DEFAULT_SCHEMA_FILE, schema_file

if TYPE_CHECKING:
    from pathlib import Path

SUFFIX: Final = ".yaml"


def folder() -> Path:
    """Return the folder of the schemas and scenarios that come with the package."""
    return schema_file(DEFAULT_SCHEMA_FILE).parent


def names() -> tuple[str, ...]:
    """Return the names of the gallery's scenarios, the built-in default first."""
    found = sorted(p.stem for p in folder().glob(f"*{SUFFIX}"))
    return tuple(sorted(found, key=lambda n: n != "default"))


def path(name: str) -> Path:
    """Return the file of a scenario of the gallery.

    Raises ScenarioError: there is none of this name; names the nearest.
    """
    if name not in names():
        known = ", ".join(names())
        raise ScenarioError(
            f"no scenario {name!r}{did_you_mean(name, names())}; there is "
            f"{known}; or give the path of a file"
        )
    return folder() / f"{name}{SUFFIX}"


def text(name: str) -> str:
    """Return a scenario of the gallery as it stands in its file. Raises as `path`."""
    return path(name).read_text("utf-8")


def description(name: str) -> str:
    """Return what a scenario of the gallery is good for, in one line. Raises as `path`."""
    from gerador.scenario.file.load import model_of  # noqa: PLC0415 - names alone need none

    said = model_of(text(name), name, {})[0].description
    return " ".join((said or "").split())
