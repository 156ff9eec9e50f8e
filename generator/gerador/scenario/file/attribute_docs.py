"""The docstrings of models' attributes, read from their source when somebody asks for them.

Pydantic can read them too, when a class is made: a sixth of a second at each start, for what only
the JSON Schema shows.
"""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path


def attribute_docs(model: type) -> dict[str, str]:
    """Return the docstring of each attribute of a class, or the one that it inherits."""
    found: dict[str, str] = {}
    for owner in reversed(model.__mro__):
        if owner.__module__.partition(".")[0] == __name__.partition(".")[0]:
            found |= _written_in(owner.__module__).get(owner.__qualname__, {})
    return found


@cache
def _written_in(module: str) -> dict[str, dict[str, str]]:
    """Return the docstrings of the classes at the top of a module, by class and attribute."""
    file = sys.modules[module].__file__
    tree = ast.parse(Path(str(file)).read_text("utf-8"))
    classes = (node for node in tree.body if isinstance(node, ast.ClassDef))
    return {node.name: dict(_docs(node)) for node in classes}


def _docs(node: ast.ClassDef) -> list[tuple[str, str]]:
    """Return the attributes behind which a text stands, with that text."""
    return [
        (declared.target.id, inspect.cleandoc(text.value.value))
        for declared, text in pairwise(node.body)
        if isinstance(declared, ast.AnnAssign)
        and isinstance(declared.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    ]
