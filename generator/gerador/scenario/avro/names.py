"""Names of an Avro schema: which are allowed, and how they become full names.

Source: Apache Avro 1.12 specification, "Names".
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from gerador.scenario.avro.place import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.scenario.avro.place import Place

PRIMITIVES: Final = frozenset(
    {"null", "boolean", "int", "long", "float", "double", "bytes", "string"}
)
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def checked_name(name: Any, place: Place, *, dotted: bool = False) -> str:
    """Return a name, or several with dots between them where that may be.

    Raises SchemaError: it is none.
    """
    parts = name.split(".") if dotted and isinstance(name, str) else [name]
    if not all(isinstance(part, str) and _NAME.fullmatch(part) for part in parts):
        raise place.refusal(
            f"{shown(name)} is no Avro name; use letters, digits and _, no digit first"
        )
    return str(name)


def checked_names(names: Any, what: str, place: Place, *, dotted: bool = False) -> tuple[str, ...]:
    """Return a list of names that are all different; it may be empty.

    Raises SchemaError: no list, no names, or one stands twice.
    """
    if not isinstance(names, list):
        raise place.refusal(f"{shown(names)} is no list of {what}; give one")
    for i, name in enumerate(names):
        checked_name(name, place.at(i), dotted=dotted)
    refuse_twice(names, place)
    return tuple(names)


def refuse_twice(names: list[str], place: Place) -> None:
    """Refuse names of which one stands twice.

    Raises SchemaError: names it.
    """
    twice = first_twice(names)
    if twice is not None:
        raise place.refusal(f"{twice!r} stands twice; every name is unique")


def first_twice(names: list[str]) -> str | None:
    """Return the first of the names that stands twice, or None."""
    return next((name for name, times in Counter(names).items() if times > 1), None)


def full_name(node: Mapping[str, Any], kind: str, namespace: str, place: Place) -> str:
    """Return the full name of a named type that is defined within `namespace`.

    Raises SchemaError: no name, no Avro name, or a primitive type's.
    """
    if "name" not in node:
        raise place.refusal(f"{kind} without a name; give it one")
    name = checked_name(node["name"], place.at("name"), dotted=True)
    space = node.get("namespace", namespace) or ""
    if space:
        checked_name(space, place.at("namespace"), dotted=True)
    full = name if "." in name or not space else f"{space}.{name}"
    if full in PRIMITIVES:
        raise place.at("name").refusal(f"{full!r} is a primitive type; choose another name")
    return full


def namespace_of(full: str) -> str:
    """Return the namespace that a full name is in, and so what stands inside its type."""
    return full.rpartition(".")[0]
