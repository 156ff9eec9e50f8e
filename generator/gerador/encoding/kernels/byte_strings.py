"""Kernels that write strings and bytes, with or without their length, and dictionary entries."""

from __future__ import annotations

from typing import Final

from numba import types

from gerador.encoding.kernels.memory_copy import (
    BLOCK_BYTES,
    HALF_BLOCK_BYTES,
    copy_blocks,
    copy_half_blocks,
    copy_span,
)
from gerador.encoding.kernels.varint import put_varint, varint_size
from gerador.kernel_compiler import (
    I32,
    I64,
    IN_I32,
    IN_I64,
    IN_U8,
    OUT_I64,
    OUT_U8,
    U8,
    IntArray,
    as_i64,
    as_u64,
    kernel,
)

NO_BAD_ROW: Final = -1
"""Result of a kernel that found no invalid row."""


@kernel(types.void(IN_I32, OUT_I64), types.void(IN_I64, OUT_I64))
def measure_length_prefixed(offsets: IntArray, lengths: I64) -> None:
    """Add the size of ``data[offsets[row]:offsets[row + 1]]`` and of its length."""
    for row in range(lengths.size):
        size = as_i64(offsets[row + 1]) - as_i64(offsets[row])
        lengths[row] += varint_size(size) + size


@kernel(
    types.void(IN_I32, IN_U8, types.int64, OUT_U8, OUT_I64),
    types.void(IN_I64, IN_U8, types.int64, OUT_U8, OUT_I64),
)
def write_length_prefixed(offsets: IntArray, data: U8, slack: int, out: U8, cursors: I64) -> None:
    """Write the length and the bytes of ``data[offsets[row]:offsets[row + 1]]``."""
    # Arrow does not pad its data, so spans near the end are copied exactly.
    blocks_end = data.size - BLOCK_BYTES if slack >= BLOCK_BYTES else -1
    for row in range(cursors.size):
        start = as_i64(offsets[row])
        end = as_i64(offsets[row + 1])
        at = put_varint(out, cursors[row], end - start)
        if end <= blocks_end:
            copy_blocks(out, at, data, start, end - start)
        else:
            copy_span(out, at, data, start, end - start)
        cursors[row] = at + end - start


@kernel(types.void(IN_I64, IN_U8, OUT_U8, OUT_I64))
def write_bytes(offsets: I64, data: U8, out: U8, cursors: I64) -> None:
    """Write ``data[offsets[row]:offsets[row + 1]]`` without a length."""
    for row in range(cursors.size):
        size = offsets[row + 1] - offsets[row]
        copy_span(out, cursors[row], data, offsets[row], size)
        cursors[row] += size


@kernel(types.int64(IN_I32, IN_I64, OUT_I64))
def measure_dictionary(indices: I32, offsets: I64, lengths: I64) -> int:
    """Add the size of each row's entry; return the first row of an invalid index."""
    entries = offsets.size - 1
    for row in range(indices.size):
        index = as_i64(indices[row])
        if index < 0 or index >= entries:
            return row
        lengths[row] += offsets[index + 1] - offsets[index]
    return NO_BAD_ROW


@kernel(types.void(IN_I32, IN_I64, IN_U8, types.int64, OUT_U8, OUT_I64))
def write_dictionary(
    indices: I32, offsets: I64, data: U8, slack: int, out: U8, cursors: I64
) -> None:
    """Write each row's entry. The indices were checked by `measure_dictionary`.

    With slack, `data` is read up to BLOCK_BYTES beyond its last entry, and must be padded.
    """
    for row in range(indices.size):
        index = as_u64(indices[row])
        start = offsets[index]
        size = offsets[index + as_u64(1)] - start
        at = cursors[row]
        if slack >= BLOCK_BYTES:
            copy_blocks(out, at, data, start, size)
        elif slack >= HALF_BLOCK_BYTES:
            copy_half_blocks(out, at, data, start, size)
        else:
            copy_span(out, at, data, start, size)
        cursors[row] = at + size
