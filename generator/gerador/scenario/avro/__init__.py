"""Avro schemas: from JSON to a tree of types whose every name is resolved."""

from gerador.scenario.avro.annotated import ANNOTATION
from gerador.scenario.avro.source import SchemaSource, avro_of, load_avro, parse_avro
from gerador.scenario.avro.tree import (
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
