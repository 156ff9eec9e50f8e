"""Kernels for lists: Avro blocks, Protobuf repeated fields, JSON arrays and objects."""

from __future__ import annotations

from numba import types

from gerador.encoding.kernels.varint import put_varint, varint_size
from gerador.kernel_compiler import I64, IN_I64, OUT_I64, OUT_U8, U8, kernel


@kernel(types.void(IN_I64, IN_I64, OUT_I64))
def measure_avro_blocks(offsets: I64, item_lengths: I64, lengths: I64) -> None:
    """Add the size of each row's block: count, items and end; an empty list is the end only."""
    for row in range(lengths.size):
        count = offsets[row + 1] - offsets[row]
        size = 1
        if count > 0:
            size += varint_size(count)
        for item in range(offsets[row], offsets[row + 1]):
            size += item_lengths[item]
        lengths[row] += size


@kernel(types.void(IN_I64, IN_I64, OUT_U8, OUT_I64, OUT_I64))
def write_avro_blocks(
    offsets: I64, item_lengths: I64, out: U8, cursors: I64, item_cursors: I64
) -> None:
    """Write counts and ends, set the cursor of every item, and advance the rows' cursors."""
    for row in range(cursors.size):
        at = cursors[row]
        count = offsets[row + 1] - offsets[row]
        if count > 0:
            at = put_varint(out, at, count)
        for item in range(offsets[row], offsets[row + 1]):
            item_cursors[item] = at
            at += item_lengths[item]
        out[at] = 0
        cursors[row] = at + 1


@kernel(types.void(IN_I64, IN_I64, OUT_I64))
def measure_repeated(offsets: I64, item_lengths: I64, lengths: I64) -> None:
    """Add the size of each row's items."""
    for row in range(lengths.size):
        for item in range(offsets[row], offsets[row + 1]):
            lengths[row] += item_lengths[item]


@kernel(types.void(IN_I64, IN_I64, OUT_I64, OUT_I64))
def place_repeated_items(offsets: I64, item_lengths: I64, cursors: I64, item_cursors: I64) -> None:
    """Set the cursor of every item, and advance the rows' cursors."""
    for row in range(cursors.size):
        at = cursors[row]
        for item in range(offsets[row], offsets[row + 1]):
            item_cursors[item] = at
            at += item_lengths[item]
        cursors[row] = at


@kernel(types.void(IN_I64, IN_I64, OUT_I64))
def measure_json_list(offsets: I64, item_lengths: I64, lengths: I64) -> None:
    """Add the size of each row's items, brackets and commas."""
    for row in range(lengths.size):
        count = offsets[row + 1] - offsets[row]
        size = 2 + (count - 1 if count > 0 else 0)
        for item in range(offsets[row], offsets[row + 1]):
            size += item_lengths[item]
        lengths[row] += size


@kernel(types.void(IN_I64, IN_I64, types.int64, types.int64, OUT_U8, OUT_I64, OUT_I64))
def write_json_list(
    offsets: I64,
    item_lengths: I64,
    opening: int,
    closing: int,
    out: U8,
    cursors: I64,
    item_cursors: I64,
) -> None:
    """Write brackets and commas, set the cursor of every item, and advance the rows' cursors."""
    for row in range(cursors.size):
        at = cursors[row]
        out[at] = opening
        at += 1
        for item in range(offsets[row], offsets[row + 1]):
            if item > offsets[row]:
                out[at] = 44
                at += 1
            item_cursors[item] = at

            at += item_lengths[item]
        out[at] = closing
        cursors[row] = at + 1
