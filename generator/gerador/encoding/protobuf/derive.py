"""The proto3 file that describes a record, derived from its Avro schema.

    boolean                bool
    int, date, time-millis             int32: the number that Avro has (days, milliseconds)
    long, time-micros, local-timestamp-*   int64: likewise
    timestamp-*            google.protobuf.Timestamp, which Confluent's Connect and ksqlDB read as
                           a timestamp, and Flink as a row of seconds and nanoseconds
    float, double          the same
    bytes, fixed           bytes
    string, uuid, decimal, duration    string: as in JSON, so that no digit is lost
    enum                   an enum whose numbers and names are Avro's, inside a message of its name
    record                 a message; field n has the number n + 1
    array, map             repeated, map<string, …>
    nullable               optional
    union                  a message with a oneof, branch n with the number n + 1; null is none set

Protocol Buffers has no list of lists, no null in a list and no list that may be missing: there the
inner value stands in a message of its own with one field, ``value``. A field of Avro's null holds
nothing, and its name and number are reserved.

All messages stand side by side behind the rows', which is the first, so that its index is 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gerador.encoding.protobuf.naming import (
    WORDS,
    camel,
    field_number,
    refuse_alike_fields,
    refuse_symbols,
    short_name,
    unique,
)
from gerador.encoding.protobuf.scalars import scalar
from gerador.encoding.protobuf.tree import (
    ENUM,
    ONEOF,
    Label,
    ProtoEnum,
    ProtoField,
    ProtoFile,
    ProtoMessage,
    ProtoType,
)
from gerador.scenario.avro import (
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

if TYPE_CHECKING:
    from collections.abc import Iterable

BOXED: Final = "value"
"""The one field of a message that stands for a list, a map or a value that may be missing."""
UNSPECIFIED: Final = "UNSPECIFIED"
"""The symbol of an enum that has none: proto3 wants a first one."""


def proto_file(record: Record) -> ProtoFile:
    """Return the file of a record's rows.

    Raises SchemaError: names that differ for Avro but not for Protocol Buffers.
    """
    namespace = record.name.rpartition(".")[0]
    return ProtoFile(namespace, _Derivation().messages_of(record))


def proto_file_of_value(avro_type: AvroType, field: str) -> ProtoFile:
    """Return the file of a lone value that is no record, as a key is: a message of one field."""
    declared = [(field, avro_type, 1)]
    derived = _Derivation()
    derived.fill(derived.open(f"{camel(field)}Key"), declared, f"{camel(field)}Key")
    return ProtoFile("", derived.messages)


class _Derivation:
    """The messages so far, in the order in which they were met."""

    def __init__(self) -> None:
        self._taken = set(WORDS)
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
        name = unique(wanted, self._taken)
        self._messages[name] = ProtoMessage(name)
        return name

    def fill(self, name: str, declared: Iterable[tuple[str, AvroType, int]], told: str) -> None:
        """Make a message of (name, type, number) fields; `told` is the record's name in errors."""
        known = list(declared)
        refuse_alike_fields(told, [(f, isinstance(t, Map)) for f, t, _ in known])
        fields = [self._field(name, *each) for each in known if not is_null(each[1])]
        reserved = tuple((f, number) for f, t, number in known if is_null(t))
        self._messages[name] = ProtoMessage(name, tuple(fields), reserved)

    def _field(self, message: str, name: str, avro_type: AvroType, number: int) -> ProtoField:
        label, inner = _labelled(avro_type)
        return ProtoField(name, number, label, self._single(inner, f"{message}{camel(name)}"))

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
                return scalar(avro_type)

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
        self.fill(name, [(BOXED, avro_type, 1)], name)
        return name

    def _union(self, union: Union, wanted: str) -> str:
        name = self.open(wanted)
        taken: set[str] = set()
        fields = []
        for i, branch in enumerate(union.branches):
            if not is_null(branch):
                field = unique(short_name(branch_name(branch)), taken)
                kind = self._single(branch, f"{name}{camel(field)}")
                fields.append(ProtoField(field, field_number(i), "oneof", kind))
        refuse_alike_fields(name, [(f.name, False) for f in fields])
        oneof = unique(ONEOF, taken) if fields else None
        self._messages[name] = ProtoMessage(name, tuple(fields), oneof=oneof)
        return name

    def _enum(self, enum: Enum) -> str:
        symbols = enum.symbols or (UNSPECIFIED,)
        if enum.name not in self._by_avro_name:
            inner = unique(ENUM, set(symbols))
            refuse_symbols(enum.name, inner, symbols)
            name = self.open(short_name(enum.name))
            self._messages[name] = ProtoMessage(name, enum=ProtoEnum(inner, symbols))
            self._by_avro_name[enum.name] = f"{name}.{inner}"
        return self._by_avro_name[enum.name]


def _labelled(avro_type: AvroType) -> tuple[Label, AvroType]:
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
