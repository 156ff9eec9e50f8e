"""Formats a schema registry's incompatibility reasons as one line, with field names."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence


REASONS_MAX: Final = 3
"""Reasons in one line; the others are counted."""
REASON_CHARACTERS_MAX: Final = 500
"""Length of one reason. Apicurio puts all reasons into one message."""

_NO_REASON: Final = re.compile(r"^\{\s*(oldSchema|oldSchemaVersion|validateFields|compatibility)\b")
"""Messages of Confluent's registry with the old schema or the configuration, not a reason."""
_DESCRIPTION: Final = re.compile(
    r"""description:\s*(['"])(.*?)\1\s*(?:,\s*additionalInfo:|\}$)""", re.DOTALL
)
_JAVA_CLASS: Final = re.compile(r"^(?:\w+\.)+\w+: ")
_POINTER: Final = re.compile(r"/(?:fields|type|items|values)(?:/(?:fields|type|items|values|\d+))*")


def format_reasons(messages: Sequence[object], schema_json: str) -> str:
    """Return the reasons in `messages` as one line.

    JSON pointers into the new schema, `schema_json`, are followed by the field's name.
    """
    reasons = [
        _with_field_names(_reason(text), schema_json)
        for text in map(str, messages)
        if not _NO_REASON.match(text)
    ]
    if not reasons:
        return "the registry gives no reason"
    more = len(reasons) - REASONS_MAX
    return "; ".join(reasons[:REASONS_MAX]) + (f"; and {more} more" if more > 0 else "")


def field_path(schema_json: str, pointer: str) -> str | None:
    """Return the path (``endereco.rua``) of the field that a JSON pointer is in, or None."""
    node: Any = json.loads(schema_json)
    names: list[str] = []
    parent = ""
    for step in pointer.strip("/").split("/"):
        node = _resolve_step(node, step)
        if node is None:
            break
        if parent == "fields" and isinstance(node, dict):
            names.append(str(node.get("name")))
        parent = step
    return ".".join(names) or None


def _resolve_step(node: Any, step: str) -> Any:
    if isinstance(node, list):
        return node[int(step)] if step.isdecimal() and int(step) < len(node) else None
    return node.get(step) if isinstance(node, dict) else None


def _reason(message: str) -> str:
    description = _DESCRIPTION.search(message)
    text = description.group(2) if description else _JAVA_CLASS.sub("", message)
    return " ".join(text.split())[:REASON_CHARACTERS_MAX]


def _with_field_names(reason: str, schema_json: str) -> str:
    def with_name(match: re.Match[str]) -> str:
        name = field_path(schema_json, match.group())
        return f"{match.group()} (field {name!r})" if name else match.group()

    return _POINTER.sub(with_name, reason)
