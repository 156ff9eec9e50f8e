"""Builds the column encoders that write rows as JSON objects, from an Avro schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow.types as at

from gerador.avro.arrow_types import arrow_type
from gerador.avro.schema import Array, AvroType, Enum, Fixed, Map, Primitive, Record, Union
from gerador.encoding import logical_types
from gerador.encoding.encoded_values import ColumnWriter, concatenate, constant
from gerador.encoding.json_text import date_time, scalar_types
from gerador.encoding.kernels.lists import measure_json_list, write_json_list
from gerador.encoding.nested_types import (
    ListEncoder,
    MapEntryEncoder,
    OptionalEncoder,
    RecordEncoder,
    UntaggedUnionEncoder,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from gerador.encoding.column_encoder import ColumnEncoder, RowOf
    from gerador.kernel_compiler import I64, U8


class ObjectEncoder(RecordEncoder):
    """A record: its fields' nodes hold the brace, the commas and the names; `end` closes it."""

    def __init__(self, path: str, fields: Sequence[tuple[str, ColumnEncoder]], end: bytes) -> None:
        super().__init__(path, fields)
        self._end = end

    def measure_columns(
        self, names: Sequence[str], columns: Sequence[pa.Array], lengths: I64, row_of: RowOf
    ) -> ColumnWriter:
        """Measure the fields and the end."""
        part = super().measure_columns(names, columns, lengths, row_of)
        np.add(lengths, len(self._end), out=lengths)
        return concatenate([part, constant(self._end)])


class ArrayEncoder(ListEncoder):
    """Items between brackets: a JSON array, or of a map's entries an object."""

    def __init__(self, path: str, item: ColumnEncoder, before: bytes, *, is_map: bool) -> None:
        super().__init__(path, item, is_map=is_map)
        self._before = before
        self._brackets = (ord("{"), ord("}")) if is_map else (ord("["), ord("]"))

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure a list or map column."""
        offsets, item_lengths, part = self.measure_items(column, row_of)
        measure_json_list(offsets, item_lengths, lengths)
        np.add(lengths, len(self._before), out=lengths)
        opening, closing = self._brackets

        def write(out: U8, cursors: I64, _slack: int) -> None:
            items = np.empty(len(item_lengths), np.int64)
            write_json_list(offsets, item_lengths, opening, closing, out, cursors, items)
            part.write(out, items, 0)  # what follows an item is written by then

        return concatenate([constant(self._before), ColumnWriter(2, write)])


def object_encoder(record: Record, path: str = "", before: bytes = b"") -> ObjectEncoder:
    """Return the node of a record; `path` is where it stands, for messages."""
    fields = []
    between = before + b"{"
    for f in record.fields:
        below = f"{path}.{f.name}" if path else f.name
        fields.append((f.name, json_type_encoder(f.type, below, between + f'"{f.name}":'.encode())))
        between = b","
    end = b"}" if record.fields else before + b"{}"
    return ObjectEncoder(path or record.name, fields, end)


def json_type_encoder(avro_type: AvroType, path: str, before: bytes = b"") -> ColumnEncoder:
    """Return the node of any type; `before` stands before each of its values."""
    match avro_type:
        case Primitive() | Fixed():
            return _scalar(avro_type, path, before)
        case Enum():
            return scalar_types.EnumNameEncoder(path, avro_type.symbols, before)
        case Array():
            return ArrayEncoder(
                path, json_type_encoder(avro_type.items, f"{path}[]"), before, is_map=False
            )
        case Map():
            inside = f"{path}{{}}"
            entry = MapEntryEncoder(
                inside,
                scalar_types.StringEncoder(inside),
                json_type_encoder(avro_type.values, inside, b":"),
            )
            return ArrayEncoder(path, entry, before, is_map=True)
        case Record():
            return object_encoder(avro_type, path, before)
        case Union() if avro_type.null_branch is not None:
            value = json_type_encoder(avro_type.value, path, before)
            return OptionalEncoder(path, value, scalar_types.NullEncoder(path, before))
        case Union():
            return UntaggedUnionEncoder(
                path, [json_type_encoder(b, path, before) for b in avro_type.branches]
            )


def _scalar(avro_type: Primitive | Fixed, path: str, before: bytes) -> ColumnEncoder:
    logical = avro_type.logical
    size = avro_type.size if isinstance(avro_type, Fixed) else None
    match logical.name if logical else None:
        case "decimal" if logical is not None:
            text = scalar_types.StringEncoder(path, before)
            return logical_types.DecimalTextEncoder(path, logical, size, text)
        case "duration":
            return logical_types.DurationTextEncoder(path, scalar_types.StringEncoder(path, before))
        case "uuid" if size is not None:
            return logical_types.UuidTextEncoder(path, before, b'"')
        case _ if size is not None:
            return scalar_types.FixedBase64Encoder(path, size, before)
    return _primitive(avro_type, path, before)


def _primitive(avro_type: Primitive | Fixed, path: str, before: bytes) -> ColumnEncoder:
    kind = arrow_type(avro_type)
    if at.is_timestamp(kind):
        return date_time.TimestampEncoder(path, kind, before)
    if at.is_date(kind):
        return date_time.DateEncoder(path, kind, before)
    if at.is_time(kind):
        return date_time.TimeEncoder(path, kind, before)
    match avro_type.name:
        case "null":
            return scalar_types.NullEncoder(path, before)
        case "boolean":
            return scalar_types.BooleanEncoder(path, before)
        case "int" | "long":
            return scalar_types.IntegerEncoder(path, kind, before)
        case "float" | "double":
            return scalar_types.FloatEncoder(path, kind, before)
        case "bytes":
            return scalar_types.Base64Encoder(path, before)
        case _:
            return scalar_types.StringEncoder(path, before)
