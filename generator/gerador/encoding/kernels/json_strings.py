"""Kernels that write text as quoted JSON strings, with escapes where they are needed."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import types

from gerador.encoding.kernels.base64_and_uuid import HEX_DIGITS
from gerador.encoding.kernels.memory_copy import copy_span
from gerador.kernel_compiler import (
    I64,
    IN_I32,
    IN_I64,
    IN_U8,
    OUT_I64,
    OUT_U8,
    U8,
    IntArray,
    as_i64,
    kernel,
)

_SHORT_ESCAPES: Final = {8: "b", 9: "t", 10: "n", 12: "f", 13: "r", 34: '"', 92: "\\"}
SHORT_ESCAPE: Final = np.array([ord(_SHORT_ESCAPES.get(n, "\0")) for n in range(256)], np.uint8)
"""The letter after the backslash; 0 for a character without a short form."""
EXTRA_BYTES: Final = np.array(
    [1 if n in _SHORT_ESCAPES else 5 if n < 32 else 0 for n in range(256)], np.int64
)
"""Additional bytes of an escaped character."""


@kernel(types.int64(IN_U8, types.int64, types.int64))
def count_special(data: U8, start: int, end: int) -> int:
    """Return how many bytes of ``data[start:end]`` need an escape."""
    found = 0
    for i in range(start, end):
        byte = data[i]
        found += 1 if byte < 32 or byte == 34 or byte == 92 else 0  # noqa: PLR1714 - vectorised
    return found


@kernel(types.void(IN_I32, OUT_I64), types.void(IN_I64, OUT_I64))
def measure_quoted(offsets: IntArray, lengths: I64) -> None:
    """Add the size of each row's text in quotation marks, without escapes."""
    for row in range(lengths.size):
        lengths[row] += as_i64(offsets[row + 1]) - as_i64(offsets[row]) + 2


@kernel(types.void(IN_I32, IN_U8, OUT_U8, OUT_I64), types.void(IN_I64, IN_U8, OUT_U8, OUT_I64))
def write_quoted(offsets: IntArray, data: U8, out: U8, cursors: I64) -> None:
    """Write each row's text in quotation marks, without escapes."""
    for row in range(cursors.size):
        start = as_i64(offsets[row])
        size = as_i64(offsets[row + 1]) - start
        at = cursors[row]
        out[at] = 34
        copy_span(out, at + 1, data, start, size)
        out[at + 1 + size] = 34
        cursors[row] = at + size + 2


@kernel(types.void(IN_I32, IN_U8, OUT_I64), types.void(IN_I64, IN_U8, OUT_I64))
def measure_escaped(offsets: IntArray, data: U8, lengths: I64) -> None:
    """Add the size of each row's text in quotation marks, escaped."""
    for row in range(lengths.size):
        size = 2
        for i in range(as_i64(offsets[row]), as_i64(offsets[row + 1])):
            size += 1 + EXTRA_BYTES[data[i]]
        lengths[row] += size


@kernel(types.void(IN_I32, IN_U8, OUT_U8, OUT_I64), types.void(IN_I64, IN_U8, OUT_U8, OUT_I64))
def write_escaped(offsets: IntArray, data: U8, out: U8, cursors: I64) -> None:
    """Write each row's text in quotation marks, escaped."""
    for row in range(cursors.size):
        at = cursors[row]
        out[at] = 34
        at += 1
        for i in range(as_i64(offsets[row]), as_i64(offsets[row + 1])):
            byte = data[i]
            if EXTRA_BYTES[byte] == 0:
                out[at] = byte
                at += 1
                continue
            out[at] = 92
            if SHORT_ESCAPE[byte] != 0:
                out[at + 1] = SHORT_ESCAPE[byte]
                at += 2
                continue
            out[at + 1] = 117
            out[at + 2] = 48
            out[at + 3] = 48
            out[at + 4] = HEX_DIGITS[byte >> 4]
            out[at + 5] = HEX_DIGITS[byte & 15]
            at += 6
        out[at] = 34
        cursors[row] = at + 1
