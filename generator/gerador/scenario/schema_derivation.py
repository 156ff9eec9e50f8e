"""Derive the Avro schema of a stream from its declared values."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, Protocol

from gerador.avro.inference import UNNAMED_RECORD
from gerador.avro.load import parse_avro
from gerador.avro.named_types import define_once
from gerador.errors import SchemaError
from gerador.scenario.flatten import field_name_error, ineffective_key_errors, own_declaration
from gerador.scenario.nested_values import ArrayValue, MapValue, RecordValue, UnionValue
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
    from gerador.scenario.yaml_reader import Location
    from gerador.values.declaration import ValueGenerator


_SIMPLE: Final = frozenset({"boolean", "int", "long", "float", "double", "bytes", "string"})
_LOGICAL: Final = {
    "date": "int",
    "time-millis": "int",
    "time-micros": "long",
    "timestamp-millis": "long",
    "timestamp-micros": "long",
    "timestamp-nanos": "long",
    "local-timestamp-millis": "long",
    "local-timestamp-micros": "long",
    "local-timestamp-nanos": "long",
    "uuid": "string",
}
_DECIMAL: Final = re.compile(r"decimal\((\d+)(?:, ?(\d+))?\)")
_FIXED: Final = re.compile(r"fixed\((\d+)\)")
DECLARABLE_TYPES: Final = (
    *sorted(_SIMPLE),
    *sorted(_LOGICAL),
    "decimal(10,2)",
    "fixed(16)",
    "enum",
)
"""What `type` may say."""


def declared_type(text: str, value: ValueGenerator, path: str) -> Any:
    """Return the Avro type that `type` names. Raises ValueError: it names none."""
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
    raise ValueError(f"no type {text!r}; give {', '.join(DECLARABLE_TYPES)}")


def _enum_symbols(value: ValueGenerator) -> list[str]:
    if isinstance(value, ChoiceGenerator) and all(isinstance(v, str | None) for v in value.values):
        return [v for v in value.values if v is not None]
    if isinstance(value, StateMachineGenerator):
        return list(value.states)
    raise ValueError("an enum is for a choice of texts, or for states")


def type_name_at(path: str) -> str:
    """Return a name for the type at a path: ``itens[].preco`` is ``ItensPreco``."""
    words = re.findall(r"[A-Za-z0-9]+", path)
    name = "".join(word[0].upper() + word[1:] for word in words) or "Row"
    return f"_{name}" if name[0].isdigit() else name


NAMESPACE: Final = "gerador"


class TypeSource(Protocol):
    """Who knows types that no declaration tells by itself. Both raise ValueError, with a line."""

    def of_field(self, stream_and_field: str) -> Any:
        """Return the Avro type (JSON) of another stream's field (``clientes.id``)."""

    def of_sql(self, expression: str, record: Mapping[str, Any]) -> Any:
        """Return the Avro type (JSON) of an expression over the fields of an Avro record."""


