"""An Avro schema as a tree of frozen types, names resolved, every extra attribute kept.

Holds the parsed form that columns are declared from and encoders are planned from. It refuses
to hold Arrow types, values or bytes. Validity is fastavro's judgement; this module resolves
named types, reads logical types as the specification says (an unknown or invalid one is
ignored and the underlying type is used), and refuses what cannot be columnar: recursion.

Source: Apache Avro 1.12 specification, "Schema Declaration", "Names", "Logical Types".
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import fastavro

from generator.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PRIMITIVES: Final = frozenset(
    {"null", "boolean", "int", "long", "float", "double", "bytes", "string"}
)
DECIMAL_PRECISION_MAX: Final = 76
"""Digits that Arrow's widest decimal (256 bits) holds."""
SCHEMA_DEPTH_MAX: Final = 64
"""Nested types that a schema may have; deeper ones are refused rather than overflow a stack."""

SCHEMA_TYPES_MAX: Final = 10_000
"""Types of a schema once its named types are written out wherever they are used."""
SCHEMA_CHARACTERS_MAX: Final = 16 * 1024 * 1024
FIXED_BYTES_MAX: Final = 1024 * 1024
"""Bytes of a fixed type: as many as Kafka's default for a whole record batch."""

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
"""Source: the specification, "Names"."""

_LOGICAL_ON: Final[Mapping[str, frozenset[str]]] = {
    "decimal": frozenset({"bytes", "fixed"}),
    "uuid": frozenset({"string", "fixed"}),
    "date": frozenset({"int"}),
    "time-millis": frozenset({"int"}),
    "time-micros": frozenset({"long"}),
    "timestamp-millis": frozenset({"long"}),
    "timestamp-micros": frozenset({"long"}),
    "timestamp-nanos": frozenset({"long"}),
    "local-timestamp-millis": frozenset({"long"}),
    "local-timestamp-micros": frozenset({"long"}),
    "local-timestamp-nanos": frozenset({"long"}),
    "duration": frozenset({"fixed"}),
}


@dataclass(frozen=True, slots=True)
class Logical:
    """A logical type; `precision` and `scale` are a decimal's, in digits, and 0 for the others."""

    name: str
    precision: int = 0
    scale: int = 0


