"""Contracts of columns: Column, Block, the context a column is built in, and references to other fields of the row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from gerador.avro.arrow_types import arrow_type
from gerador.avro.paths import field_paths
from gerador.limits import BLOCK_ROWS
from gerador.values.field_references import resolve_field

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from gerador.avro.schema import AvroType, Record
    from gerador.events.rows import StreamRows
    from gerador.randomness import Rng, StreamSeeds
    from gerador.schedule.schedule import Schedule
    from gerador.values.declaration import ValueGenerator


Positions: TypeAlias = NDArray[np.int64]
"""(items,) int64 in [0, BLOCK_ROWS), never decreasing: the row in the block of each item."""


class Column(Protocol):
    """One field's values, made a block at a time.

    A column keeps no state between draws, may be drawn from several threads, and takes
    randomness only from its own path's draws.
    """

    @property
    def type(self) -> pa.DataType:
        """The Arrow type of the column's arrays."""
        ...

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return one value for each item of `at`."""
        ...


@dataclass(frozen=True, slots=True)
class BaseColumn:
    """What columns without children are made of: the field path and the Arrow type."""

    path: str
    type: pa.DataType


ALL_ROWS: Final = np.arange(BLOCK_ROWS, dtype=np.int64)
ALL_ROWS.setflags(write=False)


_Scalar = TypeVar("_Scalar", bound=np.generic)


class Block:
    """The rows [index * BLOCK_ROWS, (index + 1) * BLOCK_ROWS) while their columns are made.

    Columns get, for each of their items, the position in the block of the row it belongs to:
    `ALL_ROWS` for a field of the row itself, repeated positions for the items of a list.
    """

    def __init__(
        self, index: int, seeds: StreamSeeds, schedule: Schedule, generation_rows: int
    ) -> None:
        self.index = index
        self.first_row = index * BLOCK_ROWS
        self.generation_rows = generation_rows
        self.seeds = seeds
        self.drawn: dict[str, pa.Array] = {}
        """Fields that were drawn already, by path: what others may read (`making.Reference`)."""
        self.looked_at: dict[str, Schedule] = {}
        """The schedules of other streams that were looked at, by name: each is read once."""
        self._schedule = schedule

    @cached_property
    def event_time_ms(self) -> NDArray[np.int64]:
        """Event times of the block's rows, (BLOCK_ROWS,) int64 milliseconds."""
        return self._schedule.event_time_ms(self.first_row, self.first_row + BLOCK_ROWS)

    def draws(self, path: str) -> Rng:
        """Return the randomness of a field path in this block."""
        return self.seeds.draws(path, self.index)


def take_rows(per_row: NDArray[_Scalar], at: NDArray[np.int64]) -> NDArray[_Scalar]:
    """Return `per_row` at the rows that items belong to; no copy when that is every row."""
    return per_row if at is ALL_ROWS else per_row[at]


class ColumnTarget(NamedTuple):
    """Where a column stands: its field path, and the Avro and Arrow types of its values.

    Never a nullable type: nulls are around it.
    """

    path: str
    avro_type: AvroType
    type: pa.DataType


@dataclass(frozen=True)
class BuildContext:
    """The making of one stream's columns."""

    root: Record
    fields: Mapping[str, ValueGenerator]
    seeds: StreamSeeds
    other: Callable[[str], StreamRows]
    """The rows of another stream of the scenario, by its name."""
    column: Callable[[AvroType, str], Column]
    """Makes the column at a path inside."""
    needs: Mapping[str, frozenset[str]]
    """By field path the paths that its declaration mentions."""
    rows: int | None = None
    """Rows that the stream sends in all; None: endless."""

    def reference(self, path: str, name: str) -> FieldReference:
        """Return how the column at `path` reads the field that it calls `name`."""
        found = resolve_field(path, name, dict(field_paths(self.root)))
        assert found is not None, name  # noqa: S101 - `fit` refused names of no field
        return FieldReference(*found)

    def type_of(self, reference: FieldReference) -> AvroType:
        """Return the Avro type of the field that is read."""
        return dict(field_paths(self.root))[reference.path]


@dataclass(frozen=True, slots=True)
class FieldReference:
    """Another field, drawn before: of the same record, or of the row that an item belongs to."""

    path: str
    beside: bool

    def values(self, block: Block, at: Positions) -> pa.Array:
        """Return the other field's value for each item of `at`; text may be a dictionary."""
        drawn = block.drawn[self.path]
        return drawn if self.beside else drawn.take(at)


ColumnBuilder = Callable[[BuildContext, ColumnTarget, Any], Any]
"""Makes the column of a declaration at a place."""


def target_at(path: str, avro_type: AvroType) -> ColumnTarget:
    """Return the place of a type at a path."""
    return ColumnTarget(path, avro_type, arrow_type(avro_type))
