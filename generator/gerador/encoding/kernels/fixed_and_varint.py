"""Kernels that write constants, fixed-width values and zig-zag varints."""

from __future__ import annotations

from typing import Final

from numba import types

from gerador.encoding.kernels.memory_copy import copy_span, move_4, move_8
from gerador.encoding.kernels.varint import put_varint, put_varint_word, varint_size
from gerador.kernel_compiler import (
    I64,
    IN_I32,
    IN_I64,
    IN_U8,
    OUT_I64,
    OUT_U8,
    U8,
    IntArray,
    kernel,
)

VARINT_WORD_SLACK_BYTES: Final = 7
"""Bytes after a varint that `put_varint_word` may overwrite."""


@kernel(types.void(IN_U8, OUT_U8, OUT_I64))
def write_constant(literal: U8, out: U8, cursors: I64) -> None:
    """Write the same bytes in every row."""
    size = literal.size
    for row in range(cursors.size):
        copy_span(out, cursors[row], literal, 0, size)
        cursors[row] += size


@kernel(types.void(IN_U8, types.int64, OUT_U8, OUT_I64))
def write_fixed(values: U8, width: int, out: U8, cursors: I64) -> None:
    """Write `width` bytes per row."""
    if width == 8:
        for row in range(cursors.size):
            move_8(out, cursors[row], values, row * 8)
            cursors[row] += 8
    elif width == 4:
        for row in range(cursors.size):
            move_4(out, cursors[row], values, row * 4)
            cursors[row] += 4
    else:
        for row in range(cursors.size):
            copy_span(out, cursors[row], values, row * width, width)
            cursors[row] += width


@kernel(types.void(IN_I32, OUT_I64), types.void(IN_I64, OUT_I64))
def measure_varint(values: IntArray, lengths: I64) -> None:
    """Add the size of each row's varint."""
    for row in range(values.size):
        lengths[row] += varint_size(values[row])


@kernel(
    types.void(IN_I32, types.int64, OUT_U8, OUT_I64),
    types.void(IN_I64, types.int64, OUT_U8, OUT_I64),
)
def write_varint(values: IntArray, slack: int, out: U8, cursors: I64) -> None:
    """Write each row's varint."""
    if slack >= VARINT_WORD_SLACK_BYTES:
        for row in range(values.size):
            cursors[row] = put_varint_word(out, cursors[row], values[row])
    else:
        for row in range(values.size):
            cursors[row] = put_varint(out, cursors[row], values[row])
