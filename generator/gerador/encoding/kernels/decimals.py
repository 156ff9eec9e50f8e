"""Kernels that convert Arrow's little-endian decimals to Avro's big-endian two's complement."""

from __future__ import annotations

from numba import types

from gerador.encoding.kernels.byte_strings import NO_BAD_ROW
from gerador.encoding.kernels.varint import put_varint, varint_size
from gerador.kernel_compiler import I64, IN_U8, OUT_I64, OUT_U8, U8, inlined, kernel


@inlined
def _byte_count(words: U8, start: int, width: int) -> int:
    """Return the bytes that the value at `start` needs, with its sign bit."""
    sign = 0xFF if words[start + width - 1] & 0x80 else 0
    size = width
    while size > 1 and words[start + size - 1] == sign and (words[start + size - 2] ^ sign) < 0x80:
        size -= 1
    return size


@kernel(types.void(IN_U8, types.int64, OUT_I64))
def measure_decimals(words: U8, width: int, lengths: I64) -> None:
    """Add the size of each row's decimal on bytes, with its length."""
    for row in range(lengths.size):
        size = _byte_count(words, row * width, width)
        lengths[row] += varint_size(size) + size


@kernel(types.void(IN_U8, types.int64, OUT_U8, OUT_I64))
def write_decimals(words: U8, width: int, out: U8, cursors: I64) -> None:
    """Write each row's decimal on bytes."""
    for row in range(cursors.size):
        start = row * width
        size = _byte_count(words, start, width)
        at = put_varint(out, cursors[row], size)
        for i in range(size):
            out[at + i] = words[start + size - 1 - i]
        cursors[row] = at + size


@kernel(types.int64(IN_U8, types.int64, types.int64))
def first_too_wide(words: U8, width: int, size: int) -> int:
    """Return the first row whose decimal does not fit in `size` bytes, or NO_BAD_ROW."""
    for row in range(words.size // width):
        if _byte_count(words, row * width, width) > size:
            return row
    return NO_BAD_ROW


@kernel(types.void(IN_U8, types.int64, types.int64, OUT_U8, OUT_I64))
def write_fixed_decimals(words: U8, width: int, size: int, out: U8, cursors: I64) -> None:
    """Write each row's decimal in `size` bytes, with its sign extended."""
    for row in range(cursors.size):
        start = row * width
        sign = 0xFF if words[start + width - 1] & 0x80 else 0
        at = cursors[row]
        for i in range(size):
            position = size - 1 - i
            out[at + i] = words[start + position] if position < width else sign

        cursors[row] = at + size
