"""Builds the column encoders that write rows as JSON objects, from an Avro schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow.types as at

from gerador.avro.arrow_types import arrow_type
from gerador.avro.schema import (
    VALUE_FIELD,
    Array,
    AvroType,
    Enum,
    Fixed,
    Map,
    Primitive,
    Record,
    Union,
    ValueRecord,
)
from gerador.encoding import logical_type_columns
from gerador.encoding.encoded_values import concatenate, constant
from gerador.encoding.json_text import date_time, scalar_types
from gerador.encoding.kernels.lists import measure_json_list, write_json_list
from gerador.encoding.nested_types import (
    ListEncoder,
    MapEntryEncoder,
    OptionalEncoder,
    RecordColumnEncoder,
    UntaggedUnionEncoder,
    list_writer,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from gerador.encoding.column_encoder import ColumnEncoder, RowOf
    from gerador.encoding.encoded_values import ColumnWriter
    from gerador.kernel_compiler import I64, U8


class ObjectEncoder(RecordColumnEncoder):
    """A record as an object. The prefixes of its fields hold the brace, commas and names."""

    def __init__(
        self, path: str, fields: Sequence[tuple[str, ColumnEncoder]], suffix: bytes
    ) -> None:
        super().__init__(path, fields)
        self._suffix = suffix

    def measure_columns(
        self, names: Sequence[str], columns: Sequence[pa.Array], lengths: I64, row_of: RowOf
    ) -> ColumnWriter:
        """Measure the fields and the closing brace."""
        writer = super().measure_columns(names, columns, lengths, row_of)
        np.add(lengths, len(self._suffix), out=lengths)
        return concatenate([writer, constant(self._suffix)])


class ArrayEncoder(ListEncoder):
    """Items in brackets: an array, or an object of a map's entries."""

    def __init__(self, path: str, item: ColumnEncoder, prefix: bytes, *, is_map: bool) -> None:
        super().__init__(path, item, is_map=is_map)
        self._prefix = prefix
        self._brackets = (ord("{"), ord("}")) if is_map else (ord("["), ord("]"))

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure a list or map column."""
        offsets, item_lengths, items = self.measure_items(column, row_of)
        measure_json_list(offsets, item_lengths, lengths)
        np.add(lengths, len(self._prefix), out=lengths)
        opening, closing = self._brackets

        def write_brackets(out: U8, cursors: I64, item_cursors: I64) -> None:
            write_json_list(offsets, item_lengths, opening, closing, out, cursors, item_cursors)

        lists = list_writer(2, write_brackets, item_lengths, items)
        return concatenate([constant(self._prefix), lists])


def json_row_encoder(record: Record) -> RecordColumnEncoder:
    """Return the encoder of rows: an object each, or the value of a schema that is no record."""
    if not isinstance(record, ValueRecord):
        return object_encoder(record)
    value = json_type_encoder(record.value, VALUE_FIELD)
    return RecordColumnEncoder(record.name, [(VALUE_FIELD, value)])


def object_encoder(record: Record, path: str = "", prefix: bytes = b"") -> ObjectEncoder:
    """Return the encoder of a record; `path` is its field path in error messages."""
    fields = []
    separator = prefix + b"{"
    for f in record.fields:
        field_path = f"{path}.{f.name}" if path else f.name
        field_prefix = separator + f'"{f.name}":'.encode()
        fields.append((f.name, json_type_encoder(f.type, field_path, field_prefix)))
        separator = b","
    suffix = b"}" if record.fields else prefix + b"{}"
    return ObjectEncoder(path or record.name, fields, suffix)


def json_type_encoder(avro_type: AvroType, path: str, prefix: bytes = b"") -> ColumnEncoder:
    """Return the encoder of any type; `prefix` is written before each value."""
    match avro_type:
        case Primitive() | Fixed():
            return _scalar(avro_type, path, prefix)
        case Enum():
            return scalar_types.EnumNameEncoder(path, avro_type.symbols, prefix)
        case Array():
            item = json_type_encoder(avro_type.items, f"{path}[]")
            return ArrayEncoder(path, item, prefix, is_map=False)
        case Map():
            entry_path = f"{path}{{}}"
            value = json_type_encoder(avro_type.values, entry_path, b":")
            entry = MapEntryEncoder(entry_path, scalar_types.StringEncoder(entry_path), value)
            return ArrayEncoder(path, entry, prefix, is_map=True)
        case Record():
            return object_encoder(avro_type, path, prefix)
        case Union() if avro_type.null_branch is not None:
            value = json_type_encoder(avro_type.value, path, prefix)
            return OptionalEncoder(path, value, scalar_types.NullEncoder(path, prefix))
        case Union():
            branches = [json_type_encoder(b, path, prefix) for b in avro_type.branches]
            return UntaggedUnionEncoder(path, branches)


def _scalar(avro_type: Primitive | Fixed, path: str, prefix: bytes) -> ColumnEncoder:
    logical = avro_type.logical
    size = avro_type.size if isinstance(avro_type, Fixed) else None
    match logical.name if logical else None:
        case "decimal" if logical is not None:
            text = scalar_types.StringEncoder(path, prefix)
            return logical_type_columns.DecimalTextEncoder(path, logical, size, text)
        case "duration":
            return logical_type_columns.DurationTextEncoder(
                path, scalar_types.StringEncoder(path, prefix)
            )
        case "uuid" if size is not None:
            return logical_type_columns.UuidTextEncoder(path, prefix + b'"', b'"')
        case _ if size is not None:
            return scalar_types.FixedBase64Encoder(path, arrow_type(avro_type), prefix)
    return _primitive(avro_type, path, prefix)


def _primitive(avro_type: Primitive | Fixed, path: str, prefix: bytes) -> ColumnEncoder:
    expected = arrow_type(avro_type)
    if at.is_timestamp(expected):
        return date_time.TimestampEncoder(path, expected, prefix)
    if at.is_date(expected):
        return date_time.DateEncoder(path, expected, prefix)
    if at.is_time(expected):
        return date_time.TimeEncoder(path, expected, prefix)
    match avro_type.name:
        case "null":
            return scalar_types.NullEncoder(path, prefix)
        case "boolean":
            return scalar_types.BooleanEncoder(path, prefix)
        case "int" | "long":
            return scalar_types.IntegerEncoder(path, expected, prefix)
        case "float" | "double":
            return scalar_types.FloatEncoder(path, expected, prefix)
        case "bytes":
            return scalar_types.Base64Encoder(path, prefix)
        case _:
            return scalar_types.StringEncoder(path, prefix)
