"""Nodes of JSON: whole numbers and doubles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gerador.encoding import views
from gerador.encoding.kernels.digits import (
    NO_DECIMALS,
    measure_scaled,
    measure_whole,
    scale_doubles,
    write_scaled,
    write_whole,
)
from gerador.encoding.measured import Datums, Part
from gerador.encoding.nodes.prefixed import PrefixedNode

if TYPE_CHECKING:
    from gerador.encoding.kernels.signatures import F64, I32, I64, U8
    from gerador.encoding.nodes.node import RowOf

NUMBERS_THAT_ARE_TEXT: Final = {"nan": '"NaN"', "inf": '"Infinity"', "-inf": '"-Infinity"'}
"""Arrow's text to JSON's for what JSON has no number for (Avro 1.12 writes the same)."""


class WholeNode(PrefixedNode):
    """Decimal digits of an int or a long."""

    def __init__(self, path: str, expected: pa.DataType, before: bytes) -> None:
        super().__init__(path, before)
        self._expected = expected

    def measure_bare(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> Part:
        """Measure a column of whole numbers."""
        if column.type != self._expected:
            raise self.wrong_type(column.type, self._expected)
        values = views.fixed_width(column, self._expected.to_pandas_dtype())
        measure_whole(values, lengths)
        return Part(1, lambda out, cursors, _slack: write_whole(values, out, cursors))


class FloatNode(PrefixedNode):
    """The shortest decimal that reads back as the same double; a float is widened first.

    NaN and the infinities are text. Numbers of few decimals take a quick way; the others Arrow
    writes, some three million a second.
    """

    def __init__(self, path: str, expected: pa.DataType, before: bytes) -> None:
        super().__init__(path, before)
        self._expected = expected

    def measure_bare(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> Part:
        """Measure a column of floats or doubles."""
        if column.type != self._expected:
            raise self.wrong_type(column.type, self._expected)
        values = views.fixed_width(column.cast(pa.float64()), np.float64)
        scaled, decimals = np.empty(len(values), np.int64), np.empty(len(values), np.int32)
        if not scale_doubles(values, scaled, decimals):
            measure_scaled(scaled, decimals, lengths)
            return Part(
                3, lambda out, cursors, _slack: write_scaled(scaled, decimals, out, cursors)
            )
        return self._mixed(values, scaled, decimals, lengths)

    @staticmethod
    def _mixed(values: F64, scaled: I64, decimals: I32, lengths: I64) -> Part:
        """Measure the numbers of few decimals and the others as columns of their own."""
        quick = decimals != NO_DECIMALS
        short, long = np.flatnonzero(quick), np.flatnonzero(~quick)
        few, places = scaled[short], decimals[short]
        own = np.zeros(len(short), np.int64)
        measure_scaled(few, places, own)
        offsets, data = views.spans(_number_texts(values[long]))
        texts = Datums(data, offsets.astype(np.int64))
        lengths[short] += own
        lengths[long] += texts.lengths

        def write(out: U8, cursors: I64, _slack: int) -> None:
            at = cursors[short]
            write_scaled(few, places, out, at)
            cursors[short] = at
            at = cursors[long]
            texts.write(out, at)
            cursors[long] = at

        return Part(1, write)


def _number_texts(values: F64) -> pa.Array:
    """Return doubles as JSON; negative zero keeps its sign and its point."""
    found = pa.array(values).cast(pa.string())
    for odd, text in (*NUMBERS_THAT_ARE_TEXT.items(), ("-0", "-0.0")):
        found = pc.if_else(pc.equal(found, odd), text, found)
    return found
