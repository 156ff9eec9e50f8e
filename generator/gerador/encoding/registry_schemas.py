"""The schemas of a stream's values and keys as a schema registry stores them: Avro, JSON Schema or Protobuf. Imports no kernels."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from gerador.avro.schema import AvroSchema, Fixed, Primitive, Union, branch_name
from gerador.encoding.json_text.json_schema import derive_json_schema, derive_key_json_schema
from gerador.encoding.protobuf.descriptor import file_descriptor
from gerador.encoding.protobuf.from_avro import derive_key_proto_file, derive_proto_file
from gerador.encoding.protobuf.proto_file import proto_text

if TYPE_CHECKING:
    from gerador.avro.schema import AvroType
    from gerador.encoding.protobuf.proto_file import ProtoFile
    from gerador.scenario.output import KeyFormat, ValueFormat


SchemaType: TypeAlias = Literal["AVRO", "JSON", "PROTOBUF"]

SCHEMA_TYPES: Final[tuple[SchemaType, ...]] = ("JSON", "PROTOBUF", "AVRO")
"""What Confluent's registry calls kinds of schema, in its order."""


@dataclass(frozen=True, slots=True)
class RegistrySchema:
    """A schema as registries hold it: its kind, its text, and the record name that subjects use.

    `serialized` is a Protobuf schema's FileDescriptorProto as base64, which Confluent's Python
    clients ask for; None for the other kinds.
    """

    kind: SchemaType
    text: str
    name: str
    serialized: str | None = None

    @classmethod
    def of(cls, schema: AvroSchema | RegistrySchema) -> RegistrySchema:
        """Return an Avro record schema as a registry holds it; others are such already."""
        if isinstance(schema, AvroSchema):
            return cls("AVRO", schema.json, schema.name)
        return schema


class SchemaIds(NamedTuple):
    """The ids that stand before values and before keys; None where none does."""

    value: int | None = None
    key: int | None = None


NO_IDS: Final = SchemaIds()


def value_schema(schema: AvroSchema, value_format: ValueFormat) -> RegistrySchema | None:
    """Return the schema of a stream's values; None where the format has none.

    Raises SchemaError: names that are one name in Protocol Buffers.
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
    """Return the schema of a stream's keys, the values of `field`; None where there is none.

    Raises SchemaError: as `value_schema`.
    """
    if field is None:
        return None
    kind = key_type(schema, field)
    match key_format:
        case "avro":
            return RegistrySchema("AVRO", _avro_text(kind), branch_name(kind))
        case "json-schema":
            return RegistrySchema("JSON", derive_key_json_schema(kind, field), field)
        case "protobuf":
            return _protobuf_schema(derive_key_proto_file(kind, field))
        case "string" | "json":
            return None


def key_type(schema: AvroSchema, field: str) -> AvroType:
    """Return the type of a key field's values, where they are not null."""
    found = next(f.type for f in schema.root.fields if f.name == field)
    nullable = isinstance(found, Union) and found.null_branch is not None
    return found.value if isinstance(found, Union) and nullable else found


def _protobuf_schema(file: ProtoFile) -> RegistrySchema:
    serialized = base64.b64encode(file_descriptor(file)).decode("ascii")
    return RegistrySchema("PROTOBUF", proto_text(file), file.name, serialized)


def _avro_text(kind: AvroType) -> str:
    """Return the JSON of a key's type: a primitive or a fixed, with its logical type."""
    assert isinstance(kind, Primitive | Fixed)  # noqa: S101 - what check_key lets in
    fixed = isinstance(kind, Fixed)
    declared: dict[str, object] = {"type": "fixed" if fixed else kind.name}
    if isinstance(kind, Fixed):
        declared |= {"name": kind.name, "size": kind.size}
    if kind.logical is not None:
        declared["logicalType"] = kind.logical.name
        if kind.logical.name == "decimal":
            declared |= {"precision": kind.logical.precision, "scale": kind.logical.scale}
    return json.dumps(declared["type"] if len(declared) == 1 else declared)
