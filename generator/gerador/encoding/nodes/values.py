"""Nodes of primitive and logical types that have one value a row, apart from decimals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.types as at

from gerador.encoding import views
from gerador.encoding.kernels.spans import measure_spans, write_spans
from gerador.encoding.kernels.values import measure_varint, write_fixed, write_varint
from gerador.encoding.measured import Part
from gerador.encoding.nodes.node import Node

if TYPE_CHECKING:
    import numpy.typing as npt

    from gerador.encoding.kernels.signatures import I64
    from gerador.encoding.nodes.node import RowOf


class NullNode(Node):
    """Avro's null: no bytes at all."""

    def measure(self, column: pa.Array, lengths: I64, row_of: RowOf) -> Part:
        """Accept nulls, and nothing else."""
        if column.null_count != len(column):
            raise self.wrong_type(column.type, pa.null())
        return self.measure_values(column, lengths, row_of)

    def measure_values(self, _column: pa.Array, _lengths: I64, _row_of: RowOf) -> Part:
        """Write nothing."""
        return Part(0, lambda _out, _cursors, _slack: None)


class BooleanNode(Node):
    """One byte, 0 or 1."""

    def measure_values(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> Part:
        """Measure a boolean column."""
        if not at.is_boolean(column.type):
            raise self.wrong_type(column.type, pa.bool_())
        values = views.booleans(column)
        np.add(lengths, 1, out=lengths)
        return Part(1, lambda out, cursors, _slack: write_fixed(values, 1, out, cursors))


class FixedNode(Node):
    """The same number of bytes in every row, as Arrow holds them (little endian)."""

    def __init__(self, path: str, expected: pa.DataType, width: int) -> None:
        super().__init__(path)
        self._expected = expected
        self._width = width

    def measure_values(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> Part:
        """Measure a column of floats or of fixed-size binary."""
        if column.type != self._expected:
            raise self.wrong_type(column.type, self._expected)
        width = self._width
        values = views.raw_bytes(column, width)
        np.add(lengths, width, out=lengths)
        return Part(width, lambda out, cursors, _slack: write_fixed(values, width, out, cursors))


class VarintNode(Node):
    """A zig-zag varint: int, long, and the dates, times and timestamps on them."""

    def __init__(self, path: str, expected: pa.DataType, dtype: npt.DTypeLike) -> None:
        super().__init__(path)
        self._expected = expected
        self._dtype = dtype

    def measure_values(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> Part:
        """Measure a column of integers, dates, times or timestamps."""
        if column.type != self._expected and not _same_instants(column.type, self._expected):
            raise self.wrong_type(column.type, self._expected)
        values = views.fixed_width(column, self._dtype)
        measure_varint(values, lengths)
        return Part(1, lambda out, cursors, slack: write_varint(values, slack, out, cursors))


class SpanNode(Node):
    """Text or bytes, with their length before them. Text is trusted to be UTF-8."""

    def __init__(self, path: str, kinds: tuple[pa.DataType, ...], views_kind: pa.DataType) -> None:
        super().__init__(path)
        self._kinds = kinds
        self._views_kind = views_kind

    def measure_values(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> Part:
        """Measure a column of text or bytes; a view type is gathered into its plain form."""
        if column.type == self._views_kind:
            column = column.cast(self._kinds[0])
        if column.type not in self._kinds:
            raise self.wrong_type(column.type, self._kinds[0])
        offsets, data = views.spans(column)
        measure_spans(offsets, lengths)
        return Part(1, lambda out, cursors, slack: write_spans(offsets, data, slack, out, cursors))


TEXT: Final = ((pa.string(), pa.large_string()), pa.string_view())
BYTES: Final = ((pa.binary(), pa.large_binary()), pa.binary_view())


def _same_instants(found: pa.DataType, expected: pa.DataType) -> bool:
    """Tell whether both are instants of the same unit: the zone only says how they are shown."""
    both = at.is_timestamp(found) and at.is_timestamp(expected)
    return both and found.unit == expected.unit and bool(found.tz) == bool(expected.tz)
