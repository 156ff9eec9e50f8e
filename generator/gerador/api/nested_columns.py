"""Conversion of the leaves of nested Arrow columns; records, arrays, maps, unions are rebuilt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gerador.avro.schema import Array, AvroType, Map, Record, Union
from gerador.encoding import arrow_views

ConvertLeaf: TypeAlias = Callable[[pa.Array, AvroType], pa.Array]
"""Converts values of a type that is no record, array, map or union."""
BuildUnion: TypeAlias = Callable[[Union, Any, list[pa.Array]], pa.Array]
"""Builds a column of a union from the branch of each row, ``(rows,) int8``, and the converted
values of each branch, in the order of their rows."""


def convert_leaves(
    values: pa.Array, avro_type: AvroType, leaf: ConvertLeaf, build_union: BuildUnion
) -> pa.Array:
    """Return `values` of `avro_type` with every leaf converted by `leaf`. O(values).

    A plain nullable union is its other branch; every other union is built by `build_union`.
    """

    def convert(values: pa.Array, avro_type: AvroType) -> pa.Array:
        return convert_leaves(values, avro_type, leaf, build_union)

    match avro_type:
        case Record():
            return _struct(values, avro_type, convert)
        case Array():
            return _list(values, avro_type, convert)
        case Map():
            return _map(values, avro_type, convert)
        case Union() if avro_type.null_branch is not None:
            return convert(values, avro_type.value)
        case Union():
            return _union(values, avro_type, convert, build_union)
        case _:
            return leaf(values, avro_type)


def dense_union(_union: Union, codes: Any, children: list[pa.Array]) -> pa.Array:
    """Build a dense union: see `BuildUnion`."""
    offsets = np.zeros(len(codes), np.int32)
    for code in range(len(children)):
        rows = np.flatnonzero(codes == code)
        offsets[rows] = np.arange(len(rows))
    return pa.UnionArray.from_dense(pa.array(codes), pa.array(offsets), children)


def _struct(values: pa.StructArray, record: Record, convert: ConvertLeaf) -> pa.Array:
    """Convert the fields of a struct; nulls of the struct are kept."""
    columns = [
        convert(child, f.type)
        for child, f in zip(arrow_views.children(values), record.fields, strict=True)
    ]
    names = [f.name for f in record.fields]
    if not names:
        return values
    return pa.StructArray.from_arrays(columns, names=names, mask=values.is_null())


def _list(values: pa.ListArray, array: Array, convert: ConvertLeaf) -> pa.Array:
    """Convert the items of a list. `flatten` omits items outside the slice, so offsets are new."""
    items = convert(values.flatten(), array.items)
    return pa.ListArray.from_arrays(_offsets(values), items, mask=values.is_null())


def _map(values: pa.MapArray, avro_map: Map, convert: ConvertLeaf) -> pa.Array:
    as_list = _as_list(values)
    keys, items = arrow_views.children(as_list.flatten())
    converted = convert(items, avro_map.values)
    return pa.MapArray.from_arrays(_offsets(as_list), keys, converted, mask=values.is_null())


def _as_list(values: pa.MapArray) -> pa.ListArray:
    """Return a map as a list of entries; a cast corrupts nested unions (Arrow 26)."""
    children = [values.keys, values.items]
    entry = pa.struct([values.type.key_field, values.type.item_field])
    entries = pa.Array.from_buffers(entry, len(children[0]), [None], children=children)
    return pa.Array.from_buffers(
        pa.list_(entry), len(values), values.buffers()[:2], offset=values.offset, children=[entries]
    )


def _offsets(values: pa.ListArray) -> pa.Array:
    lengths = pc.fill_null(pc.list_value_length(values), 0).to_numpy(zero_copy_only=False)
    return pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32())


def _union(
    values: pa.UnionArray, union: Union, convert: ConvertLeaf, build_union: BuildUnion
) -> pa.Array:
    """Convert the branches of a dense union.

    A sliced union keeps its whole children, and pyarrow 26 ignores the slice when it reads them:
    the values of each branch are gathered by their offsets instead.
    """
    codes, offsets = arrow_views.union_type_codes(values), arrow_views.union_offsets(values)
    children = [
        convert(values.field(code).take(pa.array(offsets[codes == code])), branch)
        for code, branch in enumerate(union.branches)
    ]
    return build_union(union, codes, children)
