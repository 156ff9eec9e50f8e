"""Throughput of encoding and batching rows of the default stream, compared to fastavro.

Run it by hand: ``python -m tests.bench.bench_encoding``.

Prints rows/s on one core and ratios. Nothing here is asserted: timings are not tests.
"""

from __future__ import annotations

import io
import sys
import time
import uuid
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import fastavro
import numpy as np
import pyarrow as pa

from gerador.avro.load import load_avro
from gerador.encoding.avro_encoder import AvroRowEncoder
from gerador.encoding.batch_builder import build_record_batches
from gerador.encoding.compression import Compression
from gerador.encoding.formats import confluent_prefix
from gerador.encoding.partitioner import partitions_by_row
from gerador.encoding.record_batch import RecordBatch, set_producer_state
from gerador.encoding.records import RecordColumns
from gerador.encoding.row_encoder import CHUNK_ROWS, split_into_chunks

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS: Final = 4 * CHUNK_ROWS
PARTITIONS: Final = 4
REPEATS: Final = 40
ORACLE_ROWS: Final = 20_000
SCHEMA: Final = Path(__file__).parents[2] / "schemas" / "registro.avsc"


def pool(rng: np.random.Generator, entries: int, shortest: int, longest: int) -> pa.Array:
    """Return distinct texts of the given lengths in characters."""
    letters = np.array(list("abcdefghijklmnopqrstuvwxyzãéç "))
    return pa.array(
        ["".join(rng.choice(letters, rng.integers(shortest, longest))) for _ in range(entries)]
    )


def default_rows(rows: int) -> pa.RecordBatch:
    """Return rows with the schema of the default stream."""
    rng = np.random.default_rng(0)
    names, cities, jobs = (
        pool(rng, n, a, b) for n, a, b in ((10_000, 10, 26), (2_000, 6, 24), (500, 8, 40))
    )
    ids = pa.array([str(uuid.UUID(int=i)) for i in range(rows // 1000 + 1)])

    def drawn(entries: pa.Array) -> pa.Array:
        at = rng.integers(0, len(entries), rows).astype(np.int32)
        return pa.DictionaryArray.from_arrays(pa.array(at), entries)

    at_ms = pa.array(1_790_000_000_000 + np.arange(rows), pa.timestamp("ms", "UTC"))
    generation = pa.array((np.arange(rows) // 1000).astype(np.int32))
    return pa.RecordBatch.from_pydict(
        {
            "nome": drawn(names),
            "idade": pa.array(rng.integers(18, 81, rows).astype(np.int32)),
            "salario": pa.array(rng.integers(100_000, 1_500_001, rows) / 100),
            "cidade": drawn(cities),
            "cargo": drawn(jobs),
            "timestamp": at_ms,
            "geracao_id": pa.DictionaryArray.from_arrays(generation, ids),
        }
    )


def rate(rows: int, work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return rows per second of CPU time, the median of `repeats` runs.

    All work is on this thread; processor time keeps neighbours on the machine out of it.
    """
    work()
    times = []
    for _ in range(repeats):
        start = time.thread_time()
        work()
        times.append(time.thread_time() - start)
    return rows / sorted(times)[len(times) // 2]


def records(encoder: AvroRowEncoder, rows: pa.RecordBatch) -> list[RecordColumns]:
    """Measure rows as chunks of records without keys."""
    return [
        RecordColumns(
            chunk["timestamp"].to_numpy().view(np.int64),
            partitions_by_row(i * CHUNK_ROWS, chunk.num_rows, PARTITIONS),
            encoder.measure(chunk),
        )
        for i, chunk in enumerate(split_into_chunks(rows))
    ]


def stamped(batches: list[RecordBatch]) -> list[RecordBatch]:
    """Write the sequence number of every batch."""
    for batch in batches:
        set_producer_state(batch, 1, 0, 0)
    return batches


def after(
    last: Callable[[list[RecordColumns]], object], first: Callable[[], list[RecordColumns]]
) -> object:
    """Call the functions one after another."""
    return last(first())


def fastavro_rate(rows: pa.RecordBatch) -> float:
    """Return rows/s of the writer of fastavro for prepared dicts."""
    schema = fastavro.parse_schema(fastavro.schema.load_schema(str(SCHEMA)))
    dicts = rows.slice(0, ORACLE_ROWS).to_pylist()

    def work() -> None:
        for row in dicts:
            fastavro.schemaless_writer(io.BytesIO(), schema, row)

    return rate(len(dicts), work, repeats=3)


def write(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")


def main() -> None:
    """Print the table."""
    rows = default_rows(ROWS)
    encoder = AvroRowEncoder(load_avro(SCHEMA).root, confluent_prefix(1))
    datums = encoder.encode(rows)
    oracle = fastavro_rate(rows)
    write(f"{ROWS} rows, {datums.size_bytes / ROWS:.1f} bytes a datum, {PARTITIONS} partitions")
    steps: dict[str, Callable[[], object]] = {
        "encode (datums, contiguous)": lambda: encoder.encode(rows),
        "measure alone": lambda: records(encoder, rows),
        "encode and frame": lambda: build_record_batches(records(encoder, rows)),
        "encode, frame and stamp": lambda: stamped(build_record_batches(records(encoder, rows))),
    }
    for codec in list(Compression)[1:]:
        coded = partial(build_record_batches, compression=codec)
        steps[f"encode and frame, {codec.value}"] = lambda coded=coded: coded(
            records(encoder, rows)
        )  # type: ignore[misc]
    write(f"{'fastavro, ready dicts':32} {oracle / 1e6:8.3f} M rows/s     1.0 x")
    for name, work in steps.items():
        found = rate(ROWS, work)
        write(f"{name:32} {found / 1e6:8.3f} M rows/s {found / oracle:7.1f} x")


if __name__ == "__main__":
    main()
