"""Avro schemas: parsed types, and functions that read them from text, files and dicts."""

__all__ = [
    "ANNOTATION",
    "Array",
    "AvroSchema",
    "AvroType",
    "Enum",
    "Field",
    "Fixed",
    "Logical",
    "Map",
    "Primitive",
    "Record",
    "SchemaSource",
    "Union",
    "avro_of",
    "branch_name",
    "is_null",
    "load_avro",
    "parse_avro",
]
