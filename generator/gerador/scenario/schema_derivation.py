"""Derive the Avro schema of a stream from its declared values."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, Protocol

from gerador.avro.infer_type import UNNAMED_RECORD
from gerador.avro.load import parse_avro
from gerador.avro.logical_types import UNDERLYING_TYPES
from gerador.avro.names import PRIMITIVE_NAMES
from gerador.avro.relocate_definitions import define_once
from gerador.errors import SchemaError, did_you_mean
from gerador.scenario.flatten import field_name_error, ineffective_key_errors, own_declaration
from gerador.scenario.nested_values import (
    CONTENTS,
    ArrayValue,
    MapValue,
    RecordValue,
    UnionValue,
)
from gerador.values.choice import ChoiceGenerator
from gerador.values.field_references import child_path
from gerador.values.references import ReferenceGenerator
from gerador.values.sql.generator import SqlGenerator
from gerador.values.state_machine import StateMachineGenerator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gerador.avro.schema import AvroSchema, Field
    from gerador.scenario.flatten import FlatDeclarations
    from gerador.scenario.nested_values import Value
    from gerador.scenario.yaml_reader import LocatedError, Location
    from gerador.values.declaration import ValueGenerator


_SIMPLE: Final = PRIMITIVE_NAMES - {"null"}
_LOGICAL: Final = {
    name: kind
    for name, kinds in UNDERLYING_TYPES.items()
    for kind in kinds - {"fixed"}
    if name != "decimal"
}
"""Underlying types of the logical types without parameters."""
_DECIMAL: Final = re.compile(r"decimal\((\d+)(?:, ?(\d+))?\)")
_FIXED: Final = re.compile(r"fixed\((\d+)\)")
DECLARABLE_TYPES: Final = (
    *sorted(_SIMPLE),
    *sorted(_LOGICAL),
    "decimal(10,2)",
    "fixed(16)",
    "enum",
)
"""Values of the key `type`."""


def declared_type(text: str, value: ValueGenerator, path: str) -> Any:
    """Return the Avro type (JSON) of the key `type`. Raises ValueError: not a type."""
    if text in _SIMPLE:
        return text
    if text in _LOGICAL:
        return {"type": _LOGICAL[text], "logicalType": text}
    if decimal := _DECIMAL.fullmatch(text):
        digits = {"precision": int(decimal[1]), "scale": int(decimal[2] or 0)}
        return {"type": "bytes", "logicalType": "decimal", **digits}
    if fixed := _FIXED.fullmatch(text):
        return {"type": "fixed", "name": type_name_at(path), "size": int(fixed[1])}
    if text == "enum":
        return {"type": "enum", "name": type_name_at(path), "symbols": _enum_symbols(value)}
    advice = f"valid types: {', '.join(DECLARABLE_TYPES)}"
    raise ValueError(f"unknown type {text!r}{did_you_mean(text, DECLARABLE_TYPES, advice)}")


def _enum_symbols(value: ValueGenerator) -> list[str]:
    if isinstance(value, ChoiceGenerator) and all(isinstance(v, str | None) for v in value.values):
        return [v for v in value.values if v is not None]
    if isinstance(value, StateMachineGenerator):
        return list(value.states)
    raise ValueError("type enum is supported only by choice of texts and by state_machine")


def type_name_at(path: str) -> str:
    """Return the name of the type at a path: ``ItensPreco`` for ``itens[].preco``."""
    parts = re.findall(r"[A-Za-z0-9]+", path)
    name = "".join(part[0].upper() + part[1:] for part in parts) or "Row"
    return f"_{name}" if name[0].isdigit() else name


NAMESPACE: Final = "gerador"


class TypeSource(Protocol):
    """Types that do not follow from a declaration alone. Both methods raise ValueError."""

    def of_field(self, stream_and_field: str) -> Any:
        """Return the Avro type (JSON) of another stream's field (``customers.id``)."""

    def of_sql(self, expression: str, record: Mapping[str, Any]) -> Any:
        """Return the Avro type (JSON) of an expression over the fields of an Avro record."""


