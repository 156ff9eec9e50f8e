"""Encodes columns as Kafka record keys: as Java's serializers do, or in the output's key format."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.types as at

from gerador.encoding import arrow_views
from gerador.encoding.avro_encoder import avro_type_encoder
from gerador.encoding.dictionary_cache import cache_by_dictionary
from gerador.encoding.encoded_values import EncodedValues, MeasuredRows, concatenate, constant
from gerador.encoding.json_text.encoder import json_type_encoder
from gerador.encoding.kernels.byte_strings import (
    NO_BAD_ROW,
    measure_dictionary,
    write_bytes,
    write_dictionary,
)
from gerador.encoding.protobuf.encoder import field_encoder
from gerador.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from gerador.avro.schema import AvroType
    from gerador.encoding.column_encoder import ColumnEncoder
    from gerador.kernel_compiler import I32, I64, U8, Bool
    from gerador.scenario.output import KeyFormat

    EncodeValues: TypeAlias = Callable[[pa.Array], EncodedValues]


class EncodedKeys:
    """The keys of rows as `MeasuredValues`: one entry per row, or the entry at `indices`.

    `is_null` ``(rows,) bool`` marks rows without a key, whose bytes are ignored; None: all rows
    have a key.
    """

    def __init__(self, entries: EncodedValues, indices: I32 | None, is_null: Bool | None) -> None:
        self.entries = entries
        self.indices = indices
        self.is_null = is_null

    def __len__(self) -> int:
        return len(self.entries if self.indices is None else self.indices)

    @property
    def lengths(self) -> I64:
        """Bytes of each row's key, ``(rows,) int64``."""
        by_entry = self.entries.lengths
        return by_entry if self.indices is None else by_entry[self.indices]

    def write(self, out: U8, cursors: I64) -> None:
        """Write every key at its cursor; see `MeasuredValues.write`."""
        entries = self.entries
        if self.indices is None:
            write_bytes(entries.offsets, entries.data, out, cursors)
        else:
            write_dictionary(self.indices, entries.offsets, entries.data, 0, out, cursors)


class KeyEncoder:
    """Encodes a column as record keys; `avro_type` is the type of the keys that are not null.

    Caches the encoded entries of the latest dictionaries.
    """

    def __init__(
        self, avro_type: AvroType, path: str, key_format: KeyFormat, prefix: bytes
    ) -> None:
        self._path = path
        self._prefix = prefix
        self._column_encoder = _key_column_encoder(avro_type, path, key_format)
        self._encode_cached = cache_by_dictionary(self._encode)

    def encode(self, column: pa.Array) -> EncodedKeys:
        """Return the keys of a column. Cost: O(rows). Raises DataError: as `encode_keys`."""
        dictionary = isinstance(column, pa.DictionaryArray) and not column.dictionary.null_count
        return encode_keys(column, self._path, self._encode_cached if dictionary else self._encode)

    def _encode(self, column: pa.Array) -> EncodedValues:
        if self._column_encoder is None:
            return encode_as_text(column, self._path)
        lengths = np.full(len(column), len(self._prefix), np.int64)
        writer = self._column_encoder.measure(column, lengths, int)
        writer = concatenate([constant(self._prefix), writer])
        return EncodedValues.of(MeasuredRows(lengths, writer))


def _key_column_encoder(
    avro_type: AvroType, path: str, key_format: KeyFormat
) -> ColumnEncoder | None:
    match key_format:
        case "avro":
            return avro_type_encoder(avro_type, path)
        case "json" | "json-schema":
            return json_type_encoder(avro_type, path)
        case "protobuf":
            return field_encoder(avro_type, path, 1)
        case "string":
            return None


def encode_keys(column: pa.Array, path: str, encode: EncodeValues | None = None) -> EncodedKeys:
    """Return the keys of a column of text, UUIDs, integers or bytes, or of a dictionary of these.

    `path` is the field path in error messages. `encode` encodes values that are neither null nor
    a dictionary; default: `encode_as_text`. Cost: O(rows); the entries of a dictionary are encoded
    once per call. Raises DataError: another Arrow type, a dictionary index out of range.
    """
    encode = encode or partial(encode_as_text, path=path)
    is_null = ~arrow_views.validity(column) if column.null_count else None
    if isinstance(column, pa.DictionaryArray):
        if column.dictionary.null_count:
            return encode_keys(column.dictionary_decode(), path, encode)
        return _dictionary_keys(column, path, is_null, encode(column.dictionary))
    if is_null is None:
        return EncodedKeys(encode(column), None, None)
    indices = np.maximum(np.cumsum(~is_null) - 1, 0).astype(np.int32)
    return EncodedKeys(_not_empty(encode(column.drop_null())), indices, is_null)


def _dictionary_keys(
    column: pa.DictionaryArray, path: str, is_null: Bool | None, entries: EncodedValues
) -> EncodedKeys:
    indices = arrow_views.indices(column)
    if is_null is not None:
        entries = _not_empty(entries)
        indices = np.where(is_null, np.int32(0), indices)
    bad = measure_dictionary(indices, entries.offsets, np.zeros(len(indices), np.int64))
    if bad != NO_BAD_ROW:
        raise DataError(
            f"key {path!r}, row {bad}: dictionary index {column.indices[bad].as_py()} is outside "
            f"[0, {len(entries)})"
        )
    return EncodedKeys(entries, indices, is_null)


def _not_empty(entries: EncodedValues) -> EncodedValues:
    """Return `entries`, or one empty entry for the indices of rows that are all null."""
    return entries if len(entries) else EncodedValues.from_list([b""])


def encode_as_text(column: pa.Array, path: str) -> EncodedValues:
    """Return values without nulls as text; bytes and UUIDs of 16 bytes unchanged.

    Raises DataError: a type that cannot be a key.
    """
    arrow_type = column.type
    if at.is_fixed_size_binary(arrow_type):
        offsets = np.arange(len(column) + 1, dtype=np.int64) * arrow_type.byte_width
        return EncodedValues(arrow_views.raw_bytes(column, arrow_type.byte_width), offsets)
    if at.is_integer(arrow_type) or at.is_string_view(arrow_type):
        column = column.cast(pa.string())
    elif at.is_binary_view(arrow_type):
        column = column.cast(pa.binary())
    elif not _has_offsets(arrow_type):
        raise DataError(
            f"key {path!r}: Arrow type {arrow_type} cannot be a key; choose a field of text, uuid, "
            "integers or bytes"
        )
    offsets, data = arrow_views.offsets_and_data(column)
    return EncodedValues(data, offsets.astype(np.int64))


def _has_offsets(arrow_type: pa.DataType) -> bool:
    text = at.is_string(arrow_type) or at.is_large_string(arrow_type)
    return text or at.is_binary(arrow_type) or at.is_large_binary(arrow_type)
