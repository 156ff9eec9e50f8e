"""Move definitions of named types in the JSON of a schema: to the first use, or inline."""

from __future__ import annotations

from typing import Any

from gerador.errors import did_you_mean


def define_once(fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a record's fields with repeated definitions of a type replaced by its name.

    A different type of the same name is left as it is, for the parser to reject.
    """
    seen: dict[str, Any] = {}
    return [{**field, "type": _define_once(field["type"], seen)} for field in fields]


def _define_once(node: Any, seen: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_define_once(branch, seen) for branch in node]
    if not isinstance(node, dict):
        return node
    name = _full_name(node)
    if name is not None and seen.setdefault(name, node) is not node and seen[name] == node:
        return name
    return _map_nested(node, lambda inner: _define_once(inner, seen))


def field_type_json(path: str, stream: str, row_json: dict[str, Any]) -> Any:
    """Return the type (JSON) of the field at `path`, with the named types that it refers to inline.

    Raises ValueError: no such field.
    """
    node: Any = row_json
    for name in path.split("."):
        record = self_contained(node, row_json)
        types = {f["name"]: f["type"] for f in record["fields"]} if _is_record(record) else {}
        if name not in types:
            raise ValueError(f"stream {stream!r} has no field {path!r}{did_you_mean(name, types)}")
        node = types[name]
    return self_contained(node, row_json)


def _is_record(node: Any) -> bool:
    return isinstance(node, dict) and node.get("type") == "record"


def self_contained(node: Any, row_json: Any) -> Any:
    """Return a type of a schema with the named types that it refers to inline."""
    definitions: dict[str, Any] = {}
    _collect_definitions(row_json, definitions)
    return _inline_definitions(node, definitions, set())


def _collect_definitions(node: Any, found: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_collect_definitions(branch, found) for branch in node]
    if isinstance(node, dict):
        if (name := _full_name(node)) is not None:
            found.setdefault(name, node)
            found.setdefault(str(node["name"]), node)
        return _map_nested(node, lambda inner: _collect_definitions(inner, found))
    return node


def _inline_definitions(node: Any, definitions: dict[str, Any], expanded: set[str]) -> Any:
    if isinstance(node, list):
        return [_inline_definitions(branch, definitions, expanded) for branch in node]
    if (
        isinstance(node, str)
        and node in definitions
        and _full_name(definitions[node]) not in expanded
    ):
        return _inline_definitions(definitions[node], definitions, expanded)
    if not isinstance(node, dict):
        return node
    if (name := _full_name(node)) is not None:
        expanded.add(name)
    return _map_nested(node, lambda inner: _inline_definitions(inner, definitions, expanded))


def _full_name(node: Any) -> str | None:
    """Return the full name of a definition; None when it is not one."""
    if "name" not in node or "type" not in node:
        return None
    namespace = node.get("namespace")
    return (
        f"{namespace}.{node['name']}"
        if namespace and "." not in node["name"]
        else str(node["name"])
    )


def _map_nested(node: dict[str, Any], function: Any) -> dict[str, Any]:
    """Return a type with `function` applied to the types directly inside it."""
    mapped = {k: function(v) if k in {"items", "values"} else v for k, v in node.items()}
    if isinstance(node.get("type"), dict | list):
        mapped["type"] = function(node["type"])
    if isinstance(node.get("fields"), list):
        mapped["fields"] = [{**f, "type": function(f["type"])} for f in node["fields"]]
    return mapped
