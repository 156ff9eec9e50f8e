"""What every column is: a field path, an Arrow type, and a draw of values for a block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gerador.errors import DataError

if TYPE_CHECKING:
    from gerador.events.block import Block

Positions: TypeAlias = NDArray[np.int64]
"""(items,) int64 in [0, BLOCK_ROWS), never decreasing: the row in the block of each item."""


OFFSET_MAX: Final = 2**31 - 1
"""The largest 32-bit offset, which Arrow's strings and lists have."""


class Column(Protocol):
    """One field's values, made a block at a time.

    A column keeps no state between draws, may be drawn from several threads, and takes
    randomness only from its own path's draws.
    """

    @property
    def type(self) -> pa.DataType:
        """The Arrow type of the column's arrays."""
        ...

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return one value for each item of `at`."""
        ...


@dataclass(frozen=True, slots=True)
class Leaf:
    """What columns without children are made of: the field path and the Arrow type."""

    path: str
    type: pa.DataType


def from_numpy(values: NDArray[np.generic], arrow_type: pa.DataType) -> pa.Array:
    """Return contiguous `values` as a fixed-width Arrow array, without copying or checking."""
    return pa.Array.from_buffers(arrow_type, len(values), [None, pa.py_buffer(values)])


def offsets_of(lengths: NDArray[np.int64], path: str) -> NDArray[np.int32]:
    """Return the (items + 1,) int32 Arrow offsets of items of these lengths.

    Raises DataError: they come to more than 32-bit offsets reach; names `path`.
    """
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    if offsets[-1] > OFFSET_MAX:
        raise DataError(
            f"field {path!r}: {offsets[-1]:,} bytes or items in one block of rows; "
            f"declare shorter lengths, {OFFSET_MAX:,} is the most"
        )
    return offsets.astype(np.int32)


def varying(
    arrow_type: pa.DataType, offsets: NDArray[np.int32], data: NDArray[np.uint8]
) -> pa.Array:
    """Return an Arrow string or binary array over `data`, cut at `offsets`."""
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.Array.from_buffers(arrow_type, len(offsets) - 1, buffers)
