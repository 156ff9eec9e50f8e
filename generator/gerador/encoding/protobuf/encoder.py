"""Builds the column encoders that write rows as Protocol Buffers messages, from an Avro schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.types as at

from gerador.avro.arrow_types import arrow_type
from gerador.avro.schema import Array, AvroType, Enum, Fixed, Map, Primitive, Record, Union, is_null
from gerador.encoding import logical_types
from gerador.encoding.column_encoder import PrefixedEncoder
from gerador.encoding.encoded_values import ColumnWriter, concatenate
from gerador.encoding.kernels.base64_and_uuid import UUID_CHARACTERS
from gerador.encoding.kernels.lists import measure_repeated, place_repeated_items
from gerador.encoding.kernels.protobuf_wire import measure_message_sizes, write_unsigned
from gerador.encoding.nested_types import (
    ListEncoder,
    MapEntryEncoder,
    OptionalEncoder,
    RecordEncoder,
    UntaggedUnionEncoder,
)
from gerador.encoding.protobuf import scalar_types
from gerador.encoding.protobuf.naming import field_number
from gerador.encoding.protobuf.wire_format import (
    FIXED_32,
    FIXED_64,
    LENGTH_DELIMITED,
    VARINT,
    encode_tag,
    encode_unsigned_varint,
)
from gerador.encoding.scalar_types import BYTES_TYPES, TEXT_TYPES

if TYPE_CHECKING:
    from gerador.encoding.column_encoder import ColumnEncoder, RowOf
    from gerador.kernel_compiler import I64, U8


class MessageEncoder(PrefixedEncoder):
    """What `body` writes, with its size before it: a message, or a list of packed numbers."""

    def __init__(self, path: str, before: bytes, body: ColumnEncoder) -> None:
        super().__init__(path, before)
        self._body = body

    def measure(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure any column that the body takes: what is missing is the body's business."""
        if isinstance(column, pa.DictionaryArray) and not column.null_count:
            return super().measure(column, lengths, row_of)
        return self.measure_values(column, lengths, row_of)

    def measure_bare(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure the body as a column of its own, then each row's size."""
        sizes = np.zeros(len(column), np.int64)
        body = self._body.measure(column, sizes, row_of)
        measure_message_sizes(sizes, lengths)
        head = ColumnWriter(1, lambda out, cursors, _slack: write_unsigned(sizes, out, cursors))
        return concatenate([head, body])


class RepeatedEncoder(ListEncoder):
    """Items side by side, each with what its own node writes before it."""

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure a list or map column."""
        offsets, item_lengths, part = self.measure_items(column, row_of)
        measure_repeated(offsets, item_lengths, lengths)

        def write(out: U8, cursors: I64, _slack: int) -> None:
            items = np.empty(len(item_lengths), np.int64)
            place_repeated_items(offsets, item_lengths, cursors, items)
            part.write(out, items, 0)  # what follows an item is not written yet

        return ColumnWriter(0, write)


_WIRE_TYPES: Final = {
    "boolean": VARINT,
    "int": VARINT,
    "long": VARINT,
    "float": FIXED_32,
    "double": FIXED_64,
}


def message_encoder(record: Record, path: str = "") -> RecordEncoder:
    """Return the node of a record's fields; `path` is where it stands, for messages."""
    fields = [
        (f.name, field_encoder(f.type, f"{path}.{f.name}" if path else f.name, field_number(i)))
        for i, f in enumerate(record.fields)
    ]
    return RecordEncoder(path or record.name, fields)


def field_encoder(avro_type: AvroType, path: str, number: int) -> ColumnEncoder:
    """Return the node of a message's field: one value, one that may be missing, or several."""
    match avro_type:
        case Union() if avro_type.null_branch is not None:
            return OptionalEncoder(path, _single_value(avro_type.value, path, number))
        case Array():
            return _repeated(avro_type.items, f"{path}[]", number)
        case Map():
            return _map(avro_type, f"{path}{{}}", number)
        case Primitive(name="null"):
            return scalar_types.EmptyEncoder(path)
        case _:
            return _single_value(avro_type, path, number)


def _repeated(items: AvroType, path: str, number: int) -> ColumnEncoder:
    if _wire_type(items) == LENGTH_DELIMITED:
        return RepeatedEncoder(path, _single_value(items, path, number), is_map=False)
    packed = RepeatedEncoder(path, _single_value(items, path, None), is_map=False)
    return MessageEncoder(path, encode_tag(number, LENGTH_DELIMITED), packed)


def _map(avro_type: Map, path: str, number: int) -> ColumnEncoder:
    key = scalar_types.LengthDelimitedEncoder(path, encode_tag(1, LENGTH_DELIMITED), *TEXT_TYPES)
    entry = MapEntryEncoder(path, key, _single_value(avro_type.values, path, 2))
    message = MessageEncoder(path, encode_tag(number, LENGTH_DELIMITED), entry)
    return RepeatedEncoder(path, message, is_map=True)


def _single_value(avro_type: AvroType, path: str, number: int | None) -> ColumnEncoder:
    """Return the node of a value that stands alone; without a number it has no tag (packed)."""
    before = b"" if number is None else encode_tag(number, _wire_type(avro_type))
    match avro_type:
        case Record():
            return MessageEncoder(path, before, message_encoder(avro_type, path))
        case Enum():
            return scalar_types.EnumNumberEncoder(path, before, avro_type.symbols)
        case Union() if avro_type.null_branch is None:
            return MessageEncoder(path, before, _union(avro_type, path))
        case Union() | Array() | Map():
            return MessageEncoder(path, before, field_encoder(avro_type, path, 1))
        case Primitive(name="null"):
            return MessageEncoder(path, before, scalar_types.EmptyEncoder(path))
        case Primitive() | Fixed():
            return _scalar(avro_type, path, before)


def _union(union: Union, path: str) -> ColumnEncoder:
    branches = [
        scalar_types.EmptyEncoder(path) if is_null(b) else _single_value(b, path, field_number(i))
        for i, b in enumerate(union.branches)
    ]
    return UntaggedUnionEncoder(path, branches)


def _scalar(avro_type: Primitive | Fixed, path: str, before: bytes) -> ColumnEncoder:
    logical = avro_type.logical
    size = avro_type.size if isinstance(avro_type, Fixed) else None
    match logical.name if logical else None:
        case "decimal" if logical is not None:
            text = scalar_types.LengthDelimitedEncoder(path, before, *TEXT_TYPES)
            return logical_types.DecimalTextEncoder(path, logical, size, text)
        case "duration":
            return logical_types.DurationTextEncoder(
                path, scalar_types.LengthDelimitedEncoder(path, before, *TEXT_TYPES)
            )
        case "uuid" if size is not None:
            return logical_types.UuidTextEncoder(
                path, before + encode_unsigned_varint(UUID_CHARACTERS), b""
            )
        case _ if size is not None:
            sized = before + encode_unsigned_varint(size)
            return scalar_types.FixedWidthEncoder(path, sized, arrow_type(avro_type), size)
    return _primitive(avro_type, path, before)


def _primitive(avro_type: Primitive | Fixed, path: str, before: bytes) -> ColumnEncoder:
    kind = arrow_type(avro_type)
    if at.is_timestamp(kind) and kind.tz:
        return scalar_types.TimestampEncoder(path, before, kind)
    match avro_type.name:
        case "boolean":
            return scalar_types.BooleanEncoder(path, before)
        case "int":
            return scalar_types.VarintEncoder(path, before, kind, np.int32)
        case "long":
            return scalar_types.VarintEncoder(path, before, kind, np.int64)
        case "float":
            return scalar_types.FixedWidthEncoder(path, before, kind, 4)
        case "double":
            return scalar_types.FixedWidthEncoder(path, before, kind, 8)
        case "bytes":
            return scalar_types.LengthDelimitedEncoder(path, before, *BYTES_TYPES)
        case _:
            return scalar_types.LengthDelimitedEncoder(path, before, *TEXT_TYPES)


def _wire_type(avro_type: AvroType) -> int:
    """Return the wire type of a value that stands alone."""
    if isinstance(avro_type, Enum):
        return VARINT
    if not isinstance(avro_type, Primitive):
        return LENGTH_DELIMITED
    if avro_type.logical is not None and avro_type.logical.name.startswith("timestamp-"):
        return LENGTH_DELIMITED
    return _WIRE_TYPES.get(avro_type.name, LENGTH_DELIMITED)
