"""Encodes Arrow record batches row by row with the column encoder of their record, in any format."""

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
    from gerador.encoding.nested_types import RecordEncoder


TILE_ROWS: Final = 4096
"""Rows that are scattered together: few enough that what they touch stays in a core's L2."""


class RowEncoder:
    """Encodes rows by the node of their record; `prefix` stands before every datum.

    Rows are columns by field name, in the types that `gerador.avro.arrow_types` declares;
    text, bytes and any other type may also come as an Arrow dictionary, text and bytes as
    their large and view forms. Columns that the schema does not name are left out.

    One encoder may be used by several threads at once. It remembers the encoded entries of
    the dictionaries that it met last, and so keeps those dictionaries alive.
    """

    def __init__(self, root: RecordEncoder, prefix: bytes = b"") -> None:
        self.prefix = prefix
        self._root = root
        self._prefix_part = constant(prefix)

    def measure(self, rows: pa.RecordBatch, row_first: int = 0) -> MeasuredValues:
        """Measure rows, so that they can be written where the caller wants them.

        `row_first` is the number that the first row has in errors.

        Cost: O(rows), no Python per row. Rows beyond TILE_ROWS are better measured in tiles:
        the result is the same bytes for any cut.

        Raises DataError: a column is missing or of another type, a null where none may be, a
        value that its type cannot hold.
        """
        lengths = np.full(rows.num_rows, len(self.prefix), np.int64)
        part = self._root.measure_columns(
            rows.schema.names, rows.columns, lengths, lambda row: row_first + row
        )
        return MeasuredRows(
            lengths, concatenate([self._prefix_part, part]) if self.prefix else part
        )

    def encode(self, rows: pa.RecordBatch) -> EncodedValues:
        """Encode rows contiguously. Cost and errors as `measure`; row numbers count from 0."""
        parts = [self.measure(tile, i * TILE_ROWS) for i, tile in enumerate(split_into_tiles(rows))]
        if not parts:
            return EncodedValues.from_list([])
        offsets = offsets_of_lengths(np.concatenate([part.lengths for part in parts]))
        out = np.empty(int(offsets[-1]), np.uint8)
        cursors = offsets[:-1].copy()
        for i, part in enumerate(parts):
            part.write(out, cursors[i * TILE_ROWS : (i + 1) * TILE_ROWS])
        return EncodedValues(out, offsets)


def split_into_tiles(rows: pa.RecordBatch) -> list[pa.RecordBatch]:
    """Cut rows into tiles of at most TILE_ROWS, not copied."""
    return [rows.slice(at, TILE_ROWS) for at in range(0, rows.num_rows, TILE_ROWS)]
