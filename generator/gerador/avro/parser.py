"""Parse the JSON of an Avro schema into types.

Names are resolved, records that contain themselves are expanded (`recursion`). Invalid, too deep
and too large schemas are rejected.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from gerador.avro.defaults import check_default
from gerador.avro.definitions import ForeignDefinition
from gerador.avro.location import JsonLocation, short_json
from gerador.avro.logical_types import logical_type
from gerador.avro.names import (
    PRIMITIVE_NAMES,
    check_aliases,
    check_name,
    check_names,
    check_no_duplicates,
    first_duplicate,
    full_name,
    namespace_of,
)
from gerador.avro.recursion import VALUES_MAX, expand_recursion, mean_values
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
    Recursion,
    Union,
    branch_name,
    nested_types,
)
from gerador.errors import SchemaError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping


SCHEMA_DEPTH_MAX: Final = 64
"""Maximum nesting of types, so that recursion does not overflow the stack."""
SCHEMA_TYPES_MAX: Final = 10_000
"""Maximum number of types of a schema, with named types expanded at each use."""


def check_size(root: AvroType, top: JsonLocation) -> None:
    """Check depth and size with named types expanded.

    Cost: O(expanded types), at most SCHEMA_TYPES_MAX. Raises SchemaError: too deep or too large.
    """
    seen, waiting = 0, [(0, root)]
    while waiting:
        depth, avro_type = waiting.pop()
        seen += 1
        if depth > SCHEMA_DEPTH_MAX:
            raise too_deep_error(top)
        if seen > SCHEMA_TYPES_MAX:
            raise top.error(
                f"more than {SCHEMA_TYPES_MAX} types with named types expanded; reduce the schema"
            )
        waiting += [(depth + 1, inner) for inner in nested_types(avro_type)]


def _fits(root: AvroType) -> bool:
    try:
        check_size(root, JsonLocation(""))
    except SchemaError:
        return False
    return mean_values(root) <= VALUES_MAX


def too_deep_error(top: JsonLocation) -> SchemaError:
    """Return the error for a schema that is nested too deep."""
    return top.error(f"nested deeper than {SCHEMA_DEPTH_MAX} types; flatten the schema")


FIXED_BYTES_MAX: Final = 1024 * 1024
"""Maximum size of a fixed type: Kafka's default `message.max.bytes`, about 1 MiB."""

_STRUCTURAL_KEYS: Final = frozenset(
    {"type", "name", "namespace", "fields", "symbols", "items", "values", "size"}
)
_COMPLEX_TYPES: Final = frozenset({"record", "error", "enum", "fixed", "array", "map"})


@dataclass(frozen=True, slots=True)
class Scope:
    """Position of the parser: location, namespace, enclosing records and depth."""

    location: JsonLocation
    namespace: str = ""
    records: tuple[str, ...] = ()
    depth: int = 0

    def nested(self, location: JsonLocation) -> Scope:
        """Return the scope of the type at `location`, inside this one.

        Raises SchemaError: nested too deep.
        """
        if self.depth == SCHEMA_DEPTH_MAX:
            raise too_deep_error(JsonLocation(location.source))
        return replace(self, location=location, depth=self.depth + 1)

    def full_name_of(self, name: str) -> str:
        """Return the full name of a type that is referred to as `name` here."""
        return name if "." in name or not self.namespace else f"{self.namespace}.{name}"


