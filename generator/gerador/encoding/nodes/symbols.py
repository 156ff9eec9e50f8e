"""The node of an enum: a symbol's position in the schema, whatever order a dictionary has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gerador.encoding import views
from gerador.encoding.kernels.values import measure_varint, write_varint
from gerador.encoding.measured import Part
from gerador.encoding.nodes.node import Node
from gerador.encoding.nodes.values import TEXT
from gerador.errors import did_you_mean

if TYPE_CHECKING:
    from gerador.encoding.kernels.signatures import I32, I64
    from gerador.encoding.nodes.node import RowOf


class EnumNode(Node):
    """A varint: the position of the symbol. Symbols come as text, best as a dictionary of it."""

    def __init__(self, path: str, symbols: tuple[str, ...]) -> None:
        super().__init__(path)
        self._symbols = symbols
        self._set = pa.array(symbols, pa.string())

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> Part:
        """Measure a column of symbols' names."""
        codes = self.codes(column, row_of)
        measure_varint(codes, lengths)
        return Part(1, lambda out, cursors, slack: write_varint(codes, slack, out, cursors))

    def codes(self, column: pa.Array, row_of: RowOf) -> I32:
        """Return each row's position in the schema, ``(rows,) int32``; refuses other names."""
        if column.type not in (*TEXT[0], TEXT[1]):
            raise self.wrong_type(column.type, "dictionary<values=string>")
        found = pc.index_in(column.cast(pa.string()), value_set=self._set)
        if found.null_count:
            self._refuse_symbol(column, int(np.argmin(views.validity(found))), row_of)
        return views.fixed_width(found, np.int32)

    def _refuse_symbol(self, column: pa.Array, at: int, row_of: RowOf) -> None:
        symbol = column[at].as_py()
        near = did_you_mean(symbol, self._symbols)
        raise self.refusal(row_of(at), f"{symbol!r} is not a symbol of the enum{near}")
