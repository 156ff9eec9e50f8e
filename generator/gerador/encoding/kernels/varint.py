"""Inlined functions that measure and write zig-zag and unsigned varints within kernels."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types

from gerador.encoding.kernels.memory_copy import typed_intrinsic
from gerador.kernel_compiler import U8, as_u8, as_u64, inlined


@typed_intrinsic
def _store_word(_context: Any, out: Any, _at: Any, _word: Any) -> Any:
    """Store eight bytes, little endian, at any alignment, without bounds checks."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        to = context.make_array(signature.args[0])(context, builder, args[0]).data
        word = ir.IntType(64).as_pointer()
        store = builder.store(args[2], builder.bitcast(builder.gep(to, [args[1]]), word))
        store.align = 1
        return context.get_dummy_value()

    return types.void(out, types.int64, types.uint64), generate


@typed_intrinsic
def _count_leading_zeros(_context: Any, _value: Any) -> Any:
    """Return the number of zero bits above the highest set bit; 64 for zero."""

    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.ctlz(args[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), generate


@inlined
def zigzag(value: int) -> Any:
    """Map a signed number to an unsigned one, so that small magnitudes stay small (64 bits)."""
    return as_u64((value << 1) ^ (value >> 63))


@inlined
def varint_size(value: int) -> int:
    """Return the size of `value` as a zig-zag varint, 1 to 10 bytes."""
    bits = 64 - _count_leading_zeros(zigzag(value) | as_u64(1))
    return (bits * 9 + 64) >> 6  # bits / 7, rounded up, for 1 to 64 bits


@inlined
def unsigned_size(value: int) -> int:
    """Return the size of `value`'s 64 bits as an unsigned varint, 1 to 10 bytes."""
    return ((64 - _count_leading_zeros(as_u64(value) | as_u64(1))) * 9 + 64) >> 6


@inlined
def put_unsigned(out: U8, at: int, value: int) -> int:
    """Write `value`'s 64 bits as an unsigned varint at `at`; return the position after it."""
    rest = as_u64(value)
    while rest >= as_u64(0x80):
        out[at] = as_u8(rest | as_u64(0x80))
        rest >>= as_u64(7)
        at += 1
    out[at] = as_u8(rest)
    return at + 1


@inlined
def bit_length(value: Any) -> int:
    """Return the position of the highest set bit of an unsigned number, from 1; 0 for zero."""
    return 64 - _count_leading_zeros(as_u64(value))


@inlined
def put_varint(out: U8, at: int, value: int) -> int:
    """Write `value` as a zig-zag varint at `at`; return the position after it."""
    return put_unsigned(out, at, zigzag(value))


@inlined
def put_varint_word(out: U8, at: int, value: int) -> int:
    """As `put_varint`, in one store of eight bytes and without a branch on the size.

    Overwrites up to 7 bytes after the varint. Values of more than 56 bits use `put_varint`.
    """
    rest = zigzag(value)
    if rest >> as_u64(56):
        return put_varint(out, at, value)
    size = varint_size(value)
    low, high = as_u64(0x000000000FFFFFFF), as_u64(0x00FFFFFFF0000000)
    rest = (rest & low) | (rest & high) << as_u64(4)
    low, high = as_u64(0x00003FFF00003FFF), as_u64(0x0FFFC0000FFFC000)
    rest = (rest & low) | (rest & high) << as_u64(2)
    low, high = as_u64(0x007F007F007F007F), as_u64(0x3F803F803F803F80)
    rest = (rest & low) | (rest & high) << as_u64(1)
    before_last = (as_u64(1) << as_u64(8 * (size - 1))) - as_u64(1)
    _store_word(out, at, rest | as_u64(0x8080808080808080) & before_last)
    return at + size
