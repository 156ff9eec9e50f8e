"""Parse the JSON of an Avro schema into types: resolve names, reject invalid, recursive, too deep and too large schemas."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from gerador.avro.defaults import check_default
from gerador.avro.location import JsonLocation, short_json
from gerador.avro.logical_types import logical_type
from gerador.avro.names import (
    PRIMITIVE_NAMES,
    check_name,
    check_names,
    check_no_duplicates,
    first_duplicate,
    full_name,
    namespace_of,
)
from gerador.avro.schema import (
    ANNOTATION,
    Array,
    AvroType,
    Enum,
    Field,
    Fixed,
    Map,
    Primitive,
    Record,
    Union,
    branch_name,
    nested_types,
)
from gerador.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.errors import SchemaError


SCHEMA_DEPTH_MAX: Final = 64
"""Nested types that a schema may have; deeper ones are refused rather than overflow a stack."""
SCHEMA_TYPES_MAX: Final = 10_000
"""Types of a schema once its named types are written out wherever they are used."""


def check_size(root: AvroType, top: JsonLocation) -> None:
    """Refuse what references to named types make too deep or too large.

    Cost: O(types written out), at most SCHEMA_TYPES_MAX. Raises SchemaError.
    """
    seen, waiting = 0, [(0, root)]
    while waiting:
        depth, avro_type = waiting.pop()
        seen += 1
        if depth > SCHEMA_DEPTH_MAX:
            raise too_deep_error(top)
        if seen > SCHEMA_TYPES_MAX:
            raise top.refusal(
                f"over {SCHEMA_TYPES_MAX} types once its named types are written out; "
                "make it smaller"
            )
        waiting += [(depth + 1, inner) for inner in nested_types(avro_type)]


def too_deep_error(top: JsonLocation) -> SchemaError:
    """Return the refusal of a schema that is nested too deep."""
    return top.refusal(f"nested deeper than {SCHEMA_DEPTH_MAX} types; flatten the schema")


FIXED_BYTES_MAX: Final = 1024 * 1024
"""Bytes of a fixed type: as many as Kafka's default for a whole record batch."""

_STRUCTURAL: Final = frozenset(
    {"type", "name", "namespace", "fields", "symbols", "items", "values", "size"}
)
_COMPLEX: Final = frozenset({"record", "error", "enum", "fixed", "array", "map"})


@dataclass(frozen=True, slots=True)
class Scope:
    """Where the parser is: the place, the namespace, the records around it, how deep it is."""

    place: JsonLocation
    namespace: str = ""
    records: tuple[str, ...] = ()
    depth: int = 0

    def into(self, place: JsonLocation) -> Scope:
        """Return the scope of the type at `place`, inside this one.

        Raises SchemaError: nested too deep.
        """
        if self.depth == SCHEMA_DEPTH_MAX:
            raise too_deep_error(JsonLocation(place.source))
        return replace(self, place=place, depth=self.depth + 1)

    def resolved(self, name: str) -> str:
        """Return the full name that `name` means here."""
        return name if "." in name or not self.namespace else f"{self.namespace}.{name}"


