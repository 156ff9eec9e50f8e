"""Why a registry calls two schemas incompatible, as one line that names the fields. Pure.

Registries answer with messages that point into the schema (``/fields/7/type``); people know
fields by name. What is not understood is passed on as it came.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

REASONS_MAX: Final = 3
"""Reasons that one line holds; how many more there are is said."""
REASON_CHARACTERS_MAX: Final = 500
"""Apicurio puts all reasons into one message."""

_ABOUT_THE_OLD: Final = re.compile(
    r"^\{\s*(oldSchema|oldSchemaVersion|validateFields|compatibility)\b"
)
"""Messages of Confluent's registry that give no reason but the old schema and the settings."""
_DESCRIPTION: Final = re.compile(
    r"""description:\s*(['"])(.*?)\1\s*(?:,\s*additionalInfo:|\}$)""", re.DOTALL
)
_JAVA_CLASS: Final = re.compile(r"^(?:\w+\.)+\w+: ")
_POINTER: Final = re.compile(r"/(?:fields|type|items|values)(?:/(?:fields|type|items|values|\d+))*")


def reasons_in_one_line(messages: Sequence[object], schema_json: str) -> str:
    """Return what `messages` say about the new schema `schema_json`, fields by their names."""
    reasons = [
        _named(_reason(text), schema_json)
        for text in map(str, messages)
        if not _ABOUT_THE_OLD.match(text)
    ]
    if not reasons:
        return "no reason is given"
    more = len(reasons) - REASONS_MAX
    return "; ".join(reasons[:REASONS_MAX]) + (f"; and {more} more" if more > 0 else "")


def field_path(schema_json: str, pointer: str) -> str | None:
    """Return the field path (``endereco.rua``) that a JSON pointer stands in, None without one."""
    node: Any = json.loads(schema_json)
    names: list[str] = []
    parent = ""
    for step in pointer.strip("/").split("/"):
        node = _step(node, step)
        if node is None:
            break
        if parent == "fields" and isinstance(node, dict):
            names.append(str(node.get("name")))
        parent = step
    return ".".join(names) or None


def _step(node: Any, step: str) -> Any:
    if isinstance(node, list):
        return node[int(step)] if step.isdecimal() and int(step) < len(node) else None
    return node.get(step) if isinstance(node, dict) else None


def _reason(message: str) -> str:
    found = _DESCRIPTION.search(message)
    text = found.group(2) if found else _JAVA_CLASS.sub("", message)
    return " ".join(text.split())[:REASON_CHARACTERS_MAX]


def _named(reason: str, schema_json: str) -> str:
    def with_name(match: re.Match[str]) -> str:
        name = field_path(schema_json, match.group())
        return f"{match.group()} (field {name!r})" if name else match.group()

    return _POINTER.sub(with_name, reason)
