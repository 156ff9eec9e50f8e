"""A proto3 file as a FileDescriptorProto, which Confluent's Python clients ask registries for.

Written by hand, because the runtime that could is not needed otherwise. Numbers of fields are
those of ``google/protobuf/descriptor.proto``; what is written is what protoc writes of the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gerador.encoding.protobuf.naming import map_entry_name
from gerador.encoding.protobuf.tree import (
    TIMESTAMP,
    TIMESTAMP_FILE,
    ProtoField,
    ProtoType,
    json_name,
)
from gerador.encoding.protobuf.wire import field_tag, unsigned

if TYPE_CHECKING:
    from gerador.encoding.protobuf.tree import ProtoEnum, ProtoFile, ProtoMessage

FILE_NAME: Final = "default"
SCALARS: Final = {
    "double": 1, "float": 2, "int64": 3, "int32": 5, "bool": 8, "string": 9, "bytes": 12,
}  # fmt: skip
MESSAGE, ENUM = 11, 14
OPTIONAL, REPEATED = 1, 3


def file_descriptor(file: ProtoFile) -> bytes:
    """Return the serialized FileDescriptorProto."""
    imports = _text(3, TIMESTAMP_FILE) if file.uses_timestamps else b""
    package = _text(2, file.package) if file.package else b""
    messages = b"".join(_sized(4, _message(m, file)) for m in file.messages)
    return _text(1, FILE_NAME) + package + imports + messages + _text(12, "proto3")


def _message(message: ProtoMessage, file: ProtoFile) -> bytes:
    oneofs = [message.oneof] if message.oneof else []
    fields, entries = b"", b""
    for f in message.fields:
        place = 0 if f.label == "oneof" else None
        if f.label == "optional":
            place = len(oneofs)
            oneofs.append(_synthetic(f.name, {*oneofs, *(other.name for other in message.fields)}))
        fields += _sized(2, _field(f, file, message, place))
        entries += _sized(3, _entry(f, file, message)) if f.label == "map" else b""
    enum = _sized(4, _enum(message.enum)) if message.enum else b""
    declared = b"".join(_sized(8, _text(1, name)) for name in oneofs)
    ranges = b"".join(
        _sized(9, _number(1, number) + _number(2, number + 1)) for _, number in message.reserved
    )
    names = b"".join(_text(10, name) for name, _ in message.reserved)
    return _text(1, message.name) + fields + entries + enum + declared + ranges + names


def _synthetic(field: str, taken: set[str]) -> str:
    """Return the oneof that protoc makes of an optional field (`parser.cc`)."""
    name = field if field.startswith("_") else f"_{field}"
    while name in taken:
        name = f"X{name}"
    return name


def _field(field: ProtoField, file: ProtoFile, message: ProtoMessage, oneof: int | None) -> bytes:
    kind = field.type
    if field.label == "map":
        kind = ProtoType("message", f"{message.name}.{map_entry_name(field.name)}")
    label = REPEATED if field.label in {"repeated", "map"} else OPTIONAL
    return (
        _text(1, field.name)
        + _number(3, field.number)
        + _number(4, label)
        + _type(kind, file)
        + (b"" if oneof is None else _number(9, oneof))
        + _text(10, json_name(field.name))
        + (_number(17, 1) if field.label == "optional" else b"")
    )


def _type(kind: ProtoType, file: ProtoFile) -> bytes:
    if kind.kind == "scalar":
        return _number(5, SCALARS[kind.name])
    name = kind.name if kind.name == TIMESTAMP else file.full_name(kind.name)
    return _number(5, ENUM if kind.kind == "enum" else MESSAGE) + _text(6, f".{name}")


def _entry(field: ProtoField, file: ProtoFile, message: ProtoMessage) -> bytes:
    key = ProtoField("key", 1, "", ProtoType("scalar", "string"))
    value = ProtoField("value", 2, "", field.type)
    fields = b"".join(_sized(2, _field(f, file, message, None)) for f in (key, value))
    return _text(1, map_entry_name(field.name)) + fields + _sized(7, _number(7, 1))


def _enum(enum: ProtoEnum) -> bytes:
    values = [_text(1, symbol) + _number(2, at) for at, symbol in enumerate(enum.symbols)]
    return _text(1, enum.name) + b"".join(_sized(2, value) for value in values)


def _text(number: int, text: str) -> bytes:
    return _sized(number, text.encode())


def _sized(number: int, content: bytes) -> bytes:
    return field_tag(number, 2) + unsigned(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return field_tag(number, 0) + unsigned(value)
