"""Derives the JSON Schema (draft 7) of the JSON that a record is encoded as, from its Avro schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from gerador.avro.schema import Array, AvroType, Enum, Fixed, Map, Primitive, Record, Union

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
    """Return the JSON Schema's text; its title is the record's full name."""
    definitions: dict[str, Any] = {}
    described = _SchemaBuilder(definitions).object_of(record)
    declared = {"$schema": DIALECT, "title": record.name, **described}
    if definitions:
        declared["definitions"] = definitions
    return json.dumps(declared, ensure_ascii=False, separators=(",", ":"))


def derive_key_json_schema(avro_type: AvroType, title: str) -> str:
    """Return the JSON Schema's text of a lone value that is no record, as a key is."""
    declared = {"$schema": DIALECT, "title": title, **_SchemaBuilder({}).of(avro_type)}
    return json.dumps(declared, ensure_ascii=False, separators=(",", ":"))


class _SchemaBuilder:
    """Types as JSON Schemas; named records and enums go to `definitions`, once each."""

    def __init__(self, definitions: dict[str, Any]) -> None:
        self._definitions = definitions

    def of(self, avro_type: AvroType) -> dict[str, Any]:
        match avro_type:
            case Primitive() | Fixed():
                return _scalar_schema(avro_type)
            case Enum():
                return {"type": "string", "enum": list(avro_type.symbols)}
            case Array():
                return {"type": "array", "items": self.of(avro_type.items)}
            case Map():
                return {"type": "object", "additionalProperties": self.of(avro_type.values)}
            case Record():
                return self._reference(avro_type)
            case Union() if avro_type.null_branch is not None:
                return {"oneOf": [{"type": "null"}, self.of(avro_type.value)]}
            case Union():
                return {"anyOf": [self.of(branch) for branch in avro_type.branches]}

    def object_of(self, record: Record) -> dict[str, Any]:
        needed = [f.name for f in record.fields if "default" not in f.attributes]
        properties = {}
        for f in record.fields:
            described = self.of(f.type)
            doc = _description(f.attributes)
            if doc and "$ref" in described:  # what stands beside a $ref is not read in draft 7
                described = {"allOf": [described]}
            properties[f.name] = {**doc, **described}
        return {
            **_description(record.attributes),
            "type": "object",
            "properties": properties,
            **({"required": needed} if needed else {}),
            "additionalProperties": False,
        }

    def _reference(self, record: Record) -> dict[str, Any]:
        if record.name not in self._definitions:
            self._definitions[record.name] = {}  # its place is before those inside it
            self._definitions[record.name] = {"title": record.name, **self.object_of(record)}
        return {"$ref": f"#/definitions/{record.name}"}


def _scalar_schema(avro_type: Primitive | Fixed) -> dict[str, Any]:
    if avro_type.logical is not None:
        name = avro_type.logical.name
        found = _LOGICAL.get(name) or _LOGICAL[name.partition("-")[0]]
        return dict(found)
    return dict(_PRIMITIVE["bytes" if isinstance(avro_type, Fixed) else avro_type.name])


def _description(attributes: Mapping[str, Any]) -> dict[str, str]:
    doc = attributes.get("doc")
    return {"description": doc} if isinstance(doc, str) else {}
