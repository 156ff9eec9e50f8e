"""Kernels that assign records to Kafka record batches, and write the fields before the key."""

from __future__ import annotations

from typing import Final

from numba import types

from gerador.encoding.kernels.varint import put_varint, varint_size
from gerador.kernel_compiler import (
    I32,
    I64,
    IN_I32,
    IN_I64,
    OUT_I32,
    OUT_I64,
    OUT_TABLE_I64,
    OUT_U8,
    U8,
    as_i64,
    as_u64,
    kernel,
)

# Columns of the table of batches, which has one row per batch.
PARTITION: Final = 0
RECORDS_BYTES: Final = 1
RECORD_COUNT: Final = 2
TIMESTAMP_FIRST_MS: Final = 3
TIMESTAMP_MAX_MS: Final = 4
VALUE_BYTES: Final = 5
RECORDS_START: Final = 6
FIRST_ROW: Final = 7
TABLE_COLUMNS: Final = 8

NO_BATCH: Final = -1
NO_BATCH_U64: Final = 2**64 - 1
DELTAS_BYTES_MIN: Final = 3
"""Attributes and both deltas of the first record of a batch, one byte each."""


@kernel(types.void(IN_I64, OUT_I64))
def measure_nullable_bytes(lengths: I64, payload_bytes: I64) -> None:
    """Add the size of each row's length (negative: null) and bytes."""
    for row in range(lengths.size):
        size = lengths[row]
        payload_bytes[row] += 1 if size < 0 else varint_size(size) + size


@kernel(
    types.int64(
        IN_I32, IN_I64, IN_I64, IN_I64, types.int64, types.int64, types.int64,
        OUT_I64, OUT_TABLE_I64, types.int64, OUT_I64, OUT_I64, OUT_I32, OUT_I64,
    )
)  # fmt: skip
def assign_to_batches(  # noqa: PLR0913, PLR0917 - a kernel has no object to hold its arrays
    partitions: I32,
    timestamps: I64,
    payload_bytes: I64,
    value_lengths: I64,
    batch_bytes_max: int,
    batch_rows_max: int,
    row_first: int,
    open_batch: I64,
    table: I64,
    batches: int,
    batch_of: I64,
    positions: I64,
    offset_deltas: I32,
    body_bytes: I64,
) -> int:
    """Assign each row to a batch and a position in it; return the number of batches so far.

    A row joins the open batch of its partition while that has at most `batch_bytes_max` bytes
    and `batch_rows_max` records, else it opens the next batch, also for a larger record. A body
    is a record without its length. `row_first` is the index in the slice of the first row.
    """
    for row in range(partitions.size):
        partition = as_u64(partitions[row])  # unsigned: numba skips the test for negative indices
        batch = as_u64(open_batch[partition])
        fits = False
        if batch != NO_BATCH_U64 and table[batch, RECORD_COUNT] < batch_rows_max:
            count = table[batch, RECORD_COUNT]
            delta = timestamps[row] - table[batch, TIMESTAMP_FIRST_MS]
            body = payload_bytes[row] + 1 + varint_size(delta) + varint_size(count)
            size = varint_size(body) + body
            fits = table[batch, RECORDS_BYTES] + size <= batch_bytes_max
        if not fits:
            body = payload_bytes[row] + DELTAS_BYTES_MIN
            size = varint_size(body) + body
            batch = as_u64(batches)
            open_batch[partition] = batches
            batches += 1
            count = 0
            table[batch, PARTITION] = partitions[row]
            table[batch, RECORDS_BYTES] = 0
            table[batch, TIMESTAMP_FIRST_MS] = timestamps[row]
            table[batch, TIMESTAMP_MAX_MS] = timestamps[row]
            table[batch, VALUE_BYTES] = 0
            table[batch, FIRST_ROW] = row_first + row
        batch_of[row] = as_i64(batch)
        positions[row] = table[batch, RECORDS_BYTES]
        offset_deltas[row] = count
        body_bytes[row] = body
        table[batch, RECORD_COUNT] = count + 1
        table[batch, RECORDS_BYTES] += size
        table[batch, TIMESTAMP_MAX_MS] = max(table[batch, TIMESTAMP_MAX_MS], timestamps[row])
        table[batch, VALUE_BYTES] += max(value_lengths[row], 0)
    return batches


@kernel(types.void(OUT_TABLE_I64, IN_I64, IN_I64, IN_I32, IN_I64, OUT_U8, OUT_I64))
def write_record_heads(
    table: I64,
    batch_of: I64,
    timestamps: I64,
    offset_deltas: I32,
    body_bytes: I64,
    out: U8,
    cursors: I64,
) -> None:
    """Turn positions in batches into cursors, and write length, attributes and both deltas."""
    for row in range(cursors.size):
        batch = as_u64(batch_of[row])
        at = table[batch, RECORDS_START] + cursors[row]
        at = put_varint(out, at, body_bytes[row])

        out[at] = 0
        at = put_varint(out, at + 1, timestamps[row] - table[batch, TIMESTAMP_FIRST_MS])
        cursors[row] = put_varint(out, at, offset_deltas[row])
