"""References: values of a field in rows of another stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.types as at_
from pydantic import Field

from gerador.avro.paths import field_paths
from gerador.avro.schema import is_nullable
from gerador.errors import SettingError, did_you_mean
from gerador.limits import BLOCK_ROWS
from gerador.values.column import BaseColumn, FieldReference, Positions
from gerador.values.declaration import ALL_TYPES, Share, ValueGenerator
from gerador.values.distributions.zipf import zipf_alias_table
from gerador.values.never_sent_rows import (
    UNSENT_ROWS,
    first_unsent_row,
    sent_field_type,
    unused_values,
)
from gerador.values.referenced_rows import (
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
    from gerador.values.column import Block, BuildContext, ColumnTarget, LookupStream
    from gerador.values.referenced_rows import SelectedRows


class ReferenceGenerator(ValueGenerator):
    """The value of `field` (``customers.id``) in a row of another stream.

    Any row of a bounded stream, or one of the `recent` rows that were due last at the event time
    of the row. `skew` prefers earlier rows, with `recent` later ones. `hot` directs a share of
    the references to one row. `missing` is the share of references to rows that are never sent.
    `row_of` is another reference of this stream, which selects the row.
    """

    types: ClassVar[frozenset[str]] = ALL_TYPES
    main_parameter: ClassVar[str | None] = "field"
    kind: Literal["from"] = "from"
    field: str
    """Stream and field, such as customers.id."""
    skew: RowSkew | None = None
    """Preferred rows: {zipf: 1.2}. Default: all rows are equally likely."""
    recent: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Number of the latest rows to select from. Default: all rows of a bounded stream."""
    hot: HotRows | None = None
    """Share of references to one hot row. Requires recent."""
    missing: Share = 0.0
    """Share of references to rows that are never sent, such as 0.01 or 1%."""
    row_of: str | None = None
    """Another field of kind from, whose row is used."""

    @property
    def stream(self) -> str:
        """Name of the other stream."""
        return self.field.partition(".")[0]

    @property
    def path(self) -> str:
        """Path of the field in the other stream; empty if it is not declared."""
        return self.field.partition(".")[2]

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield errors of an incomplete field name, and of parameters that exclude each other."""
        if not (self.stream and self.path):
            yield "field", f"{self.field!r} is not a stream and a field, such as customers.id"
        if self.hot is not None and self.recent is None:
            yield "hot", "hot requires recent; add recent: 1000"
        for parameter in ("skew", "recent", "hot", "missing"):
            if self.row_of is not None and parameter in self.model_fields_set:
                yield parameter, f"{self.row_of!r} selects the row; set {parameter} there"

    def references(self, known: Collection[str]) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield the field that selects the row."""
        if self.row_of is not None:
            yield "row_of", self.row_of

    def reference_errors(
        self, name: str, avro_type: AvroType, generator: ValueGenerator
    ) -> Iterator[str]:
        """Yield an error if the field that selects the row does not reference the same stream."""
        yield from super().reference_errors(name, avro_type, generator)
        if not isinstance(generator, ReferenceGenerator):
            yield f"field {name!r} is of kind {generator.kind!r}; expected a field of kind 'from'"
        elif generator.stream != self.stream:
            yield (
                f"field {name!r} references stream {generator.stream!r}; "
                f"expected a field that references {self.stream!r}"
            )

    def depends_on_event_time(self) -> bool:
        """Return true: the rows of the other stream may depend on event time."""
        return True

    def column(self, context: BuildContext, target: ColumnTarget) -> ReferenceColumn:
        """Return the column of the referenced values.

        Raises SettingError: an unknown field, or an endless stream without `recent`.
        """
        other = context.other_stream(self.stream)
        if sent_field_type(other.spec, self.path) is None:
            hint = did_you_mean(self.path, other.schema.names)
            raise SettingError(
                f"field {target.path!r}: stream {self.stream!r} has no field {self.path!r}{hint}"
            )
        rows = other.spec.rows
        if rows is not None:
            other.lookup_columns.check(self.path)
        elif self.recent is None and self.row_of is None:
            raise SettingError(
                f"field {target.path!r}: stream {self.stream!r} is endless; add recent: 1000, "
                "or rows to the stream"
            )
        data_type = target.type
        if rows is not None and rows + UNSENT_ROWS <= DICTIONARY_ROWS_MAX and _is_long(data_type):
            data_type = pa.dictionary(pa.int32(), data_type)
        selector = self._row_selector(context, target, other)
        first_unsent = first_unsent_row(other)
        return ReferenceColumn(target.path, data_type, other, self.path, selector, first_unsent)

    def _row_selector(
        self, context: BuildContext, target: ColumnTarget, other: LookupStream
    ) -> AnyRow | RecentRow | SameRow:
        if self.row_of is not None:
            field = context.reference(target.path, self.row_of)
            return SameRow(FieldReference(selected_rows_path(field.path), field.same_record))
        rows, recent = other.spec.rows, self.recent
        weights = None
        if self.skew is not None:
            weights = zipf_alias_table(self.skew.zipf, recent or rows or 1)
        unsent = min(UNSENT_ROWS, unused_values(other.spec, self.path) or UNSENT_ROWS)
        if recent is None:
            assert rows is not None  # noqa: S101 - `column` rejects endless streams
            return AnyRow(target.path, rows, unsent, self.missing, weights)
        other.lookup_columns.reserve(recent)
        nullable = is_nullable(dict(field_paths(context.record))[target.path])
        return RecentRow(
            target.path,
            other,
            recent,
            self.missing,
            weights,
            self.hot,
            row_before_first=NO_ROW if nullable else 0,
            first_unsent=first_unsent_row(other) if rows is None else rows,
            unsent_rows=BLOCK_ROWS if rows is None else unsent,
        )


