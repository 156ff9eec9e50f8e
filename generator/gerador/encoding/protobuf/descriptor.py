"""Serializes a proto3 file as a FileDescriptorProto."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gerador.encoding.protobuf.naming import map_entry_name
from gerador.encoding.protobuf.proto_file import (
    TIMESTAMP,
    TIMESTAMP_FILE,
    ProtoField,
    ProtoType,
    json_name,
)
from gerador.encoding.protobuf.wire_format import LENGTH_DELIMITED, VARINT, encode_tag
from gerador.encoding.varint import encode_unsigned_varint

if TYPE_CHECKING:
    from gerador.encoding.protobuf.proto_file import ProtoEnum, ProtoFile, ProtoMessage


FILE_NAME: Final = "default"
SCALAR_TYPE_NUMBERS: Final = {
    "double": 1, "float": 2, "int64": 3, "int32": 5, "bool": 8, "string": 9, "bytes": 12,
}  # fmt: skip
TYPE_MESSAGE, TYPE_ENUM = 11, 14
LABEL_OPTIONAL, LABEL_REPEATED = 1, 3


def file_descriptor(file: ProtoFile) -> bytes:
    """Return the serialized FileDescriptorProto."""
    imports = _string_field(3, TIMESTAMP_FILE) if file.uses_timestamps else b""
    package = _string_field(2, file.package) if file.package else b""
    messages = b"".join(_bytes_field(4, _message(m, file)) for m in file.messages)
    return _string_field(1, FILE_NAME) + package + imports + messages + _string_field(12, "proto3")


def _message(message: ProtoMessage, file: ProtoFile) -> bytes:
    oneofs = [message.oneof] if message.oneof else []
    fields, entries = b"", b""
    for f in message.fields:
        oneof_index = 0 if f.label == "oneof" else None
        if f.label == "optional":
            oneof_index = len(oneofs)
            taken = {*oneofs, *(other.name for other in message.fields)}
            oneofs.append(_synthetic_oneof(f.name, taken))
        fields += _bytes_field(2, _field(f, file, message, oneof_index))
        entries += _bytes_field(3, _map_entry(f, file, message)) if f.label == "map" else b""
    enum = _bytes_field(4, _enum(message.enum)) if message.enum else b""
    oneof_names = b"".join(_bytes_field(8, _string_field(1, name)) for name in oneofs)
    ranges = b"".join(
        _bytes_field(9, _varint_field(1, number) + _varint_field(2, number + 1))
        for _, number in message.reserved
    )
    names = b"".join(_string_field(10, name) for name, _ in message.reserved)
    return _string_field(1, message.name) + fields + entries + enum + oneof_names + ranges + names


def _synthetic_oneof(field: str, taken: set[str]) -> str:
    """Return the name of the oneof that protoc adds for an optional field (`parser.cc`)."""
    name = field if field.startswith("_") else f"_{field}"
    while name in taken:
        name = f"X{name}"
    return name


def _field(
    field: ProtoField, file: ProtoFile, message: ProtoMessage, oneof_index: int | None
) -> bytes:
    proto_type = field.type
    if field.label == "map":
        proto_type = ProtoType("message", f"{message.name}.{map_entry_name(field.name)}")
    label = LABEL_REPEATED if field.label in {"repeated", "map"} else LABEL_OPTIONAL
    return (
        _string_field(1, field.name)
        + _varint_field(3, field.number)
        + _varint_field(4, label)
        + _type(proto_type, file)
        + (b"" if oneof_index is None else _varint_field(9, oneof_index))
        + _string_field(10, json_name(field.name))
        + (_varint_field(17, 1) if field.label == "optional" else b"")
    )


def _type(proto_type: ProtoType, file: ProtoFile) -> bytes:
    if proto_type.kind == "scalar":
        return _varint_field(5, SCALAR_TYPE_NUMBERS[proto_type.name])
    name = proto_type.name if proto_type.name == TIMESTAMP else file.full_name(proto_type.name)
    number = TYPE_ENUM if proto_type.kind == "enum" else TYPE_MESSAGE
    return _varint_field(5, number) + _string_field(6, f".{name}")


def _map_entry(field: ProtoField, file: ProtoFile, message: ProtoMessage) -> bytes:
    key = ProtoField("key", 1, "", ProtoType("scalar", "string"))
    value = ProtoField("value", 2, "", field.type)
    fields = b"".join(_bytes_field(2, _field(f, file, message, None)) for f in (key, value))
    options = _varint_field(7, 1)
    return _string_field(1, map_entry_name(field.name)) + fields + _bytes_field(7, options)


def _enum(enum: ProtoEnum) -> bytes:
    values = [
        _string_field(1, symbol) + _varint_field(2, number)
        for number, symbol in enumerate(enum.symbols)
    ]
    return _string_field(1, enum.name) + b"".join(_bytes_field(2, value) for value in values)


def _string_field(number: int, text: str) -> bytes:
    return _bytes_field(number, text.encode())


def _bytes_field(number: int, content: bytes) -> bytes:
    return encode_tag(number, LENGTH_DELIMITED) + encode_unsigned_varint(len(content)) + content


def _varint_field(number: int, value: int) -> bytes:
    return encode_tag(number, VARINT) + encode_unsigned_varint(value)
