"""Kafka record batches (magic 2), framed in place: each byte of a record is written once.

Source: Apache Kafka, "Implementation / Message Format / Record Batch"; CRC-32C (Castagnoli) over
all that follows the CRC field. Producer id, epoch and sequence are unknown while rows are
framed, so a batch is *stamped* with them, and with its CRC, when it is sent.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crc32c import crc32c

from generator.encoding.compression import Compression
from generator.encoding.kernels import framing
from generator.encoding.layout import HEADER_BYTES, Layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.encoding.kernels.signatures import U8
    from generator.encoding.records import Records

BATCH_BYTES_MAX: Final = 512 * 1024
"""Uncompressed bytes of a record batch, unless told otherwise: half of what a broker takes."""
BATCH_ROWS_MAX: Final = 2**31 - 1
RECORD_BATCH_BYTES_MAX: Final = 1_048_588
"""Kafka's default for `message.max.bytes`: a batch that is larger after compression is refused."""

_HEADER: Final = struct.Struct(">qiibIhiqqqhii")
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
class FramedBatch:
    """One record batch of one partition, ready to be stamped and sent.

    `buffer` is writable and contiguous; batches of one `frame` call may share memory behind
    it. Row positions count from the first row of the call, both ends included; rows of other
    partitions lie between them. `value_bytes` are the datums' alone.
    """

    partition: int
    record_count: int
    buffer: memoryview
    row_first: int
    row_last: int
    timestamp_max_ms: int
    value_bytes: int
    raw_bytes: int
    """The batch's size before compression."""


def stamp(batch: FramedBatch, producer_id: int, producer_epoch: int, base_sequence: int) -> None:
    """Write the producer's fields and the CRC into the batch's buffer; may be repeated.

    Cost: one CRC over the batch, with the processor's instruction where it has one.
    """
    _PRODUCER.pack_into(batch.buffer, _PRODUCER_AT, producer_id, producer_epoch, base_sequence)
    _CRC.pack_into(batch.buffer, _CRC_AT, crc32c(batch.buffer[_ATTRIBUTES_AT:]))


def frame(
    tiles: Sequence[Records],
    *,
    compression: Compression = Compression.NONE,
    batch_bytes_max: int = BATCH_BYTES_MAX,
    batch_rows_max: int = BATCH_ROWS_MAX,
    record_batch_bytes_max: int = RECORD_BATCH_BYTES_MAX,
) -> list[FramedBatch]:
    """Frame the rows of a slice, given in order and in tiles, into batches by partition.

    The rows of a partition keep their order and are cut greedily: a row joins the batch while
    that stays, uncompressed, within `batch_bytes_max` bytes and `batch_rows_max` rows. A row that
    is larger alone gets a batch of its own, up to `record_batch_bytes_max`. Batches come in the
    order of their first rows, unstamped. Where compression does not help, a batch is left as it
    is, as Kafka's clients do.

    Cost: O(rows) in kernels, plus one Python step a tile and a batch. Raises DataError: a row
    over `record_batch_bytes_max`, a negative partition.
    """
    layout = Layout(tiles, batch_bytes_max, batch_rows_max, record_batch_bytes_max)
    out = layout.write()
    return [_finish(line, out, compression) for line in layout.table.tolist()]


def _finish(line: list[int], out: U8, compression: Compression) -> FramedBatch:
    """Put the header before a batch's records, compressed if that makes them smaller."""
    at, size = line[framing.RECORDS_AT], line[framing.RECORDS_BYTES]
    buffer = out.data[at - HEADER_BYTES : at + size]
    attributes = Compression.NONE.code
    if compression is not Compression.NONE:
        records = compression.compress(buffer[HEADER_BYTES:])
        if len(records) < size:
            buffer = memoryview(bytearray(HEADER_BYTES) + records)
            attributes = compression.code
    _write_header(buffer, line, attributes)
    return FramedBatch(
        partition=line[framing.PARTITION],
        record_count=line[framing.RECORDS],
        buffer=buffer,
        row_first=line[framing.ROW_FIRST],
        row_last=line[framing.ROW_LAST],
        timestamp_max_ms=line[framing.TIMESTAMP_MAX_MS],
        value_bytes=line[framing.VALUE_BYTES],
        raw_bytes=HEADER_BYTES + size,
    )


def _write_header(buffer: memoryview, line: list[int], attributes: int) -> None:
    count = line[framing.RECORDS]
    _HEADER.pack_into(
        buffer, 0,
        0,  # the broker gives the base offset
        len(buffer) - _AFTER_LENGTH, _NO_LEADER_EPOCH, _MAGIC,
        0,  # the CRC is stamped
        attributes, count - 1,
        line[framing.TIMESTAMP_FIRST_MS], line[framing.TIMESTAMP_MAX_MS],
        *_NO_PRODUCER, count,
    )  # fmt: skip
