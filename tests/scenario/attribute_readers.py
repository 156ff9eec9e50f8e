"""Find the keys of a scenario that no code reads, in the source of the package.

A read is `….name`, or the name as a text, in a module that mentions the class: imports it, a class
of its module, or a base of it. In the class itself a read counts only in a method that does more
than validate and that other code calls.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from functools import cache
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel

import gerador

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PACKAGE: Final = Path(gerador.__file__).parent
VALIDATION_METHODS: Final = frozenset(
    {
        "can_be_null",
        "default_type",
        "distinct_values",
        "errors",
        "interval",
        "model_post_init",
        "parameter_limits",
        "reference_errors",
        "references",
    }
)
"""Methods that only validate: a key that only these read has no effect."""


def models(root: type[BaseModel]) -> set[type[BaseModel]]:
    """Return every model that is reachable from one, itself included."""
    found: set[type[BaseModel]] = set()
    waiting: list[Any] = [root]
    while waiting:
        annotation = waiting.pop()
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            if annotation not in found:
                found.add(annotation)
                waiting += [field.annotation for field in annotation.model_fields.values()]
        elif get_origin(annotation) in {Annotated, Union, UnionType, list, tuple, dict}:
            waiting += get_args(annotation)
    return found


def unread(root: type[BaseModel], sources: Sequence[Path] | None = None) -> list[str]:
    """Return the keys that no code in `sources` reads, as ``Class.name``."""
    files = sorted(PACKAGE.rglob("*.py")) if sources is None else list(sources)
    return sorted(
        f"{owner.__name__}.{name}"
        for model in models(root)
        for name, owner in _attributes(model)
        if not any(_reads(file, name, model, owner) for file in files)
    )


def _attributes(model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield a model's attributes, each with the class that declares it."""
    for name in model.model_fields:
        if name != "kind":
            yield name, next(c for c in model.__mro__ if name in inspect.get_annotations(c))


def _reads(file: Path, name: str, model: type[BaseModel], owner: type[BaseModel]) -> bool:
    facts = _facts(file)
    if not facts.names & _names(model, owner):
        return False
    if file != _file_of(owner):
        return name in facts.texts or any(read.name == name for read in facts.reads)
    return _is_read_in_own_file(name, model, owner, frozenset())


def _is_read_in_own_file(
    name: str, model: type[BaseModel], owner: type[BaseModel], seen: frozenset[str]
) -> bool:
    own = {c.__name__ for c in model.__mro__}
    return any(
        read.name == name and (read.inside not in own or _is_called(read.by, model, owner, seen))
        for read in _facts(_file_of(owner)).reads
    )


def _is_called(
    method: str, model: type[BaseModel], owner: type[BaseModel], seen: frozenset[str]
) -> bool:
    """Return whether a method does more than validate, and code outside of the class calls it."""
    if method in VALIDATION_METHODS or method in seen:
        return False
    others = (f for f in PACKAGE.rglob("*.py") if f != _file_of(owner))
    mentioning = (facts for facts in map(_facts, others) if facts.names & _names(model, owner))
    if not method.startswith("_") and any(
        read.name == method for facts in mentioning for read in facts.reads
    ):
        return True
    return _is_read_in_own_file(method, model, owner, seen | {method})


@cache
def _names(model: type[BaseModel], owner: type[BaseModel]) -> frozenset[str]:
    """Return the names by which code mentions a class: its own, its bases', its module's."""
    module = vars(importlib.import_module(model.__module__)).values()
    classes = {c for c in module if isinstance(c, type) and c.__module__ == model.__module__}
    bases = {c for c in model.__mro__ if c.__module__.startswith("gerador")}
    names = {c.__name__ for c in {*classes, *bases, owner}}
    return frozenset(names | ({"AnyGenerator", "Value"} if "ValueGenerator" in names else set()))


class Read(NamedTuple):
    """A read of an attribute, or its name as a text, in a class and a function."""

    name: str
    inside: str
    by: str


class Facts(NamedTuple):
    """The attributes that a file reads, the names that it mentions, and its texts."""

    reads: frozenset[Read]
    names: frozenset[str]
    texts: frozenset[str]


@cache
def _facts(file: Path) -> Facts:
    tree = ast.parse(file.read_text("utf-8"))
    nodes = list(ast.walk(tree))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    names |= {a.name for n in nodes if isinstance(n, ast.ImportFrom) for a in n.names}
    texts = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return Facts(frozenset(_collected(tree, "", "")), frozenset(names), frozenset(texts))


def _collected(node: ast.AST, inside: str, by: str) -> Iterator[Read]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Attribute) and isinstance(child.ctx, ast.Load):
            yield Read(child.attr, inside, by)
        elif isinstance(child, ast.Constant) and isinstance(child.value, str) and by:
            yield Read(child.value, inside, by)
        is_function = isinstance(child, ast.FunctionDef)
        yield from _collected(
            child,
            child.name if isinstance(child, ast.ClassDef) else inside,
            child.name if is_function else by,
        )


def _file_of(owner: type[BaseModel]) -> Path:
    return Path(inspect.getfile(owner))
