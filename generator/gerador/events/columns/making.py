"""What columns are made from: declarations, seeds, the schema around them, other streams."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from gerador.events.arrow_types import arrow_type
from gerador.scenario.mentions import reach
from gerador.scenario.paths import field_paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from gerador.events.block import Block
    from gerador.events.columns.column import Column, Positions
    from gerador.events.rows import StreamRows
    from gerador.events.seeds import StreamSeeds
    from gerador.scenario.avro import AvroType, Record
    from gerador.scenario.fields import Declared


class Place(NamedTuple):
    """Where a column stands: its field path, and the Avro and Arrow types of its values.

    Never a nullable type: nulls are around it.
    """

    path: str
    avro_type: AvroType
    type: pa.DataType


@dataclass(frozen=True)
class Making:
    """The making of one stream's columns."""

    root: Record
    fields: Mapping[str, Declared]
    seeds: StreamSeeds
    other: Callable[[str], StreamRows]
    """The rows of another stream of the scenario, by its name."""
    column: Callable[[AvroType, str], Column]
    """Makes the column at a path inside."""
    needs: Mapping[str, frozenset[str]]
    """By field path the paths that its declaration mentions."""
    rows: int | None = None
    """Rows that the stream sends in all; None: endless."""

    def reference(self, path: str, name: str) -> Reference:
        """Return how the column at `path` reads the field that it calls `name`."""
        found = reach(path, name, dict(field_paths(self.root)))
        assert found is not None, name  # noqa: S101 - `fit` refused names of no field
        return Reference(*found)

    def type_of(self, reference: Reference) -> AvroType:
        """Return the Avro type of the field that is read."""
        return dict(field_paths(self.root))[reference.path]


@dataclass(frozen=True, slots=True)
class Reference:
    """Another field, drawn before: of the same record, or of the row that an item belongs to."""

    path: str
    beside: bool

    def values(self, block: Block, at: Positions) -> pa.Array:
        """Return the other field's value for each item of `at`; text may be a dictionary."""
        drawn = block.drawn[self.path]
        return drawn if self.beside else drawn.take(at)


Make = Callable[[Making, Place, Any], Any]
"""Makes the column of a declaration at a place."""


def place_of(path: str, avro_type: AvroType) -> Place:
    """Return the place of a type at a path."""
    return Place(path, avro_type, arrow_type(avro_type))
