"""The Avro types (JSON) of the nested values of a file, by field path; notes their declarations.

Fields whose types need others' are made after them. Holds no Arrow and runs no SQL: see `Types`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from gerador.scenario.fields import FromField, SqlField
from gerador.scenario.fields.listed import NAMELESS
from gerador.scenario.file.flatten import own_declaration
from gerador.scenario.file.meaning import about_name, about_value
from gerador.scenario.file.said_types import pascal, said_type
from gerador.scenario.file.values import ArrayValue, MapValue, RecordValue, UnionValue
from gerador.scenario.mentions import below

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gerador.scenario.file.flatten import Flat
    from gerador.scenario.file.text import Path
    from gerador.scenario.file.values import Value

NAMESPACE: Final = "gerador"


class Types(Protocol):
    """Who knows types that no declaration tells by itself. Both raise ValueError, with a line."""

    def of_field(self, stream_and_field: str) -> Any:
        """Return the Avro type (JSON) of another stream's field (``clientes.id``)."""

    def of_sql(self, expression: str, record: Mapping[str, Any]) -> Any:
        """Return the Avro type (JSON) of an expression over the fields of an Avro record."""


class ValueTypes:
    """The types of one stream's values; faults and declarations go to `flat`."""

    def __init__(self, types: Types, flat: Flat) -> None:
        self._types = types
        self._flat = flat
        self._row: list[dict[str, Any]] = []

    def of_row(
        self,
        fields: Mapping[str, Value],
        places: Mapping[str, Path],
        given: Sequence[dict[str, Any]] = (),
    ) -> list[dict[str, Any]]:
        """Return the row's fields (JSON); `given` are others of it, whose types are known."""
        self._row += given
        return self._fields(fields, places, "", self._row)

    def _fields(
        self,
        fields: Mapping[str, Value],
        places: Mapping[str, Path],
        path: str,
        done: list[dict[str, Any]],
    ) -> list[dict[str, Any]]:
        """Return a record's fields (JSON); those that need others' types are made after them."""
        made: dict[str, dict[str, Any]] = {}
        waiting = dict(fields)
        while waiting:
            ready = [n for n, v in waiting.items() if not _needed(v, waiting.keys() - {n})]
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
                    name, value, (*places[name], name), below(path, name), done
                )
                done.append(made[name])
        return [made[name] for name in fields]

    def _field(
        self, name: str, value: Value, loc: Path, path: str, beside: list[dict[str, Any]]
    ) -> dict[str, Any]:
        if wrong := about_name(name):
            self._flat.faults.append((loc, wrong))
        kind = self._nullable(self._type(value, loc, path, beside), value, path)
        nullable = isinstance(kind, list) and kind[0] == "null"
        default = {"default": None} if nullable else {}
        doc = {"doc": value.doc} if value.doc else {}
        return {"name": name, "type": kind, **doc, **default}

    def _nullable(self, kind: Any, value: Value, path: str) -> Any:
        if isinstance(kind, list) and "null" in kind:
            if value.null is None and isinstance(value, FromField | SqlField):
                # The nulls are the other fields' own.
                self._flat.fields[path] = value.model_copy(update={"null": 0.0})
            return kind
        if value.null is None and not value.gives_null():
            return kind
        return ["null", *kind] if isinstance(kind, list) else ["null", kind]

    def _type(self, value: Value, loc: Path, path: str, beside: list[dict[str, Any]]) -> Any:
        """Return the Avro type (JSON) of a value, nulls apart, and note its declarations."""
        self._flat.places[path] = loc
        is_field = not path.endswith(("[]", "{}", ">"))
        for parameter, text in about_value(value, is_field=is_field, derived=True):
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
                return {"type": "record", "name": value.name or pascal(path), "fields": fields}
            case UnionValue():
                return self._union(value, loc, path, beside)
            case _:
                return self._leaf(value, loc, path, beside)

    def _item(
        self, value: ArrayValue | MapValue, loc: Path, path: str, mark: str, beside: list[Any]
    ) -> Any:
        inner_loc, inner_path = (*loc, value.kind, "of"), f"{path}{mark}"
        inner = self._type(value.of, inner_loc, inner_path, beside)
        return self._nullable(inner, value.of, inner_path)

    def _union(self, value: UnionValue, loc: Path, path: str, beside: list[Any]) -> list[Any]:
        kinds: list[Any] = []
        for i, inner in enumerate(value.of):
            at = (*loc, "union", "of", i)
            kind = self._type(inner, at, f"{path}<{i}>", beside)
            word = _branch(kind)
            if word == "union":
                self._flat.faults.append(
                    (at, "a union in a union; put its types into the outer one")
                )
            self._move(f"{path}<{i}>", f"{path}<{word}>")
            if word in [_branch(k) for k in kinds]:
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

    def _leaf(self, value: Value, loc: Path, path: str, beside: list[dict[str, Any]]) -> Any:
        try:
            if value.type is not None:
                return said_type(value.type, value, path)
            if isinstance(value, FromField):
                return self._types.of_field(value.field)
            if isinstance(value, SqlField) and self._flat.faults:
                return "string"  # what it reads may be of a type that is not known now
            if isinstance(value, SqlField):
                outer = [f for f in self._row if f["name"] not in {b["name"] for b in beside}]
                record = {"type": "record", "name": "Row", "fields": [*beside, *outer]}
                return self._types.of_sql(value.text, record)
            return _with_names(value.natural_type(), path)
        except ValueError as e:
            where = (*loc, value.kind) if value.type is None else (*loc, value.kind, "type")
            self._flat.faults.append((where, str(e)))
            return "string"


def _needed(value: Value, names: set[str]) -> bool:
    """Tell whether the type of a value waits for that of one of `names`."""
    if value.type is not None:
        return False
    if isinstance(value, SqlField):
        return any(True for _ in value.mentions(names))
    inner = value.of if isinstance(value, ArrayValue | MapValue) else None
    if isinstance(value, RecordValue):
        return any(_needed(v, names - value.fields.keys()) for v in value.fields.values())
    return inner is not None and _needed(inner, names)


def _branch(kind: Any) -> str:
    if isinstance(kind, str):
        return kind
    if isinstance(kind, list):
        return "union"
    return f"{NAMESPACE}.{kind['name']}" if "name" in kind else str(kind["type"])


def _with_names(kind: Any, path: str) -> Any:
    """Return a type whose records that have no name yet are named after their paths."""
    if isinstance(kind, list):
        return [_with_names(branch, path) for branch in kind]
    if not isinstance(kind, dict):
        return kind
    made = {**kind, "items": _with_names(kind["items"], f"{path}[]")} if "items" in kind else kind
    if made.get("name") != NAMELESS:
        return made
    fields = [
        {**field, "type": _with_names(field["type"], below(path, field["name"]))}
        for field in made["fields"]
    ]
    return {**made, "name": pascal(path), "fields": fields}
