"""Rows of one block of a stream, as generated: Arrow columns and event times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class RowChunk:
    """Zero-copy slices of a block's columns and event times.

    Text may be a dictionary over a table that all chunks of the stream share (pools, enums) or that
    belongs to the block (generation ids).
    """

    first_row: int
    columns: pa.RecordBatch
    event_time_ms: NDArray[np.int64]
    hidden: pa.RecordBatch | None = None
    """The hidden fields that record headers read; None without any."""

    def slice(self, lo: int, hi: int) -> RowChunk:
        """Return rows [lo, hi) of the chunk, without copying."""
        hidden = None if self.hidden is None else self.hidden.slice(lo, hi - lo)
        columns = self.columns.slice(lo, hi - lo)
        return RowChunk(self.first_row + lo, columns, self.event_time_ms[lo:hi], hidden)

    def with_hidden(self) -> pa.RecordBatch:
        """Return the columns, and after them the hidden ones."""
        if self.hidden is None:
            return self.columns
        schema = pa.schema([*self.columns.schema, *self.hidden.schema])
        arrays = [*self.columns.columns, *self.hidden.columns]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)
