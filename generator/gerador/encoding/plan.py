"""From an Avro schema's tree to the tree of nodes that encodes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from gerador.encoding.nodes.decimals import DecimalNode, DurationNode
from gerador.encoding.nodes.nested import ListNode, MapEntryNode, RecordNode
from gerador.encoding.nodes.symbols import EnumNode
from gerador.encoding.nodes.unions import NullableNode, UnionNode
from gerador.encoding.nodes.values import (
    BYTES,
    TEXT,
    BooleanNode,
    FixedNode,
    NullNode,
    SpanNode,
    VarintNode,
)
from gerador.events.arrow_types import arrow_type
from gerador.scenario.avro import Array, AvroType, Enum, Fixed, Map, Primitive, Record, Union

if TYPE_CHECKING:
    from gerador.encoding.nodes.node import Node

_VARINT: Final = {"int": np.int32, "long": np.int64}
_FLOATS: Final = {"float": 4, "double": 8}


def plan_record(record: Record, path: str = "") -> RecordNode:
    """Return the node of a record; `path` is where it stands, for messages."""
    fields = [(f.name, plan(f.type, _below(path, f.name))) for f in record.fields]
    return RecordNode(path or record.name, fields)


def plan(avro_type: AvroType, path: str) -> Node:
    """Return the node of any type."""
    match avro_type:
        case Primitive():
            return _primitive(avro_type, path)
        case Fixed():
            return _fixed(avro_type, path)
        case Enum():
            return EnumNode(path, avro_type.symbols)
        case Array():
            return ListNode(path, plan(avro_type.items, f"{path}[]"), is_map=False)
        case Map():
            return ListNode(path, _entry(avro_type, f"{path}{{}}"), is_map=True)
        case Record():
            return plan_record(avro_type, path)
        case Union():
            return _union(avro_type, path)


def _primitive(avro_type: Primitive, path: str) -> Node:
    name, logical = avro_type.name, avro_type.logical
    if name in _VARINT:
        return VarintNode(path, arrow_type(avro_type), _VARINT[name])
    if name in _FLOATS:
        return FixedNode(path, arrow_type(avro_type), _FLOATS[name])
    if logical is not None and logical.name == "decimal":
        return DecimalNode(path, logical, None)
    match name:
        case "null":
            return NullNode(path)
        case "boolean":
            return BooleanNode(path)
        case "bytes":
            return SpanNode(path, *BYTES)
        case _:
            return SpanNode(path, *TEXT)


def _fixed(avro_type: Fixed, path: str) -> Node:
    logical = avro_type.logical
    if logical is not None and logical.name == "decimal":
        return DecimalNode(path, logical, avro_type.size)
    if logical is not None and logical.name == "duration":
        return DurationNode(path)
    return FixedNode(path, pa.binary(avro_type.size), avro_type.size)


def _union(avro_type: Union, path: str) -> Node:
    if avro_type.null_branch is not None:
        return NullableNode(path, plan(avro_type.value, path), avro_type.null_branch)
    return UnionNode(path, [plan(branch, path) for branch in avro_type.branches])


def _entry(avro_type: Map, path: str) -> Node:
    """Return the node of a map's item: Arrow holds it as a struct of key and value."""
    return MapEntryNode(path, SpanNode(path, *TEXT), plan(avro_type.values, path))


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
