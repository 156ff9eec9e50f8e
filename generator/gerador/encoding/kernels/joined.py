"""Kernels for lists whose items stand side by side: bare, or in brackets with commas between."""

from __future__ import annotations

from numba import types

from gerador.encoding.kernels.signatures import I64, IN_I64, OUT_I64, OUT_U8, U8, kernel

COMMA = 44


@kernel(types.void(IN_I64, IN_I64, OUT_I64))
def measure_bare_lists(offsets: I64, item_lengths: I64, lengths: I64) -> None:
    """Add the size of each row's items."""
    for row in range(lengths.size):
        for item in range(offsets[row], offsets[row + 1]):
            lengths[row] += item_lengths[item]


@kernel(types.void(IN_I64, IN_I64, OUT_I64, OUT_I64))
def open_bare_lists(offsets: I64, item_lengths: I64, cursors: I64, items: I64) -> None:
    """Give every item its cursor, and move the rows' cursors behind."""
    for row in range(cursors.size):
        at = cursors[row]
        for item in range(offsets[row], offsets[row + 1]):
            items[item] = at
            at += item_lengths[item]
        cursors[row] = at


@kernel(types.void(IN_I64, IN_I64, OUT_I64))
def measure_joined(offsets: I64, item_lengths: I64, lengths: I64) -> None:
    """Add the size of each row's items with brackets around and commas between."""
    for row in range(lengths.size):
        count = offsets[row + 1] - offsets[row]
        size = 2 + (count - 1 if count > 0 else 0)
        for item in range(offsets[row], offsets[row + 1]):
            size += item_lengths[item]
        lengths[row] += size


@kernel(types.void(IN_I64, IN_I64, types.int64, types.int64, OUT_U8, OUT_I64, OUT_I64))
def open_joined(
    offsets: I64, item_lengths: I64, opening: int, closing: int, out: U8, cursors: I64, items: I64
) -> None:
    """Write brackets and commas, give every item its cursor, and move the rows' cursors behind."""
    for row in range(cursors.size):
        at = cursors[row]
        out[at] = opening
        at += 1
        for item in range(offsets[row], offsets[row + 1]):
            if item > offsets[row]:
                out[at] = COMMA
                at += 1
            items[item] = at
            at += item_lengths[item]
        out[at] = closing
        cursors[row] = at + 1
