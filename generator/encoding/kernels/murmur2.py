"""Kafka's murmur2, the hash of its Java producer's partitioner.

Source: Apache Kafka, `org.apache.kafka.common.utils.Utils.murmur2` (after Austin Appleby's
MurmurHash2, seed 0x9747b28c).
"""

from __future__ import annotations

from typing import Final

from numba import types

from generator.encoding.kernels.signatures import (
    I32,
    I64,
    IN_I64,
    IN_U8,
    OUT_I32,
    U8,
    inlined,
    kernel,
)

SEED: Final = 0x9747B28C
M: Final = 0x5BD1E995
R: Final = 24


@inlined
def _times_m(value: int) -> int:
    return types.uint32(types.uint64(value) * types.uint64(M))


@inlined
def _word(data: U8, at: int) -> int:
    low = types.uint32(data[at]) | types.uint32(data[at + 1]) << types.uint32(8)
    high = types.uint32(data[at + 2]) | types.uint32(data[at + 3]) << types.uint32(8)
    return types.uint32(low | high << types.uint32(16))


@kernel(types.void(IN_I64, IN_U8, OUT_I32))
def murmur2_spans(offsets: I64, data: U8, hashes: I32) -> None:
    """Hash ``data[offsets[row]:offsets[row + 1]]`` of every row."""
    for row in range(hashes.size):
        start, end = offsets[row], offsets[row + 1]
        h = types.uint32(SEED) ^ types.uint32(end - start)
        at = start
        while at + 4 <= end:
            k = _times_m(_word(data, at))
            k = _times_m(k ^ k >> types.uint32(R))
            h = types.uint32(_times_m(h) ^ k)
            at += 4
        rest = end - at
        if rest == 3:
            h = types.uint32(h ^ types.uint32(data[at + 2]) << types.uint32(16))
        if rest >= 2:
            h = types.uint32(h ^ types.uint32(data[at + 1]) << types.uint32(8))
        if rest >= 1:
            h = _times_m(h ^ types.uint32(data[at]))
        h = _times_m(h ^ h >> types.uint32(13))
        hashes[row] = types.int32(h ^ h >> types.uint32(15))
