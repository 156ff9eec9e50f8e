"""Base classes of column encoders, with dictionary columns and constant prefixes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from gerador.encoding import arrow_views
from gerador.encoding.dictionary_cache import cache_by_dictionary
from gerador.encoding.encoded_values import ColumnWriter, concatenate, constant, offsets_of_lengths
from gerador.encoding.kernels.byte_strings import NO_BAD_ROW, measure_dictionary, write_dictionary
from gerador.encoding.kernels.memory_copy import BLOCK_BYTES
from gerador.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from gerador.kernel_compiler import I64, U8

    RowOf: TypeAlias = Callable[[int], int]
    """Returns the row of the record batch for a position in a (nested) column."""


class ColumnEncoder(ABC):
    """Encodes the values of one type at one field path. Safe to share between threads."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._encode_cached = cache_by_dictionary(self._encode_dictionary)

    @abstractmethod
    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """As `measure`, for a column without nulls that is not a dictionary."""

    def measure(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Add the size of each row to `lengths` and return the writer of the rows.

        Raises DataError: a null, a value that the type cannot hold, another Arrow type.
        """
        if isinstance(column, pa.ExtensionArray):
            column = column.storage
        if column.null_count:
            row = row_of(int(np.argmin(arrow_views.validity(column))))
            raise self.value_error(row, "null is not allowed; make the field nullable")
        if isinstance(column, pa.DictionaryArray):
            return self._measure_dictionary(column, lengths, row_of)
        return self.measure_values(column, lengths, row_of)

    def _measure_dictionary(
        self, column: pa.DictionaryArray, lengths: I64, row_of: RowOf
    ) -> ColumnWriter:
        dictionary = column.dictionary
        # Children have offsets of their own, which the key of the cache leaves out.
        nested = dictionary.type.num_fields or isinstance(dictionary, pa.DictionaryArray)
        encode = self._encode_dictionary if nested else self._encode_cached
        try:
            entries = encode(dictionary)
        except DataError:
            # An invalid entry is an error only if a row uses it, and the error names that row.
            return self.measure(column.dictionary_decode(), lengths, row_of)
        indices = arrow_views.indices(column)
        offsets, data = entries.offsets, entries.data
        bad = measure_dictionary(indices, offsets, lengths)
        if bad != NO_BAD_ROW:
            index = column.indices[bad].as_py()
            message = f"dictionary index {index} is outside [0, {len(dictionary)})"
            raise self.value_error(row_of(bad), message)

        return ColumnWriter(
            entries.bytes_min,
            lambda out, cursors, slack: write_dictionary(
                indices, offsets, data, slack, out, cursors
            ),
        )

    def _encode_dictionary(self, dictionary: pa.Array) -> _EncodedDictionary:
        lengths = np.zeros(len(dictionary), np.int64)
        writer = self.measure(dictionary, lengths, int)
        offsets = offsets_of_lengths(lengths)
        data = np.empty(int(offsets[-1]) + BLOCK_BYTES, np.uint8)
        writer.write(data, offsets[:-1].copy(), 0)
        return _EncodedDictionary(offsets, data, int(lengths.min()) if len(lengths) else 0)

    def value_error(self, row: int, message: str) -> DataError:
        """Return the error for a value, with the field path and the row."""
        return DataError(f"field {self.path!r}, row {row}: {message}", field=self.path)

    def type_error(self, found: pa.DataType, expected: pa.DataType | str) -> DataError:
        """Return the error for a column of another Arrow type."""
        return DataError(
            f"field {self.path!r}: Arrow type {found} where the schema needs {expected}; "
            "cast the column"
        )


class _EncodedDictionary(NamedTuple):
    """Encoded entries, ``data[offsets[i]:offsets[i + 1]]`` each; padded for block copies."""

    offsets: I64
    data: U8
    bytes_min: int


class PrefixedEncoder(ColumnEncoder):
    """Writes a constant prefix, such as a tag or a field name, and then the value.

    An encoded dictionary's entries include the prefix.
    """

    def __init__(self, path: str, prefix: bytes = b"") -> None:
        super().__init__(path)
        self.prefix = prefix

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure the prefix and the values."""
        writer = self.measure_unprefixed(column, lengths, row_of)
        if not self.prefix:
            return writer
        np.add(lengths, len(self.prefix), out=lengths)
        return concatenate([constant(self.prefix), writer])

    @abstractmethod
    def measure_unprefixed(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """As `measure_values`, for the values without the prefix."""
