"""Derives the proto3 file of a record from its Avro schema, with the mapping of types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gerador.avro.schema import (
    Array,
    AvroType,
    Enum,
    Fixed,
    Map,
    Primitive,
    Record,
    Union,
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
    from collections.abc import Iterable, Mapping


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


def scalar_type(avro_type: Primitive | Fixed) -> ProtoType:
    """Return the type, with a note where it alone does not say what a value means."""
    logical = avro_type.logical
    word = _PROTO_TYPES["bytes" if isinstance(avro_type, Fixed) else avro_type.name]
    if logical is None:
        return ProtoType("scalar", word)
    if logical.name.startswith("timestamp-"):
        return ProtoType("message", TIMESTAMP)
    if logical.name == "decimal":
        note = f"decimal({logical.precision}, {logical.scale})"
        return ProtoType("scalar", "string", note)
    if logical.name in {"uuid", "duration"}:
        word = "string"
    return ProtoType("scalar", word, _TYPE_COMMENTS[logical.name])


WRAPPED_FIELD: Final = "value"
"""The one field of a message that stands for a list, a map or a value that may be missing."""
UNSPECIFIED: Final = "UNSPECIFIED"
"""The symbol of an enum that has none: proto3 wants a first one."""


def derive_proto_file(record: Record) -> ProtoFile:
    """Return the file of a record's rows.

    Raises SchemaError: names that differ for Avro but not for Protocol Buffers.
    """
    namespace = record.name.rpartition(".")[0]
    return ProtoFile(namespace, _FileBuilder().messages_of(record))


def derive_key_proto_file(avro_type: AvroType, field: str) -> ProtoFile:
    """Return the file of a lone value that is no record, as a key is: a message of one field."""
    declared = [(field, avro_type, 1)]
    derived = _FileBuilder()
    derived.fill(derived.open(f"{camel_case(field)}Key"), declared, f"{camel_case(field)}Key")
    return ProtoFile("", derived.messages)


class _FileBuilder:
    """The messages so far, in the order in which they were met."""

    def __init__(self) -> None:
        self._taken = set(RESERVED_WORDS)
        self._messages: dict[str, ProtoMessage] = {}
        self._by_avro_name: dict[str, str] = {}

    @property
    def messages(self) -> tuple[ProtoMessage, ...]:
        return tuple(self._messages.values())

    def messages_of(self, record: Record) -> tuple[ProtoMessage, ...]:
        self._record(record)
        return self.messages

    def open(self, wanted: str) -> str:
        """Give a message its name and its place; `fill` makes it."""
        name = unique_name(wanted, self._taken)
        self._messages[name] = ProtoMessage(name)
        return name

    def fill(self, name: str, declared: Iterable[tuple[str, AvroType, int]], told: str) -> None:
        """Make a message of (name, type, number) fields; `told` is the record's name in errors."""
        known = list(declared)
        check_field_names(told, [(f, isinstance(t, Map)) for f, t, _ in known])
        fields = [self._field(name, *each) for each in known if not is_null(each[1])]
        reserved = tuple((f, number) for f, t, number in known if is_null(t))
        self._messages[name] = ProtoMessage(name, tuple(fields), reserved)

    def _field(self, message: str, name: str, avro_type: AvroType, number: int) -> ProtoField:
        label, inner = _label_and_type(avro_type)
        return ProtoField(name, number, label, self._single(inner, f"{message}{camel_case(name)}"))

    def _single(self, avro_type: AvroType, box: str) -> ProtoType:
        """Return the type of a value that stands alone: of no list, no map, and never missing."""
        match avro_type:
            case Record():
                return ProtoType("message", self._record(avro_type))
            case Enum():
                return ProtoType("enum", self._enum(avro_type))
            case Union() if avro_type.null_branch is None:
                return ProtoType("message", self._union(avro_type, f"{box}Union"))
            case Union() | Array() | Map():
                return ProtoType("message", self._box(avro_type, box))
            case Primitive(name="null"):
                return ProtoType("message", self.open(f"{box}Null"))
            case Primitive() | Fixed():
                return scalar_type(avro_type)

    def _record(self, record: Record) -> str:
        if record.name not in self._by_avro_name:
            name = self.open(short_name(record.name))
            self._by_avro_name[record.name] = name
            numbered = [(f.name, f.type, field_number(i)) for i, f in enumerate(record.fields)]
            self.fill(name, numbered, record.name)
        return self._by_avro_name[record.name]

    def _box(self, avro_type: AvroType, box: str) -> str:
        suffix = {Array: "List", Map: "Map"}.get(type(avro_type), "Value")
        name = self.open(f"{box}{suffix}")
        self.fill(name, [(WRAPPED_FIELD, avro_type, 1)], name)
        return name

    def _union(self, union: Union, wanted: str) -> str:
        name = self.open(wanted)
        taken: set[str] = set()
        fields = []
        for i, branch in enumerate(union.branches):
            if not is_null(branch):
                field = unique_name(short_name(branch_name(branch)), taken)
                kind = self._single(branch, f"{name}{camel_case(field)}")
                fields.append(ProtoField(field, field_number(i), "oneof", kind))
        check_field_names(name, [(f.name, False) for f in fields])
        oneof = unique_name(ONEOF_NAME, taken) if fields else None
        self._messages[name] = ProtoMessage(name, tuple(fields), oneof=oneof)
        return name

    def _enum(self, enum: Enum) -> str:
        symbols = enum.symbols or (UNSPECIFIED,)
        if enum.name not in self._by_avro_name:
            inner = unique_name(ENUM_NAME, set(symbols))
            check_enum_symbols(enum.name, inner, symbols)
            name = self.open(short_name(enum.name))
            self._messages[name] = ProtoMessage(name, enum=ProtoEnum(inner, symbols))
            self._by_avro_name[enum.name] = f"{name}.{inner}"
        return self._by_avro_name[enum.name]


def _label_and_type(avro_type: AvroType) -> tuple[FieldLabel, AvroType]:
    """Return a field's label, and the type of what it then holds."""
    match avro_type:
        case Union() if avro_type.null_branch is not None:
            return "optional", avro_type.value
        case Array():
            return "repeated", avro_type.items
        case Map():
            return "map", avro_type.values
        case _:
            return "", avro_type
