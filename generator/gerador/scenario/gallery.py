"""The schemas and example scenarios that come with the package."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from gerador.errors import ScenarioError, SchemaError, did_you_mean

DEFAULT_SCHEMA_FILE: Final = "registro.avsc"
SUFFIX: Final = ".yaml"


def packaged_schema_path(name: str) -> Path:
    """Return the path of a schema that comes with the package.

    Schemas are in ``schemas/`` of the checkout, and in the package after an installation.

    Raises SchemaError: the file is in neither folder.
    """
    for folder in _schema_folders():
        if (folder / name).is_file():
            return folder / name
    raise SchemaError(f"{name}: packaged schema not found; reinstall the package")


def is_packaged_schema(name: str) -> bool:
    """Return whether a schema with this file name comes with the package."""
    return any(path.name == name for folder in _schema_folders() for path in folder.glob("*.av*"))


def _schema_folders() -> tuple[Path, Path]:
    package = Path(__file__).resolve().parents[1]
    return package / "schemas", package.parents[1] / "schemas"


def folder() -> Path:
    """Return the folder of the packaged schemas and scenarios."""
    return packaged_schema_path(DEFAULT_SCHEMA_FILE).parent


def names() -> tuple[str, ...]:
    """Return the names of the gallery's scenarios, the built-in default first."""
    found = sorted(p.stem for p in folder().glob(f"*{SUFFIX}"))
    return tuple(sorted(found, key=lambda n: n != "default"))


def path(name: str) -> Path:
    """Return the file of a gallery scenario.

    Raises ScenarioError: unknown name; suggests the closest one.
    """
    if name not in names():
        valid = f"gallery scenarios: {', '.join(names())}; a file is given by its path"
        raise ScenarioError(f"unknown scenario {name!r}{did_you_mean(name, names(), valid)}")
    return folder() / f"{name}{SUFFIX}"


def text(name: str) -> str:
    """Return the YAML text of a gallery scenario. Raises as `path`."""
    return path(name).read_text("utf-8")


def description(name: str) -> str:
    """Return the description of a gallery scenario in one line. Raises as `path`."""
    from gerador.scenario.yaml_reader import read_yaml  # noqa: PLC0415 - `names` needs no YAML

    value, _ = read_yaml(text(name), name, {})
    return " ".join(str(value.get("description", "")).split())
