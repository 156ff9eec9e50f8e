"""Kafka record batches (magic 2), framed in place: each byte of a record is written once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gerador.encoding.compression import Compression
from gerador.encoding.framed import HEADER_BYTES, FramedBatch, write_header
from gerador.encoding.kernels import framing
from gerador.encoding.layout import Layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gerador.encoding.kernels.signatures import U8
    from gerador.encoding.records import Records

BATCH_BYTES_MAX: Final = 512 * 1024
"""Uncompressed bytes of a record batch, unless told otherwise: half of what a broker takes."""
BATCH_ROWS_MAX: Final = 2**31 - 1
RECORD_BATCH_BYTES_MAX: Final = 1_048_588
"""Kafka's default for `message.max.bytes`: a batch that is larger after compression is refused."""


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
    first_ms, max_ms = line[framing.TIMESTAMP_FIRST_MS], line[framing.TIMESTAMP_MAX_MS]
    write_header(buffer, attributes, line[framing.RECORDS], first_ms, max_ms)
    return FramedBatch(
        partition=line[framing.PARTITION],
        record_count=line[framing.RECORDS],
        buffer=buffer,
        value_bytes=line[framing.VALUE_BYTES],
        raw_bytes=HEADER_BYTES + size,
    )
