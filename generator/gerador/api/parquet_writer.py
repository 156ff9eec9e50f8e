"""Writer of rows as a Parquet file, in row groups of bounded size.

Types that Parquet does not have are written as readers of Avro convert them:

    union           a group with a member for each branch that is not null: member0, member1, …
                    (parquet-avro's AvroSchemaConverter, Spark's SchemaConverters)
    duration        ISO 8601 text, as in JSON: P1M2DT0.003S
    enum            its symbol
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gerador.api.json_values import duration_text
from gerador.api.nested_columns import convert_leaves
from gerador.api.row_writers import ChunkBuffer
from gerador.avro.schema import is_null
from gerador.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gerador.avro.schema import AvroType, Record, Union


ROW_GROUP_ROWS: Final = 131_072
"""Rows of a row group. DuckDB reads groups of 122,880 rows in parallel (its documentation, "Parquet
tips")."""
ROW_GROUP_BYTES: Final = 32 * 1024 * 1024
"""Bytes in memory after which a row group ends earlier."""


def write_parquet(chunks: Iterable[pa.RecordBatch], record: Record) -> Iterator[bytes]:
    """Yield a Parquet file of `chunks`, rows of `record`; the first chunk may be empty.

    One row group is in memory.

    Raises SettingError: a type that Parquet cannot store.
    """
    sink = ChunkBuffer()
    writer: Any = None
    group: list[pa.RecordBatch] = []
    for chunk in chunks:
        rows = parquet_batch(chunk, record)
        writer = writer or _open(sink, rows.schema)
        group.append(rows)
        if _is_complete(group):
            writer.write_table(pa.Table.from_batches(group))
            group.clear()
            yield sink.take()
    if any(rows.num_rows for rows in group):
        writer.write_table(pa.Table.from_batches(group))
    if writer is not None:
        writer.close()
    yield sink.take()


def parquet_batch(batch: pa.RecordBatch, record: Record) -> pa.RecordBatch:
    """Return `batch`, rows of `record`, with columns that Parquet can store."""
    columns = [convert_leaves(batch.column(f.name), f.type, _leaf, _members) for f in record.fields]
    fields = [
        pa.field(field.name, column.type, nullable=field.nullable)
        for field, column in zip(batch.schema, columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=pa.schema(fields))


def _leaf(values: pa.Array, _avro_type: AvroType) -> pa.Array:
    if pa.types.is_dictionary(values.type):
        return values.dictionary_decode()
    return duration_text(values) if pa.types.is_interval(values.type) else values


def _members(union: Union, codes: Any, children: list[pa.Array]) -> pa.Array:
    """Return a struct with one member per branch; it is null where the branch is null."""
    mask = np.zeros(len(codes), np.bool_)
    members = []
    for code, branch in enumerate(union.branches):
        here = codes == code
        if is_null(branch):
            mask = here
            continue
        positions = pa.array(np.cumsum(here) - 1, pa.int32(), mask=~here)
        members.append(children[code].take(positions))
    names = [f"member{n}" for n in range(len(members))]
    return pa.StructArray.from_arrays(members, names=names, mask=pa.array(mask))


def _open(sink: ChunkBuffer, schema: pa.Schema) -> Any:
    try:
        return pq.ParquetWriter(sink, schema)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid) as e:
        raise SettingError(
            f"Parquet cannot store these rows: {str(e).rstrip('.')}; "
            "use the format json, csv, avro or arrow"
        ) from e


def _is_complete(group: list[pa.RecordBatch]) -> bool:
    rows = sum(batch.num_rows for batch in group)
    return rows >= ROW_GROUP_ROWS or sum(batch.nbytes for batch in group) >= ROW_GROUP_BYTES
