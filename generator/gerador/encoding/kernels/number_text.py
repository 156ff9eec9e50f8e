"""Kernels that write integers and doubles as decimal text."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numba import types

from gerador.encoding.kernels.varint import bit_length
from gerador.kernel_compiler import (
    F64,
    I32,
    I64,
    IN_F64,
    IN_I32,
    IN_I64,
    OUT_I32,
    OUT_I64,
    OUT_U8,
    U8,
    IntArray,
    as_i64,
    as_u8,
    as_u64,
    inlined,
    kernel,
)

POWERS_OF_TEN: Final = np.array([10**n for n in range(20)], np.uint64)
FLOAT_POWERS_OF_TEN: Final = np.array([10.0**n for n in range(23)])
DIGIT_PAIRS: Final = np.frombuffer("".join(f"{n:02}" for n in range(100)).encode(), np.uint8).copy()
"""The two digits of every number below 100."""
DECIMALS_MAX: Final = 12
EXACT_BELOW: Final = 1e15
NO_DECIMALS: Final = -1
"""Marks a double that is not a decimal of at most 15 digits and DECIMALS_MAX decimals."""


@inlined
def digit_count(value: Any) -> int:
    """Return the number of digits of an unsigned number; 1 for zero."""
    guess = (bit_length(value | as_u64(1)) * 1233) >> 12
    above = as_u64(value) >= POWERS_OF_TEN[guess]
    return guess + (1 if above or guess == 0 else 0)


@inlined
def magnitude(value: int) -> Any:
    """Return the absolute value of a signed number, unsigned."""
    return as_u64(-value) if value < 0 else as_u64(value)


@inlined
def put_digits(out: U8, end: int, value: Any, size: int) -> None:
    """Write the lowest `size` digits of an unsigned number to ``out[end - size:end]``."""
    rest = as_u64(value)
    at = end
    while at - 1 > end - size:
        pair = as_i64(rest % as_u64(100)) * 2
        rest //= as_u64(100)
        out[at - 1] = DIGIT_PAIRS[pair + 1]
        out[at - 2] = DIGIT_PAIRS[pair]
        at -= 2
    if at > end - size:
        out[at - 1] = as_u8(rest % as_u64(10) + as_u64(48))


@inlined
def put_fraction(out: U8, end: int, value: Any, size: int) -> Any:
    """Write the lowest `size` digits as `put_digits` does; return the number without them."""
    rest = as_u64(value)
    for at in range(end - 1, end - 1 - size, -1):
        above = rest // as_u64(10)
        out[at] = as_u8(rest - above * as_u64(10) + as_u64(48))
        rest = above
    return rest


@kernel(types.void(IN_I32, OUT_I64), types.void(IN_I64, OUT_I64))
def measure_integers(values: IntArray, lengths: I64) -> None:
    """Add the size of each row's number as text."""
    for row in range(values.size):
        value = as_i64(values[row])
        lengths[row] += digit_count(magnitude(value)) + (1 if value < 0 else 0)


@kernel(types.void(IN_I32, OUT_U8, OUT_I64), types.void(IN_I64, OUT_U8, OUT_I64))
def write_integers(values: IntArray, out: U8, cursors: I64) -> None:
    """Write each row's number as text."""
    for row in range(values.size):
        value = as_i64(values[row])
        at = cursors[row]
        if value < 0:
            out[at] = 45
            at += 1
        size = digit_count(magnitude(value))
        put_digits(out, at + size, magnitude(value), size)
        cursors[row] = at + size


@kernel(types.int64(IN_F64, OUT_I64, OUT_I32))
def scale_doubles(values: F64, scaled: I64, decimals: I32) -> int:
    """Find ``scaled[row] / 10 ** decimals[row] == values[row]`` with the fewest decimals.

    Return the number of rows without such a pair, which have NO_DECIMALS.
    """
    unscaled = 0
    guess = 0
    for row in range(values.size):
        value = values[row]
        decimals[row] = NO_DECIMALS
        scaled[row] = 0
        if value == 0.0 and math.copysign(1.0, value) < 0.0:
            unscaled += 1
            continue
        for step in range(DECIMALS_MAX + 2):
            # The largest number of decimals so far is tried first, then all from 0 on.
            places = guess if step == 0 else step - 1
            near = np.rint(value * FLOAT_POWERS_OF_TEN[places])
            if not abs(near) < EXACT_BELOW:
                if step == 0:
                    continue
                break
            if near / FLOAT_POWERS_OF_TEN[places] == value:
                number = as_i64(near)
                while places > 0 and number % 10 == 0:
                    number //= 10
                    places -= 1
                scaled[row] = number
                decimals[row] = places
                guess = max(places, guess)
                break
        if decimals[row] == NO_DECIMALS:
            unscaled += 1
    return unscaled


@inlined
def _scaled_size(value: int, places: int) -> int:
    size = digit_count(magnitude(value))
    if size <= places:
        size = places + 1
    return size + (1 if value < 0 else 0) + (1 if places > 0 else 2)


@kernel(types.void(IN_I64, IN_I32, OUT_I64))
def measure_scaled_decimals(scaled: I64, decimals: I32, lengths: I64) -> None:
    """Add the size of each row's decimal number as text; integers end in ``.0``."""
    for row in range(scaled.size):
        lengths[row] += _scaled_size(scaled[row], decimals[row])


@kernel(types.void(IN_I64, IN_I32, OUT_U8, OUT_I64))
def write_scaled_decimals(scaled: I64, decimals: I32, out: U8, cursors: I64) -> None:
    """Write each row's decimal number as text."""
    for row in range(scaled.size):
        value = scaled[row]
        places = as_i64(decimals[row])
        at = cursors[row]
        end = at + _scaled_size(value, places)
        cursors[row] = end
        if value < 0:
            out[at] = 45
            at += 1
        if places == 0:
            out[end - 1] = 48
            out[end - 2] = 46
            put_digits(out, end - 2, magnitude(value), end - 2 - at)
        else:
            whole = put_fraction(out, end, magnitude(value), places)
            out[end - places - 1] = 46
            put_digits(out, end - places - 1, whole, end - places - 1 - at)
