"""Kernels that write bytes as base64, and the text of UUIDs."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import types

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

BASE64_ALPHABET: Final = np.frombuffer(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", np.uint8
).copy()
HEX_DIGITS: Final = np.frombuffer(b"0123456789abcdef", np.uint8).copy()
UUID_BYTES: Final = 16
UUID_CHARACTERS: Final = 36


@kernel(types.void(IN_I32, OUT_I64), types.void(IN_I64, OUT_I64))
def measure_base64(offsets: IntArray, lengths: I64) -> None:
    """Add the size of each row's base64 text with its quotation marks."""
    for row in range(lengths.size):
        size = as_i64(offsets[row + 1]) - as_i64(offsets[row])
        lengths[row] += (size + 2) // 3 * 4 + 2


@kernel(types.void(IN_I32, IN_U8, OUT_U8, OUT_I64), types.void(IN_I64, IN_U8, OUT_U8, OUT_I64))
def write_base64(offsets: IntArray, data: U8, out: U8, cursors: I64) -> None:
    """Write each row's bytes as base64 in quotation marks."""
    for row in range(cursors.size):
        i = as_i64(offsets[row])
        end = as_i64(offsets[row + 1])
        at = cursors[row]
        out[at] = 34
        at += 1
        while i < end:
            left = end - i
            word = as_i64(data[i]) << 16
            if left > 1:
                word |= as_i64(data[i + 1]) << 8
            if left > 2:
                word |= as_i64(data[i + 2])
            out[at] = BASE64_ALPHABET[word >> 18]
            out[at + 1] = BASE64_ALPHABET[word >> 12 & 63]
            out[at + 2] = BASE64_ALPHABET[word >> 6 & 63] if left > 1 else 61
            out[at + 3] = BASE64_ALPHABET[word & 63] if left > 2 else 61
            at += 4
            i += 3
        out[at] = 34
        cursors[row] = at + 1


@kernel(types.void(IN_U8, OUT_U8, OUT_I64))
def write_uuids(data: U8, out: U8, cursors: I64) -> None:
    """Write each row's 16 bytes as the text of a UUID, without quotation marks."""
    for row in range(cursors.size):
        at = cursors[row]
        for i in range(UUID_BYTES):
            byte = data[row * UUID_BYTES + i]
            if i == 4 or i == 6 or i == 8 or i == 10:  # noqa: PLR1714 - a chain is a jump table
                out[at] = 45
                at += 1
            out[at] = HEX_DIGITS[byte >> 4]
            out[at + 1] = HEX_DIGITS[byte & 15]
            at += 2
        cursors[row] = at
