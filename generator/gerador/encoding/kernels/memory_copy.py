"""Inlined functions that copy 4 to 32 bytes or short spans within kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from gerador.kernel_compiler import U8, inlined

if TYPE_CHECKING:
    from collections.abc import Callable


typed_intrinsic: Callable[[Callable[..., Any]], Callable[..., Any]] = intrinsic


def _move(width: int) -> Callable[[U8, int, U8, int], None]:
    """Return an intrinsic that copies `width` bytes at any alignment, without bounds checks."""

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

    return typed_intrinsic(typed)


move_4 = _move(4)
move_8 = _move(8)
move_16 = _move(16)
move_32 = _move(32)

BLOCK_BYTES: Final = 32
"""The widest block of a copy. Data that is read in blocks must be padded by as many bytes."""
HALF_BLOCK_BYTES: Final = 16


@inlined
def copy_span(out: U8, at: int, data: U8, start: int, size: int) -> None:
    """Copy exactly `size` bytes; the last block overlaps the one before."""
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
    """Copy `size` bytes in blocks of 32; reads and writes up to 32 bytes beyond the end."""
    move_32(out, at, data, start)
    done = 32
    while done < size:
        move_32(out, at + done, data, start + done)
        done += 32


@inlined
def copy_half_blocks(out: U8, at: int, data: U8, start: int, size: int) -> None:
    """Copy `size` bytes in blocks of 16; reads and writes up to 16 bytes beyond the end."""
    move_16(out, at, data, start)
    done = 16
    while done < size:
        move_16(out, at + done, data, start + done)
        done += 16
