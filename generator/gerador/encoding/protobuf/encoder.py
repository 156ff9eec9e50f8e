"""Builds the column encoders that write rows as Protocol Buffers messages, from an Avro schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.types as at

from gerador.avro.arrow_types import arrow_type
from gerador.avro.schema import Array, AvroType, Enum, Fixed, Map, Primitive, Record, Union, is_null
from gerador.encoding import logical_type_columns
from gerador.encoding.column_encoder import PrefixedEncoder
from gerador.encoding.encoded_values import ColumnWriter, concatenate
from gerador.encoding.kernels.base64_and_uuid import UUID_CHARACTERS
from gerador.encoding.kernels.lists import measure_repeated, place_repeated_items
from gerador.encoding.kernels.protobuf_wire import measure_message_sizes, write_unsigned
from gerador.encoding.nested_types import (
    ListEncoder,
    MapEntryEncoder,
    OptionalEncoder,
    RecordColumnEncoder,
    UntaggedUnionEncoder,
    list_writer,
)
from gerador.encoding.protobuf.naming import field_number
from gerador.encoding.protobuf.scalar_types import (
    EnumNumberEncoder,
    LengthDelimitedEncoder,
    TimestampEncoder,
    VarintEncoder,
)
from gerador.encoding.protobuf.wire_format import (
    FIXED_32,
    FIXED_64,
    LENGTH_DELIMITED,
    VARINT,
    encode_tag,
)
from gerador.encoding.scalar_types import (
    BYTES_TYPES,
    BooleanEncoder,
    FixedWidthEncoder,
    NullEncoder,
)
from gerador.encoding.varint import encode_unsigned_varint

if TYPE_CHECKING:
    from gerador.encoding.column_encoder import ColumnEncoder, RowOf
    from gerador.kernel_compiler import I64, U8


class MessageEncoder(PrefixedEncoder):
    """The bytes of `body` after their size: a message, or a packed list of numbers."""

    def __init__(self, path: str, prefix: bytes, body: ColumnEncoder) -> None:
        super().__init__(path, prefix)
        self._body = body

    def measure(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure any column that the body accepts, also with nulls."""
        if isinstance(column, pa.DictionaryArray) and not column.null_count:
            return super().measure(column, lengths, row_of)
        return self.measure_values(column, lengths, row_of)

    def measure_unprefixed(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure the body as a separate column, then the size of each row."""
        sizes = np.zeros(len(column), np.int64)
        body = self._body.measure(column, sizes, row_of)
        measure_message_sizes(sizes, lengths)
        size = ColumnWriter(1, lambda out, cursors, _slack: write_unsigned(sizes, out, cursors))
        return concatenate([size, body])


class RepeatedEncoder(ListEncoder):
    """The items without a delimiter, each with its prefix."""

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure a list or map column."""
        offsets, item_lengths, items = self.measure_items(column, row_of)
        measure_repeated(offsets, item_lengths, lengths)

        def place_items(_out: U8, cursors: I64, item_cursors: I64) -> None:
            place_repeated_items(offsets, item_lengths, cursors, item_cursors)

        return list_writer(0, place_items, item_lengths, items)


_WIRE_TYPES: Final = {
    "boolean": VARINT,
    "int": VARINT,
    "long": VARINT,
    "float": FIXED_32,
    "double": FIXED_64,
}


def message_encoder(record: Record, path: str = "") -> RecordColumnEncoder:
    """Return the encoder of a record's fields; `path` is its field path in error messages."""
    fields = [
        (f.name, field_encoder(f.type, f"{path}.{f.name}" if path else f.name, field_number(i)))
        for i, f in enumerate(record.fields)
    ]
    return RecordColumnEncoder(path or record.name, fields)


def field_encoder(avro_type: AvroType, path: str, number: int) -> ColumnEncoder:
    """Return the encoder of a message's field: a single, optional or repeated value, or a map."""
    match avro_type:
        case Union() if avro_type.null_branch is not None:
            return OptionalEncoder(path, _single_value(avro_type.value, path, number))
        case Array():
            return _repeated(avro_type.items, f"{path}[]", number)
        case Map():
            return _map(avro_type, f"{path}{{}}", number)
        case Primitive(name="null"):
            return NullEncoder(path)
        case _:
            return _single_value(avro_type, path, number)


def _repeated(items: AvroType, path: str, number: int) -> ColumnEncoder:
    if _wire_type(items) == LENGTH_DELIMITED:
        return RepeatedEncoder(path, _single_value(items, path, number), is_map=False)
    packed = RepeatedEncoder(path, _single_value(items, path, None), is_map=False)
    return MessageEncoder(path, encode_tag(number, LENGTH_DELIMITED), packed)


def _map(avro_type: Map, path: str, number: int) -> ColumnEncoder:
    key = LengthDelimitedEncoder(path, encode_tag(1, LENGTH_DELIMITED))
    entry = MapEntryEncoder(path, key, _single_value(avro_type.values, path, 2))
    message = MessageEncoder(path, encode_tag(number, LENGTH_DELIMITED), entry)
    return RepeatedEncoder(path, message, is_map=True)


def _single_value(avro_type: AvroType, path: str, number: int | None) -> ColumnEncoder:
    """Return the encoder of a single value, not null; without a number it has no tag (packed)."""
    prefix = b"" if number is None else encode_tag(number, _wire_type(avro_type))
    match avro_type:
        case Record():
            return MessageEncoder(path, prefix, message_encoder(avro_type, path))
        case Enum():
            return EnumNumberEncoder(path, avro_type.symbols, prefix)
        case Union() if avro_type.null_branch is None:
            return MessageEncoder(path, prefix, _union(avro_type, path))
        case Union() | Array() | Map():
            return MessageEncoder(path, prefix, field_encoder(avro_type, path, 1))
        case Primitive(name="null"):
            return MessageEncoder(path, prefix, NullEncoder(path))
        case Primitive() | Fixed():
            return _scalar(avro_type, path, prefix)


def _union(union: Union, path: str) -> ColumnEncoder:
    branches = [
        NullEncoder(path) if is_null(b) else _single_value(b, path, field_number(i))
        for i, b in enumerate(union.branches)
    ]
    return UntaggedUnionEncoder(path, branches)


def _scalar(avro_type: Primitive | Fixed, path: str, prefix: bytes) -> ColumnEncoder:
    logical = avro_type.logical
    size = avro_type.size if isinstance(avro_type, Fixed) else None
    match logical.name if logical else None:
        case "decimal" if logical is not None:
            text = LengthDelimitedEncoder(path, prefix)
            return logical_type_columns.DecimalTextEncoder(path, logical, size, text)
        case "duration":
            return logical_type_columns.DurationTextEncoder(
                path, LengthDelimitedEncoder(path, prefix)
            )
        case "uuid" if size is not None:
            size_prefix = prefix + encode_unsigned_varint(UUID_CHARACTERS)
            return logical_type_columns.UuidTextEncoder(path, size_prefix)
        case _ if size is not None:
            size_prefix = prefix + encode_unsigned_varint(size)
            return FixedWidthEncoder(path, arrow_type(avro_type), size_prefix)
    return _primitive(avro_type, path, prefix)


def _primitive(avro_type: Primitive | Fixed, path: str, prefix: bytes) -> ColumnEncoder:
    expected = arrow_type(avro_type)
    if at.is_timestamp(expected) and expected.tz:
        return TimestampEncoder(path, expected, prefix)
    match avro_type.name:
        case "boolean":
            return BooleanEncoder(path, prefix)
        case "int" | "long":
            return VarintEncoder(path, expected, prefix)
        case "float" | "double":
            return FixedWidthEncoder(path, expected, prefix)
        case "bytes":
            return LengthDelimitedEncoder(path, prefix, BYTES_TYPES)
        case _:
            return LengthDelimitedEncoder(path, prefix)


def _wire_type(avro_type: AvroType) -> int:
    """Return the wire type of a single value."""
    if isinstance(avro_type, Enum):
        return VARINT
    if not isinstance(avro_type, Primitive):
        return LENGTH_DELIMITED
    if avro_type.logical is not None and avro_type.logical.name.startswith("timestamp-"):
        return LENGTH_DELIMITED
    return _WIRE_TYPES.get(avro_type.name, LENGTH_DELIMITED)
