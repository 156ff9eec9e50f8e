"""Named types of several schema files, and self-contained schemas of them.

A schema may use types that other files define. `SelfContained` writes each of their definitions at
its first use, so that the schema can be registered and parsed by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gerador.avro.location import JsonLocation
from gerador.avro.names import PRIMITIVE_NAMES, namespace_of
from gerador.avro.schema import ANNOTATION
from gerador.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


NAMED_KINDS: Final = ("record", "error", "enum", "fixed")
ALL_KINDS: Final = PRIMITIVE_NAMES | {*NAMED_KINDS, "array", "map"}
_CONTENTS: Final = ("items", "values")
_SHOWN_TYPES_MAX: Final = 12


class Definition(NamedTuple):
    """A named type as JSON, the namespace around it, and the file that defines it."""

    node: dict[str, Any]
    namespace: str
    source: str


class ForeignDefinition(dict[str, Any]):
    """The JSON of a type that another file defines: with its location, for messages.

    `annotation` is that of the reference that it replaces.
    """

    def __init__(
        self, node: Mapping[str, Any], location: JsonLocation, annotation: Mapping[str, Any]
    ) -> None:
        super().__init__(node)
        self.location = location
        self.annotation = annotation


class Definitions:
    """The named types that files define, by full name.

    Files beside those that were added are searched by `read_missing`, which adds what it finds.
    """

    def __init__(self) -> None:
        self._found: dict[str, list[Definition]] = {}

    def add(self, schema_json: Any, source: str) -> None:
        """Add all named types of a schema or a protocol."""
        for full, definition in _definitions(schema_json, "", source):
            known = self._found.setdefault(full, [])
            if all(d.node != definition.node for d in known):
                known.append(definition)

    def read_missing(self, full: str) -> None:
        """Add the definition of a type that no file defines so far, if there is one."""

    def find(self, full: str, location: JsonLocation) -> Definition | None:
        """Return the definition of a type; None: there is none.

        Raises SchemaError: two files define different types of this name.
        """
        if full not in self._found:
            self.read_missing(full)
        found = self._found.get(full, [])
        if len(found) > 1:
            files = " and ".join(sorted({d.source for d in found}))
            raise location.error(f"{full!r} is defined differently in {files}; remove one")
        return found[0] if found else None

    def choose(self, name: str | None, location: JsonLocation) -> str:
        """Return the full name of the type `name`, or of the only type that no other one uses.

        Raises SchemaError: no such type, or several; the message lists them.
        """
        if name is None:
            used = {
                used
                for full, found in self._found.items()
                for definition in found
                for used in _references(definition.node, definition.namespace)
                if used != full
            }
            outer = [
                f for f, found in self._found.items() if f not in used and not _is_error(found)
            ]
            if len(outer) == 1:
                return outer[0]
            shown = ", ".join((outer or [*self._found])[:_SHOWN_TYPES_MAX]) or "none"
            raise location.error(
                f"several types; choose one, as {location.source}#NAME: {shown}"
                if self._found
                else "defines no types; give a schema (.avsc) or a protocol (.avpr)"
            )
        named = [n for n in self._found if name in (n, n.rpartition(".")[2])]
        if name in named or len(named) == 1:
            return name if name in named else named[0]
        if named:
            raise location.error(f"several types {name!r}: {', '.join(named)}; use the full name")
        shown = ", ".join([*self._found][:_SHOWN_TYPES_MAX])
        raise location.error(
            f"no type {name!r}{did_you_mean(name, self._found, f'its types: {shown}')}"
        )


def _is_error(found: list[Definition]) -> bool:
    """Return whether a type is an error of a protocol's messages."""
    return all(definition.node["type"] == "error" for definition in found)


