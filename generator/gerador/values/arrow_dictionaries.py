"""Decode Arrow dictionary arrays at any depth, and cache results computed from their entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable


def decode_dictionaries(values: pa.Array, arrow_type: pa.DataType) -> pa.Array:
    """Return `values` as `arrow_type`, which may differ only in dictionaries.

    Cost: O(1) for equal types, else a copy of the dictionaries.
    """
    if values.type == arrow_type:
        return values
    if pa.types.is_dictionary(values.type):
        return values.dictionary_decode()
    return _decode_nested(values, arrow_type)


def decode_slice(values: pa.Array, arrow_type: pa.DataType, first: int, rows: int) -> pa.Array:
    """Return the rows [first, first + rows) of `values` decoded like `decode_dictionaries`.

    Cost: O(rows), or O(values) if the type contains unions, which Arrow cannot copy in part.
    """
    if values.type == arrow_type or has_union(arrow_type):
        return decode_dictionaries(values, arrow_type).slice(first, rows)
    part = values.slice(first, rows)
    if rows < len(values) and not pa.types.is_dictionary(values.type):
        part = pa.concat_arrays([part])  # a copy without an offset, as `_decode_nested` needs
    return decode_dictionaries(part, arrow_type)


def has_union(arrow_type: pa.DataType) -> bool:
    """Return whether a type is or contains a union."""
    children = (arrow_type.field(i).type for i in range(arrow_type.num_fields))
    return pa.types.is_union(arrow_type) or any(map(has_union, children))


def _decode_nested(values: pa.Array, arrow_type: pa.DataType) -> pa.Array:
    """Return a nested array with decoded children and its own buffers unchanged.

    `values` must not be a slice, so that its children have no offset.
    """
    children = _children(values)
    types = [arrow_type.field(i).type for i in range(arrow_type.num_fields)]
    decoded = [decode_dictionaries(child, t) for child, t in zip(children, types, strict=True)]
    buffers = values.buffers()[: _own_buffer_count(arrow_type)]
    return pa.Array.from_buffers(arrow_type, len(values), buffers, children=decoded)


def _children(values: pa.Array) -> list[pa.Array]:
    if pa.types.is_map(values.type):
        entry = pa.struct([values.type.key_field, values.type.item_field])
        parts = [values.keys, values.items]
        return [pa.Array.from_buffers(entry, len(parts[0]), [None], children=parts)]
    if pa.types.is_list(values.type):
        return [values.values]
    return [values.field(i) for i in range(values.type.num_fields)]


def _own_buffer_count(arrow_type: pa.DataType) -> int:
    """Return the number of buffers before those of the children (Arrow columnar format)."""
    if pa.types.is_struct(arrow_type):
        return 1
    return 3 if pa.types.is_union(arrow_type) else 2


def decoded_type(arrow_type: pa.DataType) -> pa.DataType:
    """Return a type with dictionaries replaced by their value types, at any depth."""
    if pa.types.is_dictionary(arrow_type):
        return arrow_type.value_type
    if pa.types.is_list(arrow_type):
        return pa.list_(_decoded_field(arrow_type.value_field))
    if pa.types.is_map(arrow_type):
        return pa.map_(arrow_type.key_field, _decoded_field(arrow_type.item_field))
    if pa.types.is_struct(arrow_type):
        return pa.struct([_decoded_field(field) for field in arrow_type])
    return arrow_type


def _decoded_field(field: pa.Field) -> pa.Field:
    return field.with_type(decoded_type(field.type))


_Result = TypeVar("_Result")


class DictionaryCache(Generic[_Result]):
    """Caches the result of a pure function for the last dictionary. Thread-safe.

    Dictionaries are identified by their memory addresses. The cache keeps the last one alive, so
    that its memory is not reused.
    """

    __slots__ = ("_last",)

    def __init__(self) -> None:
        self._last: tuple[tuple[int, ...], pa.Array, _Result] | None = None

    def get(self, dictionary: pa.Array, compute: Callable[[pa.Array], _Result]) -> _Result:
        """Return the result of `compute` for a dictionary, whose type is not nested."""
        addresses = (b.address if b else 0 for b in dictionary.buffers())
        identity = (*addresses, dictionary.offset, len(dictionary))
        last = self._last
        if last is not None and last[0] == identity and last[1].type == dictionary.type:
            return last[2]
        result = compute(dictionary)
        self._last = (identity, dictionary, result)
        return result
