"""JSON Schema and an example row of a record schema, for the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

from gerador.avro.schema import Array, AvroType, Enum, Fixed, Map, Primitive, Record, Union

_PRIMITIVE: Final[dict[str, tuple[dict[str, Any], Any]]] = {
    "null": ({"type": "null"}, None),
    "boolean": ({"type": "boolean"}, True),
    "int": ({"type": "integer", "format": "int32"}, 1),
    "long": ({"type": "integer", "format": "int64"}, 1),
    "float": ({"type": ["number", "string"]}, 0.5),
    "double": ({"type": ["number", "string"]}, 0.5),
    "bytes": ({"type": "string", "contentEncoding": "base64"}, "AA=="),
    "string": ({"type": "string"}, "texto"),
}
_TIMESTAMP: Final = "2026-01-31T12:00:00.000"
_LOGICAL: Final[dict[str, tuple[dict[str, Any], Any]]] = {
    "decimal": ({"type": "string", "description": "A decimal number."}, "1.00"),
    "uuid": ({"type": "string", "format": "uuid"}, "00000000-0000-4000-8000-000000000000"),
    "date": ({"type": "string", "format": "date"}, "2026-01-31"),
    "duration": ({"type": "string", "format": "duration"}, "P1M2DT0.003S"),
}


def rows_example(record: Record) -> tuple[dict[str, Any], list[Any]]:
    """Return the JSON Schema of a list of rows of `record`, and an example with one row."""
    schema, example = describe_type(record)
    return {"type": "array", "items": schema}, [example]


def describe_type(avro_type: AvroType) -> tuple[dict[str, Any], Any]:
    """Return the JSON Schema of a value of `avro_type` in GET /dados, and an example."""
    match avro_type:
        case Record():
            return _describe_record(avro_type)
        case Array():
            schema, example = describe_type(avro_type.items)
            return {"type": "array", "items": schema}, [example]
        case Map():
            schema, example = describe_type(avro_type.values)
            return {"type": "object", "additionalProperties": schema}, {"chave": example}
        case Union():
            branches = [describe_type(branch) for branch in avro_type.branches]
            return {"anyOf": [schema for schema, _ in branches]}, branches[-1][1]
        case Enum():
            return {"type": "string", "enum": list(avro_type.symbols)}, avro_type.symbols[0]
        case Primitive() | Fixed():
            return _describe_leaf(avro_type)


def _describe_leaf(avro_type: Primitive | Fixed) -> tuple[dict[str, Any], Any]:
    plain = _PRIMITIVE["bytes" if isinstance(avro_type, Fixed) else avro_type.name]
    name = avro_type.logical.name if avro_type.logical else ""
    if name.startswith("timestamp"):
        return {"type": "string", "format": "date-time"}, f"{_TIMESTAMP}Z"
    if name.startswith("local-timestamp"):
        return {"type": "string"}, _TIMESTAMP
    if name.startswith("time-"):
        return {"type": "string"}, "12:00:00.000"
    return _LOGICAL.get(name, plain)


def _describe_record(record: Record) -> tuple[dict[str, Any], dict[str, Any]]:
    described = {f.name: (describe_type(f.type), f.attributes.get("doc")) for f in record.fields}
    properties = {
        name: {**schema, **({"description": doc} if doc else {})}
        for name, ((schema, _), doc) in described.items()
    }
    schema = {
        "type": "object",
        "title": record.name,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return schema, {name: example for name, ((_, example), _) in described.items()}
