"""Random characters of an alphabet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import types

from gerador.kernel_compiler import IN_U8, IN_U32, OUT_U8, as_u64, kernel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@kernel(types.void(IN_U32, IN_U8, OUT_U8))
def choose_characters(
    bits: NDArray[np.uint32], alphabet: NDArray[np.uint8], out: NDArray[np.uint8]
) -> None:
    """Write the character of an alphabet for each 32 random bits, like `Rng.index`."""
    size = as_u64(alphabet.size)
    for i in range(out.size):
        out[i] = alphabet[(as_u64(bits[i]) * size) >> as_u64(32)]
