"""References: values of a field in rows of another stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.types as at_
from pydantic import Field

from gerador.avro.paths import field_paths
from gerador.avro.schema import Record, is_nullable, non_null_type
from gerador.errors import SettingError, did_you_mean
from gerador.limits import BLOCK_ROWS
from gerador.values.column import BaseColumn, FieldReference, Positions
from gerador.values.declaration import ALL_TYPES, Share, ValueGenerator
from gerador.values.defaults import default_generator
from gerador.values.distributions.zipf import zipf_alias_table
from gerador.values.row_selection import (
    NO_ROW,
    AnyRow,
    HotRows,
    RecentRow,
    RowSkew,
    SameRow,
    schedule_seen_by,
    selected_rows_path,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from numpy.typing import NDArray

    from gerador.avro.schema import AvroType
    from gerador.schedule.schedule import Schedule
    from gerador.values.column import (
        Block,
        BuildContext,
        ColumnTarget,
        LookupStream,
        StreamDeclaration,
    )
    from gerador.values.row_selection import SelectedRows


class ReferenceGenerator(ValueGenerator):
    """The value of `field` (``clientes.id``) in some row of another stream.

    Which row: any of the stream's `rows`, equally likely; with `recent`, one of that many rows
    that were due last by this row's event time, as an endless stream needs it. `skew` prefers
    earlier rows, with `recent` later ones; `hot` sends a share to one row of the moment. `missing`
    is the share that refers to a row which the stream never sends. `row_of` names another field
    of this stream of kind `from`, whose row is taken instead of one of its own.
    """

    types: ClassVar[frozenset[str]] = ALL_TYPES
    main_parameter: ClassVar[str | None] = "field"
    kind: Literal["from"] = "from"
    field: str
    """Stream and field that are looked at, such as clientes.id."""
    skew: RowSkew | None = None
    """Which rows are preferred: {zipf: 1.2}; equally likely when not said."""
    recent: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """How many of the rows that were due last are looked at; all of the stream's when not said."""
    hot: HotRows | None = None
    """A share of values that all refer to one row of the moment; goes with recent."""
    missing: Share = 0.0
    """Share that refers to a row which the stream never sends, as 0.01 or 1%."""
    row_of: str | None = None
    """Another field of kind from, whose row is taken instead of one of its own."""

    @property
    def stream(self) -> str:
        """Name of the stream that is looked at: what stands before the first dot."""
        return self.field.partition(".")[0]

    @property
    def path(self) -> str:
        """Path of the field in that stream; empty when none is said."""
        return self.field.partition(".")[2]

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield a field without a stream, and what says a row twice."""
        if not (self.stream and self.path):
            yield "field", f"{self.field!r}; give a stream and its field, such as clientes.id"
        if self.hot is not None and self.recent is None:
            yield "hot", "hot rows are among the newest; say recent too"
        for parameter in ("skew", "recent", "hot", "missing"):
            if self.row_of is not None and parameter in self.model_fields_set:
                yield parameter, f"the row is that of {self.row_of!r}; say {parameter} there"

    def references(self, known: Collection[str]) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield the field whose row is taken."""
        if self.row_of is not None:
            yield "row_of", self.row_of

    def reference_errors(
        self, name: str, avro_type: AvroType, declared: ValueGenerator
    ) -> Iterator[str]:
        """Yield what is wrong about the field whose row is taken."""
        yield from super().reference_errors(name, avro_type, declared)
        if not isinstance(declared, ReferenceGenerator):
            yield f"field {name!r} is of kind {declared.kind!r}; name one of kind 'from'"
        elif declared.stream != self.stream:
            yield (
                f"field {name!r} looks at stream {declared.stream!r} and this one at "
                f"{self.stream!r}; name one that looks at {self.stream!r}"
            )

    def depends_on_event_time(self) -> bool:
        """Return true: the other stream's rows may."""
        return True

    def column(self, context: BuildContext, target: ColumnTarget) -> ReferenceColumn:
        """Return the column of the field."""
        other = context.other_stream(self.stream)
        found = sent_field_type(other.spec, self.path)
        if found is None:
            hint = did_you_mean(self.path, other.schema.names)
            raise SettingError(
                f"field {target.path!r}: stream {self.stream!r} has no field {self.path!r}{hint}"
            )
        bounded = other.spec.rows is not None
        if bounded:
            other.lookup_columns.check(self.path)
        elif self.recent is None and self.row_of is None:
            raise SettingError(
                f"field {target.path!r}: stream {self.stream!r} is endless; add recent: 1000, "
                "or give it rows"
            )
        far_row = _unsent_rows_start(other)
        picks = _row_selector(context, target, self, other, far_row)
        kind = _reference_column_type(
            target.type, (other.spec.rows or 0) + UNSENT_ROWS if bounded else 0
        )
        return ReferenceColumn(target.path, kind, other, self.path, picks, far_row)


