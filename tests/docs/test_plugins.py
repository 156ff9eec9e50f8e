"""docs/plugins.md: its function is installed as printed, and generates the rows shown."""

from __future__ import annotations

import sys
import tomllib
from importlib.metadata import EntryPoint, EntryPoints
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from gerador.cli.main import main
from gerador.values import python_function
from gerador.values.python_function import ENTRY_POINT_GROUP
from tests.docs.examples import blocks, examples

if TYPE_CHECKING:
    from pathlib import Path

    from tests.docs.examples import Example

PAGE = "plugins.md"
PACKAGE = "my_package"


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Install the package of the page, registered as in its pyproject.toml."""
    module = ModuleType(PACKAGE)
    (code,) = blocks(PAGE, "python")
    exec(compile(code.text, PAGE, "exec"), module.__dict__)  # noqa: S102 - the page is ours
    monkeypatch.setitem(sys.modules, PACKAGE, module)
    (project,) = blocks(PAGE, "toml")
    registered = tomllib.loads(project.text)["project"]["entry-points"][ENTRY_POINT_GROUP]
    points = EntryPoints(
        EntryPoint(name, value, ENTRY_POINT_GROUP) for name, value in registered.items()
    )
    monkeypatch.setattr(
        python_function, "entry_points", lambda *, group: points.select(group=group)
    )


@pytest.mark.parametrize("example", examples(PAGE), ids=lambda example: example.place)
def test_the_commands_print_what_is_shown(
    example: Example,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Print the rows of the function, and the error for an unknown function."""
    monkeypatch.chdir(tmp_path)
    (scenario,) = blocks(PAGE, "yaml")
    (tmp_path / "cars.yaml").write_text(scenario.text)
    (tmp_path / "wrong.yaml").write_text(scenario.text.replace("plates", "plate"))
    monkeypatch.setattr(sys, "argv", example.command.split())
    with pytest.raises(SystemExit):
        main()
    printed = "".join(capfd.readouterr())
    assert example.answer in "\n".join(line.rstrip() for line in printed.splitlines())
