"""Build Arrow arrays: from numpy buffers without copying, and from literal values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from gerador.avro.arrow_types import arrow_type
from gerador.avro.literals import parse_literal
from gerador.avro.schema import Array, Enum, Fixed, Map, Primitive, Record, Union, is_nullable
from gerador.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gerador.avro.schema import AvroType


OFFSET_MAX: Final = 2**31 - 1
"""The largest offset of Arrow's strings and lists, which are 32 bits wide."""
NS_PER_MS: Final = 1_000_000


def fixed_width_array(values: NDArray[np.generic], arrow_type: pa.DataType) -> pa.Array:
    """Return contiguous `values` as a fixed-width Arrow array, without copying or checking."""
    return pa.Array.from_buffers(arrow_type, len(values), [None, pa.py_buffer(values)])


def offsets_from_lengths(lengths: NDArray[np.int64], path: str) -> NDArray[np.int32]:
    """Return the Arrow offsets of items of these lengths, (items + 1,) int32.

    Raises DataError: the total exceeds OFFSET_MAX; names `path`.
    """
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    if offsets[-1] > OFFSET_MAX:
        raise DataError(
            f"field {path!r}: {offsets[-1]:,} bytes or items in one block of rows exceed "
            f"{OFFSET_MAX:,}; declare shorter lengths"
        )
    return offsets.astype(np.int32)


def variable_width_array(
    arrow_type: pa.DataType, offsets: NDArray[np.int32], data: NDArray[np.uint8]
) -> pa.Array:
    """Return an Arrow string or binary array of `data` between `offsets`."""
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.Array.from_buffers(arrow_type, len(offsets) - 1, buffers)


def dense_union_array(
    data_type: pa.DataType, codes: NDArray[np.int8], children: Sequence[pa.Array]
) -> pa.Array:
    """Return a dense union: the branch of each item, and the values of each branch in order."""
    offsets = np.empty(len(codes), np.int32)
    for number in range(len(children)):
        items = np.flatnonzero(codes == number)
        offsets[items] = np.arange(len(items), dtype=np.int32)
    buffers = [None, pa.py_buffer(codes), pa.py_buffer(offsets)]
    return pa.Array.from_buffers(data_type, len(codes), buffers, children=list(children))


def array_of_literals(values: Sequence[Any], avro_type: AvroType) -> pa.Array:
    """Return JSON values as an array of the Arrow type of `avro_type`; enums as a dictionary.

    Raises ValueError: a value that is not of the type. Cost: Python per value.
    """
    return _parsed_array([parse_literal(value, avro_type) for value in values], avro_type)


def _parsed_array(values: list[Any], avro_type: AvroType) -> pa.Array:
    """Return an array of values that `parse_literal` returned."""
    data_type = arrow_type(avro_type)
    match avro_type:
        case Union() if is_nullable(avro_type):
            return _nullable_array(values, avro_type)
        case Union():
            return _union_array(values, avro_type, data_type)
        case Record():
            children = [
                _parsed_array([v[f.name] for v in values], f.type) for f in avro_type.fields
            ]
            return pa.Array.from_buffers(data_type, len(values), [None], children=children)
        case Array():
            children = [_parsed_array([item for v in values for item in v], avro_type.items)]
            return _list_array(data_type, values, children)
        case Map():
            return _map_array(values, avro_type, data_type)
        case Enum():
            symbols = pa.array(avro_type.symbols, pa.string())
            index = [avro_type.symbols.index(v) for v in values]
            return pa.DictionaryArray.from_arrays(pa.array(index, pa.int32()), symbols)
        case Primitive() | Fixed():
            return _scalar_array(values, data_type)


def _scalar_array(values: list[Any], data_type: pa.DataType) -> pa.Array:
    if pa.types.is_decimal(data_type):
        width = data_type.byte_width
        data = b"".join(v.to_bytes(width, "little", signed=True) for v in values)
        return pa.Array.from_buffers(data_type, len(values), [None, pa.py_buffer(data)])
    if data_type == pa.month_day_nano_interval():
        layout = [("months", "<i4"), ("days", "<i4"), ("ns", "<i8")]
        rows = [(months, days, ms * NS_PER_MS) for months, days, ms in values]
        return fixed_width_array(np.array(rows, layout), data_type)
    if pa.types.is_temporal(data_type):
        integers = np.array(values, np.int64 if data_type.bit_width == 64 else np.int32)
        return fixed_width_array(integers, data_type)
    return pa.array(values, data_type)


def _nullable_array(values: list[Any], union: Union) -> pa.Array:
    valid = np.array([v is not None for v in values])
    if not valid.any():
        return pa.nulls(len(values), arrow_type(union))
    entries = _parsed_array([v for v in values if v is not None], union.value)
    return entries.take(pa.array(np.cumsum(valid) - 1, mask=~valid))


def _union_array(values: list[Any], union: Union, data_type: pa.DataType) -> pa.Array:
    codes = np.array([v.position for v in values], np.int8)
    children = [
        _parsed_array([v.value for v in values if v.position == position], branch)
        for position, branch in enumerate(union.branches)
    ]
    return dense_union_array(data_type, codes, children)


def _list_array(data_type: pa.DataType, values: list[Any], children: list[pa.Array]) -> pa.Array:
    offsets = np.zeros(len(values) + 1, np.int32)
    np.cumsum([len(v) for v in values], out=offsets[1:])
    return pa.Array.from_buffers(
        data_type, len(values), [None, pa.py_buffer(offsets)], children=children
    )


def _map_array(values: list[Any], avro_type: Map, data_type: pa.DataType) -> pa.Array:
    keys = pa.array([k for v in values for k in v], pa.string())
    items = _parsed_array([item for v in values for item in v.values()], avro_type.values)
    entry = pa.struct([data_type.key_field, data_type.item_field])
    entries = pa.Array.from_buffers(entry, len(keys), [None], children=[keys, items])
    return _list_array(data_type, values, [entries])
