"""A keyed permutation of the integers below a size."""

from __future__ import annotations

from numba import types

from gerador.kernel_compiler import I64, IN_I64, IN_U64, OUT_I64, U64, as_u64, kernel
from gerador.values.kernels.random_bits import mix


@kernel(types.void(IN_I64, IN_U64, types.int64, types.int64, OUT_I64))
def permute(numbers: I64, keys: U64, size: int, bits: int, out: I64) -> None:
    """Write the permuted number of each number in [0, size); size <= 2**bits, bits in [2, 63].

    A Feistel network: the low and the high bits alternately change each other with a key; the
    number of keys is even. Results outside [0, size) are permuted again ("cycle walking",
    J. Black, P. Rogaway, "Ciphers with Arbitrary Finite Domains", CT-RSA 2002).
    """
    low_bits = as_u64(bits // 2)
    low_mask = (as_u64(1) << low_bits) - as_u64(1)
    high_mask = (as_u64(1) << as_u64(bits - bits // 2)) - as_u64(1)
    bound = as_u64(size)
    for i in range(numbers.size):
        number = as_u64(numbers[i])
        while True:
            low, high = number & low_mask, number >> low_bits
            for j in range(0, keys.size, 2):
                low ^= mix(high ^ keys[j]) & low_mask
                high ^= mix(low ^ keys[j + 1]) & high_mask
            number = (high << low_bits) | low
            if number < bound:
                break
        out[i] = number
