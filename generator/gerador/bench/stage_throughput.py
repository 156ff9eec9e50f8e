"""Throughput of each stage without a broker, on one core: rows, datums, record batches."""

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

    from gerador.events.rows import Tile
    from gerador.scenario.stream_spec import StreamSpec


ROWS_PER_ROUND: Final = 16 * BLOCK_ROWS
ROUNDS: Final = 7


@dataclass(frozen=True, slots=True)
class StageThroughput:
    """Rows per second on one core, medians over ROUNDS; bytes are means over the rows."""

    make_rows_per_s: float
    datum_rows_per_s: float
    """Encoded as datums, contiguously."""
    encode_rows_per_s: float
    """Encoded and framed in place as record batches."""
    value_bytes: float
    """Bytes of a datum with its prefix."""
    record_bytes: float
    """Bytes of a record with its share of the batch's header."""


def measure_stages(spec: StreamSpec, partitions: int, batch_bytes_max: int) -> StageThroughput:
    """Measure the pure stages of `spec`'s stream. Cost: some seconds."""
    rows = StreamRows(spec, 1, Schedule.starting(0, MAX))
    tiles = list(rows.tiles(0, ROWS_PER_ROUND))
    encoder = AvroRowEncoder(spec.schema.root, confluent_prefix(1))

    def records(tile: Tile) -> RecordColumns:
        partition = partitions_by_row(tile.first_row, tile.columns.num_rows, partitions)
        return RecordColumns(tile.event_time_ms, partition, encoder.measure(tile.columns))

    def framed() -> tuple[int, int]:
        sizes = values = 0
        for tile in tiles:
            for batch in build_record_batches([records(tile)], batch_bytes_max=batch_bytes_max):
                sizes += batch.raw_bytes
                values += batch.value_bytes
        return sizes, values

    fresh = iter(range(1, 10_000))

    def made() -> None:
        first = next(fresh) * ROWS_PER_ROUND  # blocks that are not kept from the round before
        for _ in rows.tiles(first, first + ROWS_PER_ROUND):
            pass

    def datums() -> None:
        for tile in tiles:
            encoder.encode(tile.columns)

    sizes, values = framed()
    return StageThroughput(
        make_rows_per_s=_rows_per_s(made),
        datum_rows_per_s=_rows_per_s(datums),
        encode_rows_per_s=_rows_per_s(framed),
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
