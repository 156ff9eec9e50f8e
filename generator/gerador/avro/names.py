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
NAME_PATTERN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def check_name(name: Any, location: JsonLocation, *, dotted: bool = False) -> str:
    """Return `name`, which may have dots when `dotted`.

    Raises SchemaError: not an Avro name.
    """
    parts = name.split(".") if dotted and isinstance(name, str) else [name]
    if not all(isinstance(part, str) and NAME_PATTERN.fullmatch(part) for part in parts):
        raise location.error(
            f"{short_json(name)} is not a valid Avro name; use letters, digits and _, "
            "not starting with a digit"
        )
    return str(name)


def check_aliases(node: Mapping[str, Any], location: JsonLocation) -> None:
    """Check that aliases, if any, are a list of texts; readers ignore those that are no names.

    Raises SchemaError: not a list of texts.
    """
    aliases = node.get("aliases", [])
    if not isinstance(aliases, list) or not all(isinstance(alias, str) for alias in aliases):
        raise location.at("aliases").error(f"{short_json(aliases)} is not a list of aliases")


def check_names(names: Any, what: str, location: JsonLocation) -> tuple[str, ...]:
    """Return a list of distinct names, which may be empty.

    Raises SchemaError: not a list, not Avro names, or duplicates.
    """
    if not isinstance(names, list):
        raise location.error(f"{short_json(names)} is not a list of {what}")
    for i, name in enumerate(names):
        check_name(name, location.at(i))
    check_no_duplicates(names, location)
    return tuple(names)


def check_no_duplicates(names: list[str], location: JsonLocation) -> None:
    """Check that all names are distinct.

    Raises SchemaError: duplicates.
    """
    duplicate = first_duplicate(names)
    if duplicate is not None:
        raise location.error(f"duplicate name {duplicate!r}; names must be unique")


def first_duplicate(names: list[str]) -> str | None:
    """Return the first name that occurs more than once, or None."""
    return next((name for name, times in Counter(names).items() if times > 1), None)


def full_name(node: Mapping[str, Any], kind: str, namespace: str, location: JsonLocation) -> str:
    """Return the full name of a named type that is defined in `namespace`.

    Raises SchemaError: no name, not an Avro name, or that of a primitive type.
    """
    if "name" not in node:
        raise location.error(f'{kind} has no "name"; add it')
    name = check_name(node["name"], location.at("name"), dotted=True)
    space = node.get("namespace", namespace) or ""
    if space:
        check_name(space, location.at("namespace"), dotted=True)
    full = name if "." in name or not space else f"{space}.{name}"
    if full in PRIMITIVE_NAMES:
        raise location.at("name").error(f"{full!r} is a primitive type; choose another name")
    return full


def namespace_of(full: str) -> str:
    """Return the namespace of a full name, which types defined inside it inherit."""
    return full.rpartition(".")[0]