class Parser:
    """Parses one schema; keeps the named types that were defined so far."""

    def __init__(self) -> None:
        self._named_types: dict[str, AvroType] = {}
        self._recursive: set[str] = set()

    def schema(self, node: Any, top: JsonLocation) -> AvroType:
        """Return the type of a whole schema, with records inside themselves expanded.

        Raises SchemaError: not a valid schema, too deep, too large, or without finite values.
        """
        root = self.parse(node, Scope(top))
        if self._recursive:
            types = self._named_types.items()
            records = {n: t for n, t in types if n in self._recursive and isinstance(t, Record)}
            expanded = expand_recursion(root, records, _fits)
            if expanded is None:
                name = min(self._recursive)
                raise top.error(
                    f"every value of record {name!r} contains another one, without end; "
                    "make one of the fields nullable, an array or a map"
                )
            root = expanded
        check_size(root, top)
        return root

    def parse(self, node: Any, scope: Scope) -> AvroType:
        """Return the type that a JSON node declares.

        Raises SchemaError: not a valid schema.
        """
        if isinstance(node, str):
            return self._parse_reference(node, scope)
        if isinstance(node, list):
            return self._parse_union(node, scope)
        if isinstance(node, dict):
            return self._parse_object(node, scope)
        raise scope.location.error(
            f"{short_json(node)} is not a type; expected a name, an object or a list"
        )

    def _parse_reference(self, name: str, scope: Scope) -> AvroType:
        if name in PRIMITIVE_NAMES:
            return Primitive(name)
        full = scope.full_name_of(name)
        if full in scope.records:
            self._recursive.add(full)
            return Recursion(record=full)
        if full in self._named_types:
            return self._named_types[full]
        if name in _COMPLEX_TYPES:
            raise scope.location.error(f'{name!r} needs an object: {{"type": "{name}", …}}')
        hint = did_you_mean(name, PRIMITIVE_NAMES) or did_you_mean(full, self._named_types)
        raise scope.location.error(
            f"unknown type {short_json(full)}"
            f"{hint or '; define it before its first use, or add its file'}"
        )

    def _parse_union(self, nodes: list[Any], scope: Scope) -> AvroType:
        if not nodes:
            raise scope.location.error("the union has no types; add some")
        branches = []
        for i, node in enumerate(nodes):
            inner = scope.nested(scope.location.at(i))
            branches.append(self.parse(node, inner))
            if isinstance(branches[-1], Union):
                raise inner.location.error("nested union; list its types in the outer union")
        duplicate = first_duplicate([branch_name(b) for b in branches])
        if duplicate is not None:
            raise scope.location.error(f"duplicate union branch {duplicate!r}; remove one")
        return Union(tuple(branches))

    def _parse_object(self, node: dict[str, Any], scope: Scope) -> AvroType:
        if isinstance(node, ForeignDefinition):
            foreign = self._parse_definition(dict(node), replace(scope, location=node.location))
            return _with_annotation(foreign, node.annotation)
        return self._parse_definition(node, scope)

    def _parse_definition(self, node: dict[str, Any], scope: Scope) -> AvroType:
        kind = node.get("type")
        match kind:
            case "record" | "error":
                return self._parse_record(node, scope)
            case "enum":
                return self._parse_enum(node, scope)
            case "fixed":
                return self._parse_fixed(node, scope)
            case "array":
                return Array(self._parse_nested(node, "items", scope), _attributes(node))
            case "map":
                return Map(self._parse_nested(node, "values", scope), _attributes(node))
            case str() if kind in PRIMITIVE_NAMES:
                return Primitive(kind, logical_type(node, kind, scope.location), _attributes(node))
        if isinstance(kind, str):
            named = self._parse_reference(kind, replace(scope, location=scope.location.at("type")))
            return _with_annotation(named, {k: v for k, v in node.items() if k == ANNOTATION})
        raise _type_error(node, scope)

    def _parse_record(self, node: dict[str, Any], scope: Scope) -> AvroType:
        full = self._new_name(node, "record", scope)
        if "fields" not in node:
            raise scope.location.error(f'record {full!r} has no "fields"; add a list')
        location = scope.location.at("fields")
        if not isinstance(node["fields"], list):
            raise location.error(f"{short_json(node['fields'])} is not a list of fields")
        inside = replace(
            scope, namespace=namespace_of(full), records=(*scope.records, full), location=location
        )
        fields = tuple(self._parse_field(f, i, inside) for i, f in enumerate(node["fields"]))
        check_no_duplicates([f.name for f in fields], location)
        return self._register(full, Record(full, fields, _attributes(node)))

    def _parse_field(self, node: Any, index: int, scope: Scope) -> Field:
        location = scope.location.at(index)
        if not isinstance(node, dict):
            raise location.error(
                f"{short_json(node)} is not a field; expected an object with name and type"
            )
        if "name" not in node:
            raise location.error('the field has no "name"; add it')
        name = check_name(node["name"], location.at("name"))
        if "type" not in node:
            raise location.error(f'field {name!r} has no "type"; add it')
        check_aliases(node, location)
        avro_type = self.parse(node["type"], scope.nested(location.at("type")))
        if "default" in node:
            check_default(node["default"], avro_type, location.at("default"))
        return Field(name, avro_type, _attributes(node))

    def _parse_enum(self, node: dict[str, Any], scope: Scope) -> AvroType:
        full = self._new_name(node, "enum", scope)
        if not node.get("symbols"):
            raise scope.location.error(f'enum {full!r} has no "symbols"; add a list')
        symbols = check_names(node["symbols"], "symbols", scope.location.at("symbols"))
        default = node.get("default")
        if default is not None and default not in symbols:
            raise scope.location.at("default").error(
                f"{short_json(default)} is not a symbol of enum {full!r}"
                f"{did_you_mean(str(default), symbols, 'change it or remove the default')}"
            )
        return self._register(full, Enum(full, symbols, _attributes(node)))

    def _parse_fixed(self, node: dict[str, Any], scope: Scope) -> AvroType:
        full = self._new_name(node, "fixed", scope)
        if "size" not in node:
            raise scope.location.error(f'fixed {full!r} has no "size"; add it, in bytes')
        size = node["size"]
        if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= FIXED_BYTES_MAX:
            raise scope.location.at("size").error(
                f"size {short_json(size)} is not an integer in [0, {FIXED_BYTES_MAX}]"
            )
        logical = logical_type(node, "fixed", scope.location)
        return self._register(full, Fixed(full, size, logical, _attributes(node)))

    def _parse_nested(self, node: dict[str, Any], key: str, scope: Scope) -> AvroType:
        if key not in node:
            raise scope.location.error(f'{node["type"]} has no "{key}"; add their type')
        return self.parse(node[key], scope.nested(scope.location.at(key)))

    def _new_name(self, node: dict[str, Any], kind: str, scope: Scope) -> str:
        """Return the full name of a new named type.

        Raises SchemaError: the name is defined already.
        """
        full = full_name(node, kind, scope.namespace, scope.location)
        if full in self._named_types or full in scope.records:
            raise scope.location.at("name").error(
                f"{full!r} is defined twice; define it once, then refer to it by name"
            )
        check_aliases(node, scope.location)
        return full

    def _register(self, full: str, avro_type: AvroType) -> AvroType:
        self._named_types[full] = avro_type
        return avro_type


def _type_error(node: dict[str, Any], scope: Scope) -> SchemaError:
    """Return the error for an object that is not a type."""
    if "type" not in node:
        return scope.location.error(f'{short_json(node)} has no "type"; add it')
    kind, location = node["type"], scope.location.at("type")
    if isinstance(kind, dict | list):
        return location.error(
            "the type is wrapped in another object; replace the outer object with it"
        )
    return location.error(
        f"{short_json(kind)} is not a type; expected a name such as 'int' or 'record'"
    )


def _with_annotation(named: AvroType, node: Mapping[str, Any]) -> AvroType:
    """Return a named type with the annotation of a reference to it."""
    if not node or isinstance(named, Union):  # unions have no names
        return named
    attributes = {**named.attributes, **_attributes(node)}
    return replace(named, attributes=attributes)


def _attributes(node: Mapping[str, Any]) -> Mapping[str, Any]:
    return {k: v for k, v in node.items() if k not in _STRUCTURAL_KEYS}
