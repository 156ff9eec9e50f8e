"""Properties of all encoders: slices and positions do not change the bytes of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

if TYPE_CHECKING:
    import pyarrow as pa

    from gerador.encoding.row_encoder import RowEncoder

PADDING_BYTES = 64
"""Bytes after the last row, which must not be written."""


def assert_any_cut(encoder: RowEncoder, rows: pa.RecordBatch, data: st.DataObject) -> None:
    """Check that rows of an Arrow slice have the same bytes as in the whole batch."""
    first = data.draw(st.integers(0, rows.num_rows))
    count = data.draw(st.integers(0, rows.num_rows - first))
    whole = list(encoder.encode(rows))
    assert list(encoder.encode(rows.slice(first, count))) == whole[first : first + count]


def assert_any_positions(encoder: RowEncoder, rows: pa.RecordBatch, shuffle: Any) -> None:
    """Check that rows at shuffled positions, without gaps, do not overwrite each other."""
    written = list(encoder.encode(rows))
    order = list(range(len(written)))
    shuffle.shuffle(order)
    starts = np.zeros(len(written), np.int64)
    at = 0
    for row in order:
        starts[row] = at
        at += len(written[row])
    out = np.full(at + PADDING_BYTES, 0xEE, np.uint8)
    cursors = starts.copy()
    encoder.measure(rows).write(out, cursors)
    assert out[:at].tobytes() == b"".join(written[row] for row in order)
    assert out[at:].tobytes() == b"\xee" * PADDING_BYTES
    assert (cursors - starts).tolist() == [len(row) for row in written]
