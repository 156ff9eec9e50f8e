"""Map Avro types to Arrow types."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from gerador.avro.schema import (
    Array,
    AvroType,
    Enum,
    Fixed,
    LogicalType,
    Map,
    Primitive,
    Record,
    Union,
    branch_name,
    is_nullable,
)

DECIMAL128_PRECISION_MAX: Final = 38

_PRIMITIVE: Final[dict[str, pa.DataType]] = {
    "null": pa.null(),
    "boolean": pa.bool_(),
    "int": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "bytes": pa.binary(),
    "string": pa.string(),
}
_LOGICAL: Final[dict[str, pa.DataType]] = {
    "date": pa.date32(),
    "time-millis": pa.time32("ms"),
    "time-micros": pa.time64("us"),
    "timestamp-millis": pa.timestamp("ms", "UTC"),
    "timestamp-micros": pa.timestamp("us", "UTC"),
    "timestamp-nanos": pa.timestamp("ns", "UTC"),
    "local-timestamp-millis": pa.timestamp("ms"),
    "local-timestamp-micros": pa.timestamp("us"),
    "local-timestamp-nanos": pa.timestamp("ns"),
    "duration": pa.month_day_nano_interval(),
}


def arrow_type(avro_type: AvroType) -> pa.DataType:
    """Return the Arrow type that holds values of `avro_type`.

    A plain nullable union has the type of its other branch; any other union is a dense union whose
    children have the order and names of the branches. Text columns may also be Arrow dictionaries
    of the same value type; enums always are. A uuid is text on a string and 16 bytes on a fixed.
    """
    match avro_type:
        case Primitive():
            return _logical(avro_type.logical) or _PRIMITIVE[avro_type.name]
        case Fixed():
            return _logical(avro_type.logical) or pa.binary(avro_type.size)
        case Enum():
            return pa.dictionary(pa.int32(), pa.string())
        case Array():
            return pa.list_(_child("item", avro_type.items))
        case Map():
            return pa.map_(pa.string(), _child("value", avro_type.values))
        case Record():
            return pa.struct([_child(f.name, f.type) for f in avro_type.fields])
        case Union() if avro_type.null_branch is not None:
            return arrow_type(avro_type.value)
        case Union():
            # pyarrow creates dense unions with nullable children only.
            return pa.dense_union(
                [pa.field(branch_name(b), arrow_type(b)) for b in avro_type.branches]
            )


def arrow_schema(record: Record) -> pa.Schema:
    """Return the Arrow schema of a record's rows."""
    return pa.schema([_child(f.name, f.type) for f in record.fields])


def _child(name: str, avro_type: AvroType) -> pa.Field:
    data_type = arrow_type(avro_type)
    nullable = is_nullable(avro_type) or pa.types.is_null(data_type)
    return pa.field(name, data_type, nullable=nullable)


def _logical(logical: LogicalType | None) -> pa.DataType | None:
    if logical is None:
        return None
    if logical.name == "decimal":
        wide = logical.precision > DECIMAL128_PRECISION_MAX
        return (pa.decimal256 if wide else pa.decimal128)(logical.precision, logical.scale)
    return _LOGICAL.get(logical.name)


def number_dtype(number_type: pa.DataType) -> np.dtype[np.generic]:
    """Return the NumPy dtype of an integer or floating-point type.

    `DataType.to_pandas_dtype` of pyarrow 22 imports pandas.
    """
    kind = "f" if pa.types.is_floating(number_type) else str(number_type)[0]
    return np.dtype(f"{kind}{number_type.bit_width // 8}")
