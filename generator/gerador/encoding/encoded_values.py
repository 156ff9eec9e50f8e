"""Encoded values in one buffer, and the contract of encoders: measure first, then write."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, overload

import numpy as np
import pyarrow as pa

from gerador.encoding.kernels.byte_strings import write_bytes
from gerador.encoding.kernels.fixed_and_varint import write_constant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

    from gerador.kernel_compiler import I32, I64, U8

    Write: TypeAlias = Callable[[U8, I64, int], None]


class MeasuredValues(Protocol):
    """Rows of known encoded lengths, whose bytes can be written to any position.

    A *cursor* is the position in the output at which a row is written next.
    """

    @property
    def lengths(self) -> I64:
        """Bytes of each row, ``(rows,) int64``."""
        ...

    def write(self, out: U8, cursors: I64) -> None:
        """Write row ``i`` at ``out[cursors[i]:]`` and add its length to ``cursors[i]``.

        `out` is ``uint8`` and contiguous, `cursors` ``(rows,) int64``. Rows may be in any order,
        with gaps, but must not overlap and must fit: nothing is checked here.
        """
        ...


class ColumnWriter(NamedTuple):
    """Writer of a measured column, of which each row takes at least `bytes_min` bytes.

    ``write(out, cursors, slack)`` writes every row at its cursor and advances the cursor. *Slack*
    is the number of bytes after each value that are written later: the writer may overwrite them.
    """

    bytes_min: int
    write: Write


class MeasuredRows:
    """`MeasuredValues` of given lengths and the writer of the rows."""

    def __init__(self, lengths: I64, writer: ColumnWriter) -> None:
        self.lengths = lengths
        self._writer = writer

    def write(self, out: U8, cursors: I64) -> None:
        """Write every row at its cursor; see `MeasuredValues.write`."""
        self._writer.write(out, cursors, 0)


class EncodedValues:
    """Contiguous encoded rows: a buffer, and ``(rows + 1,) int64`` offsets into it.

    Indexing returns `bytes` (a copy) or, for a slice, `EncodedValues` over the same buffer.
    """

    def __init__(self, data: U8, offsets: I64) -> None:
        self.data = data
        self.offsets = offsets
        self.hashes: I32 | None = None
        """The partitioner's cached hashes, ``(rows,) int32``; None before the first use."""

    @classmethod
    def of(cls, measured: MeasuredValues) -> EncodedValues:
        """Write `measured` contiguously. Cost: O(bytes)."""
        offsets = offsets_of_lengths(measured.lengths)
        data = np.empty(int(offsets[-1]), np.uint8)
        measured.write(data, offsets[:-1].copy())
        return cls(data, offsets)

    @classmethod
    def from_list(cls, values: Sequence[bytes]) -> EncodedValues:
        """Copy the given values. Cost: O(bytes), with a Python step per value."""
        lengths = np.fromiter(map(len, values), np.int64, len(values))
        return cls(np.frombuffer(b"".join(values), np.uint8), offsets_of_lengths(lengths))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, at: int) -> bytes: ...
    @overload
    def __getitem__(self, at: slice) -> EncodedValues: ...
    def __getitem__(self, at: int | slice) -> bytes | EncodedValues:
        """Return one value, or a range of values without a copy. Raises ValueError: a step."""
        if isinstance(at, slice):
            first, end, step = at.indices(len(self))
            if step != 1:
                msg = f"slice step {step} is not supported; values are contiguous, use step 1"
                raise ValueError(msg)
            return EncodedValues(self.data, self.offsets[first : max(first, end) + 1])
        row = range(len(self))[at]
        return self.data[self.offsets[row] : self.offsets[row + 1]].tobytes()

    def __iter__(self) -> Iterator[bytes]:
        return (self[row] for row in range(len(self)))

    @property
    def lengths(self) -> I64:
        """Bytes of each row, ``(rows,) int64``."""
        return np.diff(self.offsets)

    @property
    def size_bytes(self) -> int:
        """Total size of the rows in bytes."""
        return int(self.offsets[-1] - self.offsets[0])

    def write(self, out: U8, cursors: I64) -> None:
        """Copy every row to its cursor; see `MeasuredValues.write`."""
        write_bytes(self.offsets, self.data, out, cursors)

    def to_arrow(self) -> pa.LargeBinaryArray:
        """Return the rows as an Arrow array of large binary over the same memory."""
        buffers = [None, pa.py_buffer(self.offsets), pa.py_buffer(self.data)]
        return pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(self), buffers)


def offsets_of_lengths(lengths: I64) -> I64:
    """Return the offsets of contiguous rows, ``(rows + 1,) int64``; the last is the total."""
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def constant(content: bytes) -> ColumnWriter:
    """Return a writer of the same bytes in every row."""
    data = np.frombuffer(content, np.uint8)
    return ColumnWriter(
        len(content), lambda out, cursors, _slack: write_constant(data, out, cursors)
    )


def concatenate(writers: Sequence[ColumnWriter]) -> ColumnWriter:
    """Return one writer of all `writers` in order; the bytes of later ones are slack to earlier."""
    bytes_after = [0]
    for writer in reversed(writers):
        bytes_after.append(bytes_after[-1] + writer.bytes_min)
    bytes_min = bytes_after.pop()
    steps = [(w.write, after) for w, after in zip(writers, reversed(bytes_after), strict=True)]

    def write(out: U8, cursors: I64, slack: int) -> None:
        for write_one, after in steps:
            write_one(out, cursors, after + slack)

    return ColumnWriter(bytes_min, write)
