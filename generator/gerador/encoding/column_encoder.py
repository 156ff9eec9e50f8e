"""The base class of column encoders, with dictionary columns (each entry is encoded once), and encoders that write a constant prefix before each value."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pyarrow as pa

from gerador.encoding import arrow_views
from gerador.encoding.encoded_values import ColumnWriter, concatenate, constant, offsets_of_lengths
from gerador.encoding.kernels.byte_strings import NO_BAD_ROW, measure_dictionary, write_dictionary
from gerador.encoding.kernels.memory_copy import BLOCK_BYTES
from gerador.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from gerador.kernel_compiler import I64, U8

    RowOf: TypeAlias = Callable[[int], int]
    """Finds the row of the record batch that a position in a (nested) column belongs to."""


CACHED_DICTIONARIES_MAX: Final = 16
"""Encoded dictionaries that one node remembers; the one unused for longest is forgotten."""


class ColumnEncoder(ABC):
    """Encodes the values of one type at one field path. Safe to share between threads."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._pool_of = lru_cache(maxsize=CACHED_DICTIONARIES_MAX)(self._encode_pool)

    @abstractmethod
    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """As `measure`, for a column that is neither a dictionary nor holds nulls."""

    def measure(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Add each row's bytes to `lengths` and return what writes them.

        Raises DataError: a null, a value that the type cannot hold, another Arrow type.
        """
        if isinstance(column, pa.ExtensionArray):
            column = column.storage
        if column.null_count:
            self._refuse_null(column, row_of)
        if isinstance(column, pa.DictionaryArray):
            return self._measure_dictionary(column, lengths, row_of)
        return self.measure_values(column, lengths, row_of)

    def _measure_dictionary(
        self, column: pa.DictionaryArray, lengths: I64, row_of: RowOf
    ) -> ColumnWriter:
        try:
            pool = self._pool(column.dictionary)
        except DataError:
            # An entry that no row uses harms nobody, and of one that is used the row is to be
            # named: so the rows themselves are encoded.
            return self.measure(column.dictionary_decode(), lengths, row_of)
        indices = arrow_views.indices(column)
        offsets, data = pool.offsets, pool.data
        bad = measure_dictionary(indices, offsets, lengths)
        if bad != NO_BAD_ROW:
            raise self.refusal(row_of(bad), "a dictionary index that its dictionary does not have")
        return ColumnWriter(
            pool.bytes_min,
            lambda out, cursors, slack: write_dictionary(
                indices, offsets, data, slack, out, cursors
            ),
        )

    def _pool(self, dictionary: pa.Array) -> _EncodedDictionary:
        """Return the encoded entries of `dictionary`; remembered while in recent use."""
        if dictionary.type.num_fields or isinstance(dictionary, pa.DictionaryArray):
            return self._encode_pool(
                DictionaryIdentity(dictionary)
            )  # children have offsets of their own
        return self._pool_of(DictionaryIdentity(dictionary))

    def _encode_pool(self, entries: DictionaryIdentity) -> _EncodedDictionary:
        lengths = np.zeros(len(entries.column), np.int64)
        part = self.measure(entries.column, lengths, int)
        offsets = offsets_of_lengths(lengths)
        data = np.empty(int(offsets[-1]) + BLOCK_BYTES, np.uint8)
        part.write(data, offsets[:-1].copy(), 0)
        return _EncodedDictionary(offsets, data, int(lengths.min()) if len(lengths) else 0)

    def _refuse_null(self, column: pa.Array, row_of: RowOf) -> None:
        row = row_of(int(np.argmin(arrow_views.validity(column))))
        raise self.refusal(row, "null, and the schema allows none: make the field nullable")

    def refusal(self, row: int, what: str) -> DataError:
        """Return the error that names this node's field path and the row."""
        return DataError(f"field {self.path!r}, row {row}: {what}")

    def wrong_type(self, found: pa.DataType, expected: pa.DataType | str) -> DataError:
        """Return the error for a column of another Arrow type."""
        return DataError(
            f"field {self.path!r}: Arrow type {found} where the schema needs {expected}; "
            "cast the column"
        )


class _EncodedDictionary(NamedTuple):
    """Encoded entries: each row of `offsets` one, in data that is padded for block copies."""

    offsets: I64
    data: U8
    bytes_min: int


class DictionaryIdentity:
    """A dictionary's values as a key: equal when they are the same memory.

    It keeps the memory alive, so that an address stands for the same entries while it is a key.
    """

    __slots__ = ("column", "place")

    def __init__(self, column: pa.Array) -> None:
        self.column = column
        addresses = tuple(b.address if b else 0 for b in column.buffers())
        self.place = (*addresses, column.offset, len(column))

    def __hash__(self) -> int:
        return hash(self.place)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DictionaryIdentity) or self.place != other.place:
            return False
        return bool(self.column.type == other.column.type)


class PrefixedEncoder(ColumnEncoder):
    """A node that writes `before`, then the value. A dictionary's entries hold both."""

    def __init__(self, path: str, before: bytes = b"") -> None:
        super().__init__(path)
        self.before = before

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure what stands before, and the values."""
        part = self.measure_bare(column, lengths, row_of)
        if not self.before:
            return part
        np.add(lengths, len(self.before), out=lengths)
        return concatenate([constant(self.before), part])

    @abstractmethod
    def measure_bare(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """As `measure_values`, for the values alone."""
