"""Assigns rows to partitions: Java's default partitioner (murmur2 of the key), or the row index when there is no key."""

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
"""Cycles of partitions that are remembered, of a few times as many rows as were asked for."""


def murmur2_hashes(keys: EncodedValues) -> I32:
    """Return the hash of every key, ``(rows,) int32``, as Java's `Utils.murmur2` gives it.

    The keys remember them: those of a dictionary come again with the next rows.
    """
    if keys.hashes is None:
        hashes = np.empty(len(keys), np.int32)
        murmur2_spans(keys.offsets, keys.data, hashes)
        keys.hashes = hashes  # when it is whole: another thread may look at it
    return keys.hashes


def partitions_by_row(row_first: int, rows: int, partition_count: int) -> I32:
    """Return ``row_index % partition_count`` for rows from `row_first` on, ``(rows,) int32``."""
    rounds = -(-rows // partition_count) + 1
    first = row_first % partition_count
    return _round_robin(partition_count, rounds.bit_length())[first : first + rows]


@lru_cache(maxsize=CACHED_CYCLES_MAX)
def _round_robin(partition_count: int, rounds_log2: int) -> I32:
    """Return the partitions in turn, ``2 ** rounds_log2`` times over; not to be written to."""
    cycle = np.tile(np.arange(partition_count, dtype=np.int32), 1 << rounds_log2)
    cycle.setflags(write=False)
    return cycle


def partitions_by_key(keys: EncodedKeys, row_first: int, partition_count: int) -> I32:
    """Return each row's partition, ``(rows,) int32`` in ``[0, partition_count)``.

    A dictionary's keys are hashed once an entry. Rows without a key go by their row index.
    """
    by_entry = (murmur2_hashes(keys.entries) & _POSITIVE) % np.int32(partition_count)
    found = by_entry if keys.indices is None else by_entry[keys.indices]
    if keys.is_null is None:
        return found
    by_row = partitions_by_row(row_first, len(found), partition_count)
    return np.where(keys.is_null, by_row, found)