DICTIONARY_ROWS_MAX: Final = 65_536
"""Rows up to which texts come as a dictionary over all of them: encoders encode its entries once,
and those of a key once a block."""
GATHERED_BLOCKS_MAX: Final = 32
"""Blocks of another stream that are held at a time to look values up."""


@dataclass(frozen=True, slots=True)
class ReferenceColumn(BaseColumn):
    """The values at `source` in picked rows of another stream."""

    other: LookupStream
    source: str
    picks: Callable[[Block, Positions], SelectedRows]
    far_row: int

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) values, null where there is no row; the rows stay readable."""
        schedule = schedule_seen_by(block, self.other)
        rows = self.picks(block, positions)
        block.generated[selected_rows_path(self.path)] = pa.array(rows)
        none = rows == NO_ROW
        if self.other.spec.rows is not None:
            entries, place = self.other.lookup_columns.all_rows(self.source), rows
        else:
            entries, place = self._near(rows, none, schedule)
        where = pa.array(place, mask=none if none.any() else None)
        if at_.is_dictionary(self.type) and not at_.is_dictionary(entries.type):
            return pa.DictionaryArray.from_arrays(where.cast(pa.int32()), entries, safe=False)
        taken = entries.take(where)
        return taken.combine_chunks() if isinstance(taken, pa.ChunkedArray) else taken

    def _near(
        self, rows: SelectedRows, none: NDArray[np.bool_], schedule: Schedule
    ) -> tuple[pa.ChunkedArray, SelectedRows]:
        """Return the blocks that hold rows of an endless stream, and the rows' places in them."""
        far = rows >= self.far_row
        near = np.flatnonzero(~(far | none))
        chunks, place = self._gathered(rows[near], schedule)
        places = np.zeros_like(rows)
        places[near] = place
        if far.any() or not chunks:
            places[far] = rows[far] - self.far_row + sum(map(len, chunks))
            chunks.append(self.other.lookup_columns.unsent_block(self.source, self.far_row))
        return pa.chunked_array(chunks), places

    def _gathered(
        self, rows: SelectedRows, schedule: Schedule
    ) -> tuple[list[pa.Array], SelectedRows]:
        """Return arrays that hold rows of an endless stream, and the rows' places in them.

        Rows that lie in many blocks, since the other stream is much faster, are taken out of some
        blocks at a time: memory does not grow with how far apart they lie.
        """
        indices, which = np.unique(rows // BLOCK_ROWS, return_inverse=True)
        place = which * BLOCK_ROWS + rows % BLOCK_ROWS
        if len(indices) <= GATHERED_BLOCKS_MAX:
            return self.other.lookup_columns.blocks(self.source, indices.tolist(), schedule), place
        chunks, order = [], np.argsort(which, kind="stable")
        cuts = np.searchsorted(which[order], np.arange(0, len(indices), GATHERED_BLOCKS_MAX))
        for first, group in zip(
            range(0, len(indices), GATHERED_BLOCKS_MAX), np.split(order, cuts[1:]), strict=True
        ):
            some = indices[first : first + GATHERED_BLOCKS_MAX].tolist()
            made = self.other.lookup_columns.blocks(self.source, some, schedule)
            blocks = pa.chunked_array(made)
            chunks += blocks.take(pa.array(place[group] - first * BLOCK_ROWS)).chunks
        place[order] = np.arange(len(rows))
        return chunks, place


def _unsent_rows_start(other: LookupStream) -> int:
    """Return where the rows of an endless stream begin that are never sent."""
    return (
        UNSENT_ROW_FIRST_INT32
        if any(map(_contains_int32, other.schema.types))
        else UNSENT_ROW_FIRST
    )


def _contains_int32(kind: pa.DataType) -> bool:
    """Tell whether a type is that of 32-bit whole numbers, or a record that has one."""
    if at_.is_struct(kind):
        return any(_contains_int32(field.type) for field in kind)
    return bool(at_.is_int32(kind))


def _reference_column_type(plain: pa.DataType, rows: int) -> pa.DataType:
    """Return the type of the column: a dictionary over texts of a small table."""
    long = at_.is_string(plain) or at_.is_binary(plain) or at_.is_decimal(plain)
    if long and 0 < rows <= DICTIONARY_ROWS_MAX:
        return pa.dictionary(pa.int32(), plain)
    return plain


def _row_selector(
    context: BuildContext,
    target: ColumnTarget,
    declared: ReferenceGenerator,
    other: LookupStream,
    far_row: int,
) -> AnyRow | RecentRow | SameRow:
    if declared.row_of is not None:
        same = context.reference(target.path, declared.row_of)
        return SameRow(FieldReference(selected_rows_path(same.path), same.same_record))
    rows, recent = other.spec.rows, declared.recent
    weights = None
    if declared.skew is not None:
        weights = zipf_alias_table(declared.skew.zipf, recent or rows or 1)
    spare = min(left for left in (UNSENT_ROWS, unused_values(other.spec, declared.path)) if left)
    if recent is None:
        assert rows is not None  # noqa: S101 - endless streams were refused
        return AnyRow(target.path, rows, spare, declared.missing, weights)
    other.lookup_columns.reserve(recent)
    nullable = is_nullable(dict(field_paths(context.record))[target.path])
    before = NO_ROW if nullable else 0
    far = (far_row, BLOCK_ROWS) if rows is None else (rows, spare)
    return RecentRow(
        target.path, other, recent, declared.missing, weights, declared.hot, before, *far
    )


UNSENT_ROWS: Final = 4_096
"""Rows behind the last one of a bounded stream, which are never sent."""
UNSENT_ROW_FIRST: Final = 2**52
"""Begin of the rows of an endless stream that are never sent: at a million rows a second, 140
years off."""
UNSENT_ROW_FIRST_INT32: Final = 2**30
"""The same for whole numbers of 32 bits, which count no further."""
ENDLESS_VALUES_MIN: Final = 2**30
"""Values of which an endless stream leaves none: a thousand million rows have had them all."""


def sent_field_type(spec: StreamDeclaration, path: str) -> AvroType | None:
    """Return the type at a path that leads through records alone; None: no such field is sent."""
    record: AvroType = spec.schema.root
    for name in path.split("."):
        if not isinstance(record, Record):
            return None
        found = next((f.type for f in record.fields if f.name == name), None)
        if found is None:
            return None
        record = found
    return record


def unused_values(spec: StreamDeclaration, path: str) -> int | None:
    """Return how many values of a sent field the stream's own rows leave; None: it is not known.

    Rows are numbered on behind the last one, so that those of a sequence, or of what is unique,
    are the values that are left. Of an endless stream, VALUES_MIN count as all that it has.
    """
    found = sent_field_type(spec, path)
    assert found is not None  # noqa: S101 - who asks has found it
    declared = spec.fields.get(path) or default_generator(found, path)
    space = declared.distinct_values(non_null_type(found))
    return None if space is None else max(0, space - (spec.rows or ENDLESS_VALUES_MIN))
