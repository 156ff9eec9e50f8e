"""What holds for the encoder of any format: rows in any cut, at any places, are the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

if TYPE_CHECKING:
    import pyarrow as pa

    from gerador.encoding.row_encoder import RowEncoder

BEYOND = 64
"""Bytes behind the last row, which nothing may touch."""


def assert_any_cut(encoder: RowEncoder, rows: pa.RecordBatch, data: st.DataObject) -> None:
    """Check that rows which are an Arrow slice are written as they are within the whole."""
    first = data.draw(st.integers(0, rows.num_rows))
    count = data.draw(st.integers(0, rows.num_rows - first))
    whole = list(encoder.encode(rows))
    assert list(encoder.encode(rows.slice(first, count))) == whole[first : first + count]


def assert_any_places(encoder: RowEncoder, rows: pa.RecordBatch, shuffle: Any) -> None:
    """Check that rows at scattered cursors, without gaps, are intact, and that none is overrun."""
    written = list(encoder.encode(rows))
    order = list(range(len(written)))
    shuffle.shuffle(order)
    starts = np.zeros(len(written), np.int64)
    at = 0
    for row in order:
        starts[row] = at
        at += len(written[row])
    out = np.full(at + BEYOND, 0xEE, np.uint8)
    cursors = starts.copy()
    encoder.measure(rows).write(out, cursors)
    assert out[:at].tobytes() == b"".join(written[row] for row in order)
    assert out[at:].tobytes() == b"\xee" * BEYOND
    assert (cursors - starts).tolist() == [len(row) for row in written]
