"""Values of any key type as 64-bit numbers that name them: what a key's walk or machine is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as at

if TYPE_CHECKING:
    from numpy.typing import NDArray

NULL: Final = 0x6E756C6C
"""What stands for null: any number would do."""


def identities(values: pa.Array) -> NDArray[np.uint64]:
    """Return (items,) uint64: whole numbers, dates and the like as they are, texts by a hash.

    `values` is an Arrow array of a type that `KEY_WORDS` names, or a dictionary of it. Cost:
    O(items); of a dictionary that is shorter than the items, O(its entries) and a look-up.
    """
    if isinstance(values, pa.DictionaryArray):
        return _of_dictionary(values)
    numbers = _numbers(values)
    if values.null_count:
        numbers = np.where(pc.is_null(values).to_numpy(zero_copy_only=False), NULL, numbers)
    return numbers.astype(np.uint64, copy=False)


def _of_dictionary(values: pa.DictionaryArray) -> NDArray[np.uint64]:
    if len(values.dictionary) > len(values):
        return identities(values.dictionary_decode())
    entries = np.append(identities(values.dictionary), np.uint64(NULL))
    index = (
        values.indices.fill_null(len(values.dictionary)) if values.null_count else values.indices
    )
    return entries[index.to_numpy(zero_copy_only=False)]


def _numbers(values: pa.Array) -> NDArray[np.uint64]:
    if at.is_boolean(values.type):
        return values.cast(pa.uint8()).fill_null(0).to_numpy().astype(np.uint64)
    if at.is_string(values.type) or at.is_binary(values.type):
        _, offsets, data = values.buffers()
        bounds = np.frombuffer(offsets, np.int32, len(values) + 1, values.offset * 4)
        return _hashed(bounds.astype(np.int64), data)
    width = values.type.bit_width // 8
    _, data = values.buffers()
    if width in (4, 8) and not at.is_fixed_size_binary(values.type):
        kind = np.int32 if width == 4 else np.int64
        return (
            np.frombuffer(data, kind, len(values), values.offset * width)
            .astype(np.int64)
            .view(np.uint64)
        )
    bounds = (np.arange(len(values) + 1, dtype=np.int64) + values.offset) * width
    return _hashed(bounds, data)


def _hashed(bounds: NDArray[np.int64], data: pa.Buffer | None) -> NDArray[np.uint64]:
    from gerador.events.kernels.octets import fnv1a  # noqa: PLC0415 - see `events.kernels`

    out = np.empty(len(bounds) - 1, np.uint64)
    octets = np.frombuffer(data, np.uint8) if data is not None and data.size else _NO_OCTETS
    fnv1a(bounds, octets, out)
    return out


_NO_OCTETS: Final = np.zeros(1, np.uint8)
