"""What every kernel is made of: moves of 4 to 32 bytes, copies of short spans, varints.

*Slack* is how many bytes behind a value later writes of the same row are sure to fill: so far
a copy may run over, and whole blocks are moved without asking how long the tail is.

Source of the varints: Avro 1.12 specification, "Binary Encoding" (int and long), which is
Protocol Buffers' zig-zag varint and also Kafka's VARINT and VARLONG; Protocol Buffers, "Encoding",
for the plain one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic

from gerador.encoding.kernels.signatures import U8, as_u8, as_u64, inlined

if TYPE_CHECKING:
    from collections.abc import Callable

_intrinsic: Callable[[Callable[..., Any]], Callable[..., Any]] = intrinsic


def _move(width: int) -> Callable[[U8, int, U8, int], None]:
    """Make the instruction pair that copies `width` bytes at any alignment, unchecked."""

    def typed(_context: Any, out: Any, _at: Any, data: Any, _start: Any) -> Any:
        return types.void(out, types.int64, data, types.int64), _generate

    def _generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        block = ir.VectorType(ir.IntType(8), width).as_pointer()
        to = context.make_array(signature.args[0])(context, builder, args[0]).data
        source = context.make_array(signature.args[2])(context, builder, args[2]).data
        value = builder.load(builder.bitcast(builder.gep(source, [args[3]]), block))
        value.align = 1
        store = builder.store(value, builder.bitcast(builder.gep(to, [args[1]]), block))
        store.align = 1
        return context.get_dummy_value()

    return _intrinsic(typed)


move_4 = _move(4)
move_8 = _move(8)
move_16 = _move(16)
move_32 = _move(32)

BLOCK_BYTES = 32
"""The widest block that a copy moves: what is read in blocks is followed by as much memory."""
HALF_BLOCK_BYTES = 16


@_intrinsic
def _store_word(_context: Any, out: Any, _at: Any, _word: Any) -> Any:
    """Store eight bytes, little endian, at any alignment, unchecked."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        to = context.make_array(signature.args[0])(context, builder, args[0]).data
        word = ir.IntType(64).as_pointer()
        store = builder.store(args[2], builder.bitcast(builder.gep(to, [args[1]]), word))
        store.align = 1
        return context.get_dummy_value()

    return types.void(out, types.int64, types.uint64), generate


@_intrinsic
def _leading_zeros(_context: Any, _value: Any) -> Any:
    """Count the zero bits above the highest bit that is set; 64 for zero."""

    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.ctlz(args[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), generate


@inlined
def copy_span(out: U8, at: int, data: U8, start: int, size: int) -> None:
    """Copy `size` bytes; a span's tail is moved as an overlapping block, never byte by byte."""
    if size >= 16:
        done = 0
        while done < size - 16:
            move_16(out, at + done, data, start + done)
            done += 16
        move_16(out, at + size - 16, data, start + size - 16)
    elif size >= 8:
        move_8(out, at, data, start)
        move_8(out, at + size - 8, data, start + size - 8)
    elif size >= 4:
        move_4(out, at, data, start)
        move_4(out, at + size - 4, data, start + size - 4)
    else:
        for i in range(size):
            out[at + i] = data[start + i]


@inlined
def copy_blocks(out: U8, at: int, data: U8, start: int, size: int) -> None:
    """Copy `size` bytes in blocks of 32, over both ends by up to 32 (of an empty span)."""
    move_32(out, at, data, start)
    done = 32
    while done < size:
        move_32(out, at + done, data, start + done)
        done += 32


@inlined
def copy_half_blocks(out: U8, at: int, data: U8, start: int, size: int) -> None:
    """Copy `size` bytes in blocks of 16, over both ends by up to 16 (of an empty span)."""
    move_16(out, at, data, start)
    done = 16
    while done < size:
        move_16(out, at + done, data, start + done)
        done += 16


@inlined
def zigzag(value: int) -> Any:
    """Map signed to unsigned so that small magnitudes stay small (as 64 bits)."""
    return as_u64((value << 1) ^ (value >> 63))


@inlined
def varint_size(value: int) -> int:
    """Bytes of `value` as a zig-zag varint, 1 to 10."""
    bits = 64 - _leading_zeros(zigzag(value) | as_u64(1))
    return (bits * 9 + 64) >> 6  # bits / 7, rounded up, for 1 to 64 bits


@inlined
def unsigned_size(value: int) -> int:
    """Bytes of `value`'s 64 bits as a plain varint (Protocol Buffers' uint64), 1 to 10."""
    return ((64 - _leading_zeros(as_u64(value) | as_u64(1))) * 9 + 64) >> 6


@inlined
def put_unsigned(out: U8, at: int, value: int) -> int:
    """Write `value`'s 64 bits as a plain varint at `at`; return the position behind it."""
    rest = as_u64(value)
    while rest >= as_u64(0x80):
        out[at] = as_u8(rest | as_u64(0x80))
        rest >>= as_u64(7)
        at += 1
    out[at] = as_u8(rest)
    return at + 1


@inlined
def bit_count(value: Any) -> int:
    """Bits of an unsigned number up to its highest one that is set; 0 for zero."""
    return 64 - _leading_zeros(as_u64(value))


@inlined
def put_varint(out: U8, at: int, value: int) -> int:
    """Write `value` as a zig-zag varint at `at`; return the position behind it."""
    return put_unsigned(out, at, zigzag(value))


@inlined
def put_varint_word(out: U8, at: int, value: int) -> int:
    """As `put_varint`, in one store of eight bytes and without a branch on the size.

    It writes over up to 7 bytes behind the varint. Values of more than 56 bits go the long way.
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
