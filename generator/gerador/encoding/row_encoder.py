"""Encodes Arrow record batches row by row, in any format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from gerador.encoding.encoded_values import (
    EncodedValues,
    MeasuredRows,
    concatenate,
    constant,
    offsets_of_lengths,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from gerador.encoding.encoded_values import MeasuredValues
    from gerador.encoding.nested_types import RecordColumnEncoder


CHUNK_ROWS: Final = 4096
"""Rows that are written together: few enough that their bytes stay in a core's L2 cache."""


class RowEncoder:
    """Encodes rows with the column encoder of their record, each after `prefix`.

    Rows are columns by field name, of the types that `gerador.avro.arrow_types` returns.
    Text, bytes and any other type may also be an Arrow dictionary; text and bytes may have
    their large and view types. Columns that are not in the schema are ignored.

    One encoder may be used by several threads at once. It caches the encoded entries of the
    latest dictionaries, and keeps those dictionaries alive.
    """

    def __init__(self, root: RecordColumnEncoder, prefix: bytes = b"") -> None:
        self.prefix = prefix
        self._root = root
        self._prefix_writer = constant(prefix)

    def measure(self, rows: pa.RecordBatch, row_first: int = 0) -> MeasuredValues:
        """Measure rows, to be written at positions of the caller's choice.

        `row_first` is the number of the first row in error messages.

        Cost: O(rows), no Python per row. More than CHUNK_ROWS rows are faster in chunks, with the
        same bytes.

        Raises DataError: a column is missing or of another type, a null in a field that is not
        nullable, a value that its type cannot hold.
        """
        lengths = np.full(rows.num_rows, len(self.prefix), np.int64)
        writer = self._root.measure_columns(
            rows.schema.names, rows.columns, lengths, lambda row: row_first + row
        )
        if self.prefix:
            writer = concatenate([self._prefix_writer, writer])
        return MeasuredRows(lengths, writer)

    def encode(self, rows: pa.RecordBatch) -> EncodedValues:
        """Encode rows contiguously. Cost and errors as `measure`; row numbers start at 0."""
        chunks = [self.measure(t, i * CHUNK_ROWS) for i, t in enumerate(split_into_chunks(rows))]
        if not chunks:
            return EncodedValues.from_list([])
        offsets = offsets_of_lengths(np.concatenate([chunk.lengths for chunk in chunks]))
        out = np.empty(int(offsets[-1]), np.uint8)
        cursors = offsets[:-1].copy()
        for i, chunk in enumerate(chunks):
            chunk.write(out, cursors[i * CHUNK_ROWS : (i + 1) * CHUNK_ROWS])
        return EncodedValues(out, offsets)


def split_into_chunks(rows: pa.RecordBatch) -> list[pa.RecordBatch]:
    """Return `rows` in slices of at most CHUNK_ROWS, without a copy."""
    return [rows.slice(at, CHUNK_ROWS) for at in range(0, rows.num_rows, CHUNK_ROWS)]
