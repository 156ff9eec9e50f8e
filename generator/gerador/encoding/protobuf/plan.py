"""From an Avro schema's tree to the tree of nodes that writes its rows as messages.

Follows `derive.py`: the same numbers, and a message of one field wherever that has one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow.types as at

from gerador.encoding.kernels.octets import UUID_CHARACTERS
from gerador.encoding.nodes import texts
from gerador.encoding.nodes.nested import MapEntryNode, RecordNode
from gerador.encoding.nodes.unions import BareUnionNode, OptionalNode
from gerador.encoding.nodes.values import BYTES, TEXT
from gerador.encoding.protobuf import nested, nodes
from gerador.encoding.protobuf.naming import field_number
from gerador.encoding.protobuf.wire import FIXED_32, FIXED_64, SIZED, VARINT, field_tag, unsigned
from gerador.events.arrow_types import arrow_type
from gerador.scenario.avro import (
    Array,
    AvroType,
    Enum,
    Fixed,
    Map,
    Primitive,
    Record,
    Union,
    is_null,
)

if TYPE_CHECKING:
    from gerador.encoding.nodes.node import Node

_WIRE_TYPES: Final = {
    "boolean": VARINT,
    "int": VARINT,
    "long": VARINT,
    "float": FIXED_32,
    "double": FIXED_64,
}


def plan_message(record: Record, path: str = "") -> RecordNode:
    """Return the node of a record's fields; `path` is where it stands, for messages."""
    fields = [
        (f.name, plan_field(f.type, f"{path}.{f.name}" if path else f.name, field_number(i)))
        for i, f in enumerate(record.fields)
    ]
    return RecordNode(path or record.name, fields)


def plan_field(avro_type: AvroType, path: str, number: int) -> Node:
    """Return the node of a message's field: one value, one that may be missing, or several."""
    match avro_type:
        case Union() if avro_type.null_branch is not None:
            return OptionalNode(path, _single(avro_type.value, path, number))
        case Array():
            return _repeated(avro_type.items, f"{path}[]", number)
        case Map():
            return _map(avro_type, f"{path}{{}}", number)
        case Primitive(name="null"):
            return nodes.NothingNode(path)
        case _:
            return _single(avro_type, path, number)


def _repeated(items: AvroType, path: str, number: int) -> Node:
    if _wire_type(items) == SIZED:
        return nested.RepeatedNode(path, _single(items, path, number), is_map=False)
    packed = nested.RepeatedNode(path, _single(items, path, None), is_map=False)
    return nested.MessageNode(path, field_tag(number, SIZED), packed)


def _map(avro_type: Map, path: str, number: int) -> Node:
    key = nodes.SpanNode(path, field_tag(1, SIZED), *TEXT)
    entry = MapEntryNode(path, key, _single(avro_type.values, path, 2))
    message = nested.MessageNode(path, field_tag(number, SIZED), entry)
    return nested.RepeatedNode(path, message, is_map=True)


def _single(avro_type: AvroType, path: str, number: int | None) -> Node:
    """Return the node of a value that stands alone; without a number it has no tag (packed)."""
    before = b"" if number is None else field_tag(number, _wire_type(avro_type))
    match avro_type:
        case Record():
            return nested.MessageNode(path, before, plan_message(avro_type, path))
        case Enum():
            return nodes.SymbolNode(path, before, avro_type.symbols)
        case Union() if avro_type.null_branch is None:
            return nested.MessageNode(path, before, _branches(avro_type, path))
        case Union() | Array() | Map():
            return nested.MessageNode(path, before, plan_field(avro_type, path, 1))
        case Primitive(name="null"):
            return nested.MessageNode(path, before, nodes.NothingNode(path))
        case Primitive() | Fixed():
            return _scalar(avro_type, path, before)


def _branches(union: Union, path: str) -> Node:
    branches = [
        nodes.NothingNode(path) if is_null(b) else _single(b, path, field_number(i))
        for i, b in enumerate(union.branches)
    ]
    return BareUnionNode(path, branches)


def _scalar(avro_type: Primitive | Fixed, path: str, before: bytes) -> Node:
    logical = avro_type.logical
    size = avro_type.size if isinstance(avro_type, Fixed) else None
    match logical.name if logical else None:
        case "decimal" if logical is not None:
            text = nodes.SpanNode(path, before, *TEXT)
            return texts.DecimalTextNode(path, logical, size, text)
        case "duration":
            return texts.DurationTextNode(path, nodes.SpanNode(path, before, *TEXT))
        case "uuid" if size is not None:
            return texts.UuidNode(path, before + unsigned(UUID_CHARACTERS), b"")
        case _ if size is not None:
            sized = before + unsigned(size)
            return nodes.WidthNode(path, sized, arrow_type(avro_type), size)
    return _primitive(avro_type, path, before)


def _primitive(avro_type: Primitive | Fixed, path: str, before: bytes) -> Node:
    kind = arrow_type(avro_type)
    if at.is_timestamp(kind) and kind.tz:
        return nodes.TimestampNode(path, before, kind)
    match avro_type.name:
        case "boolean":
            return nodes.BooleanNode(path, before)
        case "int":
            return nodes.NumberNode(path, before, kind, np.int32)
        case "long":
            return nodes.NumberNode(path, before, kind, np.int64)
        case "float":
            return nodes.WidthNode(path, before, kind, 4)
        case "double":
            return nodes.WidthNode(path, before, kind, 8)
        case "bytes":
            return nodes.SpanNode(path, before, *BYTES)
        case _:
            return nodes.SpanNode(path, before, *TEXT)


def _wire_type(avro_type: AvroType) -> int:
    """Return the wire type of a value that stands alone."""
    if isinstance(avro_type, Enum):
        return VARINT
    if not isinstance(avro_type, Primitive):
        return SIZED
    if avro_type.logical is not None and avro_type.logical.name.startswith("timestamp-"):
        return SIZED
    return _WIRE_TYPES.get(avro_type.name, SIZED)
