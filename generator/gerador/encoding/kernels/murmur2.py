"""Kafka's murmur2 hash, which the Java producer's default partitioner uses."""

from __future__ import annotations

from typing import Any, Final

from numba import types

from gerador.kernel_compiler import (
    I32,
    I64,
    IN_I64,
    IN_U8,
    OUT_I32,
    U8,
    as_i32,
    as_u32,
    as_u64,
    inlined,
    kernel,
)

SEED: Final = 0x9747B28C
MULTIPLIER: Final = 0x5BD1E995
SHIFT_BITS: Final = 24


@inlined
def _multiply(value: Any) -> Any:
    return as_u32(as_u64(value) * as_u64(MULTIPLIER))


@inlined
def _word(data: U8, at: int) -> Any:
    low = as_u32(data[at]) | as_u32(data[at + 1]) << as_u32(8)
    high = as_u32(data[at + 2]) | as_u32(data[at + 3]) << as_u32(8)
    return as_u32(low | high << as_u32(16))


@kernel(types.void(IN_I64, IN_U8, OUT_I32))
def murmur2_spans(offsets: I64, data: U8, hashes: I32) -> None:
    """Hash ``data[offsets[row]:offsets[row + 1]]`` for every row."""
    for row in range(hashes.size):
        start, end = offsets[row], offsets[row + 1]
        h = as_u32(SEED) ^ as_u32(end - start)
        at = start
        while at + 4 <= end:
            k = _multiply(_word(data, at))
            k = _multiply(k ^ k >> as_u32(SHIFT_BITS))
            h = as_u32(_multiply(h) ^ k)
            at += 4
        rest = end - at
        if rest == 3:
            h = as_u32(h ^ as_u32(data[at + 2]) << as_u32(16))
        if rest >= 2:
            h = as_u32(h ^ as_u32(data[at + 1]) << as_u32(8))
        if rest >= 1:
            h = _multiply(h ^ as_u32(data[at]))
        h = _multiply(h ^ h >> as_u32(13))
        hashes[row] = as_i32(h ^ h >> as_u32(15))
