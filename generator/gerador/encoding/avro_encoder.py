"""Builds the column encoders of an Avro schema, and encodes rows as Avro datums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from gerador.avro.arrow_types import arrow_type
from gerador.avro.schema import Array, AvroType, Enum, Fixed, Map, Primitive, Record, Union
from gerador.encoding.logical_types import DecimalEncoder, DurationEncoder
from gerador.encoding.nested_types import (
    ListEncoder,
    MapEntryEncoder,
    NullableEncoder,
    RecordEncoder,
    UnionEncoder,
)
from gerador.encoding.row_encoder import RowEncoder
from gerador.encoding.scalar_types import (
    BYTES_TYPES,
    TEXT_TYPES,
    BooleanEncoder,
    EnumEncoder,
    FixedWidthEncoder,
    LengthPrefixedEncoder,
    NullEncoder,
    VarintEncoder,
)

if TYPE_CHECKING:
    from gerador.encoding.column_encoder import ColumnEncoder


_VARINT_DTYPES: Final = {"int": np.int32, "long": np.int64}
_FLOAT_WIDTHS: Final = {"float": 4, "double": 8}


def record_encoder(record: Record, path: str = "") -> RecordEncoder:
    """Return the node of a record; `path` is where it stands, for messages."""
    fields = [(f.name, avro_type_encoder(f.type, _child_path(path, f.name))) for f in record.fields]
    return RecordEncoder(path or record.name, fields)


def avro_type_encoder(avro_type: AvroType, path: str) -> ColumnEncoder:
    """Return the node of any type."""
    match avro_type:
        case Primitive():
            return _primitive(avro_type, path)
        case Fixed():
            return _fixed(avro_type, path)
        case Enum():
            return EnumEncoder(path, avro_type.symbols)
        case Array():
            return ListEncoder(path, avro_type_encoder(avro_type.items, f"{path}[]"), is_map=False)
        case Map():
            return ListEncoder(path, _map_entry(avro_type, f"{path}{{}}"), is_map=True)
        case Record():
            return record_encoder(avro_type, path)
        case Union():
            return _union(avro_type, path)


def _primitive(avro_type: Primitive, path: str) -> ColumnEncoder:
    name, logical = avro_type.name, avro_type.logical
    if name in _VARINT_DTYPES:
        return VarintEncoder(path, arrow_type(avro_type), _VARINT_DTYPES[name])
    if name in _FLOAT_WIDTHS:
        return FixedWidthEncoder(path, arrow_type(avro_type), _FLOAT_WIDTHS[name])
    if logical is not None and logical.name == "decimal":
        return DecimalEncoder(path, logical, None)
    match name:
        case "null":
            return NullEncoder(path)
        case "boolean":
            return BooleanEncoder(path)
        case "bytes":
            return LengthPrefixedEncoder(path, *BYTES_TYPES)
        case _:
            return LengthPrefixedEncoder(path, *TEXT_TYPES)


def _fixed(avro_type: Fixed, path: str) -> ColumnEncoder:
    logical = avro_type.logical
    if logical is not None and logical.name == "decimal":
        return DecimalEncoder(path, logical, avro_type.size)
    if logical is not None and logical.name == "duration":
        return DurationEncoder(path)
    return FixedWidthEncoder(path, pa.binary(avro_type.size), avro_type.size)


def _union(avro_type: Union, path: str) -> ColumnEncoder:
    if avro_type.null_branch is not None:
        return NullableEncoder(
            path, avro_type_encoder(avro_type.value, path), avro_type.null_branch
        )
    return UnionEncoder(path, [avro_type_encoder(branch, path) for branch in avro_type.branches])


def _map_entry(avro_type: Map, path: str) -> ColumnEncoder:
    """Return the node of a map's item: Arrow holds it as a struct of key and value."""
    return MapEntryEncoder(
        path, LengthPrefixedEncoder(path, *TEXT_TYPES), avro_type_encoder(avro_type.values, path)
    )


def _child_path(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


class AvroRowEncoder(RowEncoder):
    """Encodes rows of one record schema as Avro datums."""

    def __init__(self, record: Record, prefix: bytes = b"") -> None:
        super().__init__(record_encoder(record), prefix)
