"""Text between a prefix and a suffix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from gerador.events.block import Block
    from gerador.events.columns.column import Column, Positions

_Column = TypeVar("_Column", bound="Column")

NOTHING: Final = pa.scalar("", pa.string())


@dataclass(frozen=True, slots=True)
class Affixed:
    """Another column's texts between `prefix` and `suffix`."""

    column: Column
    prefix: str
    suffix: str

    @property
    def type(self) -> pa.DataType:
        """The Arrow type: text."""
        return pa.string()

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) texts."""
        texts = self.column.draw(block, at)
        return pc.binary_join_element_wise(
            pa.scalar(self.prefix), texts, pa.scalar(self.suffix), NOTHING
        )


def affixed(column: _Column, prefix: str, suffix: str) -> _Column | Affixed:
    """Return a column of texts between a prefix and a suffix; itself where both are empty."""
    return Affixed(column, prefix, suffix) if prefix or suffix else column
