"""Conversion of Arrow columns to columns that JSON can represent."""

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
    """Return `batch`, rows of `record`, with every column as this module's docstring says."""
    columns = [json_values(batch.column(f.name), f.type) for f in record.fields]
    return pa.RecordBatch.from_arrays(columns, names=[f.name for f in record.fields])


def json_values(values: pa.Array, avro_type: AvroType) -> pa.Array:
    """Return `values` of `avro_type` as values that JSON can say. O(values)."""
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
    kind = values.type
    if pa.types.is_dictionary(kind):
        return values.dictionary_decode()
    if pa.types.is_timestamp(kind):
        return _timestamp(values, kind)
    if pa.types.is_date(kind) or pa.types.is_time(kind) or pa.types.is_decimal(kind):
        return values.cast(pa.string())
    if pa.types.is_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return _map_to_text(values, lambda v: base64.b64encode(v).decode("ascii"))
    if pa.types.is_interval(kind):
        return _map_to_text(values, _duration)
    return values


def _timestamp(values: pa.Array, kind: pa.TimestampType) -> pa.Array:
    """Write instants as ISO 8601; by way of a zoneless type, which needs no zone database."""
    text = values.cast(pa.timestamp(kind.unit)).cast(pa.string())
    iso = pc.replace_substring(text, " ", "T", max_replacements=1)
    return iso if kind.tz is None else pc.binary_join_element_wise(iso, "Z", "")


def _map_to_text(values: pa.Array, to_text: Callable[[Any], str]) -> pa.Array:
    texts = [None if v is None else to_text(v) for v in values.to_pylist()]
    return pa.array(texts, pa.string())


def _duration(value: pa.MonthDayNano) -> str:
    seconds, millis = divmod(value.nanoseconds // _NANOS_PER_MILLI, _MILLIS_PER_S)
    return f"P{value.months}M{value.days}DT{seconds}.{millis:03}S"


def _struct(values: pa.StructArray, record: Record) -> pa.Array:
    """Rebuild a record; what lies under a null one is covered by it again."""
    columns = [
        json_values(child, f.type)
        for child, f in zip(arrow_views.children(values), record.fields, strict=True)
    ]
    names = [f.name for f in record.fields]
    if not names:
        return values
    return pa.StructArray.from_arrays(columns, names=names, mask=values.is_null())


def _list(values: pa.ListArray, array: Array) -> pa.Array:
    """Rebuild a list; `flatten` leaves out what a slice or a null hides, so offsets are new."""
    items = json_values(values.flatten(), array.items)
    return pa.ListArray.from_arrays(_offsets(values), items, mask=values.is_null())


def _map(values: pa.MapArray, avro_map: Map) -> pa.Array:
    as_list = _as_list(values)
    keys, items = arrow_views.children(as_list.flatten())
    converted = json_values(items, avro_map.values)
    return pa.MapArray.from_arrays(_offsets(as_list), keys, converted, mask=values.is_null())


def _as_list(values: pa.MapArray) -> pa.ListArray:
    """Return a map as the list of entries that it is; a cast spoils unions inside (Arrow 26)."""
    kind, children = values.type, [values.keys, values.items]
    entry = pa.struct([kind.key_field, kind.item_field])
    entries = pa.Array.from_buffers(entry, len(children[0]), [None], children=children)
    return pa.Array.from_buffers(
        pa.list_(entry), len(values), values.buffers()[:2], offset=values.offset, children=[entries]
    )


def _offsets(values: pa.ListArray) -> pa.Array:
    lengths = pc.fill_null(pc.list_value_length(values), 0).to_numpy(zero_copy_only=False)
    return pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32())


def _union(values: pa.UnionArray, union: Union) -> pa.Array:
    """Rebuild a dense union out of the values that it points to.

    A slice keeps whole children, and of a slice pyarrow 26 takes values from the start of what it
    was sliced from: each branch's values are gathered by their places instead.
    """
    codes, places = arrow_views.union_type_codes(values), arrow_views.union_offsets(values)
    own_places, children = np.zeros(len(values), np.int32), []
    for code, branch in enumerate(union.branches):
        rows = np.flatnonzero(codes == code)
        own_places[rows] = np.arange(len(rows))
        children.append(json_values(values.field(code).take(pa.array(places[rows])), branch))
    return pa.UnionArray.from_dense(pa.array(codes), pa.array(own_places), children)