class SelfContained:
    """Writes the definitions of other files into a schema, each at its first use."""

    def __init__(self, definitions: Definitions, location: JsonLocation) -> None:
        self._definitions = definitions
        self._location = location
        self._own: set[str] = set()
        self._written: set[str] = set()

    def schema(self, node: Any) -> Any:
        """Return the JSON of a schema with the types that it does not define itself.

        Raises SchemaError: as `Definitions.find`.
        """
        self._own = {full for full, _ in _definitions(node, "", "")}
        return self._linked(node, "")

    def nested_type(self, node: Any, namespace: str) -> Any:
        """Return the JSON of a type inside a schema that was added. Raises as `schema`."""
        return self._linked(node, namespace, foreign=True)

    def type(self, full: str) -> Any:
        """Return the JSON of a type that a file defines. Raises as `schema`."""
        return self._reference(full, "", {})

    def _linked(self, node: Any, namespace: str, *, foreign: bool = False) -> Any:
        if isinstance(node, str):
            return self._reference(node, namespace, {})
        if isinstance(node, list):
            return [self._linked(branch, namespace, foreign=foreign) for branch in node]
        if not isinstance(node, dict):
            return node
        kind = node.get("type")
        if isinstance(kind, str) and kind not in ALL_KINDS:
            annotation = {k: v for k, v in node.items() if k == ANNOTATION}
            found = self._reference(kind, namespace, annotation)
            return node if found == kind else found
        full = _full_name(node, namespace)
        if full is not None and foreign:
            if full in self._own or full in self._written:
                return full
            self._written.add(full)
        inside = namespace if full is None else namespace_of(full)
        linked = self._contents_linked(node, inside, foreign=foreign)
        if full is not None and foreign:
            linked |= {"name": full.rpartition(".")[2], "namespace": inside}
        return linked

    def _contents_linked(
        self, node: Mapping[str, Any], namespace: str, *, foreign: bool
    ) -> dict[str, Any]:
        linked = {
            key: self._linked(value, namespace, foreign=foreign) if key in _CONTENTS else value
            for key, value in node.items()
        }
        if isinstance(node.get("fields"), list):
            linked["fields"] = [
                {**f, "type": self._linked(f["type"], namespace, foreign=foreign)}
                if isinstance(f, dict) and "type" in f
                else f
                for f in node["fields"]
            ]
        return linked

    def _reference(self, name: str, namespace: str, annotation: Mapping[str, Any]) -> Any:
        full = _qualified(name, namespace)
        if name in PRIMITIVE_NAMES or full in self._own:
            return name
        if full in self._written:
            return {"type": full, **annotation} if annotation else full
        found = self._definitions.find(full, self._location)
        if found is None:
            return name
        self._written.add(full)
        space, _, simple = full.rpartition(".")
        linked = self._contents_linked(found.node, space, foreign=True)
        linked |= {"name": simple, "namespace": space}
        return ForeignDefinition(linked, JsonLocation(f"{found.source}: {full}"), annotation)


def _definitions(node: Any, namespace: str, source: str) -> Iterator[tuple[str, Definition]]:
    """Yield the named types of a schema or a protocol by full name."""
    if isinstance(node, list):
        for branch in node:
            yield from _definitions(branch, namespace, source)
    if not isinstance(node, dict):
        return
    if is_protocol(node):
        yield from _definitions(node.get("types", []), str(node.get("namespace") or ""), source)
        return
    full = _full_name(node, namespace)
    if full is not None:
        namespace = namespace_of(full)
        yield full, Definition(node, namespace, source)
    for inner in _inner_nodes(node):
        yield from _definitions(inner, namespace, source)


def field_type_of(record: Mapping[str, Any], field: str) -> Any:
    """Return the JSON of a field's type, with the types that it uses. The record is valid."""
    definitions = Definitions()
    definitions.add(record, "")
    node = next(f["type"] for f in record["fields"] if f["name"] == field)
    namespace = namespace_of(_full_name(record, "") or "")
    return SelfContained(definitions, JsonLocation("")).nested_type(node, namespace)


def is_protocol(node: Any) -> bool:
    """Return whether JSON is an Avro protocol (.avpr)."""
    return isinstance(node, dict) and isinstance(node.get("protocol"), str) and "type" not in node


def _references(node: Any, namespace: str) -> Iterator[str]:
    """Yield the full names of the types that a definition uses, without itself."""
    for inner in _inner_nodes(node):
        yield from _names(inner, namespace)


def _names(node: Any, namespace: str) -> Iterator[str]:
    if isinstance(node, str):
        yield _qualified(node, namespace)
    elif isinstance(node, list):
        for branch in node:
            yield from _names(branch, namespace)
    elif isinstance(node, dict):
        full = _full_name(node, namespace)
        if full is not None:
            yield full
            namespace = namespace_of(full)
        for inner in _inner_nodes(node):
            yield from _names(inner, namespace)


def _inner_nodes(node: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the types directly inside a type, also inside an object around a type."""
    yield from (node[key] for key in ("items", "values") if key in node)
    kind = node.get("type")
    if not isinstance(kind, str) or kind not in ALL_KINDS:
        yield kind
    fields = node.get("fields")
    if isinstance(fields, list):
        yield from (f["type"] for f in fields if isinstance(f, dict) and "type" in f)


def _full_name(node: Mapping[str, Any], namespace: str) -> str | None:
    """Return the full name of a definition; None for other types."""
    name = node.get("name")
    if node.get("type") not in NAMED_KINDS or not isinstance(name, str):
        return None
    return _qualified(name, str(node.get("namespace", namespace) or ""))


def _qualified(name: str, namespace: str) -> str:
    return (
        name if "." in name or not namespace or name in PRIMITIVE_NAMES else f"{namespace}.{name}"
    )
