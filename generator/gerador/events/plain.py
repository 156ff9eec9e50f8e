"""Columns in the plain types of their schema: text as text, whatever it was drawn from."""

from __future__ import annotations

import pyarrow as pa


def plain(values: pa.Array, arrow_type: pa.DataType) -> pa.Array:
    """Return `values` as `arrow_type`, where only dictionaries of text may differ.

    Cost: nothing where the types are equal already, else a copy of what differs.
    """
    if values.type == arrow_type:
        return values
    if pa.types.is_dictionary(values.type):
        return values.dictionary_decode()
    return _rebuilt(values, arrow_type)


def plain_slice(values: pa.Array, arrow_type: pa.DataType, first: int, rows: int) -> pa.Array:
    """Return some rows of `values` as `arrow_type`, as `plain` does with all of them.

    Cost: that of the rows alone, but with unions inside: Arrow cannot cut those out, so that all of
    `values` are made plain.
    """
    if values.type == arrow_type or has_union(arrow_type):
        return plain(values, arrow_type).slice(first, rows)
    cut = values.slice(first, rows)
    if rows < len(values) and not pa.types.is_dictionary(values.type):
        cut = pa.concat_arrays([cut])  # a copy, whose children start where it starts
    return plain(cut, arrow_type)


def has_union(arrow_type: pa.DataType) -> bool:
    """Tell whether a type is a union, or has one inside."""
    inside = (arrow_type.field(i).type for i in range(arrow_type.num_fields))
    return pa.types.is_union(arrow_type) or any(map(has_union, inside))


def _rebuilt(values: pa.Array, arrow_type: pa.DataType) -> pa.Array:
    """Return a nested array over plain children, with its own buffers as they are.

    Holds for arrays as columns make them: not sliced, so that children start where they start.
    """
    children = _children(values)
    types = [arrow_type.field(i).type for i in range(arrow_type.num_fields)]
    made = [plain(child, t) for child, t in zip(children, types, strict=True)]
    buffers = values.buffers()[: _own_buffers(arrow_type)]
    return pa.Array.from_buffers(arrow_type, len(values), buffers, children=made)


def _children(values: pa.Array) -> list[pa.Array]:
    if pa.types.is_map(values.type):
        entry = pa.struct([values.type.key_field, values.type.item_field])
        parts = [values.keys, values.items]
        return [pa.Array.from_buffers(entry, len(parts[0]), [None], children=parts)]
    if pa.types.is_list(values.type):
        return [values.values]
    return [values.field(i) for i in range(values.type.num_fields)]


def _own_buffers(arrow_type: pa.DataType) -> int:
    """Return how many buffers stand before the children's (Arrow columnar format, "Layouts")."""
    if pa.types.is_struct(arrow_type):
        return 1
    return 3 if pa.types.is_union(arrow_type) else 2
