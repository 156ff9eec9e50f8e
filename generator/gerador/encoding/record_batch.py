"""A finished Kafka record batch: its header, and the producer id, epoch, sequence and CRC that are set when it is sent. Imports no kernels."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from crc32c import crc32c

_HEADER: Final = struct.Struct(">qiibIhiqqqhii")
HEADER_BYTES: Final = _HEADER.size
_AFTER_LENGTH: Final = struct.calcsize(">qi")
_CRC_AT: Final = struct.calcsize(">qiib")
_ATTRIBUTES_AT: Final = struct.calcsize(">qiibI")
_PRODUCER_AT: Final = struct.calcsize(">qiibIhiqq")
_PRODUCER: Final = struct.Struct(">qhi")
_CRC: Final = struct.Struct(">I")
_MAGIC: Final = 2
_NO_LEADER_EPOCH: Final = -1
_NO_PRODUCER: Final = (-1, -1, -1)


@dataclass(frozen=True, slots=True)
class RecordBatch:
    """One record batch of one partition, ready to be stamped and sent.

    `buffer` is writable and contiguous; batches of one `frame` call may share memory behind
    it. `value_bytes` are the datums' alone.
    """

    partition: int
    record_count: int
    buffer: memoryview
    value_bytes: int
    raw_bytes: int
    """The batch's size before compression."""


def set_producer_state(
    batch: RecordBatch, producer_id: int, producer_epoch: int, base_sequence: int
) -> None:
    """Write the producer's fields and the CRC into the batch's buffer; may be repeated.

    Cost: one CRC over the batch, with the processor's instruction where it has one.
    """
    _PRODUCER.pack_into(batch.buffer, _PRODUCER_AT, producer_id, producer_epoch, base_sequence)
    _CRC.pack_into(batch.buffer, _CRC_AT, crc32c(batch.buffer[_ATTRIBUTES_AT:]))


def write_header(
    buffer: memoryview, attributes: int, count: int, timestamp_first_ms: int, timestamp_max_ms: int
) -> None:
    """Write the header of a whole batch of `count` records, unstamped, into its buffer."""
    _HEADER.pack_into(
        buffer, 0,
        0,  # the broker gives the base offset
        len(buffer) - _AFTER_LENGTH, _NO_LEADER_EPOCH, _MAGIC,
        0,  # the CRC is stamped
        attributes, count - 1, timestamp_first_ms, timestamp_max_ms,
        *_NO_PRODUCER, count,
    )  # fmt: skip
