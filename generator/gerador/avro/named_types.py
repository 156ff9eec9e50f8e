"""Named types in the JSON of a schema: define each one once, and extract a type with all definitions that it needs."""

from __future__ import annotations

import json
from typing import Any

from gerador.errors import did_you_mean


def define_once(fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a record's fields in which a type that is defined again is only named.

    A type of the same name that is another one is left as it is, for the parser to refuse.
    """
    seen: dict[str, Any] = {}
    return [{**field, "type": _define_once(field["type"], seen)} for field in fields]


def _define_once(kind: Any, seen: dict[str, Any]) -> Any:
    if isinstance(kind, list):
        return [_define_once(branch, seen) for branch in kind]
    if not isinstance(kind, dict):
        return kind
    name = _full_name(kind)
    if name is not None and seen.setdefault(name, kind) is not kind and seen[name] == kind:
        return name
    return _map_nested(kind, lambda inner: _define_once(inner, seen))


def field_type_json(path: str, stream: str, schema_json: str) -> Any:
    """Return the type of a field of a stream's rows, with the definitions of all that it names.

    Raises ValueError: no such field; names the nearest.
    """
    kind: Any = json.loads(schema_json)
    for name in path.split("."):
        whole = self_contained(kind, schema_json)
        types = {f["name"]: f["type"] for f in whole["fields"]} if _is_record(whole) else {}
        if name not in types:
            raise ValueError(f"stream {stream!r} has no field {path!r}{did_you_mean(name, types)}")
        kind = types[name]
    return self_contained(kind, schema_json)


def _is_record(kind: Any) -> bool:
    return isinstance(kind, dict) and kind.get("type") == "record"


def self_contained(kind: Any, schema_json: str) -> Any:
    """Return a type of a schema with the definitions of all that it names."""
    definitions: dict[str, Any] = {}
    _collect_definitions(json.loads(schema_json), definitions)
    return _inline_definitions(kind, definitions, set())


def _collect_definitions(kind: Any, found: dict[str, Any]) -> Any:
    if isinstance(kind, list):
        return [_collect_definitions(branch, found) for branch in kind]
    if isinstance(kind, dict):
        if (name := _full_name(kind)) is not None:
            found.setdefault(name, kind)
            found.setdefault(str(kind["name"]), kind)
        return _map_nested(kind, lambda inner: _collect_definitions(inner, found))
    return kind


def _inline_definitions(kind: Any, definitions: dict[str, Any], done: set[str]) -> Any:
    if isinstance(kind, list):
        return [_inline_definitions(branch, definitions, done) for branch in kind]
    if isinstance(kind, str) and kind in definitions and _full_name(definitions[kind]) not in done:
        return _inline_definitions(definitions[kind], definitions, done)
    if not isinstance(kind, dict):
        return kind
    if (name := _full_name(kind)) is not None:
        done.add(name)
    return _map_nested(kind, lambda inner: _inline_definitions(inner, definitions, done))


def _full_name(kind: Any) -> str | None:
    """Return the name of a definition with its namespace; None when it has none."""
    if "name" not in kind or "type" not in kind:
        return None
    space = kind.get("namespace")
    return f"{space}.{kind['name']}" if space and "." not in kind["name"] else str(kind["name"])


def _map_nested(kind: dict[str, Any], change: Any) -> dict[str, Any]:
    """Return a type with what stands inside of it changed."""
    made = {k: change(v) if k in {"items", "values"} else v for k, v in kind.items()}
    if isinstance(kind.get("type"), dict | list):
        made["type"] = change(kind["type"])
    if isinstance(kind.get("fields"), list):
        made["fields"] = [{**f, "type": change(f["type"])} for f in kind["fields"]]
    return made
