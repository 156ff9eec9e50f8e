"""What stands before a value and is the same in every row: a JSON key, a Protobuf tag."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from gerador.encoding.measured import Part, in_turn, literal
from gerador.encoding.nodes.node import Node

if TYPE_CHECKING:
    import pyarrow as pa

    from gerador.encoding.kernels.signatures import I64
    from gerador.encoding.nodes.node import RowOf


class PrefixedNode(Node):
    """A node that writes `before`, then the value. A dictionary's entries hold both."""

    def __init__(self, path: str, before: bytes = b"") -> None:
        super().__init__(path)
        self.before = before

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> Part:
        """Measure what stands before, and the values."""
        part = self.measure_bare(column, lengths, row_of)
        if not self.before:
            return part
        np.add(lengths, len(self.before), out=lengths)
        return in_turn([literal(self.before), part])

    @abstractmethod
    def measure_bare(self, column: pa.Array, lengths: I64, row_of: RowOf) -> Part:
        """As `measure_values`, for the values alone."""
