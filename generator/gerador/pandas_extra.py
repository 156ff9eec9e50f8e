"""Names the extra `pandas` in the error of an import of pandas, when it is not installed.

`rows.to_pandas()` is a method of pyarrow, which imports pandas.
"""

from __future__ import annotations

import sys
from typing import Final

from gerador.errors import MissingExtraError

_IMPORT_FRAMES_MAX: Final = 4
"""Frames of importlib between a finder and the import statement."""


class _PandasExtra:
    """A finder that is asked last: only if no other finder has found pandas."""

    @staticmethod
    def find_spec(name: str, _path: object = None, _target: object = None) -> None:
        if name == "pandas" and _is_import():
            text = str(MissingExtraError("to_pandas()", name, "pandas"))
            raise ModuleNotFoundError(text, name=name)


def _is_import() -> bool:
    """Return whether an import is running: `importlib.util.find_spec` expects None instead."""
    frame = sys._getframe(2)  # noqa: SLF001 - the documented way to look at the caller
    names = []
    for _ in range(_IMPORT_FRAMES_MAX):
        names.append(frame.f_code.co_name)
        if frame.f_back is None:
            break
        frame = frame.f_back
    return "_find_and_load_unlocked" in names


def name_pandas_extra() -> None:
    """Let an import of pandas that fails name the extra."""
    if not any(isinstance(finder, _PandasExtra) for finder in sys.meta_path):
        sys.meta_path.append(_PandasExtra())
