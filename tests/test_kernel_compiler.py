"""Compilation of kernels: the cache never returns code of other sources, nor is it required."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

import gerador

PACKAGE: Final = Path(gerador.__file__).parent
CALL: Final = (
    "import numpy as np\n"
    "from gerador.values.kernels import alias_table\n"
    "{edit}\n"
    "print(alias_table.rank_weights(1.2, np.zeros(3)))\n"
)
EDIT: Final = (
    "from pathlib import Path\n"
    "path = Path(alias_table.__file__).with_name('exp_log.py')\n"
    "path.write_text(path.read_text().replace('@inlined', '@inlined  # edited'))"
)


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Return a folder with a copy of the package, without compiled code."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, tmp_path / "src" / "gerador", ignore=ignored)
    return tmp_path / "src"


def run(sources: Path, edit: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    """Call a kernel of the copy in a new process, after `edit`."""
    inherited = {name: v for name, v in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    return subprocess.run(
        [sys.executable, "-c", CALL.format(edit=edit)],
        env=inherited | {"PYTHONPATH": str(sources)} | environ,
        capture_output=True,
        text=True,
        check=False,
    )


def cached(sources: Path) -> set[str]:
    """Return the names of the cached kernels."""
    folder = sources / "gerador" / "values" / "kernels" / "__pycache__"
    return {path.name for path in folder.glob("*.nbi")}


def test_code_is_cached_under_the_sources_that_were_imported(sources: Path) -> None:
    """If an inlined function changes after the import, a later process compiles again."""
    first = run(sources, EDIT)
    assert first.returncode == 0, first.stderr
    before = cached(sources)
    assert before
    again = run(sources)
    assert again.stdout == first.stdout
    assert len(cached(sources)) == 2 * len(before)


def test_a_damaged_cache_is_not_used(sources: Path) -> None:
    """An empty file in the cache costs a compilation and a warning, not the run."""
    expected = run(sources).stdout
    folder = sources / "gerador" / "values" / "kernels" / "__pycache__"
    for path in folder.glob("*.nbi"):
        path.write_bytes(b"")
    damaged = run(sources)
    assert damaged.stdout == expected
    assert "the kernel cache cannot be used" in damaged.stderr


def test_a_cache_is_not_required(sources: Path) -> None:
    """Without a writable cache folder, kernels are compiled, with a warning."""
    folder = sources / "gerador" / "values" / "kernels"
    (folder / "__pycache__").write_text("not a folder")
    printed = run(
        sources, HOME="/dev/null", XDG_CACHE_HOME="/dev/null", PYTHONDONTWRITEBYTECODE="1"
    )
    assert printed.returncode == 0, printed.stderr
    assert "NUMBA_CACHE_DIR" in printed.stderr