class TypeDeriver:
    """The types of one stream's values; faults and declarations go to `flat`."""

    def __init__(self, types: TypeSource, flat: FlatDeclarations) -> None:
        self._types = types
        self._flat = flat
        self._row: list[dict[str, Any]] = []

    def of_row(
        self,
        fields: Mapping[str, Value],
        places: Mapping[str, Location],
        given: Sequence[dict[str, Any]] = (),
    ) -> list[dict[str, Any]]:
        """Return the row's fields (JSON); `given` are others of it, whose types are known."""
        self._row += given
        return self._fields(fields, places, "", self._row)

    def _fields(
        self,
        fields: Mapping[str, Value],
        places: Mapping[str, Location],
        path: str,
        done: list[dict[str, Any]],
    ) -> list[dict[str, Any]]:
        """Return a record's fields (JSON); those that need others' types are made after them."""
        made: dict[str, dict[str, Any]] = {}
        waiting = dict(fields)
        while waiting:
            ready = [n for n, v in waiting.items() if not _needs_type_of(v, waiting.keys() - {n})]
            if not ready:
                circle = ", ".join(repr(name) for name in waiting)
                text = f"{circle} need each other's types; cut the circle, or say a type"
                self._flat.faults.append(
                    ((*places[next(iter(waiting))], next(iter(waiting))), text)
                )
                return []
            for name in ready:
                value = waiting.pop(name)
                made[name] = self._field(
                    name, value, (*places[name], name), child_path(path, name), done
                )
                done.append(made[name])
        return [made[name] for name in fields]

    def _field(
        self, name: str, value: Value, loc: Location, path: str, beside: list[dict[str, Any]]
    ) -> dict[str, Any]:
        if wrong := field_name_error(name):
            self._flat.faults.append((loc, wrong))
        kind = self._nullable(self._type(value, loc, path, beside), value, path)
        nullable = isinstance(kind, list) and kind[0] == "null"
        default = {"default": None} if nullable else {}
        doc = {"doc": value.doc} if value.doc else {}
        return {"name": name, "type": kind, **doc, **default}

    def _nullable(self, kind: Any, value: Value, path: str) -> Any:
        if isinstance(kind, list) and "null" in kind:
            if value.null is None and isinstance(value, ReferenceGenerator | SqlGenerator):
                # The nulls are the other fields' own.
                self._flat.fields[path] = value.model_copy(update={"null": 0.0})
            return kind
        if value.null is None and not value.gives_null():
            return kind
        return ["null", *kind] if isinstance(kind, list) else ["null", kind]

    def _type(self, value: Value, loc: Location, path: str, beside: list[dict[str, Any]]) -> Any:
        """Return the Avro type (JSON) of a value, nulls apart, and note its declarations."""
        self._flat.places[path] = loc
        is_field = not path.endswith(("[]", "{}", ">"))
        for parameter, text in ineffective_key_errors(value, is_field=is_field, derived=True):
            self._flat.faults.append(((*loc, value.kind, parameter), text))
        own = own_declaration(value)
        if own is not None:
            self._flat.fields[path] = own
        match value:
            case ArrayValue():
                return {"type": "array", "items": self._item(value, loc, path, "[]", beside)}
            case MapValue():
                return {"type": "map", "values": self._item(value, loc, path, "{}", beside)}
            case RecordValue():
                inner: list[dict[str, Any]] = []
                places = dict.fromkeys(value.fields, (*loc, "record", "fields"))
                fields = self._fields(value.fields, places, path, inner)
                return {
                    "type": "record",
                    "name": value.name or type_name_at(path),
                    "fields": fields,
                }
            case UnionValue():
                return self._union(value, loc, path, beside)
            case _:
                return self._leaf(value, loc, path, beside)

    def _item(
        self, value: ArrayValue | MapValue, loc: Location, path: str, mark: str, beside: list[Any]
    ) -> Any:
        inner_loc, inner_path = (*loc, value.kind, "of"), f"{path}{mark}"
        inner = self._type(value.of, inner_loc, inner_path, beside)
        return self._nullable(inner, value.of, inner_path)

    def _union(self, value: UnionValue, loc: Location, path: str, beside: list[Any]) -> list[Any]:
        kinds: list[Any] = []
        for i, inner in enumerate(value.of):
            at = (*loc, "union", "of", i)
            kind = self._type(inner, at, f"{path}<{i}>", beside)
            word = _branch_name(kind)
            if word == "union":
                self._flat.faults.append(
                    (at, "a union in a union; put its types into the outer one")
                )
            self._move(f"{path}<{i}>", f"{path}<{word}>")
            if word in [_branch_name(k) for k in kinds]:
                self._flat.faults.append(
                    (at, f"two branches of type {word!r}; a union has one of each, so change one")
                )
            kinds.append(kind)
        return kinds

    def _move(self, old: str, new: str) -> None:
        """Call a branch by its type, now that it is known."""
        for path in [p for p in self._flat.places if p.startswith(old)]:
            self._flat.places[new + path[len(old) :]] = self._flat.places.pop(path)
        for path in [p for p in self._flat.fields if p.startswith(old)]:
            self._flat.fields[new + path[len(old) :]] = self._flat.fields.pop(path)

    def _leaf(self, value: Value, loc: Location, path: str, beside: list[dict[str, Any]]) -> Any:
        try:
            if value.type is not None:
                return declared_type(value.type, value, path)
            if isinstance(value, ReferenceGenerator):
                return self._types.of_field(value.field)
            if isinstance(value, SqlGenerator) and self._flat.faults:
                return "string"  # what it reads may be of a type that is not known now
            if isinstance(value, SqlGenerator):
                outer = [f for f in self._row if f["name"] not in {b["name"] for b in beside}]
                record = {"type": "record", "name": "Row", "fields": [*beside, *outer]}
                return self._types.of_sql(value.text, record)
            return _name_records(value.natural_type(), path)
        except ValueError as e:
            where = (*loc, value.kind) if value.type is None else (*loc, value.kind, "type")
            self._flat.faults.append((where, str(e)))
            return "string"


