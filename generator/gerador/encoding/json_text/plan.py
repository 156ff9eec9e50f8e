"""From an Avro schema's tree to the tree of nodes that writes its rows as JSON.

A value reads as in GET /dados (`api/plain.py` has the table): instants as ISO 8601, decimals and
uuids as text, bytes as base64, a union as the value of its branch. A field's node holds the name
before it, so that a dictionary's entries are written name and all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.types as at

from gerador.encoding.json_text import calendar, numbers, scalars
from gerador.encoding.json_text.nested import JoinedNode, ObjectNode
from gerador.encoding.nodes import texts
from gerador.encoding.nodes.nested import MapEntryNode
from gerador.encoding.nodes.unions import BareUnionNode, OptionalNode
from gerador.events.arrow_types import arrow_type
from gerador.scenario.avro import Array, AvroType, Enum, Fixed, Map, Primitive, Record, Union

if TYPE_CHECKING:
    from gerador.encoding.nodes.node import Node


def plan_object(record: Record, path: str = "", before: bytes = b"") -> ObjectNode:
    """Return the node of a record; `path` is where it stands, for messages."""
    fields = []
    between = before + b"{"
    for f in record.fields:
        below = f"{path}.{f.name}" if path else f.name
        fields.append((f.name, plan(f.type, below, between + f'"{f.name}":'.encode())))
        between = b","
    end = b"}" if record.fields else before + b"{}"
    return ObjectNode(path or record.name, fields, end)


def plan(avro_type: AvroType, path: str, before: bytes = b"") -> Node:
    """Return the node of any type; `before` stands before each of its values."""
    match avro_type:
        case Primitive() | Fixed():
            return _scalar(avro_type, path, before)
        case Enum():
            return scalars.SymbolNode(path, avro_type.symbols, before)
        case Array():
            return JoinedNode(path, plan(avro_type.items, f"{path}[]"), before, is_map=False)
        case Map():
            inside = f"{path}{{}}"
            entry = MapEntryNode(
                inside, scalars.TextNode(inside), plan(avro_type.values, inside, b":")
            )
            return JoinedNode(path, entry, before, is_map=True)
        case Record():
            return plan_object(avro_type, path, before)
        case Union() if avro_type.null_branch is not None:
            value = plan(avro_type.value, path, before)
            return OptionalNode(path, value, scalars.NullNode(path, before))
        case Union():
            return BareUnionNode(path, [plan(b, path, before) for b in avro_type.branches])


def _scalar(avro_type: Primitive | Fixed, path: str, before: bytes) -> Node:
    logical = avro_type.logical
    size = avro_type.size if isinstance(avro_type, Fixed) else None
    match logical.name if logical else None:
        case "decimal" if logical is not None:
            text = scalars.TextNode(path, before)
            return texts.DecimalTextNode(path, logical, size, text)
        case "duration":
            return texts.DurationTextNode(path, scalars.TextNode(path, before))
        case "uuid" if size is not None:
            return texts.UuidNode(path, before, b'"')
        case _ if size is not None:
            return scalars.FixedBase64Node(path, size, before)
    return _primitive(avro_type, path, before)


def _primitive(avro_type: Primitive | Fixed, path: str, before: bytes) -> Node:
    kind = arrow_type(avro_type)
    if at.is_timestamp(kind):
        return calendar.InstantNode(path, kind, before)
    if at.is_date(kind):
        return calendar.DateNode(path, kind, before)
    if at.is_time(kind):
        return calendar.TimeNode(path, kind, before)
    match avro_type.name:
        case "null":
            return scalars.NullNode(path, before)
        case "boolean":
            return scalars.BooleanNode(path, before)
        case "int" | "long":
            return numbers.WholeNode(path, kind, before)
        case "float" | "double":
            return numbers.FloatNode(path, kind, before)
        case "bytes":
            return scalars.Base64Node(path, before)
        case _:
            return scalars.TextNode(path, before)
