"""Arrow dictionary arrays: decode them at any depth, and cache what is computed from their entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import pyarrow as pa
import pyarrow.types as at_

if TYPE_CHECKING:
    from collections.abc import Callable


def decode_dictionaries(values: pa.Array, arrow_type: pa.DataType) -> pa.Array:
    """Return `values` as `arrow_type`, where only dictionaries of text may differ.

    Cost: nothing where the types are equal already, else a copy of what differs.
    """
    if values.type == arrow_type:
        return values
    if pa.types.is_dictionary(values.type):
        return values.dictionary_decode()
    return _decode_nested(values, arrow_type)


def decode_slice(values: pa.Array, arrow_type: pa.DataType, first: int, rows: int) -> pa.Array:
    """Return some rows of `values` as `arrow_type`, as `decode_dictionaries` does with all of them.

    Cost: that of the rows alone, but with unions inside: Arrow cannot cut those out, so that all of
    `values` are made plain.
    """
    if values.type == arrow_type or has_union(arrow_type):
        return decode_dictionaries(values, arrow_type).slice(first, rows)
    cut = values.slice(first, rows)
    if rows < len(values) and not pa.types.is_dictionary(values.type):
        cut = pa.concat_arrays([cut])  # a copy, whose children start where it starts
    return decode_dictionaries(cut, arrow_type)


def has_union(arrow_type: pa.DataType) -> bool:
    """Tell whether a type is a union, or has one inside."""
    inside = (arrow_type.field(i).type for i in range(arrow_type.num_fields))
    return pa.types.is_union(arrow_type) or any(map(has_union, inside))


def _decode_nested(values: pa.Array, arrow_type: pa.DataType) -> pa.Array:
    """Return a nested array over plain children, with its own buffers as they are.

    Holds for arrays as columns make them: not sliced, so that children start where they start.
    """
    children = _children(values)
    types = [arrow_type.field(i).type for i in range(arrow_type.num_fields)]
    made = [decode_dictionaries(child, t) for child, t in zip(children, types, strict=True)]
    buffers = values.buffers()[: _own_buffer_count(arrow_type)]
    return pa.Array.from_buffers(arrow_type, len(values), buffers, children=made)


def _children(values: pa.Array) -> list[pa.Array]:
    if pa.types.is_map(values.type):
        entry = pa.struct([values.type.key_field, values.type.item_field])
        parts = [values.keys, values.items]
        return [pa.Array.from_buffers(entry, len(parts[0]), [None], children=parts)]
    if pa.types.is_list(values.type):
        return [values.values]
    return [values.field(i) for i in range(values.type.num_fields)]


def _own_buffer_count(arrow_type: pa.DataType) -> int:
    """Return how many buffers stand before the children's (Arrow columnar format, "Layouts")."""
    if pa.types.is_struct(arrow_type):
        return 1
    return 3 if pa.types.is_union(arrow_type) else 2


def decoded_type(arrow_type: pa.DataType) -> pa.DataType:
    """Return a type with values where it has dictionaries of them, at any depth."""
    if at_.is_dictionary(arrow_type):
        return arrow_type.value_type
    if at_.is_list(arrow_type):
        return pa.list_(_decoded_field(arrow_type.value_field))
    if at_.is_map(arrow_type):
        return pa.map_(arrow_type.key_field, _decoded_field(arrow_type.item_field))
    if at_.is_struct(arrow_type):
        return pa.struct([_decoded_field(field) for field in arrow_type])
    return arrow_type


def _decoded_field(field: pa.Field) -> pa.Field:
    return field.with_type(decoded_type(field.type))


_Result = TypeVar("_Result")


class DictionaryCache(Generic[_Result]):
    """The result of a pure function for the last dictionary. Safe to use from several threads.

    A dictionary is known again by its memory, which is kept alive here, so that an address stands
    for the same entries.
    """

    __slots__ = ("_last",)

    def __init__(self) -> None:
        self._last: tuple[tuple[int, ...], pa.Array, _Result] | None = None

    def get(self, dictionary: pa.Array, make: Callable[[pa.Array], _Result]) -> _Result:
        """Return what `make` makes of the entries, of plain text or numbers."""
        addresses = (b.address if b else 0 for b in dictionary.buffers())
        place = (*addresses, dictionary.offset, len(dictionary))
        last = self._last
        if last is not None and last[0] == place and last[1].type == dictionary.type:
            return last[2]
        made = make(dictionary)
        self._last = (place, dictionary, made)
        return made
