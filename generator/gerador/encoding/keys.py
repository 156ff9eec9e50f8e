"""Encodes columns as Kafka record keys: in the bytes of Java's serializers by default, or in the key format of the output."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.types as at

from gerador.encoding import arrow_views
from gerador.encoding.avro_encoder import avro_type_encoder as avro_node
from gerador.encoding.column_encoder import CACHED_DICTIONARIES_MAX, DictionaryIdentity
from gerador.encoding.encoded_values import EncodedValues, MeasuredRows, concatenate, constant
from gerador.encoding.json_text.encoder import json_type_encoder as json_node
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

    DatumsOf: TypeAlias = Callable[[pa.Array], EncodedValues]
    """Encodes a column's values, one a row."""


class EncodedKeys:
    """Keys by row, `Measured`: each row's own entry, or the entry that `indices` names.

    `is_null` ``(rows,) bool`` marks rows without a key (their bytes mean nothing); None: all
    rows have one.
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
        """Write every key at its cursor; see `Measured.write`."""
        entries = self.entries
        if self.indices is None:
            write_bytes(entries.offsets, entries.data, out, cursors)
        else:
            write_dictionary(self.indices, entries.offsets, entries.data, 0, out, cursors)


def encode_keys(column: pa.Array, path: str, datums_of: DatumsOf | None = None) -> EncodedKeys:
    """Return the keys of a column of text, uuid, whole numbers or bytes, or a dictionary of one.

    `path` names the field in errors. `datums_of` encodes values that are neither null nor a
    dictionary; None writes them as texts. Cost: O(rows); a dictionary's entries are encoded once
    a call. Raises DataError: another Arrow type, a dictionary index that its dictionary does not
    have.
    """
    encode = datums_of or partial(encode_as_text, path=path)
    is_null = ~arrow_views.validity(column) if column.null_count else None
    if isinstance(column, pa.DictionaryArray):
        if column.dictionary.null_count:
            return encode_keys(column.dictionary_decode(), path, datums_of)
        return _dictionary_keys(column, path, is_null, encode(column.dictionary))
    if is_null is None:
        return EncodedKeys(encode(column), None, None)
    places = np.maximum(np.cumsum(~is_null) - 1, 0).astype(np.int32)
    return EncodedKeys(_with_placeholder(encode(column.drop_null())), places, is_null)


def _dictionary_keys(
    column: pa.DictionaryArray, path: str, is_null: Bool | None, entries: EncodedValues
) -> EncodedKeys:
    indices = arrow_views.indices(column)
    if is_null is not None:
        entries = _with_placeholder(entries)
        indices = np.where(is_null, np.int32(0), indices)
    bad = measure_dictionary(indices, entries.offsets, np.zeros(len(indices), np.int64))
    if bad != NO_BAD_ROW:
        raise DataError(f"key {path!r}, row {bad}: an index that its dictionary does not have")
    return EncodedKeys(entries, indices, is_null)


def _with_placeholder(entries: EncodedValues) -> EncodedValues:
    """Return `entries`, or an empty one: where all rows are null an index must name something."""
    return entries if len(entries) else EncodedValues.from_list([b""])


def encode_as_text(column: pa.Array, path: str) -> EncodedValues:
    """Return values without nulls as texts. Raises DataError: a type that makes no key."""
    kind = column.type
    if at.is_fixed_size_binary(kind):
        offsets = np.arange(len(column) + 1, dtype=np.int64) * kind.byte_width
        return EncodedValues(arrow_views.raw_bytes(column, kind.byte_width), offsets)
    if at.is_integer(kind) or at.is_string_view(kind):
        column = column.cast(pa.string())
    elif at.is_binary_view(kind):
        column = column.cast(pa.binary())
    elif not (_is_text(kind) or at.is_binary(kind) or at.is_large_binary(kind)):
        raise DataError(
            f"key {path!r}: Arrow type {kind} makes no key; choose a field of text, uuid, whole "
            "numbers or bytes"
        )
    offsets, data = arrow_views.offsets_and_data(column)
    return EncodedValues(data, offsets.astype(np.int64))


def _is_text(kind: pa.DataType) -> bool:
    return at.is_string(kind) or at.is_large_string(kind)


class KeyEncoder:
    """Encodes a column as record keys; `avro_type` is the key's type where it is not null.

    Remembers the encoded entries of the dictionaries that it met last.
    """

    def __init__(
        self, avro_type: AvroType, path: str, key_format: KeyFormat, prefix: bytes
    ) -> None:
        self._path = path
        self._prefix = prefix
        self._node = _key_column_encoder(avro_type, path, key_format)
        self._pool_of = lru_cache(maxsize=CACHED_DICTIONARIES_MAX)(self._encode_pool)

    def encode(self, column: pa.Array) -> EncodedKeys:
        """Return the keys of a column. Cost: O(rows). Raises DataError: as `encode_keys`."""
        if isinstance(column, pa.DictionaryArray) and not column.dictionary.null_count:
            return encode_keys(
                column, self._path, lambda entries: self._pool_of(DictionaryIdentity(entries))
            )
        return encode_keys(column, self._path, self._encode)

    def _encode_pool(self, entries: DictionaryIdentity) -> EncodedValues:
        return self._encode(entries.column)

    def _encode(self, column: pa.Array) -> EncodedValues:
        if self._node is None:
            return encode_as_text(column, self._path)
        lengths = np.full(len(column), len(self._prefix), np.int64)
        part = self._node.measure(column, lengths, int)
        return EncodedValues.of(MeasuredRows(lengths, concatenate([constant(self._prefix), part])))


def _key_column_encoder(
    avro_type: AvroType, path: str, key_format: KeyFormat
) -> ColumnEncoder | None:
    match key_format:
        case "avro":
            return avro_node(avro_type, path)
        case "json" | "json-schema":
            return json_node(avro_type, path)
        case "protobuf":
            return field_encoder(avro_type, path, 1)
        case "string":
            return None
