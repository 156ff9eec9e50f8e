"""The schemas that a stream's values and keys have in a registry. Knows no kernels.

Derived once, when a stream begins: the Avro schema as it is, the JSON Schema and the proto3 file
from its tree.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from gerador.encoding.json_text.schema import json_schema, json_schema_of_value
from gerador.encoding.protobuf.derive import proto_file, proto_file_of_value
from gerador.encoding.protobuf.descriptor import file_descriptor
from gerador.encoding.protobuf.text import proto_text
from gerador.scenario.avro import AvroSchema, Fixed, Primitive, Union, branch_name

if TYPE_CHECKING:
    from gerador.encoding.protobuf.tree import ProtoFile
    from gerador.scenario.avro import AvroType
    from gerador.scenario.output import KeyFormat, ValueFormat

SchemaKind: TypeAlias = Literal["AVRO", "JSON", "PROTOBUF"]

KINDS: Final[tuple[SchemaKind, ...]] = ("JSON", "PROTOBUF", "AVRO")
"""What Confluent's registry calls kinds of schema, in its order."""


@dataclass(frozen=True, slots=True)
class RegistrySchema:
    """A schema as registries hold it: its kind, its text, and the record name that subjects use.

    `serialized` is a Protobuf schema's FileDescriptorProto as base64, which Confluent's Python
    clients ask for; None for the other kinds.
    """

    kind: SchemaKind
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
            return RegistrySchema("JSON", json_schema(schema.root), schema.name)
        case "protobuf":
            return _protobuf(proto_file(schema.root))
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
            return RegistrySchema("JSON", json_schema_of_value(kind, field), field)
        case "protobuf":
            return _protobuf(proto_file_of_value(kind, field))
        case "string" | "json":
            return None


def key_type(schema: AvroSchema, field: str) -> AvroType:
    """Return the type of a key field's values, where they are not null."""
    found = next(f.type for f in schema.root.fields if f.name == field)
    nullable = isinstance(found, Union) and found.null_branch is not None
    return found.value if isinstance(found, Union) and nullable else found


def _protobuf(file: ProtoFile) -> RegistrySchema:
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
