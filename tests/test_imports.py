"""No import cycles: none at run time, and none between modules of `values` for type checkers."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from importlib.util import resolve_name
from pathlib import Path
from typing import TYPE_CHECKING, Final

import gerador

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE: Final = Path(gerador.__file__).parent


def module_names() -> dict[str, Path]:
    """Return the modules of the package by name."""
    names = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return names


def imports(tree: ast.AST, *, typing: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield (module, names) of each import.

    With `typing` of all, else only of those that run when the module is imported.
    """
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = resolve_name("." * node.level + (node.module or ""), "gerador")
            yield module, tuple(alias.name for alias in node.names)
        elif typing or not (isinstance(node, ast.FunctionDef) or is_type_checking(node)):
            yield from imports(node, typing=typing)


def is_type_checking(node: ast.AST) -> bool:
    """Return whether a statement is ``if TYPE_CHECKING:``."""
    return isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"


def graph(*, typing: bool) -> dict[str, set[str]]:
    """Return the modules that each module imports; the packages around a module do not count."""
    modules, found = module_names(), {}
    for name, path in modules.items():
        found[name] = set[str]()
        for module, members in imports(ast.parse(path.read_text()), typing=typing):
            inner = {f"{module}.{member}" for member in members} & modules.keys()
            found[name] |= inner or ({module} & modules.keys())
        found[name].discard(name)
    return found


def test_modules_do_not_import_each_other_in_a_cycle():
    """At run time, imports inside functions and for type checkers apart."""
    TopologicalSorter(graph(typing=False)).prepare()


def test_values_have_no_cycle_for_type_checkers_either():
    """All imports count, wherever they are."""
    inside = {name for name in module_names() if name.startswith("gerador.values")}
    edges = graph(typing=True)
    TopologicalSorter({name: edges[name] & inside for name in inside}).prepare()
