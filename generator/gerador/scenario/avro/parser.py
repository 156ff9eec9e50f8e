"""The JSON of a schema into its tree: names resolved, every fault refused where it stands.

The one judge of what a valid schema is. Beyond the specification it refuses recursion, which
cannot be columns.

Source: Apache Avro 1.12 specification, "Schema Declaration".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from gerador.errors import did_you_mean
from gerador.scenario.avro.annotated import ANNOTATION
from gerador.scenario.avro.defaults import check_default
from gerador.scenario.avro.extent import SCHEMA_DEPTH_MAX, too_deep
from gerador.scenario.avro.logical import logical_type
from gerador.scenario.avro.names import (
    PRIMITIVES,
    checked_name,
    checked_names,
    first_twice,
    full_name,
    namespace_of,
    refuse_twice,
)
from gerador.scenario.avro.place import Place, shown
from gerador.scenario.avro.tree import (
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
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.errors import SchemaError

FIXED_BYTES_MAX: Final = 1024 * 1024
"""Bytes of a fixed type: as many as Kafka's default for a whole record batch."""

_STRUCTURAL: Final = frozenset(
    {"type", "name", "namespace", "fields", "symbols", "items", "values", "size"}
)
_COMPLEX: Final = frozenset({"record", "error", "enum", "fixed", "array", "map"})


@dataclass(frozen=True, slots=True)
class Scope:
    """Where the parser is: the place, the namespace, the records around it, how deep it is."""

    place: Place
    namespace: str = ""
    records: tuple[str, ...] = ()
    depth: int = 0

    def into(self, place: Place) -> Scope:
        """Return the scope of the type at `place`, inside this one.

        Raises SchemaError: nested too deep.
        """
        if self.depth == SCHEMA_DEPTH_MAX:
            raise too_deep(Place(place.source))
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
        raise scope.place.refusal(f"{shown(node)} is no type; give a name, an object or a list")

    def _by_name(self, name: str, scope: Scope) -> AvroType:
        if name in PRIMITIVES:
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
        hint = did_you_mean(name, PRIMITIVES) or did_you_mean(full, self._named)
        raise scope.place.refusal(
            f"unknown type {shown(full)}{hint or '; define it before it is used'}"
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
        twice = first_twice([branch_name(b) for b in branches])
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
            case str() if kind in PRIMITIVES:
                return Primitive(kind, logical_type(node, kind, scope.place), _attributes(node))
        if isinstance(kind, str) and node.keys() == {"type", ANNOTATION}:
            named = self._by_name(kind, replace(scope, place=scope.place.at("type")))
            return _annotated(named, node)
        raise self._no_kind(node, scope)

    def _no_kind(self, node: dict[str, Any], scope: Scope) -> SchemaError:
        """Return why an object is no type."""
        if "type" not in node:
            return scope.place.refusal(f"{shown(node)} has no type; give it one")
        kind, place = node["type"], scope.place.at("type")
        if isinstance(kind, dict | list):
            return place.refusal(
                "a type inside a type; put it in the place of the object around it"
            )
        if not isinstance(kind, str):
            return place.refusal(f"{shown(kind)} is no type; give a name like 'int' or 'record'")
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
            raise place.refusal(f"{shown(node['fields'])} is no list of fields; give one")
        inside = replace(
            scope, namespace=namespace_of(full), records=(*scope.records, full), place=place
        )
        fields = tuple(self._field(f, i, inside) for i, f in enumerate(node["fields"]))
        refuse_twice([f.name for f in fields], place)
        return self._name(full, Record(full, fields, _attributes(node)))

    def _field(self, node: Any, index: int, scope: Scope) -> Field:
        place = scope.place.at(index)
        if not isinstance(node, dict):
            raise place.refusal(f"{shown(node)} is no field; give an object with name and type")
        if "name" not in node:
            raise place.refusal("a field without a name; give it one")
        name = checked_name(node["name"], place.at("name"))
        if "type" not in node:
            raise place.refusal(f"field {name!r} has no type; give it one")
        if "aliases" in node:
            checked_names(node["aliases"], "aliases", place.at("aliases"))
        avro_type = self.parse(node["type"], scope.into(place.at("type")))
        if "default" in node:
            check_default(node["default"], avro_type, place.at("default"))
        return Field(name, avro_type, _attributes(node))

    def _enum(self, node: dict[str, Any], scope: Scope) -> AvroType:
        full = self._claimed(node, "enum", scope)
        if not node.get("symbols"):
            raise scope.place.refusal(f"enum {full!r} has no symbols; give a list of them")
        symbols = checked_names(node["symbols"], "symbols", scope.place.at("symbols"))
        default = node.get("default")
        if default is not None and default not in symbols:
            raise scope.place.at("default").refusal(
                f"{shown(default)} is no symbol of enum {full!r}"
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
                f"{shown(size)} is no size; give 0 to {FIXED_BYTES_MAX} bytes"
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
            checked_names(node["aliases"], "aliases", scope.place.at("aliases"), dotted=True)
        return full

    def _name(self, full: str, avro_type: AvroType) -> AvroType:
        self._named[full] = avro_type
        return avro_type


def _annotated(named: AvroType, node: Mapping[str, Any]) -> AvroType:
    """Return a named type with the annotation that a reference to it has."""
    if isinstance(named, Union):  # unions have no names
        return named
    attributes = {**named.attributes, **_attributes(node)}
    return replace(named, attributes=attributes)


def _attributes(node: Mapping[str, Any]) -> Mapping[str, Any]:
    return {k: v for k, v in node.items() if k not in _STRUCTURAL}
