"""Builds the column encoders of an Avro schema, and encodes rows as Avro datums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gerador.avro.arrow_types import arrow_type
from gerador.avro.schema import Array, AvroType, Enum, Fixed, Map, Primitive, Record, Union
from gerador.encoding.logical_type_columns import DecimalEncoder, DurationEncoder
from gerador.encoding.nested_types import (
    ListEncoder,
    MapEntryEncoder,
    NullableEncoder,
    RecordColumnEncoder,
    UnionEncoder,
)
from gerador.encoding.row_encoder import RowEncoder
from gerador.encoding.scalar_types import (
    BYTES_TYPES,
    BooleanEncoder,
    EnumEncoder,
    FixedWidthEncoder,
    LengthPrefixedEncoder,
    NullEncoder,
    TypedEncoder,
    VarintEncoder,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.encoding.column_encoder import ColumnEncoder


_NUMBER_ENCODERS: Final[Mapping[str, type[TypedEncoder]]] = {
    "int": VarintEncoder,
    "long": VarintEncoder,
    "float": FixedWidthEncoder,
    "double": FixedWidthEncoder,
}


class AvroRowEncoder(RowEncoder):
    """Encodes rows of one record schema as Avro datums."""

    def __init__(self, record: Record, prefix: bytes = b"") -> None:
        super().__init__(record_encoder(record), prefix)


def record_encoder(record: Record, path: str = "") -> RecordColumnEncoder:
    """Return the encoder of a record; `path` is its field path in error messages."""
    prefix = f"{path}." if path else ""
    fields = [(f.name, avro_type_encoder(f.type, f"{prefix}{f.name}")) for f in record.fields]
    return RecordColumnEncoder(path or record.name, fields)


def avro_type_encoder(avro_type: AvroType, path: str) -> ColumnEncoder:
    """Return the encoder of any type."""
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
    logical = avro_type.logical
    if avro_type.name in _NUMBER_ENCODERS:
        return _NUMBER_ENCODERS[avro_type.name](path, arrow_type(avro_type))
    if logical is not None and logical.name == "decimal":
        return DecimalEncoder(path, logical, None)
    match avro_type.name:
        case "null":
            return NullEncoder(path)
        case "boolean":
            return BooleanEncoder(path)
        case "bytes":
            return LengthPrefixedEncoder(path, accepted_types=BYTES_TYPES)
        case _:
            return LengthPrefixedEncoder(path)


def _fixed(avro_type: Fixed, path: str) -> ColumnEncoder:
    logical = avro_type.logical
    if logical is not None and logical.name == "decimal":
        return DecimalEncoder(path, logical, avro_type.size)
    if logical is not None and logical.name == "duration":
        return DurationEncoder(path)
    return FixedWidthEncoder(path, arrow_type(avro_type))


def _union(avro_type: Union, path: str) -> ColumnEncoder:
    if avro_type.null_branch is not None:
        value = avro_type_encoder(avro_type.value, path)
        return NullableEncoder(path, value, avro_type.null_branch)
    return UnionEncoder(path, [avro_type_encoder(branch, path) for branch in avro_type.branches])


def _map_entry(avro_type: Map, path: str) -> ColumnEncoder:
    value = avro_type_encoder(avro_type.values, path)
    return MapEntryEncoder(path, LengthPrefixedEncoder(path), value)
