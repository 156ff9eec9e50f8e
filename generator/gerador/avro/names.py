"""Validate Avro names and resolve them to full names."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from gerador.avro.location import short_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.avro.location import JsonLocation


PRIMITIVE_NAMES: Final = frozenset(
    {"null", "boolean", "int", "long", "float", "double", "bytes", "string"}
)
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def check_name(name: Any, place: JsonLocation, *, dotted: bool = False) -> str:
    """Return a name, or several with dots between them where that may be.

    Raises SchemaError: it is none.
    """
    parts = name.split(".") if dotted and isinstance(name, str) else [name]
    if not all(isinstance(part, str) and _NAME.fullmatch(part) for part in parts):
        raise place.refusal(
            f"{short_json(name)} is no Avro name; use letters, digits and _, no digit first"
        )
    return str(name)


def check_names(
    names: Any, what: str, place: JsonLocation, *, dotted: bool = False
) -> tuple[str, ...]:
    """Return a list of names that are all different; it may be empty.

    Raises SchemaError: no list, no names, or one stands twice.
    """
    if not isinstance(names, list):
        raise place.refusal(f"{short_json(names)} is no list of {what}; give one")
    for i, name in enumerate(names):
        check_name(name, place.at(i), dotted=dotted)
    check_no_duplicates(names, place)
    return tuple(names)


def check_no_duplicates(names: list[str], place: JsonLocation) -> None:
    """Refuse names of which one stands twice.

    Raises SchemaError: names it.
    """
    twice = first_duplicate(names)
    if twice is not None:
        raise place.refusal(f"{twice!r} stands twice; every name is unique")


def first_duplicate(names: list[str]) -> str | None:
    """Return the first of the names that stands twice, or None."""
    return next((name for name, times in Counter(names).items() if times > 1), None)


def full_name(node: Mapping[str, Any], kind: str, namespace: str, place: JsonLocation) -> str:
    """Return the full name of a named type that is defined within `namespace`.

    Raises SchemaError: no name, no Avro name, or a primitive type's.
    """
    if "name" not in node:
        raise place.refusal(f"{kind} without a name; give it one")
    name = check_name(node["name"], place.at("name"), dotted=True)
    space = node.get("namespace", namespace) or ""
    if space:
        check_name(space, place.at("namespace"), dotted=True)
    full = name if "." in name or not space else f"{space}.{name}"
    if full in PRIMITIVE_NAMES:
        raise place.at("name").refusal(f"{full!r} is a primitive type; choose another name")
    return full


def namespace_of(full: str) -> str:
    """Return the namespace that a full name is in, and so what stands inside its type."""
    return full.rpartition(".")[0]