class TypeDeriver:
    """Derives the types of one stream's values; adds generators and errors to `flat`."""

    def __init__(self, types: TypeSource, flat: FlatDeclarations) -> None:
        self._types = types
        self._flat = flat
        self._row: list[dict[str, Any]] = []

    def row_fields(
        self,
        fields: Mapping[str, Value],
        locations: Mapping[str, Location],
        given: Sequence[dict[str, Any]] = (),
    ) -> list[dict[str, Any]]:
        """Return the row's fields (JSON); `given` are further fields whose types are known."""
        self._row += given
        return self._fields(fields, locations, "", self._row)

    def _fields(
        self,
        fields: Mapping[str, Value],
        locations: Mapping[str, Location],
        path: str,
        done: list[dict[str, Any]],
    ) -> list[dict[str, Any]]:
        """Return a record's fields (JSON), in order of declaration.

        A field that needs another's type is derived after it; `done` receives each when derived.
        """
        derived: dict[str, dict[str, Any]] = {}
        waiting = dict(fields)
        while waiting:
            ready = [n for n, v in waiting.items() if not _needs_type_of(v, waiting.keys() - {n})]
            if not ready:
                first = next(iter(waiting))
                names = ", ".join(repr(name) for name in waiting)
                text = f"types of fields {names} depend on each other; set type on one of them"
                self._flat.add_error((*locations[first], first), text)
                return []
            for name in ready:
                loc = (*locations[name], name)
                field = self._field(name, waiting.pop(name), loc, child_path(path, name), done)
                derived[name] = field
                done.append(field)
        return [derived[name] for name in fields]

    def _field(
        self, name: str, value: Value, loc: Location, path: str, siblings: list[dict[str, Any]]
    ) -> dict[str, Any]:
        if text := field_name_error(name):
            self._flat.add_error(loc, text)
        kind = self._nullable(self._type(value, loc, path, siblings), value, path)
        nullable = isinstance(kind, list) and kind[0] == "null"
        default = {"default": None} if nullable else {}
        doc = {"doc": value.doc} if value.doc else {}
        return {"name": name, "type": kind, **doc, **default}

    def _nullable(self, kind: Any, value: Value, path: str) -> Any:
        if isinstance(kind, list) and "null" in kind:
            if value.null is None and isinstance(value, ReferenceGenerator | SqlGenerator):
                # Nulls come from the referenced fields only.
                self._flat.fields[path] = value.model_copy(update={"null": 0.0})
            return kind
        if value.null is None and not value.can_be_null():
            return kind
        return ["null", *kind] if isinstance(kind, list) else ["null", kind]

    def _type(self, value: Value, loc: Location, path: str, siblings: list[dict[str, Any]]) -> Any:
        """Return the Avro type (JSON) of a value without its nulls; add its generators."""
        self._flat.locations[path] = loc
        is_field = not path.endswith(("[]", "{}", ">"))
        for parameter, text in ineffective_key_errors(value, is_field=is_field, derived=True):
            self._flat.add_error((*loc, value.kind, parameter), text)
        self._flat.fields[path] = own_declaration(value)
        match value:
            case ArrayValue(items=inner) if inner is not None:
                inner_type = self._item(inner, (*loc, "array", "items"), f"{path}[]", siblings)
                return {"type": "array", "items": inner_type}
            case MapValue(values=inner) if inner is not None:
                inner_type = self._item(inner, (*loc, "map", "values"), f"{path}{{}}", siblings)
                return {"type": "map", "values": inner_type}
            case RecordValue(fields=fields) if fields is not None:
                locations = dict.fromkeys(fields, (*loc, "record", "fields"))
                return {
                    "type": "record",
                    "name": value.name or type_name_at(path),
                    "fields": self._fields(fields, locations, path, []),
                }
            case UnionValue(branches=branches) if branches is not None:
                return self._union(branches, loc, path, siblings)
            case ArrayValue() | MapValue() | RecordValue() | UnionValue():
                text = f"missing key {CONTENTS[value.kind]!r}"
                self._flat.add_error((*loc, value.kind), text)
                return "string"
            case _:
                return self._leaf(value, loc, path, siblings)

    def _item(self, value: Value, loc: Location, path: str, siblings: list[Any]) -> Any:
        return self._nullable(self._type(value, loc, path, siblings), value, path)

    def _union(
        self, branches: Sequence[Value], loc: Location, path: str, siblings: list[Any]
    ) -> list[Any]:
        kinds: list[Any] = []
        for i, inner in enumerate(branches):
            at = (*loc, "union", "branches", i)
            kind = self._type(inner, at, f"{path}<{i}>", siblings)
            branch = _branch_name(kind)
            self._rename(f"{path}<{i}>", f"{path}<{branch}>")
            if branch == "union":
                self._flat.add_error(at, "union inside a union; add its types to the outer one")
            if branch in [_branch_name(k) for k in kinds]:
                self._flat.add_error(at, f"two branches of type {branch!r}; change one of them")
            kinds.append(kind)
        return kinds

    def _rename(self, old: str, new: str) -> None:
        """Rename the path of a branch to the name of its type, once that is known."""
        by_paths: tuple[dict[str, Any], ...] = (self._flat.locations, self._flat.fields)
        for by_path in by_paths:
            for path in [p for p in by_path if p.startswith(old)]:
                by_path[new + path[len(old) :]] = by_path.pop(path)

    def _leaf(self, value: Value, loc: Location, path: str, siblings: list[dict[str, Any]]) -> Any:
        try:
            if value.type is not None:
                return declared_type(value.type, value, path)
            if isinstance(value, ReferenceGenerator):
                return self._types.of_field(value.field)
            if isinstance(value, SqlGenerator) and self._flat.errors:
                return "string"  # a field that it reads may have an unknown type
            if isinstance(value, SqlGenerator):
                outer = [f for f in self._row if f["name"] not in {b["name"] for b in siblings}]
                record = {"type": "record", "name": "Row", "fields": [*siblings, *outer]}
                return self._types.of_sql(value.text, record)
            return _name_records(value.default_type(), path)
        except ValueError as e:
            parameter = () if value.type is None else ("type",)
            self._flat.add_error((*loc, value.kind, *parameter), str(e))
            return "string"


