"""Rows of one block of a stream, as generated: Arrow columns and event times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
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
