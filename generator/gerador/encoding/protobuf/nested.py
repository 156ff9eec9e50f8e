"""Nodes of Protocol Buffers: what holds other values, a message or several items."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from gerador.encoding.kernels.joined import measure_bare_lists, open_bare_lists
from gerador.encoding.kernels.sized import measure_sized, write_unsigned
from gerador.encoding.measured import Part, in_turn
from gerador.encoding.nodes.nested import ListNode
from gerador.encoding.nodes.prefixed import PrefixedNode

if TYPE_CHECKING:
    from gerador.encoding.kernels.signatures import I64, U8
    from gerador.encoding.nodes.node import Node, RowOf


class MessageNode(PrefixedNode):
    """What `body` writes, with its size before it: a message, or a list of packed numbers."""

    def __init__(self, path: str, before: bytes, body: Node) -> None:
        super().__init__(path, before)
        self._body = body

    def measure(self, column: pa.Array, lengths: I64, row_of: RowOf) -> Part:
        """Measure any column that the body takes: what is missing is the body's business."""
        if isinstance(column, pa.DictionaryArray) and not column.null_count:
            return super().measure(column, lengths, row_of)
        return self.measure_values(column, lengths, row_of)

    def measure_bare(self, column: pa.Array, lengths: I64, row_of: RowOf) -> Part:
        """Measure the body as a column of its own, then each row's size."""
        sizes = np.zeros(len(column), np.int64)
        body = self._body.measure(column, sizes, row_of)
        measure_sized(sizes, lengths)
        head = Part(1, lambda out, cursors, _slack: write_unsigned(sizes, out, cursors))
        return in_turn([head, body])


class RepeatedNode(ListNode):
    """Items side by side, each with what its own node writes before it."""

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> Part:
        """Measure a list or map column."""
        offsets, item_lengths, part = self.measure_items(column, row_of)
        measure_bare_lists(offsets, item_lengths, lengths)

        def write(out: U8, cursors: I64, _slack: int) -> None:
            items = np.empty(len(item_lengths), np.int64)
            open_bare_lists(offsets, item_lengths, cursors, items)
            part.write(out, items, 0)  # what follows an item is not written yet

        return Part(0, write)
