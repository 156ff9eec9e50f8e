"""Derives the proto3 file of a record from its Avro schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

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
    branch_name,
    is_null,
)
from gerador.encoding.protobuf.naming import (
    RESERVED_WORDS,
    camel_case,
    check_enum_symbols,
    check_field_names,
    field_number,
    short_name,
    unique_name,
)
from gerador.encoding.protobuf.proto_file import (
    ENUM_NAME,
    ONEOF_NAME,
    TIMESTAMP,
    FieldLabel,
    ProtoEnum,
    ProtoField,
    ProtoFile,
    ProtoMessage,
    ProtoType,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


_PROTO_TYPES: Final[Mapping[str, str]] = {
    "boolean": "bool",
    "int": "int32",
    "long": "int64",
    "float": "float",
    "double": "double",
    "bytes": "bytes",
    "string": "string",
}
_TYPE_COMMENTS: Final[Mapping[str, str]] = {
    "date": "days since 1970-01-01",
    "time-millis": "milliseconds since midnight",
    "time-micros": "microseconds since midnight",
    "local-timestamp-millis": "milliseconds since 1970-01-01T00:00:00 on the wall clock",
    "local-timestamp-micros": "microseconds since 1970-01-01T00:00:00 on the wall clock",
    "local-timestamp-nanos": "nanoseconds since 1970-01-01T00:00:00 on the wall clock",
    "uuid": "uuid",
    "duration": "ISO 8601 duration",
}


WRAPPED_FIELD: Final = "value"
"""The only field of a message that wraps a list, a map or an optional value."""
UNSPECIFIED: Final = "UNSPECIFIED"
"""The symbol of an enum without symbols: proto3 requires one with the number 0."""


def derive_proto_file(record: Record) -> ProtoFile:
    """Return the file of a record's rows.

    Raises SchemaError: names that differ for Avro but not for Protocol Buffers.
    """
    row = message_record(record)
    builder = _FileBuilder(row)
    builder.add_record(row.name)
    return ProtoFile(row.name.rpartition(".")[0], builder.messages)


def message_record(record: Record) -> Record:
    """Return the record whose message a row is: a message has fields, also for a single value.

    The message of a value is called after its type: ``StringValue``, ``ColorValue``.
    """
    if not isinstance(record, ValueRecord):
        return record
    if isinstance(record.value, Record):
        return record.value  # it has no fields
    space, dot, name = record.name.rpartition(".")
    return Record(f"{space}{dot}{camel_case(name)}Value", record.fields)


def derive_key_proto_file(avro_type: AvroType, field: str) -> ProtoFile:
    """Return the file of a key, a single value that is not a record: a message of one field."""
    builder = _FileBuilder(avro_type)
    name = f"{camel_case(field)}Key"
    builder.define(builder.reserve(name), [(field, avro_type, 1)], name)
    return ProtoFile("", builder.messages)


class _FileBuilder:
    """Builds the messages of a file, in the order of their first use."""

    def __init__(self, root: AvroType) -> None:
        self._records = complete_records(root)
        self._taken = set(RESERVED_WORDS)
        self._messages: dict[str, ProtoMessage] = {}
        self._by_avro_name: dict[str, str] = {}

    @property
    def messages(self) -> tuple[ProtoMessage, ...]:
        return tuple(self._messages.values())

    def add_record(self, full: str) -> str:
        """Define the message of the record `full`, unless it is defined; return its name."""
        if full not in self._by_avro_name:
            name = self.reserve(short_name(full))
            self._by_avro_name[full] = name
            fields = self._records[full].fields
            numbered = [(f.name, f.type, field_number(i)) for i, f in enumerate(fields)]
            self.define(name, numbered, full)
        return self._by_avro_name[full]

    def reserve(self, preferred: str) -> str:
        """Reserve a name for a message, and its position in the file; return the name."""
        name = unique_name(preferred, self._taken)
        self._messages[name] = ProtoMessage(name)
        return name

    def define(
        self, name: str, fields: Sequence[tuple[str, AvroType, int]], record_name: str
    ) -> None:
        """Define the message `name` of (name, type, number) fields.

        Raises SchemaError: fields of one name; it names the record as `record_name`.
        """
        check_field_names(record_name, [(f, isinstance(t, Map)) for f, t, _ in fields])
        proto_fields = [self._field(name, *each) for each in fields if not is_null(each[1])]
        reserved = tuple((f, number) for f, t, number in fields if is_null(t))
        self._messages[name] = ProtoMessage(name, tuple(proto_fields), reserved)

    def _field(self, message: str, name: str, avro_type: AvroType, number: int) -> ProtoField:
        label, inner = _label_and_type(avro_type)
        wrapper_name = f"{message}{camel_case(name)}"
        return ProtoField(name, number, label, self._single_value(inner, wrapper_name))

    def _single_value(self, avro_type: AvroType, wrapper_name: str) -> ProtoType:
        """Return the type of a single value that is not null.

        Lists, maps and optional values are wrapped in a message called after `wrapper_name`.
        """
        match avro_type:
            case Record():
                return ProtoType("message", self.add_record(avro_type.name))
            case Recursion(record=full) if full in self._records:
                return ProtoType("message", self.add_record(full))
            case Enum():
                return ProtoType("enum", self._enum(avro_type))
            case Union() if avro_type.null_branch is None:
                return ProtoType("message", self._union(avro_type, f"{wrapper_name}Union"))
            case Union() | Array() | Map():
                return ProtoType("message", self._wrapper(avro_type, wrapper_name))
            case Primitive(name="null"):
                return ProtoType("message", self.reserve(f"{wrapper_name}Null"))
            case Primitive() | Fixed():
                return _scalar_type(avro_type)

    def _wrapper(self, avro_type: AvroType, wrapper_name: str) -> str:
        suffix = {Array: "List", Map: "Map"}.get(type(avro_type), "Value")
        name = self.reserve(f"{wrapper_name}{suffix}")
        self.define(name, [(WRAPPED_FIELD, avro_type, 1)], name)
        return name

    def _union(self, union: Union, preferred: str) -> str:
        name = self.reserve(preferred)
        taken: set[str] = set()
        fields = []
        for i, branch in enumerate(union.branches):
            if not is_null(branch):
                field = unique_name(short_name(branch_name(branch)), taken)
                proto_type = self._single_value(branch, f"{name}{camel_case(field)}")
                fields.append(ProtoField(field, field_number(i), "oneof", proto_type))
        check_field_names(name, [(f.name, False) for f in fields])
        oneof = unique_name(ONEOF_NAME, taken) if fields else None
        self._messages[name] = ProtoMessage(name, tuple(fields), oneof=oneof)
        return name

    def _enum(self, enum: Enum) -> str:
        symbols = enum.symbols or (UNSPECIFIED,)
        if enum.name not in self._by_avro_name:
            inner = unique_name(ENUM_NAME, set(symbols))
            check_enum_symbols(enum.name, inner, symbols)
            name = self.reserve(short_name(enum.name))
            self._messages[name] = ProtoMessage(name, enum=ProtoEnum(inner, symbols))
            self._by_avro_name[enum.name] = f"{name}.{inner}"
        return self._by_avro_name[enum.name]


def _scalar_type(avro_type: Primitive | Fixed) -> ProtoType:
    logical = avro_type.logical
    name = _PROTO_TYPES["bytes" if isinstance(avro_type, Fixed) else avro_type.name]
    if logical is None:
        return ProtoType("scalar", name)
    if logical.name.startswith("timestamp-"):
        return ProtoType("message", TIMESTAMP)
    if logical.name == "decimal":
        return ProtoType("scalar", "string", f"decimal({logical.precision}, {logical.scale})")
    if logical.name in {"uuid", "duration"}:
        name = "string"
    return ProtoType("scalar", name, _TYPE_COMMENTS[logical.name])


def _label_and_type(avro_type: AvroType) -> tuple[FieldLabel, AvroType]:
    """Return a field's label, and the type of its values."""
    match avro_type:
        case Union() if avro_type.null_branch is not None:
            return "optional", avro_type.value
        case Array():
            return "repeated", avro_type.items
        case Map():
            return "map", avro_type.values
        case _:
            return "", avro_type
