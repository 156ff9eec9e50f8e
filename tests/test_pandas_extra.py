"""`rows.to_pandas()` without pandas names the extra that brings it."""

from __future__ import annotations

import subprocess
import sys

HIDE = """
import sys
from importlib.machinery import PathFinder

class Hidden:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return None if name == "pandas" else PathFinder.find_spec(name, path, target)

sys.meta_path[:] = [Hidden if finder is PathFinder else finder for finder in sys.meta_path]
"""
ERROR = (
    "to_pandas() requires the module 'pandas', which is not installed: "
    "pip install 'gerador-stream[pandas]'"
)


def printed(code: str) -> str:
    """Return the output of `code` in a process without pandas."""
    done = subprocess.run(
        [sys.executable, "-c", HIDE + code], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_to_pandas_names_the_extra():
    """The error of pyarrow's method is an ImportError with the command that installs pandas."""
    assert (
        printed("""
import gerador
rows = gerador.stream(seed=1).rows(0, 5)
for frame in (rows, rows["idade"]):
    try:
        frame.to_pandas()
    except ModuleNotFoundError as error:
        print(error, error.name)
""").splitlines()
        == [f"{ERROR} pandas"] * 2
    )


def test_others_still_see_that_pandas_is_missing():
    """A library that looks for pandas without importing it gets None; there is one hook."""
    assert printed("""
import importlib.util
import gerador
for _ in range(2):
    gerador.stream(seed=1)
print(importlib.util.find_spec("pandas"), sum("_PandasExtra" in str(f) for f in sys.meta_path))
try:
    import pandas.core
except ImportError as error:
    print(error.name)
""").split() == ["None", "1", "pandas"]


def test_with_pandas_nothing_changes():
    """The finder is asked last."""
    code = "import gerador; print(len(gerador.stream(seed=1).rows(0, 5).to_pandas()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "5"
