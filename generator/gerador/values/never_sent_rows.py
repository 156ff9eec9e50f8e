"""Rows of a stream that are never sent, for references to missing rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa

from gerador.avro.schema import Record, non_null_type
from gerador.values.defaults import default_generator

if TYPE_CHECKING:
    from gerador.avro.schema import AvroType
    from gerador.values.column import LookupStream, StreamDeclaration


UNSENT_ROWS: Final = 4_096
"""Rows after the last one of a bounded stream."""
UNSENT_ROW_FIRST: Final = 2**52
"""First unsent row of an endless stream: due after 140 years at a million rows per second."""
UNSENT_ROW_FIRST_INT32: Final = 2**30
"""The same for a stream with 32-bit integers, whose sequences end at 2**31."""
ENDLESS_VALUES_MIN: Final = 2**30
"""Distinct values that the rows of an endless stream are assumed to use up."""


def first_unsent_row(stream: LookupStream) -> int:
    """Return the first unsent row of an endless stream."""
    has_int32 = any(map(_contains_int32, stream.schema.types))
    return UNSENT_ROW_FIRST_INT32 if has_int32 else UNSENT_ROW_FIRST


def _contains_int32(data_type: pa.DataType) -> bool:
    """Return whether a type is int32, or a struct that contains one."""
    if pa.types.is_struct(data_type):
        return any(_contains_int32(field.type) for field in data_type)
    return bool(pa.types.is_int32(data_type))


def sent_field_type(stream: StreamDeclaration, path: str) -> AvroType | None:
    """Return the type of a field inside records only; None: no such field is sent."""
    avro_type: AvroType | None = stream.schema.root
    for name in path.split("."):
        if not isinstance(avro_type, Record):
            return None
        avro_type = next((f.type for f in avro_type.fields if f.name == name), None)
    return avro_type


def unused_values(stream: StreamDeclaration, path: str) -> int | None:
    """Return the number of distinct values of a sent field that no sent row has; None: unknown.

    These are the values of the unsent rows, for a sequence or unique values.
    """
    avro_type = sent_field_type(stream, path)
    assert avro_type is not None  # noqa: S101 - callers have checked the path
    generator = stream.fields.get(path) or default_generator(avro_type, path)
    count = generator.distinct_values(non_null_type(avro_type))
    return None if count is None else max(0, count - (stream.rows or ENDLESS_VALUES_MIN))
