"""Encoded values: the measure-then-write contract between encoders and buffers, and values that are encoded already."""

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
    """Rows whose encoded lengths are known and whose bytes can be written anywhere."""

    @property
    def lengths(self) -> I64:
        """Bytes of each row, ``(rows,) int64``."""
        ...

    def write(self, out: U8, cursors: I64) -> None:
        """Write row ``i`` at ``out[cursors[i]:]`` and add its length to ``cursors[i]``.

        `out` is ``uint8`` and contiguous, `cursors` ``(rows,) int64``. Rows may stand anywhere
        and in any order, but must not overlap and must fit: nothing is checked here.
        """
        ...


class ColumnWriter(NamedTuple):
    """A measured column, of which each row takes at least `bytes_min` bytes.

    ``write(out, cursors, slack)`` writes every row at its cursor and moves the cursor behind it.
    `slack` bytes behind each row's value are sure to be written later, so that it may spoil them.
    """

    bytes_min: int
    write: Write


class MeasuredRows:
    """`MeasuredValues` from lengths and the part that writes them."""

    def __init__(self, lengths: I64, part: ColumnWriter) -> None:
        self._lengths = lengths
        self._part = part

    @property
    def lengths(self) -> I64:
        """Bytes of each row, ``(rows,) int64``."""
        return self._lengths

    def write(self, out: U8, cursors: I64) -> None:
        """Write every row at its cursor; see `Measured.write`."""
        self._part.write(out, cursors, 0)


class EncodedValues:
    """Encoded rows, one behind the other: a buffer and ``(rows + 1,) int64`` offsets into it.

    Indexing gives `bytes` (a copy) or, for a slice, `EncodedValues` over the same buffer.
    """

    def __init__(self, data: U8, offsets: I64) -> None:
        self.data = data
        self.offsets = offsets
        self.hashes: I32 | None = None
        """What the partitioner found, ``(rows,) int32``, once it was asked for."""

    @classmethod
    def of(cls, measured: MeasuredValues) -> EncodedValues:
        """Write `measured` once, contiguously. Cost: O(bytes)."""
        offsets = offsets_of_lengths(measured.lengths)
        data = np.empty(int(offsets[-1]), np.uint8)
        measured.write(data, offsets[:-1].copy())
        return cls(data, offsets)

    @classmethod
    def from_list(cls, values: Sequence[bytes]) -> EncodedValues:
        """Hold the given values. Cost: O(bytes), with a Python step a value."""
        lengths = np.fromiter(map(len, values), np.int64, len(values))
        return cls(np.frombuffer(b"".join(values), np.uint8), offsets_of_lengths(lengths))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, at: int) -> bytes: ...
    @overload
    def __getitem__(self, at: slice) -> EncodedValues: ...
    def __getitem__(self, at: int | slice) -> bytes | EncodedValues:
        """Return one datum, or a run of them without copying; the step must be 1."""
        if isinstance(at, slice):
            first, end, step = at.indices(len(self))
            if step != 1:
                msg = f"datums are contiguous, a slice's step is 1, not {step}"
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
        """Bytes of all rows together."""
        return int(self.offsets[-1] - self.offsets[0])

    def write(self, out: U8, cursors: I64) -> None:
        """Copy every row to its cursor; see `Measured.write`."""
        write_bytes(self.offsets, self.data, out, cursors)

    def to_arrow(self) -> pa.LargeBinaryArray:
        """Return the same memory as an Arrow array of large binary, not copied."""
        buffers = [None, pa.py_buffer(self.offsets), pa.py_buffer(self.data)]
        return pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(self), buffers)


def offsets_of_lengths(lengths: I64) -> I64:
    """Return where each row starts when rows stand one behind the other, and the total last."""
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def constant(content: bytes) -> ColumnWriter:
    """Return a part that writes the same bytes in every row."""
    data = np.frombuffer(content, np.uint8)
    return ColumnWriter(
        len(content), lambda out, cursors, _slack: write_constant(data, out, cursors)
    )


def concatenate(parts: Sequence[ColumnWriter]) -> ColumnWriter:
    """Return the parts as one; what later ones write is slack to the earlier ones."""
    behind = [0]
    for part in reversed(parts):
        behind.append(behind[-1] + part.bytes_min)
    bytes_min = behind.pop()
    steps = [(part.write, rest) for part, rest in zip(parts, reversed(behind), strict=True)]

    def write(out: U8, cursors: I64, slack: int) -> None:
        for each, rest in steps:
            each(out, cursors, rest + slack)

    return ColumnWriter(bytes_min, write)
