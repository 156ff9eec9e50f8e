"""Byte kernels: hash texts (FNV-1a), choose characters of an alphabet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import types

from gerador.kernel_compiler import IN_I64, IN_U8, IN_U32, OUT_U8, OUT_U64, as_u64, kernel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@kernel(types.void(IN_I64, IN_U8, OUT_U64))
def fnv1a(offsets: NDArray[np.int64], data: NDArray[np.uint8], out: NDArray[np.uint64]) -> None:
    """Write the 64-bit FNV-1a hash of each string, which lies between two offsets of `data`.

    Source: Fowler, Noll, Vo (RFC 9923); its words are to be mixed further (`seeds.hashed`).
    """
    for item in range(out.size):
        state = as_u64(0xCBF29CE484222325)
        for place in range(offsets[item], offsets[item + 1]):
            state = as_u64((state ^ as_u64(data[place])) * as_u64(0x100000001B3))
        out[item] = state


@kernel(types.void(IN_U32, IN_U8, OUT_U8))
def choose_characters(
    parts: NDArray[np.uint32], alphabet: NDArray[np.uint8], out: NDArray[np.uint8]
) -> None:
    """Write the letter of an alphabet that each 32 fair bits stand for, as `Draws.index` does."""
    size = as_u64(alphabet.size)
    for i in range(out.size):
        out[i] = alphabet[(as_u64(parts[i]) * size) >> as_u64(32)]
