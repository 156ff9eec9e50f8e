"""Nodes of JSON: null, booleans, text, bytes, symbols, each as `/dados` shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pyarrow as pa

from gerador.encoding import views
from gerador.encoding.kernels.escapes import (
    count_special,
    measure_escaped,
    measure_quoted,
    write_escaped,
    write_quoted,
)
from gerador.encoding.kernels.octets import (
    measure_base64,
    write_base64,
)
from gerador.encoding.kernels.spans import write_pool
from gerador.encoding.measured import Datums, Part, literal
from gerador.encoding.nodes.prefixed import PrefixedNode
from gerador.encoding.nodes.symbols import EnumNode
from gerador.encoding.nodes.values import BYTES, TEXT

if TYPE_CHECKING:
    from gerador.encoding.kernels.signatures import I64, U8
    from gerador.encoding.nodes.node import RowOf

Kinds: TypeAlias = tuple[tuple[pa.DataType, ...], pa.DataType]
"""Arrow types that are read as they are, and the view type that is gathered into the first."""


class NullNode(PrefixedNode):
    """``null``."""

    def measure(self, column: pa.Array, lengths: I64, row_of: RowOf) -> Part:
        """Accept nulls, and nothing else."""
        if column.null_count != len(column):
            raise self.wrong_type(column.type, pa.null())
        return self.measure_values(column, lengths, row_of)

    def measure_bare(self, _column: pa.Array, lengths: I64, _row_of: RowOf) -> Part:
        """Measure the same word in every row."""
        np.add(lengths, len(b"null"), out=lengths)
        return literal(b"null")


class BooleanNode(PrefixedNode):
    """``true`` or ``false``."""

    def measure_bare(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> Part:
        """Measure a boolean column."""
        if column.type != pa.bool_():
            raise self.wrong_type(column.type, pa.bool_())
        words = Datums.from_list([b"false", b"true"])
        values = views.booleans(column)
        np.subtract(lengths + len(b"false"), values, out=lengths)
        return _chosen(words, values.astype(np.int32))


class TextNode(PrefixedNode):
    """Text in quotation marks. It is trusted to be UTF-8."""

    def __init__(self, path: str, before: bytes = b"", kinds: Kinds = TEXT) -> None:
        super().__init__(path, before)
        self._kinds = kinds

    def measure_bare(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> Part:
        """Measure a column of text; escapes cost only those columns that need any."""
        offsets, data = self.spans(column)
        if not count_special(data, int(offsets[0]), int(offsets[-1])):
            measure_quoted(offsets, lengths)
            return Part(2, lambda out, cursors, _slack: write_quoted(offsets, data, out, cursors))
        measure_escaped(offsets, data, lengths)
        return Part(2, lambda out, cursors, _slack: write_escaped(offsets, data, out, cursors))

    def spans(self, column: pa.Array) -> tuple[np.ndarray, U8]:
        """Return offsets and data of a column of one of the node's types."""
        kinds, view = self._kinds
        if column.type == view:
            column = column.cast(kinds[0])
        if column.type not in kinds:
            raise self.wrong_type(column.type, kinds[0])
        return views.spans(column)


class Base64Node(TextNode):
    """Bytes as base64 text."""

    def __init__(self, path: str, before: bytes) -> None:
        super().__init__(path, before, BYTES)

    def measure_bare(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> Part:
        """Measure a column of bytes."""
        offsets, data = self.spans(column)
        measure_base64(offsets, lengths)
        return Part(2, lambda out, cursors, _slack: write_base64(offsets, data, out, cursors))


class FixedBase64Node(PrefixedNode):
    """A fixed as base64 text."""

    def __init__(self, path: str, size: int, before: bytes) -> None:
        super().__init__(path, before)
        self._size = size

    def measure_bare(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> Part:
        """Measure a column of fixed-size binary."""
        if column.type != pa.binary(self._size):
            raise self.wrong_type(column.type, pa.binary(self._size))
        data = views.raw_bytes(column, self._size)
        offsets = np.arange(len(column) + 1, dtype=np.int64) * self._size
        measure_base64(offsets, lengths)
        return Part(2, lambda out, cursors, _slack: write_base64(offsets, data, out, cursors))


class SymbolNode(EnumNode):
    """A symbol's name."""

    def __init__(self, path: str, symbols: tuple[str, ...], before: bytes) -> None:
        super().__init__(path, symbols)
        self._names = Datums.from_list([before + f'"{name}"'.encode() for name in symbols])

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> Part:
        """Measure a column of symbols' names."""
        codes = self.codes(column, row_of)
        np.add(lengths, self._names.lengths[codes], out=lengths)
        return _chosen(self._names, codes)


def _chosen(words: Datums, indices: np.ndarray) -> Part:
    """Return the part that writes the word of each row's index."""
    offsets, data = words.offsets, words.data
    return Part(
        int(words.lengths.min()) if len(words) else 0,
        lambda out, cursors, _slack: write_pool(indices, offsets, data, 0, out, cursors),
    )