def _needs_type_of(value: Value, names: set[str]) -> bool:
    """Tell whether the type of a value waits for that of one of `names`."""
    if value.type is not None:
        return False
    if isinstance(value, SqlGenerator):
        return any(True for _ in value.mentions(names))
    inner = value.of if isinstance(value, ArrayValue | MapValue) else None
    if isinstance(value, RecordValue):
        return any(_needs_type_of(v, names - value.fields.keys()) for v in value.fields.values())
    return inner is not None and _needs_type_of(inner, names)


def _branch_name(kind: Any) -> str:
    if isinstance(kind, str):
        return kind
    if isinstance(kind, list):
        return "union"
    return f"{NAMESPACE}.{kind['name']}" if "name" in kind else str(kind["type"])


def _name_records(kind: Any, path: str) -> Any:
    """Return a type whose records that have no name yet are named after their paths."""
    if isinstance(kind, list):
        return [_name_records(branch, path) for branch in kind]
    if not isinstance(kind, dict):
        return kind
    made = {**kind, "items": _name_records(kind["items"], f"{path}[]")} if "items" in kind else kind
    if made.get("name") != UNNAMED_RECORD:
        return made
    fields = [
        {**field, "type": _name_records(field["type"], child_path(path, field["name"]))}
        for field in made["fields"]
    ]
    return {**made, "name": type_name_at(path), "fields": fields}


class SchemaDeriver:
    """The derivation of one stream's schema."""

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
        """Return the schema of the stream's rows and their hidden fields; None: faults were noted.

        `loc` is the stream's place in the file.
        """
        self._refuse_docs(hidden, loc)
        for name in hidden.keys() & fields.keys():
            self._flat.faults.append(
                ((*loc, "let", name), f"{name!r} is a field as well; rename it")
            )
        places = dict.fromkeys(hidden, (*loc, "let")) | dict.fromkeys(fields, (*loc, "fields"))
        made = self._types.of_row({**hidden, **fields}, places)
        if self._flat.faults:
            return None
        try:
            sent = self._record([f for f in made if f["name"] in fields], doc)
            whole = self._record(made, doc)
        except SchemaError as e:
            self._flat.faults.append(self._placed(str(e), [f["name"] for f in made], places, loc))
            return None
        return sent, tuple(f for f in whole.root.fields if f.name in hidden)

    def hidden(
        self, hidden: Mapping[str, Value], schema: AvroSchema, loc: Location
    ) -> tuple[Field, ...]:
        """Return the hidden fields beside those of a schema that is given."""
        self._refuse_docs(hidden, loc)
        given = json.loads(schema.json)["fields"]
        made = self._types.of_row(hidden, dict.fromkeys(hidden, (*loc, "let")), given)
        return () if self._flat.faults or not made else self._record(made, None).root.fields

    def _refuse_docs(self, hidden: Mapping[str, Value], loc: Location) -> None:
        for name, value in hidden.items():
            if value.doc is not None:
                at = (*loc, "let", name, value.kind, "doc")
                self._flat.faults.append((at, "what is not sent has no doc; make it a comment"))

    def _placed(
        self, text: str, names: list[str], places: Mapping[str, Location], loc: Location
    ) -> tuple[Location, str]:
        """Return where the parser's complaint belongs, and the complaint without its way there."""
        found = re.search(r"fields\[(\d+)\]\S*: (.*)", text)
        if found is None:
            return loc, text
        name = names[int(found[1])]
        return (*places[name], name), found[2]

    def _record(self, fields: list[dict[str, Any]], doc: str | None) -> AvroSchema:
        record = {
            "type": "record",
            "name": type_name_at(self._stream),
            "namespace": NAMESPACE,
            **({"doc": doc} if doc else {}),
            "fields": define_once(fields),
        }
        return parse_avro(json.dumps(record, ensure_ascii=False), source=f"stream {self._stream!r}")
