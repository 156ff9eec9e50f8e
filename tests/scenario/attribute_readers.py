"""Which settings of a scenario some code reads: each attribute of the model, in the source.

A read is `….name`, or the name as a text, in a module of the package that speaks of the class
(imports it, a class that is declared beside it, or a base of it); in the class itself only by a
method that others call and that does more than judge.
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
JUDGEMENTS: Final = frozenset(
    [
        "refusals",
        "mentions",
        "about_read",
        "natural_type",
        "model_post_init",
        "space",
        "gives_null",
        "limits",
        "reach",
    ]
)
"""Methods that only judge: what they read would be judged and then ignored."""


def models(root: type[BaseModel]) -> set[type[BaseModel]]:
    """Return every model that is reached from one, itself included."""
    found: set[type[BaseModel]] = set()
    waiting: list[Any] = [root]
    while waiting:
        at = waiting.pop()
        if isinstance(at, type) and issubclass(at, BaseModel):
            if at not in found:
                found.add(at)
                waiting += [field.annotation for field in at.model_fields.values()]
        elif get_origin(at) in {Annotated, Union, UnionType, list, tuple, dict}:
            waiting += get_args(at)
    return found


def unread(root: type[BaseModel], sources: Sequence[Path] | None = None) -> list[str]:
    """Return the settings that no code reads, as ``Class.name``."""
    files = sorted(PACKAGE.rglob("*.py")) if sources is None else list(sources)
    return sorted(
        f"{owner.__name__}.{name}"
        for model in models(root)
        for name, owner in _own(model)
        if not any(_reads(file, name, model, owner) for file in files)
    )


def _own(model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield a model's attributes with the class that declares each."""
    for name in model.model_fields:
        if name != "kind":
            yield name, next(c for c in model.__mro__ if name in inspect.get_annotations(c))


def _reads(file: Path, name: str, model: type[BaseModel], owner: type[BaseModel]) -> bool:
    facts = _facts(file)
    if not facts.said & _names(model, owner):
        return False
    if file != _file_of(owner):
        return name in facts.words or any(read.name == name for read in facts.reads)
    own = {c.__name__ for c in model.__mro__}
    return any(
        read.name == name and (read.inside not in own or _is_called(read.by, model, owner))
        for read in facts.reads
    )


@cache
def _is_called(method: str, model: type[BaseModel], owner: type[BaseModel]) -> bool:
    """Tell whether a method that reads is no judgement, and called from outside of its module."""
    if method in JUDGEMENTS or method.startswith("_"):
        return False
    others = (f for f in PACKAGE.rglob("*.py") if f != _file_of(owner))
    spoken = (facts for facts in map(_facts, others) if facts.said & _names(model, owner))
    return any(read.name == method for facts in spoken for read in facts.reads)


@cache
def _names(model: type[BaseModel], owner: type[BaseModel]) -> frozenset[str]:
    """Return the names by which code speaks of a class: its own, its bases', those beside it."""
    beside = vars(importlib.import_module(model.__module__)).values()
    classes = {c for c in beside if isinstance(c, type) and c.__module__ == model.__module__}
    bases = {c for c in model.__mro__ if c.__module__.startswith("gerador")}
    named = {c.__name__ for c in {*classes, *bases, owner}}
    aliases = {"FieldSpec", "Value"} if any(c.__name__ == "Declared" for c in bases) else set()
    return frozenset(named | aliases)


class Read(NamedTuple):
    """A read of an attribute, in which class and by which function."""

    name: str
    inside: str
    by: str


class Facts(NamedTuple):
    """What a file reads, the names that it says, and its texts of one word."""

    reads: frozenset[Read]
    said: frozenset[str]
    words: frozenset[str]


@cache
def _facts(file: Path) -> Facts:
    tree = ast.parse(file.read_text("utf-8"))
    nodes = list(ast.walk(tree))
    said = {node.id for node in nodes if isinstance(node, ast.Name)}
    said |= {a.name for n in nodes if isinstance(n, ast.ImportFrom) for a in n.names}
    words = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return Facts(frozenset(_collected(tree, "", "")), frozenset(said), frozenset(words))


def _collected(node: ast.AST, inside: str, by: str) -> Iterator[Read]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Attribute) and isinstance(child.ctx, ast.Load):
            yield Read(child.attr, inside, by)
        is_function = isinstance(child, ast.FunctionDef)
        yield from _collected(
            child,
            child.name if isinstance(child, ast.ClassDef) else inside,
            child.name if is_function else by,
        )


def _file_of(owner: type[BaseModel]) -> Path:
    return Path(inspect.getfile(owner))