def _needs_type_of(value: Value, names: set[str]) -> bool:
    """Return whether the type of a value depends on the type of a field in `names`."""
    if value.type is not None:
        return False
    if isinstance(value, SqlGenerator):
        return any(True for _ in value.references(names))
    if isinstance(value, RecordValue):
        fields = value.fields or {}
        return any(_needs_type_of(v, names - fields.keys()) for v in fields.values())
    inner = value.items if isinstance(value, ArrayValue) else None
    inner = value.values if isinstance(value, MapValue) else inner
    return inner is not None and _needs_type_of(inner, names)


def _branch_name(kind: Any) -> str:
    if isinstance(kind, str):
        return kind
    if isinstance(kind, list):
        return "union"
    return f"{NAMESPACE}.{kind['name']}" if "name" in kind else str(kind["type"])


def _name_records(kind: Any, path: str) -> Any:
    """Return a type with its unnamed records named after their paths."""
    if isinstance(kind, list):
        return [_name_records(branch, path) for branch in kind]
    if not isinstance(kind, dict):
        return kind
    if "items" in kind:
        return {**kind, "items": _name_records(kind["items"], f"{path}[]")}
    if kind.get("name") != UNNAMED_RECORD:
        return kind
    fields = [
        {**field, "type": _name_records(field["type"], child_path(path, field["name"]))}
        for field in kind["fields"]
    ]
    return {**kind, "name": type_name_at(path), "fields": fields}


class SchemaDeriver:
    """Derives one stream's schema; adds generators and errors to `flat`."""

    def __init__(self, stream: str, types: TypeSource, flat: FlatDeclarations) -> None:
        self._stream = stream
        self._flat = flat
        self._types = TypeDeriver(types, flat)

    def schema(
        self,
        fields: Mapping[str, Value],
        hidden: Mapping[str, Value],
        loc: Location,
        doc: str | None,
    ) -> tuple[AvroSchema, tuple[Field, ...]] | None:
        """Return the schema of the stream and its hidden fields; None: there are errors.

        `loc` is the stream's location in the file.
        """
        self._reject_docs(hidden, loc)
        for name in hidden.keys() & fields.keys():
            text = f"{name!r} is in fields too; rename one of them"
            self._flat.add_error((*loc, "let", name), text)
        locations = dict.fromkeys(hidden, (*loc, "let")) | dict.fromkeys(fields, (*loc, "fields"))
        row = self._types.row_fields({**hidden, **fields}, locations)
        if self._flat.errors:
            return None
        try:
            sent = self._record([f for f in row if f["name"] in fields], doc)
            whole = self._record(row, doc)
        except SchemaError as e:
            names = [f["name"] for f in row]
            self._flat.errors.append(_locate(str(e), names, locations, loc))
            return None
        return sent, tuple(f for f in whole.root.fields if f.name in hidden)

    def hidden(
        self, hidden: Mapping[str, Value], schema: AvroSchema, loc: Location
    ) -> tuple[Field, ...]:
        """Return the hidden fields of a stream whose schema is given."""
        self._reject_docs(hidden, loc)
        given = schema.row_json["fields"]
        fields = self._types.row_fields(hidden, dict.fromkeys(hidden, (*loc, "let")), given)
        if self._flat.errors or not fields:
            return ()
        return self._record(fields, None).root.fields

    def _reject_docs(self, hidden: Mapping[str, Value], loc: Location) -> None:
        for name, value in hidden.items():
            if value.doc is not None:
                text = "hidden fields have no doc in the schema; use a comment"
                self._flat.add_error((*loc, "let", name, value.kind, "doc"), text)

    def _record(self, fields: list[dict[str, Any]], doc: str | None) -> AvroSchema:
        record = {
            "type": "record",
            "name": type_name_at(self._stream),
            "namespace": NAMESPACE,
            **({"doc": doc} if doc else {}),
            "fields": define_once(fields),
        }
        return parse_avro(json.dumps(record, ensure_ascii=False), source=f"stream {self._stream!r}")


def _locate(
    text: str, names: list[str], locations: Mapping[str, Location], loc: Location
) -> LocatedError:
    """Return the location of a schema parser's error, and its message without the JSON path."""
    found = re.search(r"fields\[(\d+)\]\S*: (.*)", text)
    if found is None:
        return loc, text
    name = names[int(found[1])]
    return (*locations[name], name), found[2]
