"""The JSON of a schema without the annotations of Confluent's generators: what is registered.

Their schemas also have comments, which Java's parser of Avro schemas takes and JSON does not.
"""

from __future__ import annotations

import re
from typing import Any, Final

ANNOTATION: Final = "arg.properties"
"""The attribute that annotates a type, or a field's type."""

_INSIDE: Final = {"array": "items", "map": "values"}
_TEXT_OR_COMMENT: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?\*/', re.DOTALL)


def without_annotations(node: Any) -> Any:
    """Return the JSON of a schema without annotations; all else is as it was.

    A reference to a named type that was an object to be annotated becomes the name alone.
    """
    if isinstance(node, list):
        return [without_annotations(n) for n in node]
    if not isinstance(node, dict):
        return node
    kept = {k: v for k, v in node.items() if k != ANNOTATION}
    kind = kept.get("type")
    if len(kept) < len(node) and list(kept) == ["type"] and isinstance(kind, str):
        return kind
    if isinstance(kept.get("fields"), list):
        kept["fields"] = [_field(f) for f in kept["fields"]]
    inside = _INSIDE.get(kind) if isinstance(kind, str) else None
    if inside in kept:
        kept[inside] = without_annotations(kept[inside])
    return kept


def _field(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    kept = {k: v for k, v in node.items() if k != ANNOTATION}
    return {**kept, "type": without_annotations(kept["type"])} if "type" in kept else kept


def without_comments(text: str) -> str:
    """Return JSON text with spaces where ``//`` and ``/* */`` comments stood.

    Lines and columns stay as they were, for messages.
    """
    return _TEXT_OR_COMMENT.sub(_blanked, text)


def _blanked(match: re.Match[str]) -> str:
    found = match[0]
    return found if found.startswith('"') else re.sub(r"[^\n]", " ", found)
