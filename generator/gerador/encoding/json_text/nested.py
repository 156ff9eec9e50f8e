"""Nodes of JSON: objects and arrays, made of the values inside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gerador.encoding.kernels.joined import measure_joined, open_joined
from gerador.encoding.measured import Part, in_turn, literal
from gerador.encoding.nodes.nested import ListNode, RecordNode

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from gerador.encoding.kernels.signatures import I64, U8
    from gerador.encoding.nodes.node import Node, RowOf


class ObjectNode(RecordNode):
    """A record: its fields' nodes hold the brace, the commas and the names; `end` closes it."""

    def __init__(self, path: str, fields: Sequence[tuple[str, Node]], end: bytes) -> None:
        super().__init__(path, fields)
        self._end = end

    def measure_columns(
        self, names: Sequence[str], columns: Sequence[pa.Array], lengths: I64, row_of: RowOf
    ) -> Part:
        """Measure the fields and the end."""
        part = super().measure_columns(names, columns, lengths, row_of)
        np.add(lengths, len(self._end), out=lengths)
        return in_turn([part, literal(self._end)])


class JoinedNode(ListNode):
    """Items between brackets: a JSON array, or of a map's entries an object."""

    def __init__(self, path: str, item: Node, before: bytes, *, is_map: bool) -> None:
        super().__init__(path, item, is_map=is_map)
        self._before = before
        self._brackets = (ord("{"), ord("}")) if is_map else (ord("["), ord("]"))

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> Part:
        """Measure a list or map column."""
        offsets, item_lengths, part = self.measure_items(column, row_of)
        measure_joined(offsets, item_lengths, lengths)
        np.add(lengths, len(self._before), out=lengths)
        opening, closing = self._brackets

        def write(out: U8, cursors: I64, _slack: int) -> None:
            items = np.empty(len(item_lengths), np.int64)
            open_joined(offsets, item_lengths, opening, closing, out, cursors, items)
            part.write(out, items, 0)  # what follows an item is written by then

        return in_turn([literal(self._before), Part(2, write)])