@dataclass(frozen=True, slots=True)
class Primitive:
    """One of Avro's eight primitive types."""

    name: str
    logical: Logical | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Fixed:
    """`size` bytes under a name."""

    name: str
    size: int
    logical: Logical | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Enum:
    """One of `symbols`, written as its position."""

    name: str
    symbols: tuple[str, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Array:
    """Any number of `items`."""

    items: AvroType
    attributes: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Map:
    """Any number of `values` under string keys."""

    values: AvroType
    attributes: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Union:
    """One of `branches`, preceded on the wire by its position."""

    branches: tuple[AvroType, ...]

    @property
    def null_branch(self) -> int | None:
        """Position of the null branch when this is a plain nullable type, else None.

        Plain nullable means two branches of which exactly one is null: its Arrow form is the
        other branch's type with nulls. Every other union is an Arrow dense union.
        """
        nulls = [i for i, b in enumerate(self.branches) if is_null(b)]
        return nulls[0] if len(self.branches) == 2 and len(nulls) == 1 else None

    @property
    def value(self) -> AvroType:
        """The branch of a plain nullable type that is not null."""
        return next(b for b in self.branches if not is_null(b))


@dataclass(frozen=True, slots=True)
class Field:
    """A record's field. `attributes` are its JSON attributes apart from name and type."""

    name: str
    type: AvroType
    attributes: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Record:
    """Named fields, written one after another."""

    name: str
    fields: tuple[Field, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict, compare=False)


AvroType: TypeAlias = Primitive | Fixed | Enum | Array | Map | Union | Record


def is_null(avro_type: AvroType) -> bool:
    """Tell whether `avro_type` is Avro's null."""
    return isinstance(avro_type, Primitive) and avro_type.name == "null"


def branch_name(avro_type: AvroType) -> str:
    """Name of a union's branch as Avro's JSON encoding writes it: full name, or the type's."""
    match avro_type:
        case Primitive() | Fixed() | Enum() | Record():
            return avro_type.name
        case Array():
            return "array"
        case Map():
            return "map"
        case Union():  # pragma: no cover - the specification forbids a union in a union
            msg = "a union may not contain a union"
            raise SchemaError(msg)


@dataclass(frozen=True)
class AvroSchema:
    """A record schema: the JSON that is registered, and its tree."""

    json: str
    root: Record

    @cached_property
    def name(self) -> str:
        """Full name of the record."""
        return self.root.name

    def __str__(self) -> str:
        """Return the schema's JSON."""
        return self.json


def parse_avro(text: str, *, source: str = "schema") -> AvroSchema:
    """Parse the JSON text of an Avro record schema.

    `source` names the text in errors. Cost: O(size of the schema with named types written out).

    Raises SchemaError: not JSON, not a valid schema, not a record at the top, recursive, or
    nested deeper than SCHEMA_DEPTH_MAX.
    """
    try:
        declared = json.loads(text)
        fastavro.parse_schema(json.loads(text))
    except json.JSONDecodeError as e:
        msg = f"{source}:{e.lineno}:{e.colno}: not JSON: {e.msg}"
        raise SchemaError(msg) from e
    except RecursionError as e:
        msg = f"{source}: nested deeper than {SCHEMA_DEPTH_MAX} types; flatten the schema"
        raise SchemaError(msg) from e
    except Exception as e:  # fastavro raises KeyError, TypeError, … for what it does not expect
        reason = f"missing {e}" if isinstance(e, KeyError) else str(e).replace("\n", " ")
        msg = f"{source}: not a valid Avro schema: {reason}"
        raise SchemaError(msg) from e
    _check_names(declared, source)
    root = _Parser(source).parse(declared, "", ())
    if not isinstance(root, Record):
        msg = f"{source}: the top must be a record, not {branch_or_union(root)!r}"
        raise SchemaError(msg)
    if sum(1 for _ in islice(walk(root), SCHEMA_TYPES_MAX + 1)) > SCHEMA_TYPES_MAX:
        raise SchemaError(
            f"{source}: over {SCHEMA_TYPES_MAX} types once its named types are written out; "
            "make it smaller"
        )
    return AvroSchema(json.dumps(declared, ensure_ascii=False, separators=(",", ":")), root)


def load_avro(path: Path) -> AvroSchema:
    """Parse the Avro record schema in the file at `path`.

    Raises SchemaError: as `parse_avro`, or the file cannot be read as UTF-8.
    """
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(SCHEMA_CHARACTERS_MAX + 1)
    except OSError as e:
        msg = f"{path}: cannot be read: {e.strerror}; give the path of an Avro schema (.avsc)"
        raise SchemaError(msg) from e
    except UnicodeDecodeError as e:
        msg = f"{path}: not UTF-8 text; give the path of an Avro schema (.avsc)"
        raise SchemaError(msg) from e
    if len(text) > SCHEMA_CHARACTERS_MAX:
        raise SchemaError(f"{path}: over {SCHEMA_CHARACTERS_MAX} characters; is it a schema?")
    return parse_avro(text, source=str(path))


def _check_names(node: Any, source: str) -> None:
    """Refuse names, symbols and sizes that fastavro lets pass and the specification does not.

    Raises SchemaError.
    """
    if isinstance(node, list):
        for branch in node:
            _check_names(branch, source)
    if not isinstance(node, dict):
        return
    if "name" in node:
        _check_name(node["name"], "name", source)
    kind = node.get("type") if isinstance(node.get("type"), str) else None
    if kind == "fixed":
        _check_size(node, source)
    if kind == "enum":
        _check_unique(node.get("symbols"), f"symbols of enum {node.get('name')!r}", source)
    if kind in {"record", "error"}:
        named = [f.get("name") for f in node["fields"]]
        if named:
            _check_unique(named, f"fields of record {node.get('name')!r}", source)
    for child in ("type", "items", "values", "fields"):
        _check_names(node.get(child), source)


def _check_unique(names: Any, what: str, source: str) -> None:
    if not isinstance(names, list) or not names:
        raise SchemaError(f"{source}: {what}: {names!r}; give a list of at least one name")
    for name in names:
        _check_name(name, what, source, dotted=False)
    twice = next((n for n, times in Counter(names).items() if times > 1), None)
    if twice is not None:
        raise SchemaError(f"{source}: {what}: {twice!r} stands twice; every name is unique")


def _check_name(name: Any, what: str, source: str, *, dotted: bool = True) -> None:
    parts = str(name).split(".") if dotted else [str(name)]
    if not isinstance(name, str) or not all(_NAME.fullmatch(part) for part in parts):
        raise SchemaError(
            f"{source}: {what}: {name!r} is no Avro name; use letters, digits and _, no digit first"
        )


def _check_size(node: Mapping[str, Any], source: str) -> None:
    size = node.get("size")
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= FIXED_BYTES_MAX:
        raise SchemaError(
            f"{source}: fixed {node.get('name')!r}: size {size!r}; "
            f"give 0 to {FIXED_BYTES_MAX} bytes"
        )


def branch_or_union(avro_type: AvroType) -> str:
    """Return a short word for any type, for messages."""
    return "union" if isinstance(avro_type, Union) else branch_name(avro_type)


def walk(avro_type: AvroType, path: str = "") -> Iterator[tuple[str, AvroType]]:
    """Yield every type below `avro_type` with its field path (``a.b``, ``a[]``, ``a{}``)."""
    yield path, avro_type
    match avro_type:
        case Record():
            for f in avro_type.fields:
                yield from walk(f.type, f"{path}.{f.name}" if path else f.name)
        case Array():
            yield from walk(avro_type.items, f"{path}[]")
        case Map():
            yield from walk(avro_type.values, f"{path}{{}}")
        case Union():
            for b in avro_type.branches:
                yield from walk(b, path)
        case _:
            return


class _Parser:
    """Walks a schema that fastavro found valid, and resolves its named types."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._named: dict[str, AvroType] = {}

    def parse(self, node: Any, namespace: str, within: tuple[str, ...]) -> AvroType:
        """Return the tree of one JSON node; `within` are the record names around it."""
        if len(within) > SCHEMA_DEPTH_MAX:
            raise self._refusal(f"nested deeper than {SCHEMA_DEPTH_MAX} types; flatten the schema")
        if isinstance(node, list):
            return Union(tuple(self.parse(b, namespace, (*within, "")) for b in node))
        if isinstance(node, str):
            return self._named_or_primitive(node, namespace, within)
        kind = node["type"]
        if isinstance(kind, dict | list):
            return self.parse(kind, namespace, (*within, ""))
        build = {
            "record": self._record,
            "error": self._record,
            "enum": self._enum,
            "fixed": self._fixed,
            "array": self._array,
            "map": self._map,
        }.get(kind)
        if build is not None:
            return build(node, namespace, within)
        if kind in PRIMITIVES:
            return Primitive(kind, _logical(node, kind), _attributes(node))
        return self._named_or_primitive(kind, namespace, within)

    def _named_or_primitive(self, name: str, namespace: str, within: tuple[str, ...]) -> AvroType:
        if name in PRIMITIVES:
            return Primitive(name)
        full = name if "." in name or not namespace else f"{namespace}.{name}"
        for candidate in (full, name):
            if candidate in within:
                raise self._refusal(
                    f"record {candidate!r} contains itself; recursive schemas have no columnar "
                    "form, unroll it to the depth that you need"
                )
            if candidate in self._named:
                return self._named[candidate]
        raise self._refusal(f"unknown type {name!r}")

    def _record(self, node: Any, namespace: str, within: tuple[str, ...]) -> AvroType:
        full, space = _full_name(node, namespace)
        inside = (*within, full)
        fields = tuple(
            Field(f["name"], self.parse(f["type"], space, inside), _attributes(f))
            for f in node["fields"]
        )
        return self._name(full, Record(full, fields, _attributes(node)))

    def _enum(self, node: Any, namespace: str, _within: tuple[str, ...]) -> AvroType:
        full, _ = _full_name(node, namespace)
        return self._name(full, Enum(full, tuple(node["symbols"]), _attributes(node)))

    def _fixed(self, node: Any, namespace: str, _within: tuple[str, ...]) -> AvroType:
        full, _ = _full_name(node, namespace)
        logical = _logical(node, "fixed")
        return self._name(full, Fixed(full, node["size"], logical, _attributes(node)))

    def _array(self, node: Any, namespace: str, within: tuple[str, ...]) -> AvroType:
        return Array(self.parse(node["items"], namespace, (*within, "")), _attributes(node))

    def _map(self, node: Any, namespace: str, within: tuple[str, ...]) -> AvroType:
        return Map(self.parse(node["values"], namespace, (*within, "")), _attributes(node))

    def _name(self, full: str, avro_type: AvroType) -> AvroType:
        self._named[full] = avro_type
        return avro_type

    def _refusal(self, reason: str) -> SchemaError:
        return SchemaError(f"{self._source}: {reason}")


_STRUCTURAL: Final = frozenset(
    {"type", "name", "namespace", "fields", "symbols", "items", "values", "size"}
)


def _attributes(node: Mapping[str, Any]) -> Mapping[str, Any]:
    return {k: v for k, v in node.items() if k not in _STRUCTURAL}


def _full_name(node: Mapping[str, Any], namespace: str) -> tuple[str, str]:
    """Return the full name of a named type and the namespace inside it."""
    name = str(node["name"])
    if "." in name:
        return name, name.rpartition(".")[0]
    space = str(node.get("namespace", namespace) or "")
    return (f"{space}.{name}" if space else name), space


def _logical(node: Mapping[str, Any], kind: str) -> Logical | None:
    """Read a logical type; None when it is unknown, invalid or not for this type."""
    name = node.get("logicalType")
    if not isinstance(name, str) or kind not in _LOGICAL_ON.get(name, frozenset()):
        return None
    size = node.get("size")
    if name == "decimal":
        return _decimal(node, size)
    if (name == "uuid" and kind == "fixed" and size != 16) or (name == "duration" and size != 12):
        return None
    return Logical(name)


def _decimal(node: Mapping[str, Any], size: int | None) -> Logical | None:
    precision, scale = node.get("precision"), node.get("scale", 0)
    if not isinstance(precision, int) or not isinstance(scale, int):
        return None
    if not 0 <= scale <= precision or precision == 0:
        return None
    if precision > DECIMAL_PRECISION_MAX:
        msg = f"decimal precision {precision} is over {DECIMAL_PRECISION_MAX} digits; lower it"
        raise SchemaError(msg)
    if size is not None and 10**precision > 2 ** (8 * size - 1):
        return None  # a fixed of this size cannot hold that many digits
    return Logical("decimal", precision, scale)
