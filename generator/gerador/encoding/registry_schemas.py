"""Schemas of a stream's values and keys in a schema registry: Avro, JSON Schema or Protobuf.

Imports no kernels.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from gerador.avro.definitions import field_type_of
from gerador.avro.schema import AvroSchema, branch_name, non_null_type
from gerador.encoding.json_text.json_schema import derive_json_schema, derive_key_json_schema
from gerador.encoding.protobuf.descriptor import file_descriptor
from gerador.encoding.protobuf.from_avro import derive_key_proto_file, derive_proto_file
from gerador.encoding.protobuf.proto_file import proto_text

if TYPE_CHECKING:
    from gerador.avro.schema import AvroType
    from gerador.encoding.protobuf.proto_file import ProtoFile
    from gerador.scenario.output import KeyFormat, ValueFormat


SchemaType: TypeAlias = Literal["AVRO", "JSON", "PROTOBUF"]

SCHEMA_ID_MAX: Final = 2**31 - 1
"""Largest schema id: four bytes in a record, which Java clients read as a signed int."""

SCHEMA_TYPES: Final[tuple[SchemaType, ...]] = ("JSON", "PROTOBUF", "AVRO")
"""Values of `schemaType` in Confluent's API, in the order of its list of types."""


@dataclass(frozen=True, slots=True)
class RegistrySchema:
    """A schema in a registry: its type, its text, and the record name for subject names.

    `serialized` is the FileDescriptorProto of a Protobuf schema in base64, which Confluent's
    Python clients request; None for the other types.
    """

    schema_type: SchemaType
    text: str
    name: str
    serialized: str | None = None

    @classmethod
    def of(cls, schema: AvroSchema | RegistrySchema) -> RegistrySchema:
        """Return the registry's form of an Avro record schema; others are returned unchanged."""
        if isinstance(schema, AvroSchema):
            return cls("AVRO", schema.json, schema.name)
        return schema


class SchemaIds(NamedTuple):
    """The schema ids in the prefixes of values and keys; None: no prefix."""

    value: int | None = None
    key: int | None = None


NO_IDS: Final = SchemaIds()


def value_schema(schema: AvroSchema, value_format: ValueFormat) -> RegistrySchema | None:
    """Return the schema of a stream's values; None for a format without one.

    Raises SchemaError: names that collide in Protocol Buffers.
    """
    match value_format:
        case "avro" | "avro-raw":
            return RegistrySchema.of(schema)
        case "json-schema":
            return RegistrySchema("JSON", derive_json_schema(schema.root), schema.name)
        case "protobuf":
            return _protobuf_schema(derive_proto_file(schema.root))
        case "json":
            return None


def key_schema(
    schema: AvroSchema, field: str | None, key_format: KeyFormat
) -> RegistrySchema | None:
    """Return the schema of a stream's keys, the values of `field`; None for no field or schema.

    Raises SchemaError: as `value_schema`.
    """
    if field is None:
        return None
    avro_type = key_type(schema, field)
    match key_format:
        case "avro":
            return RegistrySchema("AVRO", _avro_text(schema, field), branch_name(avro_type))
        case "json-schema":
            return RegistrySchema("JSON", derive_key_json_schema(avro_type, field), field)
        case "protobuf":
            return _protobuf_schema(derive_key_proto_file(avro_type, field))
        case "string" | "json":
            return None


def key_type(schema: AvroSchema, field: str) -> AvroType:
    """Return the type of a key field's values that are not null."""
    return non_null_type(_field_type(schema, field))


def _field_type(schema: AvroSchema, field: str) -> AvroType:
    return next(f.type for f in schema.root.fields if f.name == field)


def _protobuf_schema(file: ProtoFile) -> RegistrySchema:
    serialized = base64.b64encode(file_descriptor(file)).decode("ascii")
    return RegistrySchema("PROTOBUF", proto_text(file), file.name, serialized)


def _avro_text(schema: AvroSchema, field: str) -> str:
    """Return the JSON of the type of a key that is not null."""
    node = field_type_of(schema.row_json, field)
    if key_type(schema, field) != _field_type(schema, field):
        node = next(branch for branch in node if branch not in _NULLS)
    return json.dumps(node, ensure_ascii=False, separators=(",", ":"))


_NULLS: Final = ("null", {"type": "null"})
