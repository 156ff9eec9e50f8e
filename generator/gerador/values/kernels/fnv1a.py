"""The 64-bit FNV-1a hash of byte strings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import types

from gerador.kernel_compiler import IN_I64, IN_U8, OUT_U64, as_u64, kernel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@kernel(types.void(IN_I64, IN_U8, OUT_U64))
def fnv1a(offsets: NDArray[np.int64], data: NDArray[np.uint8], out: NDArray[np.uint64]) -> None:
    """Write the 64-bit FNV-1a hash of each byte string, `data` between consecutive offsets.

    Source: RFC 9923. Callers mix the hashes further (`randomness.hash_ids`).
    """
    for item in range(out.size):
        state = as_u64(0xCBF29CE484222325)
        for i in range(offsets[item], offsets[item + 1]):
            state = as_u64((state ^ as_u64(data[i])) * as_u64(0x100000001B3))
        out[item] = state
