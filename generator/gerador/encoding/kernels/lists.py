"""Kernels for arrays and maps: one block of items, then the empty block that ends it.

Source: Avro 1.12 specification, "Binary Encoding", Arrays and Maps.
"""

from __future__ import annotations

from numba import types

from gerador.encoding.kernels.moves import put_varint, varint_size
from gerador.encoding.kernels.signatures import I64, IN_I64, OUT_I64, OUT_U8, U8, kernel


@kernel(types.void(IN_I64, IN_I64, OUT_I64))
def measure_lists(offsets: I64, item_lengths: I64, lengths: I64) -> None:
    """Add the size of each row's block: count, items, end; an empty list is its end only."""
    for row in range(lengths.size):
        count = offsets[row + 1] - offsets[row]
        size = 1
        if count > 0:
            size += varint_size(count)
        for item in range(offsets[row], offsets[row + 1]):
            size += item_lengths[item]
        lengths[row] += size


@kernel(types.void(IN_I64, IN_I64, OUT_U8, OUT_I64, OUT_I64))
def open_lists(offsets: I64, item_lengths: I64, out: U8, cursors: I64, items: I64) -> None:
    """Write counts and ends, give every item its cursor, and move the rows' cursors behind."""
    for row in range(cursors.size):
        at = cursors[row]
        count = offsets[row + 1] - offsets[row]
        if count > 0:
            at = put_varint(out, at, count)
        for item in range(offsets[row], offsets[row + 1]):
            items[item] = at
            at += item_lengths[item]
        out[at] = 0
        cursors[row] = at + 1
