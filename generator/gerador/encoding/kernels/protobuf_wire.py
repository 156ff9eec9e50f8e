"""Kernels of the Protocol Buffers wire format: varints, length-delimited values, timestamps."""

from __future__ import annotations

from typing import Final

from numba import types

from gerador.encoding.kernels.memory_copy import copy_span
from gerador.encoding.kernels.varint import put_unsigned, unsigned_size
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
    inlined,
    kernel,
)
from gerador.units import NS_PER_S

SECONDS_TAG: Final = 0x08
NANOS_TAG: Final = 0x10


@kernel(types.void(IN_I32, OUT_I64), types.void(IN_I64, OUT_I64))
def measure_unsigned(values: IntArray, lengths: I64) -> None:
    """Add the size of each row's unsigned varint."""
    for row in range(values.size):
        lengths[row] += unsigned_size(as_i64(values[row]))


@kernel(types.void(IN_I32, OUT_U8, OUT_I64), types.void(IN_I64, OUT_U8, OUT_I64))
def write_unsigned(values: IntArray, out: U8, cursors: I64) -> None:
    """Write each row's unsigned varint."""
    for row in range(values.size):
        cursors[row] = put_unsigned(out, cursors[row], as_i64(values[row]))


@kernel(types.void(IN_I64, OUT_I64))
def measure_message_sizes(sizes: I64, lengths: I64) -> None:
    """Add the size of each row's message and of its length."""
    for row in range(sizes.size):
        lengths[row] += unsigned_size(sizes[row]) + sizes[row]


@kernel(types.void(IN_I32, OUT_I64), types.void(IN_I64, OUT_I64))
def measure_length_delimited(offsets: IntArray, lengths: I64) -> None:
    """Add the size of ``data[offsets[row]:offsets[row + 1]]`` and of its length."""
    for row in range(lengths.size):
        size = as_i64(offsets[row + 1]) - as_i64(offsets[row])
        lengths[row] += unsigned_size(size) + size


@kernel(types.void(IN_I32, IN_U8, OUT_U8, OUT_I64), types.void(IN_I64, IN_U8, OUT_U8, OUT_I64))
def write_length_delimited(offsets: IntArray, data: U8, out: U8, cursors: I64) -> None:
    """Write the length and the bytes of ``data[offsets[row]:offsets[row + 1]]``."""
    for row in range(cursors.size):
        start = as_i64(offsets[row])
        size = as_i64(offsets[row + 1]) - start
        at = put_unsigned(out, cursors[row], size)
        copy_span(out, at, data, start, size)
        cursors[row] = at + size


@inlined
def _timestamp_size(seconds: int, nanos: int) -> int:
    return 2 + unsigned_size(seconds) + unsigned_size(nanos)


@kernel(types.void(IN_I64, types.int64, OUT_I64))
def measure_timestamps(values: I64, per_second: int, lengths: I64) -> None:
    """Add the size of each row's google.protobuf.Timestamp, with its length."""
    scale = NS_PER_S // per_second
    for row in range(values.size):
        seconds = values[row] // per_second
        nanos = (values[row] - seconds * per_second) * scale
        lengths[row] += 1 + _timestamp_size(seconds, nanos)


@kernel(types.void(IN_I64, types.int64, OUT_U8, OUT_I64))
def write_timestamps(values: I64, per_second: int, out: U8, cursors: I64) -> None:
    """Write each row's google.protobuf.Timestamp, with its length."""
    scale = NS_PER_S // per_second
    for row in range(values.size):
        seconds = values[row] // per_second
        nanos = (values[row] - seconds * per_second) * scale
        at = put_unsigned(out, cursors[row], _timestamp_size(seconds, nanos))
        out[at] = SECONDS_TAG
        at = put_unsigned(out, at + 1, seconds)
        out[at] = NANOS_TAG
        cursors[row] = put_unsigned(out, at + 1, nanos)
