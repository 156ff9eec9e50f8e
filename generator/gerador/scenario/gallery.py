"""Scenarios and schemas shipped with the package."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from gerador.errors import ScenarioError, SchemaError, did_you_mean

DEFAULT_SCHEMA_FILE: Final = "registro.avsc"


def packaged_schema_path(name: str) -> Path:
    """Return the path of one of the schemas that come with the package.

    They stand in ``schemas/`` at the top of a checkout, and inside the package once installed.

    Raises SchemaError: in neither place.
    """
    for folder in _schema_folders():
        if (folder / name).is_file():
            return folder / name
    raise SchemaError(f"{name}: not among the packaged schemas; install the package again")


def is_packaged_schema(name: str) -> bool:
    """Tell whether a schema of this file name comes with the package."""
    return any(name in {path.name for path in folder.glob("*.av*")} for folder in _schema_folders())


def _schema_folders() -> tuple[Path, Path]:
    package = Path(__file__).resolve().parents[1]
    return package / "schemas", package.parents[1] / "schemas"


SUFFIX: Final = ".yaml"


def folder() -> Path:
    """Return the folder of the schemas and scenarios that come with the package."""
    return packaged_schema_path(DEFAULT_SCHEMA_FILE).parent


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
    from gerador.scenario.load import parse_model  # noqa: PLC0415 - names alone need none

    said = parse_model(text(name), name, {})[0].description
    return " ".join((said or "").split())
