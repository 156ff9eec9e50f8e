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

import pyarrow as pa
import pyarrow.compute as pc

from gerador.api.nested_columns import convert_leaves, dense_union
from gerador.avro.schema import AvroType, Fixed, Record

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
    return convert_leaves(values, avro_type, _leaf, dense_union)


def _leaf(values: pa.Array, avro_type: AvroType) -> pa.Array:
    if isinstance(avro_type, Fixed) and avro_type.logical and avro_type.logical.name == "uuid":
        return _map_to_text(values, lambda v: str(uuid.UUID(bytes=v)))
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
        return duration_text(values)
    return values


def _timestamp(values: pa.Array, arrow_type: pa.TimestampType) -> pa.Array:
    """Format timestamps as ISO 8601, from a type without a zone: no zone database is needed."""
    text = values.cast(pa.timestamp(arrow_type.unit)).cast(pa.string())
    iso = pc.replace_substring(text, " ", "T", max_replacements=1)
    return iso if arrow_type.tz is None else pc.binary_join_element_wise(iso, "Z", "")


def _map_to_text(values: pa.Array, to_text: Callable[[Any], str]) -> pa.Array:
    texts = [None if v is None else to_text(v) for v in values.to_pylist()]
    return pa.array(texts, pa.string())


def duration_text(values: pa.Array) -> pa.Array:
    """Return durations as ISO 8601 text: P1M2DT0.003S."""
    return _map_to_text(values, _duration)


def _duration(value: pa.MonthDayNano) -> str:
    seconds, millis = divmod(value.nanoseconds // _NANOS_PER_MILLI, _MILLIS_PER_S)
    return f"P{value.months}M{value.days}DT{seconds}.{millis:03}S"
