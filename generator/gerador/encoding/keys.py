"""A column as Kafka record keys: by default in the bytes that Java's serializers would write.

Text is UTF-8, as `StringSerializer` writes it; whole numbers are their decimal text, so that
a key reads the same in every console; bytes are themselves. Other types make poor keys (a
double has many texts, a date none that is agreed) and are refused. Other formats bring an
encoder of their own for the column's values.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.types as at

from gerador.encoding import views
from gerador.encoding.kernels.spans import (
    ALL_GOOD,
    measure_pool,
    write_bare_spans,
    write_pool,
)
from gerador.encoding.measured import Datums
from gerador.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gerador.encoding.kernels.signatures import I32, I64, U8, Bool

    DatumsOf: TypeAlias = Callable[[pa.Array], Datums]
    """Encodes a column's values, one a row."""


class Keys:
    """Keys by row, `Measured`: each row's own entry, or the entry that `indices` names.

    `is_null` ``(rows,) bool`` marks rows without a key (their bytes mean nothing); None: all
    rows have one.
    """

    def __init__(self, entries: Datums, indices: I32 | None, is_null: Bool | None) -> None:
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
            write_bare_spans(entries.offsets, entries.data, out, cursors)
        else:
            write_pool(self.indices, entries.offsets, entries.data, 0, out, cursors)


def encode_keys(column: pa.Array, path: str, datums_of: DatumsOf | None = None) -> Keys:
    """Return the keys of a column of text, uuid, whole numbers or bytes, or a dictionary of one.

    `path` names the field in errors. `datums_of` encodes values that are neither null nor a
    dictionary; None writes them as texts. Cost: O(rows); a dictionary's entries are encoded once
    a call. Raises DataError: another Arrow type, a dictionary index that its dictionary does not
    have.
    """
    encode = datums_of or partial(texts_of, path=path)
    is_null = ~views.validity(column) if column.null_count else None
    if isinstance(column, pa.DictionaryArray):
        if column.dictionary.null_count:
            return encode_keys(column.dictionary_decode(), path, datums_of)
        return _dictionary_keys(column, path, is_null, encode(column.dictionary))
    if is_null is None:
        return Keys(encode(column), None, None)
    places = np.maximum(np.cumsum(~is_null) - 1, 0).astype(np.int32)
    return Keys(_at_least_one(encode(column.drop_null())), places, is_null)


def _dictionary_keys(
    column: pa.DictionaryArray, path: str, is_null: Bool | None, entries: Datums
) -> Keys:
    indices = views.indices(column)
    if is_null is not None:
        entries = _at_least_one(entries)
        indices = np.where(is_null, np.int32(0), indices)
    bad = measure_pool(indices, entries.offsets, np.zeros(len(indices), np.int64))
    if bad != ALL_GOOD:
        raise DataError(f"key {path!r}, row {bad}: an index that its dictionary does not have")
    return Keys(entries, indices, is_null)


def _at_least_one(entries: Datums) -> Datums:
    """Return `entries`, or an empty one: where all rows are null an index must name something."""
    return entries if len(entries) else Datums.from_list([b""])


def texts_of(column: pa.Array, path: str) -> Datums:
    """Return values without nulls as texts. Raises DataError: a type that makes no key."""
    kind = column.type
    if at.is_fixed_size_binary(kind):
        offsets = np.arange(len(column) + 1, dtype=np.int64) * kind.byte_width
        return Datums(views.raw_bytes(column, kind.byte_width), offsets)
    if at.is_integer(kind) or at.is_string_view(kind):
        column = column.cast(pa.string())
    elif at.is_binary_view(kind):
        column = column.cast(pa.binary())
    elif not (_is_text(kind) or at.is_binary(kind) or at.is_large_binary(kind)):
        raise DataError(
            f"key {path!r}: Arrow type {kind} makes no key; choose a field of text, uuid, whole "
            "numbers or bytes"
        )
    offsets, data = views.spans(column)
    return Datums(data, offsets.astype(np.int64))


def _is_text(kind: pa.DataType) -> bool:
    return at.is_string(kind) or at.is_large_string(kind)
