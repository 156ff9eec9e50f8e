"""Numpy views of the buffers of Arrow arrays, without a copy where Arrow's layout allows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from gerador.avro.arrow_types import number_dtype

if TYPE_CHECKING:
    import numpy.typing as npt

    from gerador.kernel_compiler import I32, U8, Bool, IntArray


def fixed_width(column: pa.Array, dtype: npt.DTypeLike) -> Any:
    """Return the values of a column of fixed-width type, ``(rows,) dtype``, not copied."""
    return _view(column.buffers()[1], dtype, column.offset, len(column))


def integers(column: pa.Array) -> IntArray:
    """Return integers, dates, times or timestamps as ``(rows,)`` int32 or int64, not copied."""
    return fixed_width(column, np.int32 if column.type.bit_width == 32 else np.int64)


def raw_bytes(column: pa.Array, width: int) -> U8:
    """Return the values of a fixed-width column as ``(rows * width,) uint8``, not copied."""
    return _view(column.buffers()[1], np.uint8, column.offset * width, len(column) * width)


def booleans(column: pa.Array) -> U8:
    """Return a boolean column as ``(rows,) uint8`` of 0 and 1."""
    return _bits(column.buffers()[1], column.offset, len(column))


def validity(column: pa.Array) -> Bool:
    """Return ``(rows,) bool``, True where the column is not null."""
    return np.asarray(column.is_valid())


def offsets_and_data(column: pa.Array) -> tuple[IntArray, U8]:
    """Return offsets ``(rows + 1,)`` (int32 or int64) and data of a text or bytes column."""
    dtype = np.int64 if _is_large(column.type) else np.int32
    _, offsets, data = column.buffers()
    if offsets is None or not len(column):
        return np.zeros(1, np.int64), np.empty(0, np.uint8)
    return (
        _view(offsets, dtype, column.offset, len(column) + 1),
        _view(data, np.uint8, 0, data.size if data else 0),
    )


def indices(column: pa.DictionaryArray) -> I32:
    """Return a dictionary column's indices as ``(rows,) int32``, copied if of another type.

    Values outside int32 become -1, which is not a valid index.
    """
    indices = fixed_width(column.indices, number_dtype(column.indices.type))
    if indices.dtype.itemsize < 4 or indices.dtype == np.int32:
        return indices.astype(np.int32, copy=False)
    invalid = (indices < 0) | (indices > np.iinfo(np.int32).max)
    return np.where(invalid, -1, indices).astype(np.int32)


def children(column: pa.StructArray) -> list[pa.Array]:
    """Return the children of a struct column without nulls, cut to its slice.

    `flatten` does the same, but crashes the process when a child is a union and the struct has a
    validity buffer, even a full one (Arrow 26).
    """
    return [column.field(i) for i in range(column.type.num_fields)]


def union_type_codes(column: pa.UnionArray) -> npt.NDArray[np.int8]:
    """Return a dense union's type codes, ``(rows,) int8``.

    Read from the buffer: pyarrow's own `type_codes` and `offsets` ignore where a slice starts.
    """
    return _view(column.buffers()[1], np.int8, column.offset, len(column))


def union_offsets(column: pa.UnionArray) -> I32:
    """Return each row's position in its child, ``(rows,) int32``."""
    return _view(column.buffers()[2], np.int32, column.offset, len(column))


def _is_large(arrow_type: pa.DataType) -> bool:
    return pa.types.is_large_string(arrow_type) or pa.types.is_large_binary(arrow_type)


def _bits(buffer: pa.Buffer, start: int, count: int) -> U8:
    first = start // 8
    packed = _view(buffer, np.uint8, first, (start + count + 7) // 8 - first)
    return np.unpackbits(packed, bitorder="little")[start - first * 8 :][:count]


def _view(buffer: pa.Buffer | None, dtype: npt.DTypeLike, start: int, count: int) -> Any:
    if buffer is None or not count:
        return np.empty(0, dtype)
    width = np.dtype(dtype).itemsize
    values = np.frombuffer(buffer, dtype, count, start * width)
    return values if values.flags.aligned else values.copy()
