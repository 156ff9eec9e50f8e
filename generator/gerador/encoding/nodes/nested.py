"""Nodes that hold other nodes in every row: record, array, map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from gerador.encoding import views
from gerador.encoding.kernels.lists import measure_lists, open_lists
from gerador.encoding.measured import Part, in_turn
from gerador.encoding.nodes.node import Node
from gerador.errors import DataError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gerador.encoding.kernels.signatures import I64, U8
    from gerador.encoding.nodes.node import RowOf


class RecordNode(Node):
    """The fields' values one after another; fields are found by name."""

    def __init__(self, path: str, fields: Sequence[tuple[str, Node]]) -> None:
        super().__init__(path)
        self._fields = tuple(fields)

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> Part:
        """Measure a struct column."""
        if not pa.types.is_struct(column.type):
            raise self.wrong_type(column.type, "struct")
        names = [f.name for f in column.type]
        return self.measure_columns(names, views.children(column), lengths, row_of)

    def measure_columns(
        self, names: Sequence[str], columns: Sequence[pa.Array], lengths: I64, row_of: RowOf
    ) -> Part:
        """Measure the fields, each from the column of its name; other columns are left out."""
        found = dict(zip(names, columns, strict=True))
        parts = []
        for name, node in self._fields:
            if name not in found or names.count(name) > 1:
                raise self._wrong_columns(name, names)
            parts.append(node.measure(found[name], lengths, row_of))
        return in_turn(parts)

    def _wrong_columns(self, name: str, names: Sequence[str]) -> DataError:
        problem = "more than one column" if name in names else "no column"
        near = did_you_mean(name, names) if name not in names else ""
        return DataError(f"record {self.path!r}: {problem} named {name!r}{near}")


class ListNode(Node):
    """Any number of items: an Avro array, or a map whose items are records of key and value."""

    def __init__(self, path: str, item: Node, *, is_map: bool) -> None:
        super().__init__(path)
        self._item = item
        self._expected = "map" if is_map else "list"
        self._accepts = pa.types.is_map if is_map else _is_list

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> Part:
        """Measure a list or map column."""
        offsets, item_lengths, part = self.measure_items(column, row_of)
        measure_lists(offsets, item_lengths, lengths)

        def write(out: U8, cursors: I64, _slack: int) -> None:
            item_cursors = np.empty(len(item_lengths), np.int64)
            open_lists(offsets, item_lengths, out, cursors, item_cursors)
            part.write(out, item_cursors, 0)  # what follows an item is written by then

        return Part(1, write)

    def measure_items(self, column: pa.Array, row_of: RowOf) -> tuple[I64, I64, Part]:
        """Return offsets ``(rows + 1,)`` from 0 on, the items' lengths, and what writes them."""
        if not self._accepts(column.type):
            raise self.wrong_type(column.type, self._expected)
        offsets = np.asarray(column.offsets).astype(np.int64)
        items = column.values.slice(offsets[0], offsets[-1] - offsets[0])
        offsets -= offsets[0]
        item_lengths = np.zeros(len(items), np.int64)
        part = self._item.measure(items, item_lengths, _row_of_item(offsets, row_of))
        return offsets, item_lengths, part


class MapEntryNode(Node):
    """A map's item: the key as text, then the value."""

    def __init__(self, path: str, key: Node, value: Node) -> None:
        super().__init__(path)
        self._nodes = (key, value)

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> Part:
        """Measure a struct column of two children, whatever these are called."""
        pairs = zip(self._nodes, views.children(column), strict=True)
        return in_turn([node.measure(child, lengths, row_of) for node, child in pairs])


def _row_of_item(offsets: I64, row_of: RowOf) -> RowOf:
    return lambda item: row_of(int(np.searchsorted(offsets, item, "right")) - 1)


def _is_list(arrow_type: pa.DataType) -> bool:
    return pa.types.is_list(arrow_type) or pa.types.is_large_list(arrow_type)
