"""Avro schemas: from JSON to a tree of types whose every name is resolved."""

from generator.scenario.avro.annotated import ANNOTATION
from generator.scenario.avro.source import SchemaSource, avro_of, load_avro, parse_avro
from generator.scenario.avro.tree import (
    Array,
    AvroSchema,
    AvroType,
    Enum,
    Field,
    Fixed,
    Logical,
    Map,
    Primitive,
    Record,
    Union,
    branch_name,
    is_null,
)

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
