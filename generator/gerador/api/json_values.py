"""Conversion of Arrow columns to columns that JSON can represent.

How GET /dados returns values (as JSON, NDJSON and, except for nested values, CSV):

    timestamp-*         2026-01-31T12:00:00.123Z, with the digits of its unit
    local-timestamp-*   the same without Z
    date, time-*        2026-01-31, 12:00:00.123
    uuid                a string, also for a fixed
    duration            ISO 8601: P1M2DT0.003S
    decimal             a string, so that no digit is lost
    bytes, fixed        base64 (RFC 4648, section 4)
    enum                its symbol
    map, record         an object
    union               the value of its branch, without the name of the branch

NaN and infinities are left to the writer. Columns are converted without Python per value, except
bytes, duration and uuid as fixed.
"""

from __future__ import annotations

import base64
import uuid
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gerador.avro.schema import Array, AvroType, Fixed, Map, Record, Union
from gerador.encoding import arrow_views

if TYPE_CHECKING:
    from collections.abc import Callable


_MILLIS_PER_S: Final = 1000
_NANOS_PER_MILLI: Final = 1_000_000


def json_batch(batch: pa.RecordBatch, record: Record) -> pa.RecordBatch:
    """Return `batch`, rows of `record`, with columns that JSON can represent."""
    columns = [json_values(batch.column(f.name), f.type) for f in record.fields]
    return pa.RecordBatch.from_arrays(columns, names=[f.name for f in record.fields])


def json_values(values: pa.Array, avro_type: AvroType) -> pa.Array:
    """Return `values` of `avro_type` as values that JSON can represent. O(values)."""
    match avro_type:
        case Record():
            return _struct(values, avro_type)
        case Array():
            return _list(values, avro_type)
        case Map():
            return _map(values, avro_type)
        case Union() if avro_type.null_branch is not None:
            return json_values(values, avro_type.value)
        case Union():
            return _union(values, avro_type)
        case Fixed(logical=logical) if logical is not None and logical.name == "uuid":
            return _map_to_text(values, lambda v: str(uuid.UUID(bytes=v)))
        case _:
            return _primitive(values)


def _primitive(values: pa.Array) -> pa.Array:
    arrow_type = values.type
    if pa.types.is_dictionary(arrow_type):
        return values.dictionary_decode()
    if pa.types.is_timestamp(arrow_type):
        return _timestamp(values, arrow_type)
    is_temporal = pa.types.is_date(arrow_type) or pa.types.is_time(arrow_type)
    if is_temporal or pa.types.is_decimal(arrow_type):
        return values.cast(pa.string())
    if pa.types.is_binary(arrow_type) or pa.types.is_fixed_size_binary(arrow_type):
        return _map_to_text(values, lambda v: base64.b64encode(v).decode("ascii"))
    if pa.types.is_interval(arrow_type):
        return _map_to_text(values, _duration)
    return values


def _timestamp(values: pa.Array, arrow_type: pa.TimestampType) -> pa.Array:
    """Format timestamps as ISO 8601, from a type without a zone: no zone database is needed."""
    text = values.cast(pa.timestamp(arrow_type.unit)).cast(pa.string())
    iso = pc.replace_substring(text, " ", "T", max_replacements=1)
    return iso if arrow_type.tz is None else pc.binary_join_element_wise(iso, "Z", "")


def _map_to_text(values: pa.Array, to_text: Callable[[Any], str]) -> pa.Array:
    texts = [None if v is None else to_text(v) for v in values.to_pylist()]
    return pa.array(texts, pa.string())


def _duration(value: pa.MonthDayNano) -> str:
    seconds, millis = divmod(value.nanoseconds // _NANOS_PER_MILLI, _MILLIS_PER_S)
    return f"P{value.months}M{value.days}DT{seconds}.{millis:03}S"


def _struct(values: pa.StructArray, record: Record) -> pa.Array:
    """Convert the fields of a struct; nulls of the struct are kept."""
    columns = [
        json_values(child, f.type)
        for child, f in zip(arrow_views.children(values), record.fields, strict=True)
    ]
    names = [f.name for f in record.fields]
    if not names:
        return values
    return pa.StructArray.from_arrays(columns, names=names, mask=values.is_null())


def _list(values: pa.ListArray, array: Array) -> pa.Array:
    """Convert the items of a list. `flatten` omits items outside the slice, so offsets are new."""
    items = json_values(values.flatten(), array.items)
    return pa.ListArray.from_arrays(_offsets(values), items, mask=values.is_null())


def _map(values: pa.MapArray, avro_map: Map) -> pa.Array:
    as_list = _as_list(values)
    keys, items = arrow_views.children(as_list.flatten())
    converted = json_values(items, avro_map.values)
    return pa.MapArray.from_arrays(_offsets(as_list), keys, converted, mask=values.is_null())


def _as_list(values: pa.MapArray) -> pa.ListArray:
    """Return a map as a list of entries; a cast corrupts nested unions (Arrow 26)."""
    children = [values.keys, values.items]
    entry = pa.struct([values.type.key_field, values.type.item_field])
    entries = pa.Array.from_buffers(entry, len(children[0]), [None], children=children)
    return pa.Array.from_buffers(
        pa.list_(entry), len(values), values.buffers()[:2], offset=values.offset, children=[entries]
    )


def _offsets(values: pa.ListArray) -> pa.Array:
    lengths = pc.fill_null(pc.list_value_length(values), 0).to_numpy(zero_copy_only=False)
    return pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32())


def _union(values: pa.UnionArray, union: Union) -> pa.Array:
    """Convert the branches of a dense union.

    A sliced union keeps its whole children, and pyarrow 26 ignores the slice when it reads them:
    the values of each branch are gathered by their offsets instead.
    """
    codes, offsets = arrow_views.union_type_codes(values), arrow_views.union_offsets(values)
    new_offsets, children = np.zeros(len(values), np.int32), []
    for code, branch in enumerate(union.branches):
        rows = np.flatnonzero(codes == code)
        new_offsets[rows] = np.arange(len(rows))
        children.append(json_values(values.field(code).take(pa.array(offsets[rows])), branch))
    return pa.UnionArray.from_dense(pa.array(codes), pa.array(new_offsets), children)
