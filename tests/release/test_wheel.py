"""The distribution: it builds, its metadata is valid, and it runs where nothing else is installed.

Builds with the locked build packages, and installs with uv into an environment of its own, in which
the newest versions that the wheel allows are resolved: this is what a user's installation gets.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Final

import pytest

REPOSITORY: Final = Path(__file__).resolve().parents[2]
UV: Final = Path(sys.executable).with_name("uv")
SHADOW: Final = 'raise RuntimeError("the module generator of the user was imported")\n'
"""A module of a user whose name was once that of the package."""


def run(*command: str | Path, cwd: Path = REPOSITORY) -> str:
    """Return what a command prints; the test fails with its output if it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the wheel and the source distribution, built from this checkout.

    GERADOR_DIST names a folder that has them already: `make release` checks what it built.
    """
    if "GERADOR_DIST" in os.environ:
        return Path(os.environ["GERADOR_DIST"])
    folder = tmp_path_factory.mktemp("dist")
    run(UV, "build", "--no-build-isolation", "--python", sys.executable, "--out-dir", folder)
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    """Return the path of the wheel."""
    (path,) = dist.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def user_folder(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a user's folder with a generator.py, and an environment that holds the wheel alone."""
    folder = tmp_path_factory.mktemp("user")
    (folder / "generator.py").write_text(SHADOW)
    run(UV, "venv", "--quiet", "--python", sys.executable, folder / "env")
    python = folder / "env" / "bin" / "python"
    run(UV, "pip", "install", "--quiet", "--python", python, f"{wheel}[all]")
    return folder


def test_the_metadata_is_valid(dist: Path) -> None:
    """The long description renders, and nothing in the metadata is refused by an index."""
    archives = sorted(dist.glob("gerador_stream-*"))
    assert [path.suffix for path in archives] == [".whl", ".gz"]
    run(sys.executable, "-m", "twine", "check", "--strict", *archives)


def test_the_wheel_holds_the_package_alone(wheel: Path) -> None:
    """One top-level package, with its marker for type checkers, schemas, page and jar list."""
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name.split("/")[0].split("-")[0] for name in names} == {"gerador", "gerador_stream"}
    assert {
        "gerador/py.typed",
        "gerador/schemas/ecommerce.yaml",
        "gerador/schemas/registro.avsc",
        "gerador/page/static/page.js",
        "gerador/embedded/jars.lock",
    } <= names


def test_a_generator_py_of_the_user_is_not_imported(user_folder: Path) -> None:
    """The command, the module and the library work in a folder that has a generator.py."""
    bin_ = user_folder / "env" / "bin"
    version = run(bin_ / "gerador", "--version", cwd=user_folder)
    assert version.startswith("gerador ")
    assert run(bin_ / "python", "-m", "gerador", "--version", cwd=user_folder) == version
    program = (
        "import gerador\n"
        "people = gerador.stream(seed=42, start='2026-01-01T00:00:00Z', rate=1000)\n"
        "print(people.rows(0, 3).num_rows, len(people.encode(0, 3)), gerador.__version__)"
    )
    printed = run(bin_ / "python", "-c", program, cwd=user_folder)
    assert printed == f"3 3 {version.split()[1]}\n"


def test_rows_are_printed_and_sent(user_folder: Path) -> None:
    """The commands of a first look end well: sample, check, and a bounded run without Kafka."""
    gerador = user_folder / "env" / "bin" / "gerador"
    assert len(run(gerador, "sample", "-n", "3", "-f", "json", cwd=user_folder).splitlines()) == 3
    run(gerador, "check", "ecommerce", cwd=user_folder)
    run(
        gerador,
        "run",
        "--no-kafka",
        "--rate",
        "1000",
        "--rows",
        "500",
        "--port",
        "0",
        cwd=user_folder,
    )
