"""What every node is: a type's encoder that measures a column and hands back how to write it.

Also the path through an Arrow dictionary, which is the same for every type: each entry is
encoded once by the node itself, rows then copy their entry's bytes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa

from gerador.encoding import views
from gerador.encoding.kernels.moves import BLOCK_BYTES
from gerador.encoding.kernels.spans import ALL_GOOD, measure_pool, write_pool
from gerador.encoding.measured import Part, ends
from gerador.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gerador.encoding.kernels.signatures import I64, U8

    RowOf: TypeAlias = Callable[[int], int]
    """Finds the row of the record batch that a position in a (nested) column belongs to."""

POOLS_MAX: Final = 16
"""Encoded dictionaries that one node remembers; the one unused for longest is forgotten."""


class Node(ABC):
    """Encodes the values of one type at one field path. Safe to share between threads."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._pool_of = lru_cache(maxsize=POOLS_MAX)(self._encode_pool)

    @abstractmethod
    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> Part:
        """As `measure`, for a column that is neither a dictionary nor holds nulls."""

    def measure(self, column: pa.Array, lengths: I64, row_of: RowOf) -> Part:
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

    def _measure_dictionary(self, column: pa.DictionaryArray, lengths: I64, row_of: RowOf) -> Part:
        try:
            pool = self._pool(column.dictionary)
        except DataError:
            # An entry that no row uses harms nobody, and of one that is used the row is to be
            # named: so the rows themselves are encoded.
            return self.measure(column.dictionary_decode(), lengths, row_of)
        indices = views.indices(column)
        offsets, data = pool.offsets, pool.data
        bad = measure_pool(indices, offsets, lengths)
        if bad != ALL_GOOD:
            raise self.refusal(row_of(bad), "a dictionary index that its dictionary does not have")
        return Part(
            pool.bytes_min,
            lambda out, cursors, slack: write_pool(indices, offsets, data, slack, out, cursors),
        )

    def _pool(self, dictionary: pa.Array) -> _Pool:
        """Return the encoded entries of `dictionary`; remembered while in recent use."""
        if dictionary.type.num_fields or isinstance(dictionary, pa.DictionaryArray):
            return self._encode_pool(Entries(dictionary))  # children have offsets of their own
        return self._pool_of(Entries(dictionary))

    def _encode_pool(self, entries: Entries) -> _Pool:
        lengths = np.zeros(len(entries.column), np.int64)
        part = self.measure(entries.column, lengths, int)
        offsets = ends(lengths)
        data = np.empty(int(offsets[-1]) + BLOCK_BYTES, np.uint8)
        part.write(data, offsets[:-1].copy(), 0)
        return _Pool(offsets, data, int(lengths.min()) if len(lengths) else 0)

    def _refuse_null(self, column: pa.Array, row_of: RowOf) -> None:
        row = row_of(int(np.argmin(views.validity(column))))
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


class _Pool(NamedTuple):
    """Encoded entries: each row of `offsets` one, in data that is padded for block copies."""

    offsets: I64
    data: U8
    bytes_min: int


class Entries:
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
        if not isinstance(other, Entries) or self.place != other.place:
            return False
        return bool(self.column.type == other.column.type)