DICTIONARY_ROWS_MAX: Final = 65_536
"""Maximum rows of a stream, unsent ones included, whose texts are referenced as a dictionary:
encoders encode its entries once."""
BLOCKS_LOADED_MAX: Final = 32
"""Blocks of another stream that one call holds at a time."""


def _is_long(data_type: pa.DataType) -> bool:
    """Return whether values are larger than the index of a dictionary."""
    return bool(at_.is_string(data_type) or at_.is_binary(data_type) or at_.is_decimal(data_type))


@dataclass(frozen=True, slots=True)
class ReferenceColumn(BaseColumn):
    """The values of `field` in selected rows of another stream."""

    other: LookupStream
    field: str
    selector: Callable[[Block, Positions], SelectedRows]
    first_unsent: int

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) values, null without a row. `SameRow` can read the selected rows."""
        schedule = schedule_seen_by(block, self.other)
        rows = self.selector(block, positions)
        block.generated[selected_rows_path(self.path)] = pa.array(rows)
        is_null = rows == NO_ROW
        if self.other.spec.rows is not None:
            entries, index = self.other.lookup_columns.all_rows(self.field), rows
        else:
            entries, index = self._load_rows(rows, schedule)
        indices = pa.array(index, mask=is_null if is_null.any() else None)
        if at_.is_dictionary(self.type) and not at_.is_dictionary(entries.type):
            return pa.DictionaryArray.from_arrays(indices.cast(pa.int32()), entries, safe=False)
        values = entries.take(indices)
        return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values

    def _load_rows(
        self, rows: SelectedRows, schedule: Schedule
    ) -> tuple[pa.ChunkedArray, NDArray[np.int64]]:
        """Return values that contain those of rows of an endless stream, and their indices."""
        is_unsent = rows >= self.first_unsent
        sent = np.flatnonzero(~is_unsent & (rows != NO_ROW))
        chunks, sent_index = self._load_sent_rows(rows[sent], schedule)
        index = np.zeros_like(rows)
        index[sent] = sent_index
        if is_unsent.any() or not chunks:
            index[is_unsent] = rows[is_unsent] - self.first_unsent + sum(map(len, chunks))
            chunks.append(self.other.lookup_columns.unsent_block(self.field, self.first_unsent))
        return pa.chunked_array(chunks), index

    def _load_sent_rows(
        self, rows: SelectedRows, schedule: Schedule
    ) -> tuple[list[pa.Array], NDArray[np.int64]]:
        """Return values that contain those of sent rows, and their indices.

        Rows in many blocks, of a much faster stream, are taken from BLOCKS_LOADED_MAX blocks at a
        time, so that memory is bounded.
        """
        columns = self.other.lookup_columns
        blocks, block_of = np.unique(rows // BLOCK_ROWS, return_inverse=True)
        index = block_of * BLOCK_ROWS + rows % BLOCK_ROWS
        if len(blocks) <= BLOCKS_LOADED_MAX:
            return columns.blocks(self.field, blocks.tolist(), schedule), index
        starts = np.arange(0, len(blocks), BLOCKS_LOADED_MAX)
        order = np.argsort(block_of, kind="stable")
        cuts = np.searchsorted(block_of[order], starts[1:])
        chunks = []
        for start, items in zip(starts.tolist(), np.split(order, cuts), strict=True):
            some = blocks[start : start + BLOCKS_LOADED_MAX].tolist()
            loaded = pa.chunked_array(columns.blocks(self.field, some, schedule))
            chunks += loaded.take(pa.array(index[items] - start * BLOCK_ROWS)).chunks
        index[order] = np.arange(len(rows))
        return chunks, index
