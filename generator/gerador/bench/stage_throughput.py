"""Throughput of each stage on one core, without a broker: generate, encode, batch."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gerador.encoding.avro_encoder import AvroRowEncoder
from gerador.encoding.batch_builder import build_record_batches
from gerador.encoding.formats import confluent_prefix
from gerador.encoding.partitioner import partitions_by_row
from gerador.encoding.records import RecordColumns
from gerador.events.rows import StreamRows
from gerador.limits import BLOCK_ROWS
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import MAX

if TYPE_CHECKING:
    from collections.abc import Callable

    from gerador.events.row_chunk import RowChunk
    from gerador.scenario.stream_spec import StreamSpec


ROWS_PER_ROUND: Final = 16 * BLOCK_ROWS
ROUNDS: Final = 7


@dataclass(frozen=True, slots=True)
class StageThroughput:
    """Rows per second on one core, median of ROUNDS; bytes are means over the rows."""

    generate_rows_per_s: float
    encode_rows_per_s: float
    """Encoded as contiguous Avro datums."""
    batch_rows_per_s: float
    """Encoded and written as record batches."""
    value_bytes: float
    """Bytes of a datum with its prefix."""
    record_bytes: float
    """Bytes of a record with its share of the batch header."""


def measure_stages(spec: StreamSpec, partitions: int, batch_bytes_max: int) -> StageThroughput:
    """Measure the stages before delivery of a stream. Cost: some seconds."""
    rows = StreamRows(spec, 1, Schedule.starting(0, MAX))
    chunks = list(rows.chunks(0, ROWS_PER_ROUND))
    encoder = AvroRowEncoder(spec.schema.root, confluent_prefix(1))

    def records(chunk: RowChunk) -> RecordColumns:
        partition = partitions_by_row(chunk.first_row, chunk.columns.num_rows, partitions)
        return RecordColumns(chunk.event_time_ms, partition, encoder.measure(chunk.columns))

    def batch() -> tuple[int, int]:
        sizes = values = 0
        for chunk in chunks:
            for batch in build_record_batches([records(chunk)], batch_bytes_max=batch_bytes_max):
                sizes += batch.uncompressed_bytes
                values += batch.value_bytes
        return sizes, values

    rounds = iter(range(1, 10_000))

    def generate() -> None:
        first = next(rounds) * ROWS_PER_ROUND  # blocks that are not cached
        for _ in rows.chunks(first, first + ROWS_PER_ROUND):
            pass

    def encode() -> None:
        for chunk in chunks:
            encoder.encode(chunk.columns)

    sizes, values = batch()
    return StageThroughput(
        generate_rows_per_s=_rows_per_s(generate),
        encode_rows_per_s=_rows_per_s(encode),
        batch_rows_per_s=_rows_per_s(batch),
        value_bytes=values / ROWS_PER_ROUND,
        record_bytes=sizes / ROWS_PER_ROUND,
    )


def _rows_per_s(work: Callable[[], object]) -> float:
    work()
    times_s = []
    for _ in range(ROUNDS):
        began_s = time.perf_counter()
        work()
        times_s.append(time.perf_counter() - began_s)
    return ROWS_PER_ROUND / statistics.median(times_s)
