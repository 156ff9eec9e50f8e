"""End-to-end throughput to a broker, and its maximum: the same path with a prebuilt slice."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import psutil

from gerador.api.app import create_app
from gerador.api.server import serve
from gerador.delivery.kafka.sink import KafkaSink
from gerador.delivery.kafka.topic import TopicSpec
from gerador.delivery.sink import Slice
from gerador.encoding.registry_schemas import SchemaIds
from gerador.process_tuning import freeze_gc
from gerador.schedule.target_rate import MAX
from gerador.service.clock import SystemClock
from gerador.service.metrics import Metrics, SinkMetrics
from gerador.service.run import VERSION, Run
from gerador.service.slice_builder import RecordSliceBuilder
from gerador.service.stream_config import Destination, Recipe
from gerador.service.stream_run import StreamRun

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.delivery.kafka.connection import Connection
    from gerador.encoding.compression import Compression
    from gerador.events.rows import StreamRows
    from gerador.scenario.stream_spec import StreamSpec
    from gerador.service.slice_builder import SliceBuilder


RSS_INTERVAL_S: Final = 0.05
BYTES_PER_MB: Final = 1_000_000
_NO_PROBE_RESULT: Final = '{"p50_ms": NaN, "p99_ms": NaN}'
"""Result of a probe without any response; it reports the reason on stderr."""


@dataclass(frozen=True, kw_only=True)
class EndToEndConfig:
    """Broker, topic and duration of a measurement."""

    connection: Connection
    spec: StreamSpec
    partitions: int
    compression: Compression
    batch_bytes_max: int
    seconds: float
    topic_config: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class EndToEndResult:
    """Result of one run."""

    acked_records_per_s: float
    acked: int
    lost: int
    """Rows failed or unknown; the result is valid only if 0."""
    status_p50_ms: float
    status_p99_ms: float
    rss_mb_max: float


class PrebuiltSliceBuilder:
    """Returns the batches of one slice again and again, so that only delivery is measured.

    The batches can be reused: a partition has one batch in flight at a time, and its sequence
    number is written before each send.
    """

    def __init__(self, builder: RecordSliceBuilder) -> None:
        builder.build(0, builder.slice_rows)  # adjusts `slice_rows`
        self._slice = builder.build(0, builder.slice_rows)
        self.slice_rows = self._slice.rows

    def build(self, a: int, b: int) -> Slice:
        """Return the prebuilt slice with other row indices."""
        return Slice(a, b - a, self._slice.batches)


async def run_end_to_end(config: EndToEndConfig, topic: str, *, prebuilt: bool) -> EndToEndResult:
    """Produce to `topic` for `config.seconds` as fast as possible.

    Another process measures the latency of /status meanwhile, and a thread the memory.
    """
    metrics = Metrics(VERSION)
    stream = StreamRun(
        config.spec,
        Recipe(seed=1, target_rate=MAX, for_s=config.seconds),
        _destination(config, topic, metrics, prebuilt=prebuilt),
        SystemClock(),
    )
    run = Run([stream], seed=1, metrics=metrics, registry=None, command=lambda _: "gerador bench")
    async with serve(create_app(run), "127.0.0.1", 0) as address:
        memory = _MemorySampler()
        freeze_gc()
        probe = await _start_probe(f"{address.url}/status", config.seconds)
        with memory:
            await run.run()
        latency = json.loads((await probe.communicate())[0] or _NO_PROBE_RESULT)
    status = run.status()
    return EndToEndResult(
        acked_records_per_s=status.acked / status.elapsed_s,
        acked=status.acked,
        lost=status.failed + status.unknown,
        status_p50_ms=latency["p50_ms"],
        status_p99_ms=latency["p99_ms"],
        rss_mb_max=memory.max_bytes / BYTES_PER_MB,
    )


def _destination(
    config: EndToEndConfig, topic: str, metrics: Metrics, *, prebuilt: bool
) -> Destination:
    async def connection() -> Connection:
        return config.connection

    sink = KafkaSink(
        connection,
        TopicSpec(name=topic, partitions=config.partitions, config=config.topic_config),
        SinkMetrics(config.spec.name, metrics),
    )

    def create_builder(rows: StreamRows) -> SliceBuilder:
        builder = RecordSliceBuilder(
            rows,
            metrics,
            spec=config.spec,
            ids=SchemaIds(value=1),
            partitions=sink.partitions,
            compression=config.compression,
            batch_bytes_max=config.batch_bytes_max,
        )
        return PrebuiltSliceBuilder(builder) if prebuilt else builder

    return Destination(sink=sink, create_builder=create_builder, topic=topic)


async def _start_probe(url: str, seconds: float) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gerador.bench.http_probe", url, str(seconds),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip


class _MemorySampler:
    """Samples the resident memory of this process in a thread, inside a ``with`` block."""

    def __init__(self) -> None:
        self.max_bytes = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def _sample(self) -> None:
        process = psutil.Process()
        while not self._done.wait(RSS_INTERVAL_S):
            self.max_bytes = max(self.max_bytes, process.memory_info().rss)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
