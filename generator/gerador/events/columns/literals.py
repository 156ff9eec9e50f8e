"""Arrow arrays of values that are written out: what `scenario.literals` reads, column by column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from gerador.events.arrow_types import arrow_type
from gerador.events.columns.column import from_numpy
from gerador.scenario.avro import Array, Enum, Fixed, Map, Primitive, Record, Union
from gerador.scenario.literals import literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gerador.scenario.avro import AvroType

NS_PER_MS = 1_000_000


def array_of(values: Sequence[Any], avro_type: AvroType) -> pa.Array:
    """Return JSON values as an array of the Arrow type of `avro_type`; enums as a dictionary.

    Raises ValueError: one is no value of the type. Cost: Python per value.
    """
    return _array([literal(value, avro_type) for value in values], avro_type)


def _array(values: list[Any], avro_type: AvroType) -> pa.Array:
    """Return an array of values as `literal` gives them."""
    kind = arrow_type(avro_type)
    match avro_type:
        case Union() if avro_type.null_branch is not None:
            return _nullable(values, avro_type)
        case Union():
            return _union(values, avro_type, kind)
        case Record():
            children = [_array([v[f.name] for v in values], f.type) for f in avro_type.fields]
            return pa.Array.from_buffers(kind, len(values), [None], children=children)
        case Array():
            children = [_array([item for v in values for item in v], avro_type.items)]
            return _listed(kind, values, children)
        case Map():
            return _map(values, avro_type, kind)
        case Enum():
            symbols = pa.array(avro_type.symbols, pa.string())
            index = [avro_type.symbols.index(v) for v in values]
            return pa.DictionaryArray.from_arrays(pa.array(index, pa.int32()), symbols)
        case Primitive() | Fixed():
            return _scalars(values, kind)


def _scalars(values: list[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_decimal(kind):
        width = kind.byte_width
        data = b"".join(v.to_bytes(width, "little", signed=True) for v in values)
        return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(data)])
    if kind == pa.month_day_nano_interval():
        layout = [("months", "<i4"), ("days", "<i4"), ("ns", "<i8")]
        rows = [(months, days, ms * NS_PER_MS) for months, days, ms in values]
        return from_numpy(np.array(rows, layout), kind)
    if pa.types.is_temporal(kind):
        whole = np.array(values, np.int64 if kind.bit_width == 64 else np.int32)
        return from_numpy(whole, kind)
    return pa.array(values, kind)


def _nullable(values: list[Any], union: Union) -> pa.Array:
    there = [v for v in values if v is not None]
    kind = arrow_type(union)
    if not there:
        return pa.nulls(len(values), kind)
    valid = np.array([v is not None for v in values])
    places = np.cumsum(valid) - 1
    return _array(there, union.value).take(pa.array(places, mask=~valid))


def _union(values: list[Any], union: Union, kind: pa.DataType) -> pa.Array:
    codes = np.array([v.position for v in values], np.int8)
    offsets = np.zeros(len(values), np.int32)
    children = []
    for position, branch in enumerate(union.branches):
        mine = np.flatnonzero(codes == position)
        offsets[mine] = np.arange(len(mine), dtype=np.int32)
        children.append(_array([values[i].value for i in mine], branch))
    buffers = [None, pa.py_buffer(codes), pa.py_buffer(offsets)]
    return pa.Array.from_buffers(kind, len(values), buffers, children=children)


def _listed(kind: pa.DataType, values: list[Any], children: list[pa.Array]) -> pa.Array:
    offsets = np.zeros(len(values) + 1, np.int32)
    np.cumsum([len(v) for v in values], out=offsets[1:])
    return pa.Array.from_buffers(
        kind, len(values), [None, pa.py_buffer(offsets)], children=children
    )


def _map(values: list[Any], avro_type: Map, kind: pa.DataType) -> pa.Array:
    keys = pa.array([k for v in values for k in v], pa.string())
    items = _array([item for v in values for item in v.values()], avro_type.values)
    entry = pa.struct([kind.key_field, kind.item_field])
    entries = pa.Array.from_buffers(entry, len(keys), [None], children=[keys, items])
    return _listed(kind, values, [entries])
