"""Derives the JSON Schema (draft 7) of a record's JSON from its Avro schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from gerador.avro.recursion import complete_records
from gerador.avro.schema import (
    Array,
    AvroType,
    Enum,
    Fixed,
    Map,
    Primitive,
    Record,
    Recursion,
    Union,
    ValueRecord,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


DIALECT: Final = "http://json-schema.org/draft-07/schema#"

_TIME: Final = "[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]+"
_DATE: Final = "-?[0-9]{4,}-[0-9]{2}-[0-9]{2}"
_PRIMITIVE: Final[Mapping[str, Mapping[str, Any]]] = {
    "null": {"type": "null"},
    "boolean": {"type": "boolean"},
    "int": {
        "type": "integer",
        "minimum": -(2**31),
        "maximum": 2**31 - 1,
        "connect.type": "int32",
    },
    "long": {"type": "integer", "connect.type": "int64"},
    "float": {"type": "number", "connect.type": "float32"},
    "double": {"type": "number", "connect.type": "float64"},
    "bytes": {"type": "string", "contentEncoding": "base64", "connect.type": "bytes"},
    "string": {"type": "string"},
}
_LOGICAL: Final[Mapping[str, Mapping[str, Any]]] = {
    "uuid": {"type": "string", "format": "uuid"},
    "date": {"type": "string", "format": "date"},
    "timestamp": {"type": "string", "format": "date-time"},
    "time": {"type": "string", "pattern": f"^{_TIME}$"},
    "local": {"type": "string", "pattern": f"^{_DATE}T{_TIME}$"},
    "decimal": {"type": "string", "pattern": "^-?[0-9]+([.][0-9]+)?(E[+-]?[0-9]+)?$"},
    "duration": {"type": "string", "pattern": "^P[0-9]+M[0-9]+DT[0-9]+[.][0-9]{3}S$"},
}


def derive_json_schema(record: Record) -> str:
    """Return the text of the JSON Schema of rows; its title is the full name of the record."""
    value = record.value if isinstance(record, ValueRecord) else record
    builder = _SchemaBuilder(value)
    schema = builder.object_schema(value) if isinstance(value, Record) else builder.schema_of(value)
    if builder.definitions:
        schema["definitions"] = builder.definitions
    return _schema_text(record.name, schema)


def derive_key_json_schema(avro_type: AvroType, title: str) -> str:
    """Return the text of the JSON Schema of a key, a single value that is not a record."""
    return _schema_text(title, _SchemaBuilder(avro_type).schema_of(avro_type))


def _schema_text(title: str, schema: Mapping[str, Any]) -> str:
    document = {"$schema": DIALECT, "title": title, **schema}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


class _SchemaBuilder:
    """Builds JSON Schemas of types; each nested record is defined once, in `definitions`."""

    def __init__(self, root: AvroType) -> None:
        self.definitions: dict[str, Any] = {}
        self._records = complete_records(root)

    def schema_of(self, avro_type: AvroType) -> dict[str, Any]:
        match avro_type:
            case Recursion(record=name):
                return self._reference(name) if name in self._records else {"not": {}}
            case Primitive() | Fixed():
                return _scalar_schema(avro_type)
            case Enum():
                return {"type": "string", "enum": list(avro_type.symbols)}
            case Array():
                return {"type": "array", "items": self.schema_of(avro_type.items)}
            case Map():
                return {"type": "object", "additionalProperties": self.schema_of(avro_type.values)}
            case Record():
                return self._reference(avro_type.name)
            case Union() if avro_type.null_branch is not None:
                return {"oneOf": [{"type": "null"}, self.schema_of(avro_type.value)]}
            case Union():
                return {"anyOf": [self.schema_of(branch) for branch in avro_type.branches]}

    def object_schema(self, record: Record) -> dict[str, Any]:
        required = [f.name for f in record.fields if "default" not in f.attributes]
        properties = {}
        for f in record.fields:
            schema = self.schema_of(f.type)
            doc = _description(f.attributes)
            if doc and "$ref" in schema:  # draft 7 ignores the siblings of a $ref
                schema = {"allOf": [schema]}
            properties[f.name] = {**doc, **schema}
        return {
            **_description(record.attributes),
            "type": "object",
            "properties": properties,
            **({"required": required} if required else {}),
            "additionalProperties": False,
        }

    def _reference(self, name: str) -> dict[str, Any]:
        if name not in self.definitions:
            self.definitions[name] = {}  # reserves its place before the nested records
            self.definitions[name] = {"title": name, **self.object_schema(self._records[name])}
        return {"$ref": f"#/definitions/{name}"}


def _scalar_schema(avro_type: Primitive | Fixed) -> dict[str, Any]:
    if avro_type.logical is not None:
        name = avro_type.logical.name
        return dict(_LOGICAL.get(name) or _LOGICAL[name.partition("-")[0]])

    return dict(_PRIMITIVE["bytes" if isinstance(avro_type, Fixed) else avro_type.name])


def _description(attributes: Mapping[str, Any]) -> dict[str, str]:
    doc = attributes.get("doc")
    return {"description": doc} if isinstance(doc, str) else {}
