"""Assigns rows to partitions as Java's default partitioner does, or by row index without a key."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from gerador.encoding.kernels.murmur2 import murmur2_spans

if TYPE_CHECKING:
    from gerador.encoding.encoded_values import EncodedValues
    from gerador.encoding.keys import EncodedKeys
    from gerador.kernel_compiler import I32


_POSITIVE: Final = 0x7FFFFFFF
CACHED_CYCLES_MAX: Final = 64
"""Arrays of round-robin partitions that are cached, each a few times as long as a request."""


def murmur2_hashes(keys: EncodedValues) -> I32:
    """Return the hash of every key, ``(rows,) int32``, equal to Java's `Utils.murmur2`.

    The hashes are cached in `keys`, for the next rows of the same dictionary.
    """
    if keys.hashes is None:
        hashes = np.empty(len(keys), np.int32)
        murmur2_spans(keys.offsets, keys.data, hashes)
        keys.hashes = hashes  # only when complete: other threads may read it
    return keys.hashes


def partitions_by_row(row_first: int, rows: int, partition_count: int) -> I32:
    """Return ``row_index % partition_count`` for rows from `row_first` on, ``(rows,) int32``."""
    cycles = -(-rows // partition_count) + 1
    first = row_first % partition_count
    return _round_robin(partition_count, cycles.bit_length())[first : first + rows]


@lru_cache(maxsize=CACHED_CYCLES_MAX)
def _round_robin(partition_count: int, cycles_log2: int) -> I32:
    """Return all partitions in order, repeated ``2 ** cycles_log2`` times; read-only."""
    partitions = np.tile(np.arange(partition_count, dtype=np.int32), 1 << cycles_log2)
    partitions.setflags(write=False)
    return partitions


def partitions_by_key(keys: EncodedKeys, row_first: int, partition_count: int) -> I32:
    """Return each row's partition, ``(rows,) int32`` in ``[0, partition_count)``.

    Each entry of a dictionary is hashed once. Rows without a key are assigned by row index.
    """
    by_entry = (murmur2_hashes(keys.entries) & _POSITIVE) % np.int32(partition_count)
    by_key = by_entry if keys.indices is None else by_entry[keys.indices]
    if keys.is_null is None:
        return by_key
    return np.where(
        keys.is_null, partitions_by_row(row_first, len(by_key), partition_count), by_key
    )