class Parser:
    """Builds the types of one schema, and knows those that it named so far."""

    def __init__(self) -> None:
        self._named: dict[str, AvroType] = {}

    def parse(self, node: Any, scope: Scope) -> AvroType:
        """Return the tree of one JSON node.

        Raises SchemaError: no valid schema; the line names the place in the JSON.
        """
        if isinstance(node, str):
            return self._by_name(node, scope)
        if isinstance(node, list):
            return self._union(node, scope)
        if isinstance(node, dict):
            return self._declared(node, scope)
        raise scope.place.refusal(
            f"{short_json(node)} is no type; give a name, an object or a list"
        )

    def _by_name(self, name: str, scope: Scope) -> AvroType:
        if name in PRIMITIVE_NAMES:
            return Primitive(name)
        full = scope.resolved(name)
        if full in scope.records:
            raise scope.place.refusal(
                f"record {full!r} contains itself; recursive schemas have no columnar "
                "form, unroll it to the depth that you need"
            )
        if full in self._named:
            return self._named[full]
        if name in _COMPLEX:
            raise scope.place.refusal(
                f'{name!r} cannot stand alone; write {{"type": "{name}", …}} in its place'
            )
        hint = did_you_mean(name, PRIMITIVE_NAMES) or did_you_mean(full, self._named)
        raise scope.place.refusal(
            f"unknown type {short_json(full)}{hint or '; define it before it is used'}"
        )

    def _union(self, nodes: list[Any], scope: Scope) -> AvroType:
        if not nodes:
            raise scope.place.refusal("a union of nothing; list its types")
        branches = []
        for i, node in enumerate(nodes):
            inner = scope.into(scope.place.at(i))
            branches.append(self.parse(node, inner))
            if isinstance(branches[-1], Union):
                raise inner.place.refusal("a union in a union; list its types in the outer one")
        twice = first_duplicate([branch_name(b) for b in branches])
        if twice is not None:
            raise scope.place.refusal(f"two branches are {twice!r}; leave one out")
        return Union(tuple(branches))

    def _declared(self, node: dict[str, Any], scope: Scope) -> AvroType:
        kind = node.get("type")
        match kind:
            case "record" | "error":
                return self._record(node, scope)
            case "enum":
                return self._enum(node, scope)
            case "fixed":
                return self._fixed(node, scope)
            case "array":
                return Array(self._inside(node, "items", scope), _attributes(node))
            case "map":
                return Map(self._inside(node, "values", scope), _attributes(node))
            case str() if kind in PRIMITIVE_NAMES:
                return Primitive(kind, logical_type(node, kind, scope.place), _attributes(node))
        if isinstance(kind, str) and node.keys() == {"type", ANNOTATION}:
            named = self._by_name(kind, replace(scope, place=scope.place.at("type")))
            return _with_annotation(named, node)
        raise self._no_kind(node, scope)

    def _no_kind(self, node: dict[str, Any], scope: Scope) -> SchemaError:
        """Return why an object is no type."""
        if "type" not in node:
            return scope.place.refusal(f"{short_json(node)} has no type; give it one")
        kind, place = node["type"], scope.place.at("type")
        if isinstance(kind, dict | list):
            return place.refusal(
                "a type inside a type; put it in the place of the object around it"
            )
        if not isinstance(kind, str):
            return place.refusal(
                f"{short_json(kind)} is no type; give a name like 'int' or 'record'"
            )
        self._by_name(kind, replace(scope, place=place))
        return scope.place.refusal(
            f"a named type is referred to by its name alone; write {kind!r} in place of the object"
        )

    def _record(self, node: dict[str, Any], scope: Scope) -> AvroType:
        full = self._claimed(node, "record", scope)
        if "fields" not in node:
            raise scope.place.refusal(f"record {full!r} has no fields; give a list of them")
        place = scope.place.at("fields")
        if not isinstance(node["fields"], list):
            raise place.refusal(f"{short_json(node['fields'])} is no list of fields; give one")
        inside = replace(
            scope, namespace=namespace_of(full), records=(*scope.records, full), place=place
        )
        fields = tuple(self._field(f, i, inside) for i, f in enumerate(node["fields"]))
        check_no_duplicates([f.name for f in fields], place)
        return self._name(full, Record(full, fields, _attributes(node)))

    def _field(self, node: Any, index: int, scope: Scope) -> Field:
        place = scope.place.at(index)
        if not isinstance(node, dict):
            raise place.refusal(
                f"{short_json(node)} is no field; give an object with name and type"
            )
        if "name" not in node:
            raise place.refusal("a field without a name; give it one")
        name = check_name(node["name"], place.at("name"))
        if "type" not in node:
            raise place.refusal(f"field {name!r} has no type; give it one")
        if "aliases" in node:
            check_names(node["aliases"], "aliases", place.at("aliases"))
        avro_type = self.parse(node["type"], scope.into(place.at("type")))
        if "default" in node:
            check_default(node["default"], avro_type, place.at("default"))
        return Field(name, avro_type, _attributes(node))

    def _enum(self, node: dict[str, Any], scope: Scope) -> AvroType:
        full = self._claimed(node, "enum", scope)
        if not node.get("symbols"):
            raise scope.place.refusal(f"enum {full!r} has no symbols; give a list of them")
        symbols = check_names(node["symbols"], "symbols", scope.place.at("symbols"))
        default = node.get("default")
        if default is not None and default not in symbols:
            raise scope.place.at("default").refusal(
                f"{short_json(default)} is no symbol of enum {full!r}"
                f"{did_you_mean(str(default), symbols)}; give one, or leave the default out"
            )
        return self._name(full, Enum(full, symbols, _attributes(node)))

    def _fixed(self, node: dict[str, Any], scope: Scope) -> AvroType:
        full = self._claimed(node, "fixed", scope)
        if "size" not in node:
            raise scope.place.refusal(f"fixed {full!r} has no size; give it in bytes")
        size = node["size"]
        if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= FIXED_BYTES_MAX:
            raise scope.place.at("size").refusal(
                f"{short_json(size)} is no size; give 0 to {FIXED_BYTES_MAX} bytes"
            )
        logical = logical_type(node, "fixed", scope.place)
        return self._name(full, Fixed(full, size, logical, _attributes(node)))

    def _inside(self, node: dict[str, Any], what: str, scope: Scope) -> AvroType:
        if what not in node:
            raise scope.place.refusal(f"{node['type']} without {what}; give their type")
        return self.parse(node[what], scope.into(scope.place.at(what)))

    def _claimed(self, node: dict[str, Any], kind: str, scope: Scope) -> str:
        """Return the full name of a type that is defined here, for the first time."""
        full = full_name(node, kind, scope.namespace, scope.place)
        if full in self._named or full in scope.records:
            raise scope.place.at("name").refusal(
                f"{full!r} is defined twice; define it once and then name it"
            )
        if "aliases" in node:
            check_names(node["aliases"], "aliases", scope.place.at("aliases"), dotted=True)
        return full

    def _name(self, full: str, avro_type: AvroType) -> AvroType:
        self._named[full] = avro_type
        return avro_type


def _with_annotation(named: AvroType, node: Mapping[str, Any]) -> AvroType:
    """Return a named type with the annotation that a reference to it has."""
    if isinstance(named, Union):  # unions have no names
        return named
    attributes = {**named.attributes, **_attributes(node)}
    return replace(named, attributes=attributes)


def _attributes(node: Mapping[str, Any]) -> Mapping[str, Any]:
    return {k: v for k, v in node.items() if k not in _STRUCTURAL}
