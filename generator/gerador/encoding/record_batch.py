"""A Kafka record batch: its header, and the producer state and CRC, set when it is sent.

Imports no kernels.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from crc32c import crc32c

from gerador.limits import RECORD_BATCH_HEADER_BYTES

_HEADER: Final = struct.Struct(">qiibIhiqqqhii")
HEADER_BYTES: Final = RECORD_BATCH_HEADER_BYTES
assert _HEADER.size == HEADER_BYTES  # noqa: S101
MAGIC: Final = 2
PRODUCER_FIELDS: Final = struct.Struct(">qhi")
"""Producer id, producer epoch and base sequence."""
PRODUCER_FIELDS_OFFSET: Final = struct.calcsize(">qiibIhiqq")

_AFTER_LENGTH: Final = struct.calcsize(">qi")
_CRC: Final = struct.Struct(">I")
_CRC_OFFSET: Final = struct.calcsize(">qiib")
_ATTRIBUTES_OFFSET: Final = struct.calcsize(">qiibI")
_NO_LEADER_EPOCH: Final = -1
_NO_PRODUCER: Final = (-1, -1, -1)


@dataclass(frozen=True, slots=True)
class RecordBatch:
    """One record batch of one partition, complete except for the producer state.

    `buffer` is writable and contiguous; the batches of one call may share its memory.
    `value_bytes` is the size of the records' values, `uncompressed_bytes` that of the batch.
    `first_row` is the index in the slice of the row of the first record.
    """

    partition: int
    record_count: int
    buffer: memoryview
    value_bytes: int
    uncompressed_bytes: int
    first_row: int = 0


def set_producer_state(
    batch: RecordBatch, producer_id: int, producer_epoch: int, base_sequence: int
) -> None:
    """Write the producer state and the CRC into the batch's buffer. May be repeated.

    Cost: one CRC over the batch, with the processor's instruction if available.
    """
    PRODUCER_FIELDS.pack_into(
        batch.buffer, PRODUCER_FIELDS_OFFSET, producer_id, producer_epoch, base_sequence
    )
    _CRC.pack_into(batch.buffer, _CRC_OFFSET, crc32c(batch.buffer[_ATTRIBUTES_OFFSET:]))


def write_header(
    buffer: memoryview, attributes: int, count: int, timestamp_first_ms: int, timestamp_max_ms: int
) -> None:
    """Write the header of a batch of `count` records into its buffer, without producer state."""
    _HEADER.pack_into(
        buffer, 0,
        0,  # the broker sets the base offset
        len(buffer) - _AFTER_LENGTH, _NO_LEADER_EPOCH, MAGIC,
        0,  # set_producer_state sets the CRC
        attributes, count - 1, timestamp_first_ms, timestamp_max_ms,
        *_NO_PRODUCER, count,
    )  # fmt: skip
