"""Nodes of values that formats without such types hold as text: decimals, durations, uuids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gerador.encoding import views
from gerador.encoding.kernels.octets import UUID_BYTES, UUID_CHARACTERS, write_uuids
from gerador.encoding.measured import Part, in_turn, literal
from gerador.encoding.nodes.decimals import NANOS_PER_MILLI, DecimalNode, DurationNode
from gerador.encoding.nodes.prefixed import PrefixedNode

if TYPE_CHECKING:
    from gerador.encoding.kernels.signatures import I64
    from gerador.encoding.nodes.node import Node, RowOf
    from gerador.scenario.avro import Logical

MILLIS_PER_S: Final = 1000


class DecimalTextNode(DecimalNode):
    """A decimal's text as Arrow writes it, no digit lost; `text` writes the column of it."""

    def __init__(self, path: str, logical: Logical, size: int | None, text: Node) -> None:
        super().__init__(path, logical, size)
        self._text = text

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> Part:
        """Measure a column of decimals."""
        self.check(column, row_of)
        return self._text.measure(column.cast(pa.string()), lengths, row_of)


class DurationTextNode(DurationNode):
    """A duration as ISO 8601 has it, ``P1M2DT0.003S``; `text` writes the column of it."""

    def __init__(self, path: str, text: Node) -> None:
        super().__init__(path)
        self._text = text

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> Part:
        """Measure a column of intervals."""
        months, days, nanos = self.parts(column, row_of)
        seconds, millis = np.divmod(nanos // NANOS_PER_MILLI, MILLIS_PER_S)
        numbers = [pa.array(n).cast(pa.string()) for n in (months, days, seconds, millis)]
        numbers[3] = pc.utf8_lpad(numbers[3], 3, "0")
        pieces = ["P", numbers[0], "M", numbers[1], "DT", numbers[2], ".", numbers[3], "S"]
        text = pc.binary_join_element_wise(*pieces, "")
        return self._text.measure(text, lengths, row_of)


class UuidNode(PrefixedNode):
    """The text of a uuid on a fixed: 36 characters, with `around` on both sides."""

    def __init__(self, path: str, before: bytes, around: bytes = b'"') -> None:
        super().__init__(path, before)
        self._around = around

    def measure_bare(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> Part:
        """Measure a column of 16 bytes each."""
        if column.type != pa.binary(UUID_BYTES):
            raise self.wrong_type(column.type, pa.binary(UUID_BYTES))
        data = views.raw_bytes(column, UUID_BYTES)
        np.add(lengths, UUID_CHARACTERS + 2 * len(self._around), out=lengths)
        text = Part(UUID_CHARACTERS, lambda out, cursors, _slack: write_uuids(data, out, cursors))
        return (
            in_turn([literal(self._around), text, literal(self._around)]) if self._around else text
        )
