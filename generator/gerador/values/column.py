"""The interfaces of columns: Column, Block, build context, references to fields and streams."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from gerador.avro.arrow_types import arrow_type
from gerador.avro.paths import field_paths
from gerador.limits import BLOCK_ROWS
from gerador.units import NS_PER_MS
from gerador.values.field_references import resolve_field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import pyarrow as pa

    from gerador.avro.schema import AvroSchema, AvroType, Record
    from gerador.randomness import Rng, StreamSeeds
    from gerador.schedule.schedule import Schedule


Positions: TypeAlias = NDArray[np.int64]
"""The row of each item within a block: (items,) int64 in [0, BLOCK_ROWS), never decreasing."""


class Column(Protocol):
    """Generates the values of one field, block by block.

    Has no state between calls, can be used by several threads, and takes randomness only from
    addresses of its own path.
    """

    @property
    def type(self) -> pa.DataType:
        """The Arrow type of the column's arrays."""
        ...

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return one value for each item of `positions`.

        Raises DataError: values that cannot be computed.
        """
        ...


@dataclass(frozen=True, slots=True)
class BaseColumn:
    """The attributes of most columns: the field path and the Arrow type."""

    path: str
    type: pa.DataType


ALL_ROWS: Final = np.arange(BLOCK_ROWS, dtype=np.int64)
ALL_ROWS.setflags(write=False)
"""The positions of a field of the row itself: one item per row."""
_Scalar = TypeVar("_Scalar", bound=np.generic)


class Block:
    """The rows [index * BLOCK_ROWS, (index + 1) * BLOCK_ROWS) while their values are generated.

    Columns receive the row of each of their items as a position in the block: `ALL_ROWS` for a
    field of the row itself, repeated positions for the items of arrays. Used by one thread.
    """

    def __init__(
        self, index: int, seeds: StreamSeeds, schedule: Schedule, generation_rows: int
    ) -> None:
        self.index = index
        self.first_row = index * BLOCK_ROWS
        self.generation_rows = generation_rows
        self.seeds = seeds
        self.generated: dict[str, pa.Array] = {}
        """Values generated so far by field path, for fields that reference them."""
        self.schedules_seen: dict[str, Schedule] = {}
        """Schedules of other streams by name: each is read once, so that the block sees one."""
        self._schedule = schedule

    @cached_property
    def event_time_ms(self) -> NDArray[np.int64]:
        """Event times of the block's rows, (BLOCK_ROWS,) int64 milliseconds."""
        return self._schedule.event_time_ms(self.first_row, self.first_row + BLOCK_ROWS)

    @property
    def start_ms(self) -> int:
        """Event time at which the stream starts, in milliseconds."""
        return self._schedule.start_ns // NS_PER_MS

    def rng(self, path: str) -> Rng:
        """Return the random numbers of a field path in this block."""
        return self.seeds.rng(path, self.index)


def take_rows(per_row: NDArray[_Scalar], positions: NDArray[np.int64]) -> NDArray[_Scalar]:
    """Return the value of each item's row; without copying for `ALL_ROWS`."""
    return per_row if positions is ALL_ROWS else per_row[positions]


class ColumnTarget(NamedTuple):
    """The field of a column: its path, and the Avro and Arrow types of its values.

    The types are not nullable: `records.NullableColumn` adds the nulls.
    """

    path: str
    avro_type: AvroType
    type: pa.DataType


def target_at(path: str, avro_type: AvroType) -> ColumnTarget:
    """Return the target of a type at a path."""
    return ColumnTarget(path, avro_type, arrow_type(avro_type))


class FieldGenerator(Protocol):
    """The declaration of a field (`declaration.ValueGenerator`), as columns use it."""

    def column(self, context: BuildContext, target: ColumnTarget) -> Column:
        """Return the column of the field at `target`."""
        ...

    def distinct_values(self, avro_type: AvroType) -> int | None:
        """Return the number of distinct values; None: unknown."""
        ...


class StreamDeclaration(Protocol):
    """The declaration of a stream (`scenario.stream_spec.StreamSpec`), as references use it."""

    @property
    def name(self) -> str:
        """Name of the stream."""
        ...

    @property
    def schema(self) -> AvroSchema:
        """The schema of its records."""
        ...

    @property
    def fields(self) -> Mapping[str, FieldGenerator]:
        """Generators by field path."""
        ...

    @property
    def rows(self) -> int | None:
        """Number of rows; None for an endless stream."""
        ...


class LookupColumns(Protocol):
    """The columns of a stream that references read (`events.referenced_columns.LookupColumns`)."""

    def check(self, path: str) -> None:
        """Raise SettingError if the column of a bounded stream takes too much memory."""
        ...

    def reserve(self, recent: int) -> None:
        """Keep enough blocks for `recent` rows in memory."""
        ...

    def all_rows(self, path: str) -> pa.Array:
        """Return the column of a bounded stream."""
        ...

    def blocks(self, path: str, indices: Iterable[int], schedule: Schedule) -> list[pa.Array]:
        """Return blocks of the column under a schedule, BLOCK_ROWS values each."""
        ...

    def unsent_block(self, path: str, first_row: int) -> pa.Array:
        """Return the block at `first_row`, which is never due."""
        ...


class LookupStream(Protocol):
    """Another stream, whose rows are referenced (`events.rows.StreamRows`)."""

    @property
    def spec(self) -> StreamDeclaration:
        """Its declaration."""
        ...

    @property
    def schema(self) -> pa.Schema:
        """Arrow schema of its rows."""
        ...

    @property
    def schedule(self) -> Schedule:
        """Its current schedule."""
        ...

    @property
    def lookup_columns(self) -> LookupColumns:
        """Its columns."""
        ...


@dataclass(frozen=True)
class BuildContext:
    """What columns of one stream are built from."""

    record: Record
    """All fields of a row, hidden ones included."""
    fields: Mapping[str, FieldGenerator]
    seeds: StreamSeeds
    other_stream: Callable[[str], LookupStream]
    """Returns another stream of the scenario by name."""
    column_at: Callable[[AvroType, str], Column]
    """Builds the column of a nested field."""
    dependencies: Mapping[str, frozenset[str]]
    """Paths that each field's generator references, by field path."""

    length_max: Callable[[str], int]
    """Returns the maximum number of items of the array or map at a path."""

    def reference(self, path: str, name: str) -> FieldReference:
        """Return the reference of the field at `path` to the field that it calls `name`."""
        found = resolve_field(path, name, dict(field_paths(self.record)))
        assert found is not None, name  # noqa: S101 - validation rejected unknown names
        return FieldReference(*found)

    def type_of(self, reference: FieldReference) -> AvroType:
        """Return the Avro type of the referenced field."""
        return dict(field_paths(self.record))[reference.path]


@dataclass(frozen=True, slots=True)
class FieldReference:
    """Another field, generated before: in the same record, or of the row of the items."""

    path: str
    same_record: bool

    def values(self, block: Block, positions: Positions) -> pa.Array:
        """Return the field's value for each item of `positions`; text may be a dictionary."""
        values = block.generated[self.path]
        return values if self.same_record else values.take(positions)
